"""First passwords of many: asked for on one sheet, confirmed by another administrator (domain.md 7.2).

An imported account has no password at all, so nobody can log in with it before both have acted.
A sheet that got lost is simply taken again, for those who have not chosen a password of their own.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from officeapp import password_requests
from officeapp.password_requests import Given, PasswordRequest
from officeapp.people import Actor, Person, Unit

MOST = 500  # on one sheet
HEAD = ("单位", "姓名", "账号", "口令前段", "网址")

_ASKED = Person.id.in_(select(PasswordRequest.person_id))
_NONE = (Person.password_hash == "") & ~_ASKED  # nosec B105 # none, which opens nothing
_UNUSED = _ASKED & (Person.password_hash == "") | (Person.password_hash != "") & Person.must_change  # nosec B105 # as above


def without(session: Session) -> list[Person]:
    """Who has no password yet, and none was asked for."""
    return _found(session, _NONE)


def unused(session: Session) -> list[Person]:
    """For whom one was asked, or who was given one, and has not logged in to change it."""
    return _found(session, _UNUSED)


def count_without(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Person).where(_NONE, Person.active))


def _found(session: Session, condition: ColumnElement[bool]) -> list[Person]:
    query = select(Person).join(Unit, Unit.id == Person.unit_id).where(condition, Person.active)
    return list(session.scalars(query.order_by(Unit.position, Unit.id, Person.position, Person.id)))


def ask(session: Session, ids: Collection[int], *, again: bool, key: str, by: Actor, now: datetime) -> list[Given]:
    """Ask for a password for each of these: their first halves.

    Passed over: the administrator himself, whoever has chosen a password of the own meanwhile, and unless it is
    `again`, whoever was asked for already: a second press must not void the sheet that was just downloaded.
    """
    wanted = Person.id.in_(set(ids) - {by.id})
    return [Given(person.unit.name, person.name, person.account,
                  password_requests.ask(session, person, key=key, by=by, now=now))
            for person in _found(session, wanted & (_NONE | _UNUSED if again else _NONE))]
