"""Who looked at, printed or took away what is internal: lines of the matter's own record (domain.md 7.2, 7.7).

Once for each person, day and thing: what matters is who knew, not how often he turned the page.
"""

from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from officeapp import matters
from officeapp.clock import ZONE
from officeapp.matters import Event, Matter
from officeapp.people import Actor
from officeapp.procedures import book

SCOPE, INTERNAL = "scope", "internal"
READINGS = {"viewed": "查看", "printed": "打印", "downloaded": "下载附件"}


def is_owed(session: Session, matter: Matter, actor: Actor, what: str, thing: str, now: datetime) -> bool:
    """Whether this reading has yet to be written down; one small query, none for what is not internal."""
    internal = matter.kind in book.internal_kinds() or matter.values.get(SCOPE) == INTERNAL
    return internal and not session.scalar(_told(matter.id, actor, what, thing, now))


def record(session: Session, matter_id: int, actor: Actor, what: str, thing: str, now: datetime) -> None:
    """Write it down in a transaction of its own, unless another request just did; `thing` names a file."""
    matter = matters.lock(session, matter_id)
    if matter and is_owed(session, matter, actor, what, thing, now):
        matters.record(session, matter, what, at=now, polled=False, actor_id=actor.id, note=thing,
                       clause="知悉范围：内部（工作秘密）")


def _told(matter_id: int, actor: Actor, what: str, thing: str, now: datetime) -> Select:
    midnight = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return select(exists().where(Event.matter_id == matter_id, Event.actor_id == actor.id, Event.what == what,
                                 Event.note == thing, Event.at >= midnight))
