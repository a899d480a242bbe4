"""A matter on its way, for the tests of reminders: opened on Wednesday, 11 February 2026, at nine.

An ordinary document has 5 days; they end on 16 February, in the Spring Festival, and so on Tuesday, 24 February.
Saturday the 14th is worked.
"""

from datetime import datetime

from sqlalchemy import select

from officeapp import db, engine, matters
from officeapp.clock import ZONE
from officeapp.matters import Matter, Step
from officeapp.outbox import Message

VALUES = {"title": "临江区综合行政执法局关于做好节后市容整治工作的通知", "genre": "通知", "grade": "ordinary",
          "recipients": "各中队", "necessity": "须各中队统一部署，不宜以便函代替"}
OPENED = datetime(2026, 2, 11, 9, 0, tzinfo=ZONE)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 2) -> datetime:
    """A moment of 2026 in the bureau's zone."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def opened(bureau, **values) -> Matter:
    """A draft of the drafter's."""
    with db.transaction() as session:
        return engine.open_matter(session, "outgoing_document", bureau.drafter, VALUES | values,
                                  body="一、高度重视\n　　请各中队认真落实。", now=OPENED)


def at_unit_review(bureau, **values) -> Matter:
    """The same, sent to the head of the drafter's unit at half past nine."""
    return moved(opened(bureau, **values), "submit", bureau.drafter, at(11, 9, 30))


def moved(matter: Matter, key: str, actor, now: datetime, **more) -> Matter:
    with db.transaction() as session:
        return engine.move(session, matter.id, key, actor, version=matter.version, now=now, **more)


def mails() -> list[Message]:
    return _messages("mail")


def notices_to(person_id: int) -> list[Message]:
    return [message for message in _messages("notice") if message.person_id == person_id]


def _messages(channel: str) -> list[Message]:
    with db.reading() as session:
        return list(session.scalars(select(Message).where(Message.channel == channel).order_by(Message.id)))


def steps(matter: Matter, scope: str = "cycle") -> dict[str, str]:
    """State of each rung for the newest due date of one limit."""
    with db.reading() as session:
        deadline = next(d for d in reversed(matters.deadlines_of(session, matter.id)) if d.scope == scope)
        query = select(Step).where(Step.deadline_id == deadline.id).order_by(Step.due_version, Step.id)
        return {step.rung: step.state for step in session.scalars(query)}


def reminders_in_history(matter: Matter) -> list[str]:
    with db.reading() as session:
        return [event.note for event in matters.history(session, matter.id) if event.what == "reminded"]
