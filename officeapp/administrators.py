"""The first three administrators of an empty bureau: without them nobody could ever log in (domain.md 7.2)."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeapp import admin_events, passwords
from officeapp.directory import Unfit
from officeapp.people import ADMIN_KINDS, POST_KINDS, Holding, Person, Post, Unit, hash_password


class Named(NamedTuple):
    """Who becomes an administrator."""

    account: str
    name: str


class Appointed(NamedTuple):
    """An administrator with the first password, told once."""

    title: str
    account: str
    name: str
    password: str


def appoint(session: Session, unit_name: str, named: dict[str, Named], now: datetime) -> list[Appointed]:
    """Create the unit and its administrators by kind of post. Unfit: somebody exists already, or two are one person."""
    if session.scalar(select(Person.id).limit(1)) is not None:
        raise Unfit("数据库里已有人员，不能再用这个命令。三员的增减请在“单位人员”里由系统管理员、安全管理员办理。")
    if len({each.account for each in named.values()}) < len(ADMIN_KINDS) or len(
            {each.name for each in named.values()}) < len(ADMIN_KINDS):
        raise Unfit("系统、安全、审计三员须由三名不同的人员担任，姓名和账号都不能相同。")
    unit = session.scalar(select(Unit).where(Unit.name == unit_name)) or Unit(name=unit_name, kind="section")
    session.add(unit)
    session.flush()
    return [_appoint(session, unit, kind, named[kind], now) for kind in ADMIN_KINDS]


def _appoint(session: Session, unit: Unit, kind: str, named: Named, now: datetime) -> Appointed:
    position = 1000 + ADMIN_KINDS.index(kind)
    person = Person(account=named.account, name=named.name, unit_id=unit.id, position=position)
    post = Post(kind=kind, unit_id=unit.id, title=POST_KINDS[kind], position=position)
    session.add_all([person, post])
    session.flush()
    session.add(Holding(person_id=person.id, post_id=post.id))
    password = passwords.half() + passwords.half()
    passwords.give(session, person, hash_password(password), now)  # nobody else is here yet
    admin_events.record(session, None, "administrator_appointed", named.name, now=now, person_id=person.id,
                        note=f"{post.title}，账号{named.account}")
    return Appointed(post.title, named.account, named.name, password)
