"""A limit and its ladder told a second time: days counted one by one, each rung once (TL4–TL6, TL16, DB-10)."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from officeapp.clock import ZONE
from officeapp.procedures.grammar import Limit, Rung
from tests.counted_days import DAY, WORKED, worked

OPENING = time(8, 30)
WORKED_DAYS = frozenset(WORKED)


def day_of(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def begun(limit: Limit | None, rungs: tuple[Rung, ...], values: Mapping[str, Any], now: datetime,
          opened: datetime) -> "Clock | None":
    """The clock of a limit that names a day or a number, else none."""
    if not limit or not (limit.n or values.get(limit.until)):
        return None
    return Clock(limit, rungs, values, now, opened if limit.from_opening else now)


class Clock:
    """One limit from its start; state open, paused, met or cancelled."""

    def __init__(self, limit: Limit, rungs: tuple[Rung, ...], values: Mapping[str, Any], now: datetime,
                 start: datetime) -> None:
        self.rungs, self.start, self.state = rungs, start, "open"
        self.pauses: list[list[datetime | None]] = []
        self.fired: set[str] = set()
        self.merged: set[str] = set()
        self.pending: dict[str, datetime] = {}
        self.met_at = now
        self.measure(limit, values)
        self.due = self.counted(now)
        self.arm(now)

    def measure(self, limit: Limit, values: Mapping[str, Any]) -> bool:
        """What is counted; whether that has changed."""
        asked = date.fromisoformat(values[limit.until]) if values.get(limit.until) else None
        counted = (0, "") if asked else (limit.n, limit.unit)
        was, self.kept = getattr(self, "kept", None), (asked, *counted, limit.roll)
        return was != self.kept

    def rested(self, now: datetime) -> set[date]:
        """The days after each pause began, up to the one on which it ended."""
        return {day_of(began) + n * DAY for began, ended in self.pauses
                for n in range(1, (day_of(ended or now) - day_of(began)).days + 1)}

    def counted(self, now: datetime) -> date:
        asked, n, unit, roll = self.kept
        rested, day = self.rested(now), min(day_of(self.start), asked or date.max)
        left = (asked - day).days if asked else n
        while left:
            day += DAY
            left -= day not in rested and (unit != "workday" or day in WORKED_DAYS)
        while roll and not asked and (day not in WORKED_DAYS or day in rested):
            day += DAY
        return day

    def arm(self, now: datetime) -> None:
        """What is still to come; of what has passed, only that the day is over, to who has not heard of it."""
        rested, times = self.rested(now), {}
        for rung in self.rungs:
            day = worked(self.due, rung.offset, rested if rung.offset > 0 else ())
            times[rung.key] = datetime.combine(day, OPENING, ZONE)
        self.pending = {key: at for key, at in times.items() if at > now and key not in self.fired | self.merged}
        over = [rung.key for rung in self.rungs if rung.offset > 0 and times[rung.key] <= now]
        if over and over[-1] not in self.fired | self.merged:
            self.pending[over[-1]] = now

    def recount(self, now: datetime) -> None:
        was, self.due = self.due, self.counted(now)
        if self.due != was:
            self.fired, self.merged = set(), set()
        self.arm(now)

    def sweep(self, now: datetime) -> str | None:
        """The rung that speaks at this moment, for those it overtook too."""
        order = [rung.key for rung in self.rungs]
        due = sorted((key for key, at in self.pending.items() if at <= now),
                     key=lambda key: (self.pending[key], order.index(key)))
        for key in due:
            del self.pending[key]
        if not due:
            return None
        self.merged |= set(due[:-1])
        self.fired.add(due[-1])
        return due[-1]

    def turn(self, word: str, now: datetime) -> None:
        """The matter has come where its course runs, pauses, has ended or has not begun."""
        going = self.state in ("open", "paused")
        if word in ("ended", "before") and going:
            self.stop("met" if word == "ended" else "cancelled", now)
        elif word == "pauses" and self.state == "open":
            self.state, self.pending = "paused", {}
            self.pauses.append([now, None])
        elif word == "runs" and self.state != "open":
            if self.state == "met":
                self.pauses.append([self.met_at, None])
            self.pauses[-1][1] = now
            self.state = "open"
            self.recount(now)

    def stop(self, state: str, now: datetime) -> None:
        if self.pauses and self.pauses[-1][1] is None:
            self.pauses[-1][1] = now
        self.state, self.pending, self.met_at = state, {}, now

    def again(self, now: datetime) -> None:
        """Who takes a matter back has the limit he had."""
        self.state = "open"
        self.recount(now)

    def extend(self, day: date, now: datetime) -> None:
        if self.state not in ("open", "paused"):
            return
        self.kept = (day, 0, "", False)
        self.pauses = [[now, None]] if self.state == "paused" else []
        if self.state == "open":
            self.recount(now)
        else:
            self.due, self.fired, self.merged = self.counted(now), set(), set()
