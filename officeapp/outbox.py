"""Messages owed, claimed, settled: the row is the truth, the doorbell only wakes the worker.

design.md §6. In-app notices are the same rows on another channel, visible at once.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ForeignKey,
    Index,
    Insert,
    Select,
    String,
    Text,
    and_,
    event,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp import db
from officeapp.db import INSERTS, Base
from officeapp.people import Person

NOTICE, MAIL = "notice", "mail"
LEASE = timedelta(minutes=10)  # longer than a whole batch may take against a server that hangs at every step
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
ATTEMPTS = 12  # with the pauses above a little over a day: a reminder older than that tells nobody anything
ABANDONED = f"寄送{ATTEMPTS}次都在途中中断，不再自动重试；请先看日志，再按“重发”。"
ERROR_LENGTH = 300

log = logging.getLogger(__name__)


class Message(Base):
    """One message to one person; a notice is sent when written.

    state: pending | leased | sent | dead, or held (for the day's digest) | digested (told in the digest whose
    key is `digest`, never sent alone) | cancelled (its due date was met, moved or dropped before it left).
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_owed", "state", "next_at"),
        Index("ix_message_person", "person_id", "channel", "read_at"),
        Index("ix_message_page", "channel", "state", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    channel: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(120), default="")
    subject: Mapped[str] = mapped_column(String(400))
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(200), default="")  # a path of ours
    matter_id: Mapped[int | None] = mapped_column(ForeignKey("matter.id"), index=True)
    message_id: Mapped[str] = mapped_column(String(80), unique=True)  # lets a receiver drop a twin
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_by: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(ERROR_LENGTH), default="")
    digest: Mapped[str | None] = mapped_column(String(200))
    deadline_id: Mapped[int | None] = mapped_column(ForeignKey("deadline.id"))  # a reminder's, and the date it tells
    due_at: Mapped[datetime | None]


@cache
def _insert(dialect: str) -> Insert:
    """A message, but none whose key was owed before."""
    return INSERTS[dialect](Message.__table__).on_conflict_do_nothing(index_elements=["key"])


def letter(person: Person, channel: str, *, key: str, subject: str, body: str, link: str, matter_id: int | None,
           now: datetime, leaves_at: datetime | None = None, held: bool = False,
           due: tuple[int, datetime] | None = None) -> dict[str, Any]:
    """One message as its row will be.

    A mail leaves at once, or at `leaves_at`; a held one waits for its person's digest of that day. `due` is the
    deadline, and its date, with which a reminder stands and falls.
    """
    at_once = channel == NOTICE
    return {
        "key": key, "channel": channel, "person_id": person.id, "name": person.name,
        "address": person.email if channel == MAIL else "", "subject": subject, "body": body, "link": link,
        "matter_id": matter_id, "message_id": f"{uuid4().hex}@officeapp.local", "attempts": 0, "error": "",
        "state": "sent" if at_once else "held" if held else "pending", "sent_at": now if at_once else None,
        "created_at": now, "next_at": leaves_at or now, "deadline_id": due and due[0], "due_at": due and due[1],
    }


def owe(session: Session, person: Person, channel: str, **said: Any) -> int | None:
    """Write one message with the caller's transaction; None when that key was owed before."""
    row = letter(person, channel, **said)
    owe_all(session, [row])
    return next(iter(_written(session, [row])), None)


def owe_all(session: Session, letters: Iterable[dict[str, Any]]) -> None:
    """Write messages with the caller's transaction, all at once, but those whose keys were owed before."""
    rows = list(letters)
    if rows:
        session.flush()
        # Nothing is asked back: ids would cost ten times what the rows cost.
        session.connection().execute(_insert(session.get_bind().dialect.name), rows)
        mails = [row for row in rows if row["state"] == "pending"]
        session.info.setdefault("owed", []).extend(_written(session, mails) if mails else ())


def _written(session: Session, rows: list[dict[str, Any]]) -> Sequence[int]:
    """Ids of those that were written: each has its own Message-ID."""
    return session.scalars(select(Message.id).where(Message.message_id.in_([row["message_id"] for row in rows]))).all()


def claim(now: datetime, worker: str, limit: int = 10) -> list[Message]:
    """Lease up to `limit` mails that are due, new or abandoned; each goes to one worker only.

    Abandoned at its last attempt: dead, else one that breaks its worker would break workers for ever.
    """
    due = select(Message.id).where(_due(now)).order_by(Message.next_at, Message.id).limit(limit)
    lease = {"state": "leased", "lease_by": worker, "lease_until": now + LEASE, "attempts": Message.attempts + 1}
    given_up = {"state": "dead", "error": ABANDONED, "lease_by": None, "lease_until": None}
    with db.transaction() as session:
        session.execute(update(Message).where(_abandoned(now), Message.attempts >= ATTEMPTS).values(given_up))
        # Two statements: as a subquery PostgreSQL may run the locking SELECT again and pass the limit.
        ids = session.scalars(due.with_for_update(skip_locked=True)).all()
        change = update(Message).where(Message.id.in_(ids)).values(lease).returning(Message)
        claimed = session.scalars(change, execution_options={"synchronize_session": False}).all()
    return sorted(claimed, key=lambda message: message.id)


def settle(now: datetime, worker: str, message: Message, error: str = "", *, lasting: bool = False,
           moot: bool = False) -> str:
    """Note the outcome of a claimed mail; its new state, or "lost" when the lease has passed to another worker.

    No error: sent. A lasting one: dead. Any other: pending again after 1, 2, 4 … minutes, dead after 12 attempts.
    Moot: cancelled, it was not sent.
    """
    if moot:
        outcome = {"state": "cancelled", "error": ""}
    elif not error:
        outcome = {"state": "sent", "sent_at": now, "error": ""}
    elif lasting or message.attempts >= ATTEMPTS:
        outcome = {"state": "dead", "error": error[:ERROR_LENGTH]}
    else:
        outcome = {"state": "pending", "next_at": now + pause_after(message.attempts), "error": error[:ERROR_LENGTH]}
    mine = (Message.id == message.id, Message.state == "leased", Message.lease_by == worker)
    with db.transaction() as session:
        change = update(Message).where(*mine).values(outcome | {"lease_by": None, "lease_until": None})
        return outcome["state"] if session.execute(change).rowcount == 1 else "lost"


def pause_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts: 1, 2, 4 … minutes, 6 hours at most."""
    return min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)


def overdue_ids(now: datetime) -> Sequence[int]:
    """Mails that could leave now: never enqueued, lost, to be retried, or leased too long."""
    with db.reading() as session:
        return session.scalars(select(Message.id).where(_due(now)).order_by(Message.id)).all()


def page(session: Session, states: Sequence[str], *, before: int | None = None, persons: Sequence[int] | None = None,
         matter_id: int | None = None, limit: int = 50) -> list[Message]:
    """Mails in these states, newest first, older than the id `before`; of these persons, of that matter."""
    mails = select(Message).where(Message.channel == MAIL).order_by(Message.id.desc()).limit(limit)
    if before is not None:
        mails = mails.where(Message.id < before)
    if persons is not None:
        mails = mails.where(Message.person_id.in_(persons))
    if matter_id is not None:
        mails = mails.where(Message.matter_id == matter_id)
    # A query for each state: the index then gives the newest without sorting all of ten years.
    found = [mail for state in states for mail in session.scalars(mails.where(Message.state == state))]
    return sorted(found, key=lambda mail: -mail.id)[:limit]


def count(session: Session, state: str, limit: int = 1000) -> int:
    """How many mails are in that state, counted up to the limit."""
    some = select(Message.id).where(Message.channel == MAIL, Message.state == state).limit(limit).subquery()
    return session.scalar(select(func.count()).select_from(some))


def count_leaving(session: Session, until: datetime, limit: int = 1000) -> int:
    """How many mails are written already and leave before that moment, alone or in a digest."""
    some = (select(Message.id).where(Message.channel == MAIL, Message.state.in_(("pending", "leased", "held")),
                                     Message.next_at < until).limit(limit).subquery())
    return session.scalar(select(func.count()).select_from(some))


def revive(session: Session, message_id: int, now: datetime) -> bool:
    """重发: a dead mail is owed again, to the address the person has now; False if it is not dead."""
    message = session.get(Message, message_id, with_for_update=True)
    if message is None or message.state != "dead":
        return False
    person = session.get_one(Person, message.person_id)
    message.state, message.attempts, message.next_at, message.address = "pending", 0, now, person.email
    session.info.setdefault("owed", []).append(message.id)
    return True


def revive_all(session: Session, now: datetime, *, persons: Sequence[int] | None = None,
               matter_id: int | None = None, limit: int = 1000) -> int:
    """重发 of the dead mails of these persons, of that matter, else of all; how many."""
    dead = page(session, ("dead",), persons=persons, matter_id=matter_id, limit=limit)
    return sum(revive(session, message.id, now) for message in dead)


def lay_aside(session: Session, now: datetime, why: str) -> int:
    """Mails that are due or were written just now wait for 重发 instead, with the reason; how many."""
    due = Message.state.in_(("pending", "leased", "held")), or_(Message.next_at <= now, Message.created_at >= now)
    aside = {"state": "dead", "error": why, "lease_by": None, "lease_until": None}
    return session.execute(update(Message).where(Message.channel == MAIL, *due).values(aside)).rowcount


def notices_of(session: Session, person_id: int, limit: int = 100) -> Sequence[Message]:
    """A person's notices, unread first, then newest first."""
    query = select(Message).where(Message.person_id == person_id, Message.channel == NOTICE)
    return session.scalars(query.order_by(Message.read_at.is_not(None), Message.id.desc()).limit(limit)).all()


def unread(person_id: int | BindParameter) -> Select:
    """How many notices a person has not read."""
    return (select(func.count()).select_from(Message)
            .where(Message.person_id == person_id, Message.channel == NOTICE, Message.read_at.is_(None)))


def mark_read(session: Session, person_id: int, now: datetime, message_id: int | None = None) -> str:
    """Mark one notice of this person read, or all of them; the one's link."""
    mine = [Message.person_id == person_id, Message.channel == NOTICE]
    if message_id is not None:
        mine.append(Message.id == message_id)
    session.execute(update(Message).where(*mine, Message.read_at.is_(None)).values(read_at=now))
    return session.scalar(select(Message.link).where(*mine).limit(1)) or "" if message_id is not None else ""


def _due(now: datetime) -> ColumnElement[bool]:
    waiting = and_(Message.state == "pending", Message.next_at <= now)
    return and_(Message.channel == MAIL, or_(waiting, _abandoned(now)))


def _abandoned(now: datetime) -> ColumnElement[bool]:
    return and_(Message.channel == MAIL, Message.state == "leased", Message.lease_until <= now)


def _no_bell(ids: Sequence[int]) -> None:
    log.debug("no doorbell is set; the sweep will find messages %s", list(ids))


_bell: Callable[[Sequence[int]], None] = _no_bell


def set_bell(bell: Callable[[Sequence[int]], None] | None) -> None:
    """Choose what wakes the worker after a commit; None leaves it to the sweep."""
    global _bell
    _bell = bell or _no_bell


def ring(ids: Sequence[int]) -> None:
    """Wake the worker for messages already committed; db.transaction does it by itself."""
    if ids:
        _bell(ids)


@event.listens_for(Session, "after_commit")
def _ring_after_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        ring(session.info.pop("owed", ()))


@event.listens_for(Session, "after_rollback")
def _forget_after_rollback(session: Session) -> None:
    if not session.in_nested_transaction():  # a savepoint takes back its own alone, and a bell too many harms nobody
        session.info.pop("owed", None)
