"""What administrators did: who, what, to whom, when. Append-only and chained (design.md §4, §8)."""

import hashlib
import json
from datetime import UTC, datetime

from sqlalchemy import ForeignKey, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp.db import Base
from officeapp.people import Actor

CHAIN = 7_302_026  # PostgreSQL's advisory lock: one writer at a time, or the chain would fork


class AdminEvent(Base):
    """One line; `whom` names the person, post or unit as it was called then."""

    __tablename__ = "admin_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    actor: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(30))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    whom: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")
    previous: Mapped[str] = mapped_column(String(64), default="")
    hash: Mapped[str] = mapped_column(String(64))


SEALED = ("actor_id", "actor", "what", "person_id", "whom", "note", "previous")


def record(session: Session, by: Actor | None, what: str, whom: str, *, now: datetime, person_id: int | None = None,
           note: str = "") -> AdminEvent:
    """Append one line; without `by` it was done at the machine by a command."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(CHAIN)))
    last = session.scalar(select(AdminEvent.hash).order_by(AdminEvent.id.desc()).limit(1))
    event = AdminEvent(at=now, actor_id=by.id if by else None, actor=by.name if by else "命令行", what=what,
                       person_id=person_id, whom=whom[:120], note=note, previous=last or "")
    event.hash = seal(event)
    session.add(event)
    session.flush()
    return event


def history(session: Session) -> list[AdminEvent]:
    return list(session.scalars(select(AdminEvent).order_by(AdminEvent.id)))


def broken(events: list[AdminEvent]) -> AdminEvent | None:
    """The first line that is not what was sealed, or does not follow the one before; None if all is whole."""
    previous = ""
    for event in events:
        if event.previous != previous or event.hash != seal(event):
            return event
        previous = event.hash
    return None


def seal(event: AdminEvent) -> str:
    """SHA-256 over everything the line says and the hash before it."""
    said = {name: getattr(event, name) for name in SEALED}
    said["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
