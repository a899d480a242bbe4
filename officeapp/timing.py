"""Deadlines of a matter: set, paused, resumed, met; and the steps each one owes.

Rules TL1–TL3, TL11; counting by workdays.due. Called by the engine alone.
"""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from officeapp import calendars, clock, workdays
from officeapp.courses import course_of
from officeapp.matters import CYCLE, Deadline, Matter, Step, deadlines_of
from officeapp.procedures.clauses import Facts, settle
from officeapp.procedures.grammar import Limit, Rung, Stage
from officeapp.workdays import Calendar


def restart(session: Session, matter: Matter, facts: Facts, now: datetime) -> tuple[datetime, datetime] | None:
    """Another grade has other limits, from the same start. Returns the nearest due date (old, new) if it moved."""
    old = matter.due_at
    began = next((d.start for d in matter.deadlines if d.scope == CYCLE), now)
    _restart(session, matter, CYCLE, settle(matter.rules.cycle, facts), began, now)
    limit = settle(matter.place.limit, facts)
    began = matter.opened_at if limit and limit.from_opening else matter.stage_at
    _restart(session, matter, matter.stage, limit, began, now)
    refresh(session, matter)
    return (old, matter.due_at) if old and matter.due_at and old != matter.due_at else None


def _restart(session: Session, matter: Matter, scope: str, limit: Limit | None, start: datetime, now: datetime) -> None:
    running = next((d for d in deadlines_of(session, matter.id, "open", "paused") if d.scope == scope), None)
    if running is None:
        if limit and scope != CYCLE:  # the cycle's limit, once met, is not owed again
            _open(session, matter, scope, limit, start, now)
    elif limit is None:
        _settle(session, running, "cancelled", now)
    elif (running.n, running.unit, running.asked_on, running.roll) != (*_measure(matter, limit), limit.roll):
        running.n, running.unit, running.asked_on = _measure(matter, limit)
        running.roll = limit.roll
        running.bypass_hours, running.clause = limit.bypass_hours, limit.clause.cite
        _recount(session, matter, running, calendars.current(session), now)


def leave(session: Session, matter: Matter, now: datetime) -> None:
    """The stage's own limit is met when the matter leaves it."""
    for deadline in deadlines_of(session, matter.id, "open", "paused"):
        if deadline.scope != CYCLE:
            _settle(session, deadline, "met", now)


def enter(session: Session, matter: Matter, stage: Stage, facts: Facts, now: datetime, *,
          resumed: bool = False) -> None:
    """The new stage starts its limit, or resumes the one it had, and runs, pauses or ends the cycle's clock."""
    cycle = course_of(matter)
    if cycle:
        _turn_cycle(session, matter, cycle, stage.clock, now)
    elif stage.clock == "runs":
        _start_cycle(session, matter, facts, now)
    limit = settle(stage.limit, facts)
    if limit and not (resumed and _resume(session, matter, stage, now)):
        _open(session, matter, stage.key, limit, matter.opened_at if limit.from_opening else now, now)
    matter.paused = stage.clock == "pauses"
    refresh(session, matter)


def _start_cycle(session: Session, matter: Matter, facts: Facts, now: datetime) -> None:
    """Begin the limit of the whole course, where its clock first runs (TL6: from the sending)."""
    limit = settle(matter.rules.cycle, facts)
    if limit:
        _open(session, matter, CYCLE, limit, now, now)


def _resume(session: Session, matter: Matter, stage: Stage, now: datetime) -> bool:
    """Taking a matter back does not give its desk a new limit. False if the desk had none."""
    met = [d for d in deadlines_of(session, matter.id, "met") if d.scope == stage.key]
    if not met:
        return False
    deadline = met[-1]
    deadline.state, deadline.met_at = "open", None
    matter.stage_at = deadline.start
    _recount(session, matter, deadline, calendars.current(session), now)
    return True


def stop(session: Session, matter: Matter, now: datetime, *, done: bool = False) -> None:
    """A closed matter owes nothing more; what was done has met its limit, what was given up has none."""
    for deadline in deadlines_of(session, matter.id, "open", "paused"):
        if done and deadline.scope == CYCLE:
            _meet(session, matter, deadline, now)
        else:
            _settle(session, deadline, "cancelled", now)
    matter.paused = False
    refresh(session, matter)


def refresh(session: Session, matter: Matter) -> None:
    """Repeat the nearest open due date on the matter, for boards and lists."""
    running = deadlines_of(session, matter.id, "open")
    nearest = min(running, key=lambda d: d.due_at, default=None)
    matter.due_at = nearest.due_at if nearest else None
    matter.due_unit = nearest.unit if nearest else ""


def due_of(deadline: Deadline, calendar: Calendar, now: datetime) -> workdays.Due:
    """The counting behind a deadline: every day counted or skipped, and why (时限说明)."""
    paused = _paused_days(deadline, now)
    if deadline.asked_on:
        first = min(workdays.local_day(deadline.start), deadline.asked_on)  # TL4: a limit that names its day
        return workdays.due(calendar, first, (deadline.asked_on - first).days, "day", paused=paused)
    return workdays.due(calendar, deadline.start, deadline.n, deadline.unit, roll=deadline.roll, paused=paused)


def recount(session: Session, matter: Matter, deadline: Deadline, calendar: Calendar, now: datetime) -> bool:
    """Recompute one deadline on another calendar; True if its due date moved."""
    old = deadline.due_at
    _recount(session, matter, deadline, calendar, now)
    refresh(session, matter)
    return deadline.due_at != old


def _turn_cycle(session: Session, matter: Matter, deadline: Deadline, clock_word: str, now: datetime) -> None:
    """Run, pause, end or call off the limit. What a desk sent back from the end has stood still meanwhile."""
    running = deadline.state in ("open", "paused")
    if clock_word == "before" and running:
        _settle(session, deadline, "cancelled", now)
    elif clock_word == "ended" and running:
        _meet(session, matter, deadline, now)
    elif clock_word == "pauses" and deadline.state == "open":
        deadline.pauses = [*deadline.pauses, [now.astimezone(UTC).isoformat(), None]]
        deadline.state = "paused"
        _cancel_steps(session, deadline, now)
    elif clock_word == "runs" and deadline.state != "open":
        if deadline.state == "met":
            deadline.pauses = [*deadline.pauses, [deadline.met_at.astimezone(UTC).isoformat(), None]]
        _end_pause(deadline, now)
        deadline.state, deadline.met_at = "open", None
        matter.met_at = matter.met_due = None
        _recount(session, matter, deadline, calendars.current(session), now)


def _meet(session: Session, matter: Matter, deadline: Deadline, now: datetime) -> None:
    _settle(session, deadline, "met", now)
    matter.met_at, matter.met_due = now, deadline.due_at


def _end_pause(deadline: Deadline, now: datetime) -> None:
    if deadline.pauses and deadline.pauses[-1][1] is None:
        deadline.pauses = [*deadline.pauses[:-1], [deadline.pauses[-1][0], now.astimezone(UTC).isoformat()]]


def _open(session: Session, matter: Matter, scope: str, limit: Limit, start: datetime, now: datetime) -> None:
    calendar = calendars.current(session)
    n, unit, asked_on = _measure(matter, limit)
    if not (n or asked_on):
        return  # neither a day nor a number is named
    deadline = Deadline(
        matter_id=matter.id, scope=scope, start=start, n=n, unit=unit, asked_on=asked_on, roll=limit.roll,
        bypass_hours=limit.bypass_hours, clause=limit.clause.cite,
        calendar_version=calendar.version, pauses=[], version=1, state="open",
    )
    due = due_of(deadline, calendar, now)
    deadline.due_at = deadline.original_due_at = due.at
    deadline.provisional = due.provisional
    matter.deadlines.append(deadline)
    session.add(deadline)
    session.flush()  # its steps need its id
    _owe_steps(session, matter, deadline, calendar, now)


def _measure(matter: Matter, limit: Limit) -> tuple[int, str, date | None]:
    """(n, unit, day): the day that the form names, else what the clause counts (TL4, TL6)."""
    day = matter.values.get(limit.until) if limit.until else None
    return (0, "date", date.fromisoformat(day)) if day else (limit.n, limit.unit, None)


def extend(session: Session, matter: Matter, day: date, now: datetime) -> tuple[datetime, datetime] | None:
    """Another due day for the whole course, which keeps its first one (原时限、现时限): (old, new) if one runs."""
    running, calendar = course_of(matter), calendars.current(session)
    if running is None or running.state == "met":
        return None
    old = running.due_at
    running.n, running.unit, running.asked_on = 0, "date", day
    if running.state == "paused":
        running.pauses = [[now.astimezone(UTC).isoformat(), None]]  # what comes after the decision puts its day off
        running.due_at = due_of(running, calendar, now).at
        running.version += 1  # of another day nobody has been told
    else:
        running.pauses = []
        _recount(session, matter, running, calendar, now)
    refresh(session, matter)
    return old, running.due_at


def _recount(session: Session, matter: Matter, deadline: Deadline, calendar: Calendar, now: datetime) -> None:
    due = due_of(deadline, calendar, now)
    deadline.calendar_version, deadline.provisional = calendar.version, due.provisional
    if deadline.state == "open":
        _cancel_steps(session, deadline, now)
        moved, deadline.due_at = deadline.due_at != due.at, due.at
        deadline.version += 1
        told = set() if moved else _still_told(session, deadline)
        _owe_steps(session, matter, deadline, calendar, now, told)


def _still_told(session: Session, deadline: Deadline) -> set[str]:
    """The rungs already told of a due day that stays the same: they are not told of it again."""
    query = select(Step).where(Step.deadline_id == deadline.id, Step.due_version == deadline.version - 1,
                               Step.state.in_(("fired", "merged")))
    steps = session.scalars(query).all()
    for step in steps:
        step.due_version = deadline.version
    return {step.rung for step in steps}


def _settle(session: Session, deadline: Deadline, state: str, now: datetime) -> None:
    deadline.state = state
    deadline.met_at = now
    _end_pause(deadline, now)
    _cancel_steps(session, deadline, now)


def _cancel_steps(session: Session, deadline: Deadline, now: datetime) -> None:
    change = update(Step).where(Step.deadline_id == deadline.id, Step.state == "pending")
    with session.no_autoflush:  # steps are flushed when they are made; the rest is written once, with the event
        session.execute(change.values(state="cancelled", settled_at=now))


def _owe_steps(session: Session, matter: Matter, deadline: Deadline, calendar: Calendar, now: datetime,
               told: Collection[str] = ()) -> None:
    """One row per rung still to come; of those past, only the highest that tells that the date is already over."""
    held = _paused_days(deadline, now)
    times = [(_fire_at(rung, deadline, calendar, held), rung) for rung in ladder_of(matter, deadline)]
    over = [(now, rung) for at, rung in times if at <= now and rung.offset > 0]
    owed = [(at, rung) for at, rung in [*over[-1:], *((at, rung) for at, rung in times if at > now)]
            if rung.key not in told]
    session.add_all(
        Step(matter_id=matter.id, deadline_id=deadline.id, rung=rung.key, due_version=deadline.version,
             period="", fire_at=at, state="pending") for at, rung in owed
    )
    session.flush()


def ladder_of(matter: Matter, deadline: Deadline) -> tuple[Rung, ...]:
    return matter.rules.ladder if deadline.scope == CYCLE else matter.rules.stage_ladder


def _fire_at(rung: Rung, deadline: Deadline, calendar: Calendar, held: Collection[date]) -> datetime:
    if deadline.unit == "hour" and rung.offset == 0:
        return deadline.due_at
    rested = held if rung.offset > 0 else ()  # nobody grows later while his matter stands still
    if deadline.bypass_hours:
        day = _shift(last_day(deadline), rung.offset, lambda day: day not in rested)
    else:
        day = _shift(last_day(deadline), rung.offset, lambda day: calendar.is_workday(day) and day not in rested)
    return datetime.combine(day, clock.opening(), clock.ZONE).astimezone(UTC)


def last_day(deadline: Deadline) -> date:
    """The due day as an office says it: 24:00 of a day still belongs to that day."""
    return (deadline.due_at - timedelta(microseconds=1)).astimezone(clock.ZONE).date()


def _shift(day: date, offset: int, counts: Callable[[date], bool]) -> date:
    """The day that counts `offset` away; 0 and before fall back, after falls forward."""
    step = timedelta(days=1 if offset > 0 else -1)
    left = abs(offset)
    while left:
        day += step
        left -= counts(day)
    while not counts(day):
        day += step
    return day


def _paused_days(deadline: Deadline, now: datetime) -> set[date]:
    """Days after the pause began, up to the day it ended, do not count."""
    days: set[date] = set()
    for began, ended in deadline.pauses:
        first = _local_day(datetime.fromisoformat(began))
        last = _local_day(datetime.fromisoformat(ended) if ended else now)
        days.update(first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return days


def _local_day(moment: datetime) -> date:
    return moment.astimezone(clock.ZONE).date()


def open_deadlines(session: Session) -> list[tuple[Deadline, Matter]]:
    """Every running deadline with its matter, for recomputing on a new calendar."""
    query = (select(Deadline, Matter).join(Matter, Matter.id == Deadline.matter_id)
             .where(Deadline.state.in_(("open", "paused")), Matter.closed.is_(False)).order_by(Deadline.id))
    return [tuple(row) for row in session.execute(query)]
