"""每日提醒: one mail a person and working day that lists what would have been a mail each (design.md §5)."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from officeapp import calendars, db, matters, notices, office_hours, people, visibility, wording
from officeapp.clock import ZONE
from officeapp.options import options
from officeapp.outbox import MAIL, Message
from officeapp.people import Actor, Person

LONGEST = 100  # reminders in one digest; the rest waits for the next day

log = logging.getLogger(__name__)


def gather(now: datetime, base_url: str, swept_at: datetime | None) -> int:
    """Put each person's held reminders into the digest of the day, in office hours; how many persons had some.

    What a sweep still under way has held waits until it is whole (`swept_at`, the last whole one).
    """
    with db.reading() as session:
        open_now = office_hours.leaves_at(calendars.current(session), now) <= now
    persons = waiting(swept_at) if open_now and swept_at else ()
    gather_each(persons, now, base_url, swept_at)
    return len(persons)


def gather_each(persons: Sequence[int], now: datetime, base_url: str, until: datetime | None) -> None:
    """The same for these persons at whatever hour, of what was held until then."""
    for person_id in persons:
        try:
            with db.transaction() as session:
                gather_for(session, person_id, now, base_url, until)
        except (SQLAlchemyError, LookupError, ValueError):
            # One person's broken digest must not keep those of all others.
            log.exception("person %s: the digest failed and stays due", person_id)


def waiting(until: datetime) -> Sequence[int]:
    """Who has held reminders that may leave by then."""
    query = select(Message.person_id).where(*_held(until)).distinct().order_by(Message.person_id)
    with db.reading() as session:
        return session.scalars(query).all()


def gather_for(session: Session, person_id: int, now: datetime, base_url: str, until: datetime) -> str:
    """Settle one person's held reminders: what was done, for tests and logs."""
    person = session.scalar(select(Person).where(Person.id == person_id).with_for_update(key_share=True))
    query = select(Message).where(*_held(until), Message.person_id == person_id).order_by(Message.id).limit(LONGEST)
    held = session.scalars(query.execution_options(populate_existing=True)).all()
    key = f"digest:{now.astimezone(ZONE).date().isoformat()}:person{person_id}:{MAIL}"
    if not options(session)["digest"]:
        return _release(session, held)
    if session.scalar(select(Message.id).where(Message.key == key)):
        return _postpone(session, held, now)
    if not (person.active and person.email):
        return _give_up(held)
    lines = _lines(session, people.actor(session, person_id, now), held, base_url)
    for message in held:
        message.state, message.digest = ("digested", key) if message.id in lines else ("cancelled", None)
    if lines:
        notices.digest(session, person, key, list(lines.values()), now=now)
    return "digested" if lines else "cancelled"


def _held(until: datetime) -> tuple:
    return Message.channel == MAIL, Message.state == "held", Message.next_at <= until


def _lines(session: Session, reader: Actor, held: Sequence[Message], base_url: str) -> dict[int, dict[str, str]]:
    """By message: what its line says; none is needed once its date was met or moved, or its matter is seen no more."""
    lines, moot = {}, notices.moot(session, held)
    known = visibility.known_of(session, reader, {message.matter_id for message in held})
    for message in held:
        matter = matters.find(session, message.matter_id)
        if message.id not in moot and message.matter_id in known:
            lines[message.id] = {"subject": message.subject, "stage": matter.place.title,
                                 "due": wording.due_words(matter), "address": base_url + message.link}
    return lines


def _give_up(held: Sequence[Message]) -> str:
    for message in held:
        message.state, message.error = "dead", "本人已停用或者没有电子邮件地址"
    return "dead"


def _release(session: Session, held: Sequence[Message]) -> str:
    """The setting was turned off while they waited: each leaves alone."""
    for message in held:
        message.state = "pending"
    session.info.setdefault("owed", []).extend(message.id for message in held)
    return "released"


def _postpone(session: Session, held: Sequence[Message], now: datetime) -> str:
    """The day's digest has gone: the next working day's takes them along."""
    at = office_hours.next_opening(calendars.current(session), now)
    ids = [message.id for message in held]
    session.execute(update(Message).where(Message.id.in_(ids)).values(next_at=at))
    return "postponed"
