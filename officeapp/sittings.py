"""Who sits at a browser now: from the login to its end, one row each (domain.md 7.2).

A row that is there lets in, one that is gone does not: nothing else decides about a session.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, String, bindparam, delete, false, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp import db, login_events, people
from officeapp.db import Base
from officeapp.login_events import Whence, Whose
from officeapp.numerals import small_int
from officeapp.options import options
from officeapp.people import Actor, Person

GRAIN = timedelta(minutes=2)  # how coarsely the last sign of a person is kept: a write for each at most
LONGEST = timedelta(hours=12)  # nobody works longer at a stretch


class Sitting(Base):
    """One login, alive until `until`; `key` is the secret half of its identity."""

    __tablename__ = "sitting"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(43))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    way: Mapped[str] = mapped_column(String(12))
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(40))
    must_enrol: Mapped[bool] = mapped_column(default=False, server_default=false())  # in a second factor

    @property
    def identity(self) -> str:
        return f"{self.id}.{self.key}"


@dataclass(frozen=True)
class Sitter(Actor):
    """The actor at a browser; what flask-login asks of a user."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    sitting_id: int = 0
    key: str = ""
    way: str = ""
    begun_at: datetime | None = None
    seen_at: datetime | None = None
    until: datetime | None = None
    must_enrol: bool = False
    carries_given: bool = False

    def get_id(self) -> str:
        return f"{self.sitting_id}.{self.key}"

    @property
    def idle_seconds(self) -> int:
        """How long the sitting lasts without a sign."""
        return int((self.until - self.seen_at).total_seconds())

    @property
    def must_change(self) -> bool:
        """Whether the own password comes first. Who came in without it need not know it."""
        return self.carries_given and self.way == "password"


# Every request asks this, a poll too, so that it costs no query more than the person alone.
_SITTER = (people.OWN.add_columns(Sitting.id, Sitting.key, Sitting.way, Sitting.begun_at, Sitting.seen_at,
                                  Sitting.until, Sitting.must_enrol, Person.must_change)
           .join(Sitting, Sitting.person_id == Person.id)
           .where(Sitting.id == bindparam("sitting"), Sitting.key == bindparam("key")))


def sitter(session: Session, identity: str, now: datetime | None = None) -> Sitter | None:
    """Who sits there, perhaps past `until`; None if the sitting has ended or the person has left.

    With a moment also those he stands in for then.
    """
    number, _, key = identity.partition(".")
    asked = {"sitting": small_int(number) or 0, "key": key, "now": now or people.NEVER}
    rows = db.rows(session, _SITTER, **asked).all()
    return Sitter(*people.standing(session, rows, now), None, *rows[0][people.WIDTH:]) if rows else None


def begin(session: Session, whose: Whose, *, way: str, whence: Whence, now: datetime, must_enrol: bool = False) -> str:
    """A new sitting with a key of its own; its identity."""
    sitting = Sitting(key=secrets.token_urlsafe(32), person_id=whose.id, way=way, begun_at=now, seen_at=now,
                      until=now + _idle(session), address=whence.address, browser=whence.browser,
                      must_enrol=must_enrol)
    session.add(sitting)
    session.flush()
    login_events.record(session, "entered", whose, whence, now=now, way=way)
    return sitting.identity


def touch(session: Session, who: Sitter, now: datetime) -> None:
    """A sign of the person: the sitting lasts on."""
    until = min(now + _idle(session), who.begun_at + LONGEST)
    session.execute(update(Sitting).where(Sitting.id == who.sitting_id, Sitting.seen_at <= now - GRAIN)
                    .values(seen_at=now, until=until))


def of(session: Session, person_id: int, now: datetime) -> list[Sitting]:
    """A person's living sittings, the newest first."""
    query = select(Sitting).where(Sitting.person_id == person_id, Sitting.until > now)
    return list(session.scalars(query.order_by(Sitting.id.desc())))


def end(session: Session, *which: ColumnElement[bool], what: str, now: datetime, note: str = "") -> int:
    """End these; how many. Each leaves a line."""
    query = select(Sitting, Person.name).join(Person, Person.id == Sitting.person_id).where(*which)
    found = session.execute(query.order_by(Sitting.id).with_for_update(of=Sitting, skip_locked=True)).all()
    for sitting, name in found:
        login_events.record(session, what, Whose(sitting.person_id, name), Whence(sitting.address, sitting.browser),
                            now=now, way=sitting.way, note=note)
    _forget(session, (sitting.id for sitting, _ in found))
    return len(found)


def lapse(session: Session, now: datetime) -> None:
    """End those whose people have gone away without a word."""
    end(session, Sitting.until <= now, what="idled", now=now)


def _forget(session: Session, ids: Iterable[int]) -> None:
    session.execute(delete(Sitting).where(Sitting.id.in_(list(ids))))


def _idle(session: Session) -> timedelta:
    return timedelta(minutes=options(session)["idle_minutes"])
