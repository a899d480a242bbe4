"""Who may see which matter: one rule for pages, boards, attachments and polls (design.md §8).

Staff see what they take part in and what their unit handles; deputies their
portfolio; office, chief and inspection what their duty needs; administrators nothing.
Who gathers a kind from all units sees that kind. What is between leaders is seen
by those who have part in it and the readers that its procedure names.
Who stands in for another (授权代办) sees what lies on the other's desk, while he stands in.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, literal_column, not_, or_, select, true
from sqlalchemy.orm import Session

from officeapp.db import among, blank
from officeapp.matters import Involved, Matter, Task
from officeapp.people import Actor
from officeapp.procedures import book

SEE_ALL = ("chief", "party_secretary", "office_director", "office_reviewer", "registry_clerk", "dispatch_clerk",
           "inspection_group", "assessment_section", "discipline_committee")

OPEN = ("open", "waiting")
UNIT = Matter.unit_id + literal_column("0")  # in no index: few are of these kinds, and are found by their kind


class Reach(NamedTuple):
    """What decides which matters a person may see; whoever has the same reach sees the same.

    Of the kinds that are `shut` he sees what he has part in and no more, whatever his unit and his duty.
    """

    all: bool = False
    shut: tuple[str, ...] = ()
    units: frozenset[int] = frozenset()
    himself: tuple[int, ...] = ()
    posts: tuple[int, ...] = ()
    principals: tuple[int, ...] = ()
    their_posts: tuple[int, ...] = ()
    gathered: tuple[str, ...] = ()


def reach_of(actor: Actor) -> Reach:
    if actor.is_admin:
        return Reach()
    duty = actor.has(*SEE_ALL)
    shut = tuple(kind for kind, posts in book.confined_kinds().items() if not actor.has(*posts))
    if duty and not shut:
        return Reach(all=True)
    units = {actor.unit_id, *actor.portfolio, *(s.unit_id for s in actor.posts if s.kind == "unit_head")}
    theirs = tuple(post for principal in actor.principals for post in principal.post_ids)
    gathered = tuple(rules.kind for rules in book.gathered() if actor.has(rules.gathering.collector.name))
    return Reach(duty, shut, frozenset(units), (actor.id,), actor.post_ids,
                 tuple(principal.id for principal in actor.principals), theirs, gathered)


def outline(actor: Actor) -> tuple[Reach, dict[str, Any]]:
    """A reach with blanks for its ids, for statements that are built once, and what fills them in."""
    return blank(reach_of(actor), "units", "himself", "posts", "principals", "their_posts")


def within(reach: Reach, kind: str = "") -> ColumnElement[bool]:
    """A condition on Matter that holds for what lies within a reach; simpler where all are of one kind."""
    shut = reach.shut if kind in ("", *reach.shut) else ()
    if reach.all and not shut:
        return true()
    if not reach.himself:
        return false()
    concerned = true() if reach.all else _concerns(reach)
    opened = and_(Matter.kind.not_in(shut), concerned) if shut else concerned
    return or_(opened, among(Matter.drafter_id, reach.himself), _has_part(reach))


def _concerns(reach: Reach) -> ColumnElement[bool]:
    """What the reader's units handle or take part in, and the kinds that he gathers."""
    involved = exists(select(1).where(Involved.matter_id == Matter.id, among(Involved.unit_id, reach.units)))
    gathered = [among(Matter.kind, reach.gathered)] if reach.gathered else []
    return or_(among(Matter.unit_id, reach.units), involved, *gathered)


def _has_part(reach: Reach) -> ColumnElement[bool]:
    """What he acts or acted on, and what he may do for others now."""
    acts = (among(who, reach.himself) for who in (Task.person_id, Task.done_by, Task.on_behalf_of))
    mine = or_(*acts, among(Task.post_id, reach.posts), *_for_others(reach))
    return exists(select(1).where(and_(Task.matter_id == Matter.id, mine)))


def _for_others(reach: Reach) -> list[ColumnElement[bool]]:
    if not reach.principals:
        return []
    theirs = or_(among(Task.person_id, reach.principals), among(Task.post_id, reach.their_posts))
    return [and_(Task.state.in_(OPEN), theirs)]


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """A condition on Matter that holds for what this person may see."""
    return within(reach_of(actor))


def took_part(actor: Actor, matter: Matter, tasks: Iterable[Task]) -> bool:
    """Whether this person drafted it, acts or acted on it, or may for somebody: within() asked of all its tasks."""
    if matter.drafter_id == actor.id:
        return True
    return any(_is_on(task, face) for face in actor.faces for task in tasks
               if face.delegate is None or task.state in OPEN)


def _is_on(task: Task, face: Actor) -> bool:
    return face.id in (task.person_id, task.done_by, task.on_behalf_of) or task.post_id in face.post_ids


def in_charge(actor: Actor) -> list[ColumnElement[bool]]:
    """Conditions on Matter for what this person supervises: the whole bureau, or the units he is over or of."""
    return supervised(reach_of(actor))


def supervised(reach: Reach) -> list[ColumnElement[bool]]:
    """The same of a reach. Units first: asked alone they are a step in an index, whatever lies open elsewhere."""
    return [*ground(reach), within(reach)]


def ground(reach: Reach, unit: ColumnElement[int] = Matter.unit_id) -> list[ColumnElement[bool]]:
    """Whose matters are supervised, whether each may be seen or is hidden."""
    return [] if reach.all else [among(unit, reach.units)]


def hidden(reach: Reach) -> list[ColumnElement[bool]]:
    """What lies on the ground of a reach and yet not within it: of kinds that are shut, what he has no part in."""
    return [*ground(reach, UNIT), among(Matter.kind, reach.shut), not_(within(reach))]


def seen(session: Session, actor: Actor, matter_id: int) -> Matter | None:
    """The matter, if this person may see it."""
    reach, given = outline(actor)
    return session.scalar(_seeing(reach), given | {"matter": matter_id})


@lru_cache(maxsize=100)  # building it costs more than asking it
def _seeing(reach: Reach) -> Select:
    return select(Matter).where(Matter.id == bindparam("matter"), within(reach))


def known_of(session: Session, actor: Actor, ids: Iterable[int]) -> set[int]:
    """Those of these matters that this person may see."""
    return set(session.scalars(select(Matter.id).where(Matter.id.in_(list(ids)), visible_to(actor))))


def may_see(session: Session, actor: Actor, matter_id: int) -> bool:
    return seen(session, actor, matter_id) is not None
