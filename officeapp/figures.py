"""What every page counts for its reader, in one statement."""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from officeapp import boards, db, outbox, todo
from officeapp.matters import Matter
from officeapp.people import Actor
from officeapp.todo import Desk
from officeapp.visibility import Reach, reach_of, supervised


class Figures(NamedTuple):
    """Matters to act on and to read (待办、待阅), notices unread, matters overdue among those supervised (超期事项)."""

    act: int
    read: int
    unread: int
    late: int


def of(session: Session, actor: Actor, now: datetime) -> Figures:
    """The figures of one person at one moment."""
    asking = _asking(reach_of(actor), actor.id, todo.desk_of(actor))
    return Figures(*db.rows(session, asking, now=now).one())


@lru_cache(maxsize=500)
def _asking(reach: Reach, person: int, desk: Desk) -> Select:
    late = select(func.count()).select_from(Matter).where(
        Matter.closed.is_(False), boards.is_late(boards.NOW), *supervised(reach))
    counted = (todo.counting(desk, "act"), todo.counting(desk, "read"), outbox.unread(person), late)
    return select(*(query.scalar_subquery() for query in counted))
