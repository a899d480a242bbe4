"""The directory of units, people and posts, and the changes an administrator makes to it.

The system administrator keeps units and accounts, the security administrator
grants posts: creating an account and granting it are two people's acts (domain.md 7.2).
Each change leaves a line in admin_event.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from officeapp import admin_events, obligations, people
from officeapp.admin_events import AdminEvent
from officeapp.people import ADMIN_KINDS, Actor, Holding, Person, Portfolio, Post, Unit

SOLE_KINDS = ("chief", "party_secretary")  # one person in the whole bureau


class Unfit(Exception):
    """A change that cannot be made; str() says why and what to do."""


@dataclass(frozen=True)
class Seated:
    """A post with those who fill it and, for a deputy, the units in charge of."""

    post: Post
    people: tuple[Person, ...]
    charge: tuple[Unit, ...]


def units(session: Session) -> list[Unit]:
    return list(session.scalars(select(Unit).order_by(Unit.kind == "outside", Unit.position, Unit.id)))


def staff(session: Session) -> list[Person]:
    return list(session.scalars(select(Person).order_by(Person.position, Person.id)))


def find(session: Session, words: str = "", unit_id: int | None = None, active: bool = True) -> list[Person]:
    """People whose name, account, telephone, unit or post has each of the words, in organisation order."""
    query = select(Person).join(Unit, Unit.id == Person.unit_id).where(Person.active.is_(active))
    if unit_id:
        query = query.where(Person.unit_id == unit_id)
    for word in words.split():
        titled = select(Holding.person_id).join(Post, Post.id == Holding.post_id).where(
            Post.title.contains(word, autoescape=True))
        columns = (Person.name, Person.account, Person.phone, Unit.name, Unit.short)
        query = query.where(or_(Person.id.in_(titled), *(c.contains(word, autoescape=True) for c in columns)))
    return list(session.scalars(query.order_by(Person.position, Person.id)))


def seats(session: Session) -> list[Seated]:
    """Every post with its people and portfolio, in three queries."""
    held: dict[int, list[Person]] = {}
    for post_id, person in session.execute(
        select(Holding.post_id, Person).join(Person, Person.id == Holding.person_id).order_by(Person.position)
    ):
        held.setdefault(post_id, []).append(person)
    charge: dict[int, list[Unit]] = {}
    for post_id, unit in session.execute(
        select(Portfolio.post_id, Unit).join(Unit, Unit.id == Portfolio.unit_id).order_by(Unit.position)
    ):
        charge.setdefault(post_id, []).append(unit)
    posts = session.scalars(
        select(Post).join(Unit, Unit.id == Post.unit_id).order_by(Unit.position, Post.position, Post.id)
    )
    return [Seated(p, tuple(held.get(p.id, ())), tuple(charge.get(p.id, ()))) for p in posts]


def save_unit(
    session: Session,
    unit: Unit | None,
    *,
    name: str,
    short: str,
    kind: str,
    relation: str,
    parent_id: int | None,
    active: bool,
    by: Actor,
    now: datetime,
) -> Unit:
    """Add or change a unit. Unfit: the name is taken, it would lie inside itself, or something still hangs on it."""
    twin = session.scalar(select(Unit).where(Unit.name == name))
    if twin is not None and twin is not unit:
        raise Unfit(f"已有名为“{name}”的单位，请换一个名称。")
    if unit is not None and parent_id in _below(session, unit.id):
        raise Unfit("上级单位不能是它自己或它的下级，请重新选择。")
    leaves = unit is not None and unit.active and (not active or (kind == "outside") > (unit.kind == "outside"))
    left = obligations.of_unit(session, unit) if leaves else ""
    if left:
        raise Unfit(left)
    unit = unit or Unit(position=1000)
    unit.name, unit.short, unit.kind = name, short, kind
    unit.relation = relation if kind == "outside" else ""
    unit.parent_id, unit.active = parent_id, active
    session.add(unit)
    session.flush()
    admin_events.record(session, by, "unit_saved", name, now=now, note="" if active else "停用")
    return unit


def keep_person(
    session: Session,
    person: Person | None,
    *,
    account: str,
    name: str,
    unit_id: int,
    email: str,
    phone: str,
    active: bool,
    by: Actor,
    now: datetime,
) -> Person:
    """Add or change a person; who is new or comes back cannot log in before a password is given. Unfit: see below."""
    twin = session.scalar(select(Person).where(Person.account == account))
    if twin is not None and twin is not person:
        raise Unfit(f"账号“{account}”已由{twin.name}使用，请换一个账号。")
    if person is not None and person.password_hash and person.account != account:
        # A directory or a provider knows people by their account: its name decides who comes in at this desk.
        raise Unfit(f"{person.name}的账号“{person.account}”已经启用，不能改名。确需更换的，请维护服务器的人员办理。")
    left = obligations.of_person(session, person, now) if person is not None and person.active and not active else ""
    if left:
        raise Unfit(left)
    what = "person_saved" if person else "person_added"
    if person is not None and active and not person.active:
        person.password_hash = ""  # nosec B105 # none, which opens nothing: two give a new one, as to a newcomer
    person = person or Person(position=1000)
    person.account, person.name, person.unit_id = account, name, unit_id
    person.email, person.phone, person.active = email, phone, active
    session.add(person)
    session.flush()
    admin_events.record(session, by, what, name, now=now, person_id=person.id,
                        note=f"账号{account}" + ("" if active else "，停用"))
    return person


def save_post(
    session: Session,
    post: Post | None,
    *,
    kind: str,
    unit_id: int,
    title: str,
    holders: list[int],
    charge: list[int],
    by: Actor,
    now: datetime,
) -> Post:
    """Add or change a post, who fills it, and a deputy's portfolio. Unfit: see the sentences."""
    charge = charge if kind == "deputy" else []
    left = refusal(session, post, kind, holders, by, now)
    left = left or (obligations.of_post(session, post, kind, unit_id, holders) if post else "")
    left = left or obligations.of_charge(session, post.id if post else None, charge)
    if left:
        raise Unfit(left)
    post = post or Post(position=1000)
    post.kind, post.unit_id, post.title = kind, unit_id, title or people.POST_KINDS[kind]
    session.add(post)
    session.flush()
    session.execute(delete(Holding).where(Holding.post_id == post.id))
    session.add_all(Holding(person_id=person, post_id=post.id) for person in holders)
    session.execute(delete(Portfolio).where(or_(Portfolio.post_id == post.id, Portfolio.unit_id.in_(charge))))
    session.add_all(Portfolio(post_id=post.id, unit_id=unit) for unit in charge)
    session.flush()
    admin_events.record(session, by, "post_granted", f"{post.unit.name}{post.title}", now=now,
                        note=_granted(session, holders, charge))
    return post


def _granted(session: Session, holders: list[int], charge: list[int]) -> str:
    names = session.scalars(select(Person.name).where(Person.id.in_(holders)).order_by(Person.position, Person.id))
    units = session.scalars(select(Unit.name).where(Unit.id.in_(charge)).order_by(Unit.position, Unit.id)).all()
    said = f"担任人：{'、'.join(names) or '无'}"
    return said + (f"；分管：{'、'.join(units)}" if units else "")


def refusal(session: Session, post: Post | None, kind: str, holders: list[int], by: Actor,
            now: datetime) -> str:
    """Why this administrator may not let these people fill this post: a sentence, or "" (domain.md 7.2)."""
    if by.id in holders and (post is None or post.kind != kind or post.id not in by.post_ids):
        return "不能给自己授予岗位，请由另一名安全管理员办理。"
    kept = _held_by(session, Holding.post_id == post.id) if post and post.kind == kind else set()
    fresh = set(holders) - kept
    return (_of_creator(session, fresh, by) or _of_administrators(session, post, kind, holders)
            or _of_business(session, kind, fresh, now) or _of_the_one(session, post, kind, holders))


def _held_by(session: Session, *conditions: ColumnElement[bool]) -> set[int]:
    return set(session.scalars(select(Holding.person_id).where(*conditions)))


def _of_creator(session: Session, fresh: set[int], by: Actor) -> str:
    made = select(AdminEvent.whom).where(AdminEvent.what == "person_added", AdminEvent.actor_id == by.id,
                                         AdminEvent.person_id.in_(fresh))
    name = session.scalar(made.limit(1))
    return f"{name}的账号是您建的。建账号和授岗位须由两个人办理，请由另一名安全管理员授予。" if name else ""


def _of_administrators(session: Session, post: Post | None, kind: str, holders: list[int]) -> str:
    others = (
        select(Post.kind)
        .join(Holding, Holding.post_id == Post.id)
        .where(Holding.person_id.in_(holders), Post.id != (post.id if post else 0))
    )
    kinds = set(session.scalars(others))
    admin = kind in ADMIN_KINDS
    mixed = holders and ((admin and kinds) or (not admin and kinds.intersection(ADMIN_KINDS)))
    return "系统、安全、审计三员须由专人担任，不得兼任其他岗位。请另选人员。" if mixed else ""


def _of_business(session: Session, kind: str, fresh: set[int], now: datetime) -> str:
    """An administrator handles no business: what somebody drafted or has to do must be finished first."""
    if kind not in ADMIN_KINDS:
        return ""
    folk = map(partial(session.get, Person), fresh)
    person = next((each for each in folk if obligations.of_person(session, each, now)), None)
    if person is None:
        return ""
    return f"{person.name}名下还有没有办结的事项，不能担任管理员：三员不办业务。请先办结，或者另选人员。"


def _of_the_one(session: Session, post: Post | None, kind: str, holders: list[int]) -> str:
    """One chief, one party secretary: whoever is asked to sign must be one person."""
    if kind not in SOLE_KINDS:
        return ""
    query = (select(Person.name).join(Holding, Holding.person_id == Person.id).join(Post, Post.id == Holding.post_id)
             .where(Post.kind == kind, Post.id != (post.id if post else 0), Person.active))
    other = session.scalar(query.limit(1))
    if holders and other:
        return f"{people.POST_KINDS[kind]}现由{other}担任，只能有一人。请先在原岗位上调整，再另行授予。"
    return f"{people.POST_KINDS[kind]}只能由一人担任，请只选一人。" if len(holders) > 1 else ""


def _below(session: Session, unit_id: int) -> set[int]:
    parents = dict(session.execute(select(Unit.id, Unit.parent_id)).all())
    found = {unit_id}
    while grown := {u for u, parent in parents.items() if parent in found} - found:
        found |= grown
    return found
