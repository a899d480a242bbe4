"""What a circular begins with: how the matters of its kinds were handled in a month, unit by unit (FZ-1, DB-12, TL15).

Numbers, units and days alone: it goes to every unit, and what an internal order says is for those it concerns (DB-6).
"""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from officeapp import calendars, ledgers
from officeapp.choices import choices_for
from officeapp.clock import ZONE
from officeapp.matters import Matter
from officeapp.overdue import IN_TIME, OPEN
from officeapp.people import Unit
from officeapp.procedures import book
from officeapp.procedures.grammar import Procedure
from officeapp.workdays import DAY, add_months, ending_day, local_day

MONTHS, LISTED = 5, 60


@dataclass(frozen=True)
class Tally:
    """How many were begun and done in the month, of those done in time, and how many are open and late now."""

    begun: int = 0
    done: int = 0
    in_time: int = 0
    open: int = 0
    late: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    @property
    def words(self) -> str:
        how = f"（按期{self.in_time}件，逾期{self.done - self.in_time}件）" if self.done else ""
        return f"办结{self.done}件{how}；在办{self.open}件，其中超期{self.late}件"


def months(now: datetime) -> list[date]:
    """The months that may be told of, the last whole one first, then the present one and those before."""
    this = local_day(now).replace(day=1)
    last = add_months(this, -1)
    return [last, this, *(add_months(last, -n) for n in range(1, MONTHS))]


def begun(session: Session, rules: Procedure, month: date, now: datetime) -> dict[str, Any]:
    """The form of a circular of that month, up to today if it is not over; every unit that has a head receives it."""
    until = min(add_months(month, 1) - DAY, local_day(now))
    units = next(field for field in rules.fields if field.type == "units")
    nouns = "、".join(book.current(kind).noun for kind in rules.circulates)
    return {
        "title": f"关于{month.year}年{month.month}月{nouns}办理情况的通报", "since": month.isoformat(),
        "until": until.isoformat(), "results": "\n".join(_results(session, rules, month, until, now)),
        units.key: [key for key, _ in choices_for(session, [units])[units.key]],
    }


def _results(session: Session, rules: Procedure, since: date, until: date, now: datetime) -> Iterator[str]:
    tallies = _tallies(session, rules, since, until, now)
    names = dict(session.execute(select(Unit.id, Unit.name).order_by(Unit.position, Unit.id)).all())
    yield f"一、总的情况（{_day(since)}至{_day(until)}；在办、超期截至{_day(local_day(now))}）"
    for kind in rules.circulates:
        total = sum((tally for (each, _), tally in tallies.items() if each == kind), Tally())
        yield f"{book.current(kind).noun}：新办{total.begun}件，{total.words}。"
    yield "二、各单位情况"
    by_unit = {unit: sum((t for (_, each), t in tallies.items() if each == unit), Tally()) for unit in names}
    yield from [f"{names[unit]}：{t.words}。" for unit, t in by_unit.items() if t.done or t.open] or ["没有。"]
    yield "三、超期未办结的"
    yield from list(_late(session, rules, names, now)) or ["没有。"]


def _tallies(session: Session, rules: Procedure, since: date, until: date,
             now: datetime) -> dict[tuple[str, int], Tally]:
    """By kind and unit; what was called off or is still a draft counts nowhere."""
    first, last = _midnight(since), _midnight(until + DAY)
    opened = and_(Matter.opened_at >= first, Matter.opened_at < last)
    done = and_(Matter.closed_at >= first, Matter.closed_at < last)
    counted = map(_count, (opened, done, and_(done, IN_TIME), OPEN, and_(OPEN, ledgers.late(now))))
    query = (select(Matter.kind, Matter.unit_id, *counted).where(*_told_of(rules), or_(OPEN, opened, done))
             .group_by(Matter.kind, Matter.unit_id))
    return {(kind, unit): Tally(*numbers) for kind, unit, *numbers in session.execute(query)}


def _late(session: Session, rules: Procedure, names: dict[int, str], now: datetime) -> Iterator[str]:
    """A line for each, the longest overdue first; owing a month's report without being late otherwise at the end."""
    query = select(Matter).where(*_told_of(rules), OPEN, ledgers.late(now))
    found = session.scalars(query.order_by(Matter.due_at.is_(None), Matter.due_at, Matter.id)).all()
    calendar, today = calendars.current(session), local_day(now)
    for matter in found[:LISTED]:
        due = matter.due_at
        days = calendar.workdays_between(ending_day(due), today) if due and due <= now else 0
        how = f"超期{days}个工作日" if days else "今日超期" if due and due <= now else "缺报进展"
        yield f"{matter.number}：{names.get(matter.unit_id, '')}，{how}，现在“{matter.place.title}”环节。"
    if len(found) > LISTED:
        yield f"其余{len(found) - LISTED}件见台账。"


def _told_of(rules: Procedure) -> list[ColumnElement[bool]]:
    stages = [stage for kind in rules.circulates for stage in book.current(kind).stages]
    drafts = {stage.key for stage in stages if stage.clock == "before"}
    return [Matter.kind.in_(rules.circulates), Matter.stage.not_in(sorted(drafts | book.dropped_ends()))]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
