"""What a leader has to know in one minute: what waits for him, what is late in his charge, what was finished."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from officeapp import todo
from officeapp.boards import is_late
from officeapp.clock import ZONE
from officeapp.matters import Matter
from officeapp.people import Actor
from officeapp.todo import COLUMNS, Line
from officeapp.visibility import visible_to

SHOWN = 8


@dataclass(frozen=True)
class Part:
    """How many there are, and the first of them."""

    total: int
    lines: list[Line]


@dataclass(frozen=True)
class Briefing:
    waiting: Part
    late: Part
    finished: Part


def of(session: Session, actor: Actor, now: datetime) -> Briefing:
    """A deputy's charge is the units in his portfolio, the chief's the whole bureau. Six statements."""
    waiting = todo.to_act(session, actor)
    charge = [visible_to(actor), *([Matter.unit_id.in_(actor.portfolio)] if actor.portfolio else [])]
    late = [*charge, Matter.closed.is_(False), is_late(now)]
    done = [*charge, Matter.closed, Matter.closed_at >= _monday(now)]
    return Briefing(Part(len(waiting), waiting[:SHOWN]), _part(session, late, Matter.due_at, Matter.due_at),
                    _part(session, done, Matter.closed_at.desc(), Matter.closed_at))


def _part(session: Session, conditions: list[ColumnElement[bool]], order: ColumnElement, at: ColumnElement) -> Part:
    total = session.scalar(select(func.count()).select_from(Matter).where(*conditions))
    rows = session.execute(select(*COLUMNS, at).where(*conditions).order_by(order, Matter.id).limit(SHOWN))
    return Part(total, [Line(*row) for row in rows])


def _monday(now: datetime) -> datetime:
    local = now.astimezone(ZONE)
    return datetime.combine(local.date() - timedelta(days=local.weekday()), time(), ZONE)
