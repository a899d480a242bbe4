"""What a leader has to know in one minute: what waits for him, what is late in his charge, what was finished."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from officeapp import overdue, todo
from officeapp.boards import is_late
from officeapp.clock import ZONE
from officeapp.matters import Matter
from officeapp.overdue import Lane, Wanted
from officeapp.overdue_lists import COLUMNS_FINISHED
from officeapp.people import Actor
from officeapp.todo import COLUMNS, Line
from officeapp.visibility import in_charge

SHOWN, LONGEST = 8, 5


@dataclass(frozen=True)
class Part:
    """How many there are, and the first of them."""

    total: int
    lines: list[Line]


@dataclass(frozen=True)
class Briefing:
    """`units` are the figures of each unit in his charge, as the overdue board counts them."""

    waiting: Part
    late: Part
    finished: Part
    units: list[Lane]


def of(session: Session, actor: Actor, now: datetime) -> Briefing:
    """A deputy's charge is the units in his portfolio and his own, the chief's the whole bureau. Twelve statements."""
    waiting, charge = todo.to_act(session, actor), in_charge(actor)
    late = [*charge, Matter.closed.is_(False), is_late(now)]
    done = [*charge, overdue.finished(monday(now))]
    return Briefing(Part(len(waiting), waiting[:SHOWN]),
                    _part(session, late, (*COLUMNS, Matter.due_at), Matter.due_at, LONGEST),
                    _part(session, done, COLUMNS_FINISHED, Matter.closed_at.desc(), SHOWN),
                    overdue.lanes(session, actor, Wanted(), now))


def _part(session: Session, conditions: list[ColumnElement[bool]], columns: tuple, order: ColumnElement,
          most: int) -> Part:
    total = session.scalar(select(func.count()).select_from(Matter).where(*conditions))
    rows = session.execute(select(*columns).where(*conditions).order_by(order, Matter.id).limit(most))
    return Part(total, [Line(*row) for row in rows])


def monday(now: datetime) -> datetime:
    """The midnight that began this week."""
    local = now.astimezone(ZONE)
    return datetime.combine(local.date() - timedelta(days=local.weekday()), time(), ZONE)
