"""Who fills a role of one matter: the drafter, the head of a unit, each assisting unit's responsible person."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from officeapp import db
from officeapp.people import Actor, Assignee, Holding, Person, Portfolio, Post, Unit
from officeapp.procedures.grammar import Holder


class NoHolder(Exception):
    """A role nobody fills: a visible fault, never silence. str() is the sentence."""


# Posts that at least one active person fills; built once, for every move asks.
_FILLED = (select(Post.id).order_by(Post.position, Post.id)
           .where(Post.id.in_(select(Holding.post_id).join(Person, Person.id == Holding.person_id)
                              .where(Person.active))))
_HEADS = _FILLED.where(Post.kind == "unit_head", Post.unit_id == bindparam("unit"))
HEADED = _FILLED.where(Post.kind == "unit_head").with_only_columns(Post.unit_id).order_by(None)  # units with a head
_DEPUTIES = _FILLED.join(Portfolio, Portfolio.post_id == Post.id).where(Portfolio.unit_id == bindparam("unit"))
_POSTS = _FILLED.where(Post.kind == bindparam("kind"))


def holders(session: Session, holder: Holder, *, drafter_id: int, unit_id: int,
            values: Mapping | None = None) -> list[Assignee]:
    """Who fills a holder for one matter, in order. NoHolder if nobody does."""
    return _RULES[holder.rule](session, holder, drafter_id, unit_id, values or {})


def hangs_on(holder: Holder, *, drafter_id: int, unit_id: int, values: Mapping) -> Hashable:
    """What of a matter decides who fills a holder: where it is the same, holders() answers the same."""
    form = [values.get(name) for name in (holder.name, holder.through, holder.until)]
    own = {"drafter": drafter_id, "head": unit_id, "deputy": unit_id, "bureau": None,
           "deputies_of": (unit_id, repr(form))}
    return own.get(holder.rule, repr(form))


def _drafter(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    person = session.get(Person, drafter_id)
    if person is None or not person.active:
        name = person.name if person else "（已不在册）"
        raise NoHolder(f"起草人{name}的账号已停用。请联系系统管理员在“单位人员”里恢复后再办。")
    return [Assignee(person_id=drafter_id)]


def _head(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    return [_head_of(session, unit_id, holder)]


def _head_of(session: Session, unit_id: int, holder: Holder) -> Assignee:
    post = db.rows(session, _HEADS, unit=unit_id).scalars().all()
    if not post:
        unit = _unit_name(session, unit_id)
        raise NoHolder(f"「{unit}」还没有{holder.title}。请联系安全管理员在“单位人员”里设置后再办。")
    return Assignee(post_id=post[0])


def _deputy(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    post = db.rows(session, _DEPUTIES, unit=unit_id).scalars().all()
    if not post:
        raise NoHolder(f"「{_unit_name(session, unit_id)}」还没有分管领导。请联系安全管理员在“单位人员”里设置后再办。")
    return [Assignee(post_id=post[0])]


def _deputies_of(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    posts = [post for unit in dict.fromkeys((unit_id, *ids_in(values.get(holder.name))))
             for post in db.rows(session, _DEPUTIES, unit=unit).scalars()]
    if not posts:
        raise NoHolder(f"「{_unit_name(session, unit_id)}」还没有分管领导。请联系安全管理员在“单位人员”里设置后再办。")
    return [Assignee(post_id=post) for post in dict.fromkeys(posts)]


def _bureau(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    posts = db.rows(session, _POSTS, kind=holder.name).scalars().all()
    if not posts:
        raise NoHolder(f"本局还没有人担任「{holder.title}」。请联系安全管理员在“单位人员”里设置后再办。")
    return [Assignee(post_id=post) for post in posts]


def _heads_of(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    return [replace(_head_of(session, unit, holder), unit_id=unit) for unit in ids_in(values.get(holder.name))]


def _people_in(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    return [Assignee(person_id=person) for person in ids_in(values.get(holder.name))]


def _people_of(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    named = named_by_unit(holder, values)
    gone = [session.get_one(Person, person).name for person in named.values()
            if not session.get_one(Person, person).active]
    if gone:
        raise NoHolder(f"{holder.title}{'、'.join(gone)}的账号已停用。请由所在单位负责人改派责任人后再办。")
    return [Assignee(person_id=person, unit_id=unit) for unit, person in named.items()]


_RULES = {
    "drafter": _drafter, "head": _head, "deputy": _deputy, "deputies_of": _deputies_of, "bureau": _bureau,
    "heads_of": _heads_of, "people_in": _people_in, "people_of": _people_of,
}


def ids_in(value: Any) -> list[int]:
    """The unit or person ids of a field that holds one or several."""
    each = value if isinstance(value, (list, tuple)) else [value]
    return [int(x) for x in each if x]


def named_by_unit(holder: Holder, values: Mapping) -> dict[int, int]:
    """Unit id → person id, for the units of a people_of holder that have yet to do their part, or to do it anew."""
    named, done = values.get(holder.through) or {}, values.get(holder.until) or {}
    again = ids_in(values.get(holder.again))
    return {unit: int(named[str(unit)]) for unit in ids_in(values.get(holder.name))
            if named.get(str(unit)) and (unit in again or not done.get(str(unit)))}


def _unit_name(session: Session, unit_id: int) -> str:
    unit = session.get(Unit, unit_id)
    return unit.name if unit else "该单位"


def plays(actor: Actor, holder: Holder, *, drafter_id: int, unit_id: int, values: Mapping | None = None) -> bool:
    """Whether the actor is one of the holder's people: holders() asked the other way, without a query."""
    if holder.rule == "drafter":
        return actor.id == drafter_id
    if holder.rule == "head":
        return any(s.kind == "unit_head" and s.unit_id == unit_id for s in actor.posts)
    if holder.rule == "deputy":
        return unit_id in actor.portfolio
    if holder.rule == "bureau":
        return actor.has(holder.name)
    if holder.rule == "people_of":
        return actor.id in named_by_unit(holder, values or {}).values()
    listed = set(ids_in((values or {}).get(holder.name)))
    if holder.rule == "deputies_of":
        return bool({unit_id, *listed}.intersection(actor.portfolio))
    if holder.rule == "people_in":
        return actor.id in listed
    return any(s.kind == "unit_head" and s.unit_id in listed for s in actor.posts)
