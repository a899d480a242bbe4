"""When each periodic job is next due: rows, so that nothing is lost in an outage and nothing runs twice."""

from datetime import datetime, timedelta

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp import db
from officeapp.db import INSERTS, Base

STALE = timedelta(minutes=5)  # a heartbeat older than that is an alarm


class Slot(Base):
    """One periodic job; last_run_at is its heartbeat."""

    __tablename__ = "schedule"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    next_due_at: Mapped[datetime]
    last_run_at: Mapped[datetime | None]


_BEATS = select(Slot.name, Slot.last_run_at).where(Slot.last_run_at.is_not(None))


def take(name: str, every: timedelta, now: datetime) -> bool:
    """Whether the caller shall run the job now: true for one caller per slot, missed slots count once."""
    with db.transaction() as session:
        insert = INSERTS[session.get_bind().dialect.name](Slot).values(name=name, next_due_at=now)
        session.execute(insert.on_conflict_do_nothing(index_elements=["name"]))
        due = session.scalar(select(Slot.next_due_at).where(Slot.name == name))
        # A clock set back (a demonstration begun anew) must not leave a job waiting for a far day.
        if now < due <= now + every:
            return False
        slot = update(Slot).where(Slot.name == name, Slot.next_due_at == due)
        return session.execute(slot.values(next_due_at=_after(due, every, now))).rowcount == 1


def ran(name: str, now: datetime) -> None:
    """The job has done its work: its heartbeat."""
    with db.transaction() as session:
        session.execute(update(Slot).where(Slot.name == name).values(last_run_at=now))


def mark(name: str, now: datetime) -> None:
    """Note what has no rhythm of ours: a backup was taken."""
    with db.transaction() as session:
        insert = INSERTS[session.get_bind().dialect.name](Slot).values(name=name, next_due_at=now, last_run_at=now)
        session.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"last_run_at": now}))


def last_run(name: str) -> datetime | None:
    """The heartbeat of a job; None if it never ran."""
    with db.reading() as session:
        return heartbeats(session).get(name)


def heartbeats(session: Session) -> dict[str, datetime]:
    """When each job last did its work; one that never ran is not in it."""
    return dict(db.rows(session, _BEATS).all())


def _after(due: datetime, every: timedelta, now: datetime) -> datetime:
    """The next beat of the same rhythm after now."""
    return due + every * ((now - due) // every + 1)
