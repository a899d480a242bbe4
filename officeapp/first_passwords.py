"""First passwords of many: given when a sheet is taken, told on it once, kept nowhere (domain.md 7.2).

An imported account has no password at all, so nobody can log in with it before its sheet is taken.
A sheet that got lost is simply taken again, for those who have not chosen a password of their own.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from officeapp import admin_events, db, passwords
from officeapp.people import Actor, Person, Unit

MOST = 500  # on one sheet; each password is hashed slowly on purpose
HEAD = ("单位", "姓名", "账号", "初始口令", "网址")


class Given(NamedTuple):
    """One line of the sheet."""

    unit: str
    name: str
    account: str
    password: str


_NONE = Person.password_hash == ""  # nosec B105 # none, which opens nothing
_UNUSED = (Person.password_hash != "") & Person.must_change  # nosec B105 # none, which opens nothing


def without(session: Session) -> list[Person]:
    """Who has no password yet."""
    return _found(session, _NONE)


def unused(session: Session) -> list[Person]:
    """Who was given one and has not logged in to change it."""
    return _found(session, _UNUSED)


def count_without(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Person).where(_NONE, Person.active))


def _found(session: Session, condition: ColumnElement[bool]) -> list[Person]:
    query = select(Person).join(Unit, Unit.id == Person.unit_id).where(condition, Person.active)
    return list(session.scalars(query.order_by(Unit.position, Unit.id, Person.position, Person.id)))


def hand_out(ids: Collection[int], *, by: Actor, now: datetime) -> list[Given]:
    """Give each of these a password, in a transaction of its own: hashing holds nobody else up.

    Passed over: the administrator himself, and whoever has chosen a password of the own meanwhile.
    """
    return list(filter(None, (_give(person_id, by, now) for person_id in sorted(set(ids) - {by.id}))))


def _give(person_id: int, by: Actor, now: datetime) -> Given | None:
    with db.transaction() as session:
        query = select(Person).where(Person.id == person_id, Person.active, _NONE | _UNUSED)
        person = session.scalar(query.with_for_update(of=Person))
        if person is None:
            return None
        fresh = passwords.give(session, person, now)
        admin_events.record(session, by, "passwords_given", person.name, now=now, person_id=person.id)
        return Given(person.unit.name, person.name, person.account, fresh)
