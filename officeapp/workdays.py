"""The working-day clock: which days are worked, when a limit ends, and why.

Pure: no database, no clock. Sources: 民法典 §200–204, 全国年节及纪念日放假办法,
TL1–TL16. The counting loop is our own, because the packages' own counting is
off by one when the start is a rest day.
"""

from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from typing import Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from officeapp.statutory import FIRST_SEEDED, last_known_year, statutory_year

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
WEEK = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
PAUSED = "暂停计时"

Unit = Literal["workday", "day", "month", "hour"]


@dataclass(frozen=True)
class Year:
    """One year's exceptions to the ordinary week; `known` once its notice is in."""

    year: int
    off: Mapping[date, str]
    work: Mapping[date, str]
    known: bool
    source: str


@dataclass(frozen=True)
class Calendar:
    """One numbered version of the calendar; a year it lacks is computed, not known."""

    version: int
    years: Mapping[int, Year]
    _tallies: dict[int, list[int]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def year(self, number: int) -> Year:
        """The stored year, else the statutory days on the ordinary week."""
        return self.years.get(number) or ordinary_year(number)

    def is_workday(self, day: date) -> bool:
        year = self.year(day.year)
        if day in year.work:
            return True
        return day.weekday() < 5 and day not in year.off

    def why(self, day: date) -> str:
        """「春节放假」「调休上班」「周六」「工作日」."""
        year = self.year(day.year)
        if day in year.work:
            return "调休上班"
        if day in year.off:
            return (year.off[day] or "通知").removesuffix("放假") + "放假"
        return WEEK[day.weekday()] if day.weekday() >= 5 else "工作日"

    def known(self, day: date | int) -> bool:
        """Whether the notice for this day or year has been loaded."""
        return self.year(day if isinstance(day, int) else day.year).known

    def next_workday(self, day: date) -> date:
        """The first working day after `day`."""
        return self.workday_on_or_after(day + DAY)

    def previous_workday(self, day: date) -> date:
        """The last working day before `day`."""
        return self.workday_on_or_before(day - DAY)

    def workday_on_or_after(self, day: date) -> date:
        while not self.is_workday(day):
            day += DAY
        return day

    def workday_on_or_before(self, day: date) -> date:
        while not self.is_workday(day):
            day -= DAY
        return day

    def workdays_between(self, a: date, b: date) -> int:
        """The working days in (a, b]; negative when b is before a."""
        if b < a:
            return -self.workdays_between(b, a)
        whole = sum(self._tally(number)[-1] for number in range(a.year, b.year))
        return whole + self._worked_by(b) - self._worked_by(a)

    def _worked_by(self, day: date) -> int:
        return self._tally(day.year)[day.timetuple().tm_yday - 1]

    def _tally(self, number: int) -> list[int]:
        # A board asks this once per card, so a year is counted once.
        if number not in self._tallies:
            worked = (self.is_workday(day) for day in days_of(number))
            self._tallies[number] = list(accumulate(map(int, worked)))
        return self._tallies[number]


@dataclass(frozen=True)
class Counted:
    """One day after the start: counted towards the limit or skipped, and why."""

    day: date
    counted: bool
    why: str


@dataclass(frozen=True)
class Due:
    """When a limit ends. `at` is the instant (midnight after `day`, or the exact hour)."""

    at: datetime
    day: date
    unit: Unit
    provisional: bool
    days: tuple[Counted, ...]


class Light(NamedTuple):
    """A lamp with words: tone is well, soon, late, paused or none."""

    tone: str
    words: str


def days_of(year: int) -> Iterator[date]:
    """Every day of a year, in order."""
    first = date(year, 1, 1)
    return (first + DAY * n for n in range(366 if monthrange(year, 2)[1] == 29 else 365))


@cache
def ordinary_year(number: int) -> Year:
    """What the installed `holidays` package says of a year (known or not)."""
    off, work, known = statutory_year(number)
    source = "国务院办公厅放假通知（随软件附带）" if known else "按法定节假日和普通工作周推算"
    return Year(number, off, work, known, source)


@cache
def seed_calendar() -> Calendar:
    """Version 0: 2019 to the year after the last one whose notice is packaged."""
    numbers = range(FIRST_SEEDED, last_known_year() + 2)
    return Calendar(0, {number: ordinary_year(number) for number in numbers})


def due(
    calendar: Calendar,
    start: datetime | date,
    n: int,
    unit: Unit,
    *,
    roll: bool = False,
    paused: Collection[date] = (),
) -> Due:
    """When n units after `start` end; the start day is not counted (民法典 §201).

    `start` is a date or an aware datetime (hours need the latter). `roll` moves a
    day or month limit off a rest day (§203). Paused days never count.
    ValueError: n negative, unknown unit, naive or missing time of day.
    """
    if n < 0 or unit not in get_args(Unit):
        raise ValueError(f"Not a limit: {n} {unit}")
    held = frozenset(paused)
    if unit == "hour":
        return _due_hours(calendar, _aware(start), n, held)
    first = local_day(start)
    if unit == "workday":
        counted = _count(calendar, first, n, held, calendar.is_workday)
        return _ending(calendar, unit, first, counted, asked=counted)
    length = (add_months(first, n) - first).days if unit == "month" else n
    counted = _count(calendar, first, length, held, lambda day: True)
    rolled = _rolled(calendar, counted[-1].day if counted else first, held) if roll else []
    asked = counted[-1:] + rolled if roll else []
    return _ending(calendar, unit, first, counted + rolled, asked)


def monthly_day(calendar: Calendar, year: int, month: int, day: int) -> date:
    """That day of a month (or its last), else the working day before it (TL12, M07)."""
    wanted = date(year, month, min(day, monthrange(year, month)[1]))
    return calendar.workday_on_or_before(wanted)


def light(
    calendar: Calendar,
    due_at: datetime | None,
    unit: Unit,
    now: datetime,
    *,
    soon: int = 1,
    soon_hours: int = 4,
    paused: bool = False,
) -> Light:
    """What is left or overdue, in the unit of the limit; `soon` when left ≤ threshold.

    `paused` says that the whole course stands still; a stage's own limit that has
    passed meanwhile is late all the same.
    """
    if paused and (due_at is None or due_at > now):
        return Light("paused", PAUSED)
    if due_at is None:
        return Light("none", "未设时限")
    if unit == "hour":
        return _hour_light(int((due_at - now).total_seconds()), soon_hours)
    today, last = local_day(now), ending_day(due_at)
    if today == last:
        return Light("soon", "今日到期")
    working = unit in ("workday", "date")  # a day that is named is told in the ladder's own days
    left = calendar.workdays_between(today, last) if working else (last - today).days
    words = _measure(abs(left), "个工作日" if working else "天")
    if today > last:
        return Light("late", f"超期{words}")
    return Light("soon" if left <= soon else "well", f"剩{words}")


def _hour_light(seconds: int, soon_hours: int) -> Light:
    hours = abs(seconds) // 3600
    # Nobody reads 96 hours at a glance.
    words = _measure(hours, "小时") if hours < 48 else _measure(hours // 24, "天")
    if seconds <= 0:
        return Light("late", f"超期{words}")
    return Light("soon" if seconds <= soon_hours * 3600 else "well", f"剩{words}")


def _measure(n: int, unit: str) -> str:
    return f"{n}{unit}" if n else f"不足1{unit}"


def add_months(day: date, n: int) -> date:
    """The same day n months on, or the month's last day (民法典 §202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def local_day(moment: datetime | date) -> date:
    """The date in Asia/Shanghai; ValueError for a naive datetime."""
    if not isinstance(moment, datetime):
        return moment
    return _aware(moment).date()


def ending_day(end: datetime) -> date:
    """The date in Asia/Shanghai that an instant ends: midnight is 24:00 of the day before."""
    return local_day(end - timedelta(microseconds=1))


def _aware(moment: datetime | date) -> datetime:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError("An aware datetime is needed")
    return moment.astimezone(SHANGHAI)


def _count(calendar, start, n, paused, counts) -> list[Counted]:
    days, day, left = [], start, n
    while left > 0:
        day += DAY
        counted = day not in paused and counts(day)
        left -= counted
        days.append(Counted(day, counted, PAUSED if day in paused else calendar.why(day)))
    return days


def _rolled(calendar: Calendar, last: date, paused: Collection[date]) -> list[Counted]:
    days = []
    while last in paused or not calendar.is_workday(last):
        last += DAY
        why = PAUSED if last in paused else calendar.why(last)
        days.append(Counted(last, False, f"{why}，顺延"))
    return days


def _ending(calendar, unit, start, days, asked) -> Due:
    last = days[-1].day if days else start
    at = datetime.combine(last + DAY, time(), SHANGHAI)
    # A notice can move the date only through the days whose being worked decided it.
    provisional = any(not calendar.known(counted.day) for counted in asked)
    return Due(at, last, unit, provisional, tuple(days))


def _due_hours(calendar, start, n, paused) -> Due:
    end = start.astimezone(UTC) + timedelta(hours=n)
    for day in sorted(paused):
        if start.date() < day <= ending_day(end):
            end += DAY
    length = (ending_day(end) - start.date()).days
    touched = (start.date() + DAY * i for i in range(length + 1))
    days = tuple(
        Counted(day, day not in paused, PAUSED if day in paused else calendar.why(day))
        for day in touched
    )
    return Due(end.astimezone(SHANGHAI), ending_day(end), "hour", False, days)
