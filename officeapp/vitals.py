"""What a monitor asks of the whole office: mails owed, jobs' heartbeats, open and overdue matters. Four short queries.

Read when asked, from rows that every process shares; none of them walks what is sent or closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, case, func, select, text
from sqlalchemy.orm import Session

from officeapp import schedule
from officeapp.matters import Matter
from officeapp.outbox import MAIL, Message
from officeapp.procedures import book

UNSENT = ("pending", "leased", "held", "dead")
SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@dataclass(frozen=True)
class Vitals:
    """mails: state, count, retried, oldest, due of each state; heartbeats by job; matters: kind, open, overdue."""

    mails: Sequence[Row]
    heartbeats: dict[str, datetime]
    matters: Sequence[Row]
    database_bytes: int


def measured(session: Session, now: datetime) -> Vitals:
    """The office at this moment."""
    size = session.scalar(text(SIZES[session.get_bind().dialect.name]))
    mails, matters = session.execute(mails_owed(now)).all(), session.execute(matters_open(now)).all()
    return Vitals(mails, schedule.heartbeats(session), matters, size)


def mails_owed(now: datetime) -> Select:
    """Count, age and lateness of the mails of each state that is not an end."""
    # A state's rows are found by index; those sent in ten years are not touched.
    due = case((Message.next_at <= now, Message.next_at))
    return (select(Message.state, func.count().label("count"), func.min(Message.created_at).label("oldest"),
                   func.sum(case((Message.attempts > 0, 1), else_=0)).label("retried"), func.min(due).label("due"))
            .where(Message.channel == MAIL, Message.state.in_(UNSENT)).group_by(Message.state))


def matters_open(now: datetime) -> Select:
    """Open and overdue matters of each kind."""
    # The kinds are named so that the boards' index leads, and its columns are all that is read.
    late = func.sum(case((Matter.due_at <= now, 1), else_=0))
    return (select(Matter.kind, func.count().label("open"), late.label("overdue"))
            .where(Matter.kind.in_(book.kinds()), Matter.closed.is_(False)).group_by(Matter.kind))
