"""What administrators did: who, what, to whom, when. Append-only and chained (design.md §4, §8)."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp import chains
from officeapp.chains import Chained
from officeapp.db import Base
from officeapp.people import Actor


class AdminEvent(Chained, Base):
    """One line; `whom` names the person, post or unit as it was called then."""

    __tablename__ = "admin_event"
    SEALED = ("actor_id", "actor", "what", "person_id", "whom", "note")
    LOCK = 7_302_026
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    actor: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(30))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    whom: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")


def record(session: Session, by: Actor | None, what: str, whom: str, *, now: datetime, person_id: int | None = None,
           note: str = "") -> AdminEvent:
    """Append one line; without `by` it was done at the machine by a command."""
    event = AdminEvent(at=now, actor_id=by.id if by else None, actor=by.name if by else "命令行", what=what,
                       person_id=person_id, whom=whom[:120], note=note)
    chains.append(session, event)
    return event


def latest(session: Session, what: str, whom: str) -> AdminEvent | None:
    """The newest line of this deed on this person, post, unit or file."""
    query = select(AdminEvent).where(AdminEvent.what == what, AdminEvent.whom == whom[:120])
    return session.scalar(query.order_by(AdminEvent.id.desc()).limit(1))


def history(session: Session) -> list[AdminEvent]:
    return list(session.scalars(select(AdminEvent).order_by(AdminEvent.id)))


def broken(events: list[AdminEvent]) -> AdminEvent | None:
    """The first line that is not what was sealed, or does not follow the one before; None if all is whole."""
    previous = ""
    for event in events:
        if event.previous != previous or event.hash != chains.seal(event, AdminEvent):
            return event
        previous = event.hash
    return None
