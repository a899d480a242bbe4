"""The overdue board's columns: by how many working days late, or by how far up its ladder a matter has come (DB-10).

The rungs are the procedures' own; a level is what a supervisor calls them, whatever the kind.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_

from officeapp import workdays
from officeapp.clock import ZONE
from officeapp.matters import Deadline, Matter, Step
from officeapp.procedures import book
from officeapp.procedures.grammar import Procedure, Rung
from officeapp.workdays import DAY, Calendar

LAST_OF = (2, 5, 10)  # working days late at most, for the columns after the first
UNREMINDED, AHEAD, ON_THE_DAY, URGED = range(4)


class Column(NamedTuple):
    """A column of the board; its key stands in addresses."""

    key: str
    title: str


BY_DAYS = (Column("today", "今日到期"), Column("from-1", "超期 1–2 个工作日"), Column("from-3", "超期 3–5 个工作日"),
           Column("from-6", "超期 6–10 个工作日"), Column("from-11", "超期 10 个工作日以上"))


def floors(calendar: Calendar, now: datetime) -> list[datetime]:
    """The midnights between the columns of BY_DAYS, the earliest first."""
    today = workdays.local_day(now)
    days = [today, *(_first_within(calendar, today, most) for most in LAST_OF)]
    return [datetime.combine(day, time(), ZONE) for day in reversed(days)]


def column(midnights: list[datetime], due_at: datetime) -> int:
    """In which column of BY_DAYS a due date stands: one further right for each midnight it does not pass."""
    return len(midnights) - bisect_left(midnights, due_at)


def _first_within(calendar: Calendar, today: date, most: int) -> date:
    """The earliest last day of a limit that is at most so many working days ago."""
    day = today
    while calendar.workdays_between(day - DAY, today) <= most:
        day -= DAY
    return day


REMINDED = (Column("unreminded", "尚未提醒"), Column("ahead", "提前提醒"), Column("due", "到期提醒"),
            Column("urged", "超期催办"))


@cache
def by_ladder() -> tuple[Column, ...]:
    """The levels from the lowest up: reminded ahead, due, urged, then the numbered documents that rungs send."""
    return (*REMINDED, *(Column(kind.replace("_", "-"), book.current(kind).title) for kind in _documents()))


def done_words(level: int) -> str:
    """What was done about a late matter, for its card: 「已催办」「已发督办通知」; "" below that."""
    if level <= URGED:
        return "已催办" if level == URGED else ""
    return f"已发{by_ladder()[level].title}"


@cache
def _documents() -> tuple[str, ...]:
    sent = sorted((rung.offset, rung.opens) for rules in book.PROCEDURES for rung in _rungs(rules) if rung.opens)
    return tuple(dict.fromkeys(kind for _, kind in sent))


def _rungs(rules: Procedure) -> tuple[Rung, ...]:
    return rules.ladder + rules.stage_ladder


def level_of(rung: Rung) -> int:
    """Where this rung stands among by_ladder()."""
    if rung.opens:
        return URGED + 1 + _documents().index(rung.opens)
    return AHEAD if rung.offset < 0 else URGED if rung.offset else ON_THE_DAY


@cache
def _levels(kind: str, rulebook: str, edition: int) -> dict[str, int]:
    return {rung.key: level_of(rung) for rung in _rungs(book.procedure(kind, rulebook, edition))}


def with_rungs(query: Select) -> Select:
    """The query with a row for every rung sent for a matter's present due date, or one of NULL."""
    running = and_(Deadline.matter_id == Matter.id, Deadline.state == "open")
    fired = and_(Step.deadline_id == Deadline.id, Step.due_version == Deadline.version, Step.state == "fired")
    return (query.add_columns(Matter.kind, Matter.rulebook, Matter.edition, Step.rung)
            .outerjoin(Deadline, running).outerjoin(Step, fired))


def highest(rows: Iterable[Sequence]) -> dict[int, int]:
    """The highest level of each matter among (id, kind, rulebook, edition, rung); 0 where none was sent."""
    found: dict[int, int] = {}
    for matter, kind, rulebook, edition, rung in rows:
        level = _levels(kind, rulebook, edition).get(rung, UNREMINDED)
        if level >= found.get(matter, UNREMINDED):
            found[matter] = level
    return found


def soon(calendar: Calendar, now: datetime) -> ColumnElement[bool]:
    """A condition on Matter that holds for every due date for which a reminder may have gone out by now."""
    kinds: dict[int, set[str]] = {}
    for rules in book.PROCEDURES:
        kinds.setdefault(max((-rung.offset for rung in _rungs(rules)), default=0), set()).add(rules.kind)
    last = horizon(calendar, now, max(kinds))
    return and_(Matter.due_at <= last, or_(*(
        and_(Matter.kind.in_(sorted(named)), Matter.due_at <= horizon(calendar, now, max(days, 0)))
        for days, named in kinds.items())))


def horizon(calendar: Calendar, now: datetime, days: int) -> datetime:
    """The midnight that ends the day so many working days from today."""
    day = workdays.local_day(now)
    for _ in range(days):
        day = calendar.next_workday(day)
    return datetime.combine(day, time(), ZONE) + DAY
