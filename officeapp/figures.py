"""What every page counts for its reader, in one statement."""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from officeapp import boards, db, outbox, todo, visibility
from officeapp.matters import Matter
from officeapp.people import Actor
from officeapp.todo import Desk
from officeapp.visibility import Reach, supervised


class Figures(NamedTuple):
    """Matters to act on and to read (待办、待阅), notices unread, matters overdue among those supervised (超期事项)."""

    act: int
    read: int
    unread: int
    late: int


def of(session: Session, actor: Actor, now: datetime) -> Figures:
    """The figures of one person at one moment."""
    (reach, reached), (desk, on_desk) = visibility.outline(actor), todo.outline(actor)
    given = reached | on_desk | {"now": now, "person": actor.id}
    return Figures(*db.rows(session, _asking(reach, desk), **given).one())


@lru_cache(maxsize=100)
def _asking(reach: Reach, desk: Desk) -> Select:
    late = select(func.count()).select_from(Matter).where(
        Matter.closed.is_(False), boards.is_late(boards.NOW), *supervised(reach))
    counted = (todo.counting(desk, "act"), todo.counting(desk, "read"), outbox.unread(bindparam("person")), late)
    return select(*(query.scalar_subquery() for query in counted))
