"""What lies on one person's desk: 待办, 待阅, 我发起的, 已办. Bounded queries, plain rows."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, or_, select, union, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from officeapp import db
from officeapp.db import among
from officeapp.matters import Event, Matter, Task
from officeapp.people import Actor, Person

PAGE = 100
ARRIVALS = ("opened", "moved")
COLUMNS = (Matter.id, Matter.kind, Matter.rulebook, Matter.edition, Matter.title, Matter.grade, Matter.stage,
           Matter.number, Matter.due_at, Matter.due_unit, Matter.paused, Matter.closed, Matter.holder)


class Desk(NamedTuple):
    """In whose name tasks lie on one desk."""

    persons: tuple[int, ...]
    posts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list. `received` is when it came to this desk (or was opened, or done)."""

    id: int
    kind: str
    rulebook: str
    edition: int
    title: str
    grade: str
    stage: str
    number: str
    due_at: datetime | None
    due_unit: str
    paused: bool
    closed: bool
    holder: str
    received: datetime
    from_who: str = ""
    for_whom: str = ""  # whose task it is, when this person only stands in
    in_time: bool = True  # of what was completed


def to_act(session: Session, actor: Actor, purpose: str = "act") -> list[Line]:
    """Open tasks of this person, the most pressing first."""
    desk, given = outline(actor)
    lines = _with_senders(session, db.rows(session, _on(desk, purpose), **given).all())
    return _with_principals(session, lines, actor, purpose) if actor.principals else lines


@lru_cache(maxsize=100)  # building it costs more than asking it
def _on(desk: Desk, purpose: str) -> Select:
    """What lies on a desk for a purpose."""
    # A sum is in no index: SQLite, told that many tasks are open, would walk all of a million matters in their order.
    matter = (Task.matter_id + literal_column("0")).label("matter_id")
    mine = (select(matter, func.min(Task.opened_at).label("received"))
            .where(Task.state == "open", Task.purpose == purpose, _on_desk(desk)).group_by(matter).subquery())
    return (select(*COLUMNS, mine.c.received).join(mine, mine.c.matter_id == Matter.id)
            .order_by(Matter.paused, Matter.due_at.is_(None), Matter.due_at, Matter.id).limit(PAGE * 5))


def started(session: Session, actor: Actor, before: int | None = None) -> list[Line]:
    """Matters this person drafted, newest first; `before` an id to go on from."""
    return _lines(session, _paged(select(*COLUMNS, Matter.opened_at).where(Matter.drafter_id == actor.id), before))


def done(session: Session, actor: Actor, before: int | None = None) -> list[Line]:
    """Matters this person has acted on, newest first."""
    acted = union_all(*(_acted(who, actor.id, before) for who in (Task.done_by, Task.on_behalf_of))).subquery()
    at = func.max(acted.c.at)
    query = select(*COLUMNS, at).join(acted, acted.c.matter_id == Matter.id).group_by(*COLUMNS)
    return _lines(session, _paged(query, before))


def _acted(who: InstrumentedAttribute[int | None], person: int, before: int | None) -> Select:
    """The newest matters in which this person is named: so many steps in an index, whatever ten years hold."""
    query = (select(Task.matter_id, func.max(Task.done_at).label("at")).where(who == person, Task.state == "done")
             .group_by(Task.matter_id).order_by(Task.matter_id.desc()).limit(PAGE + 1))
    return select((query.where(Task.matter_id < before) if before else query).subquery())


def counting(desk: Desk, purpose: str) -> Select:
    """How many matters lie on a desk for a purpose."""
    mine = select(Task.matter_id).where(Task.state == "open", Task.purpose == purpose)
    # Two walks in the order of their indexes, merged: an OR would read and sort thousands of tasks.
    held = union(*(mine.where(those) for those in _held(desk))).order_by("matter_id").subquery()
    return select(func.count()).select_from(held)


def desk_of(actor: Actor) -> Desk:
    """The persons and posts whose tasks are this person's, or his while he stands in."""
    return Desk(tuple(face.id for face in actor.faces), tuple(post for face in actor.faces for post in face.post_ids))


def outline(actor: Actor) -> tuple[Desk, dict[str, Any]]:
    """A desk with blanks for its ids, for statements that are built once, and what fills them in."""
    return db.blank(desk_of(actor), "persons", "posts")


def _on_desk(desk: Desk) -> ColumnElement[bool]:
    return or_(*_held(desk))


def _held(desk: Desk) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return among(Task.person_id, desk.persons), among(Task.post_id, desk.posts)


def _with_principals(session: Session, lines: list[Line], actor: Actor, purpose: str) -> list[Line]:
    """For whom each task is done, where it is not this person's own: one query for the whole page."""
    query = select(Task.matter_id, Task.person_id, Task.post_id).where(
        Task.matter_id.in_([line.id for line in lines]), Task.state == "open", Task.purpose == purpose)
    names: dict[int, list[str]] = {}
    for matter, person, post in session.execute(query):
        fitting = [face for face in actor.faces if person == face.id or post in face.post_ids]
        names.setdefault(matter, []).extend(face.name if face.delegate else "" for face in fitting)
    return [replace(line, for_whom="" if "" in names[line.id] else "、".join(dict.fromkeys(names[line.id])))
            for line in lines]


def _paged(query: Select, before: int | None) -> Select:
    query = query.order_by(Matter.id.desc()).limit(PAGE + 1)
    return query.where(Matter.id < before) if before else query


def _lines(session: Session, query: Select) -> list[Line]:
    return [Line(*row) for row in session.execute(query)]


_LAST = (select(func.max(Event.id)).where(Event.matter_id.in_(bindparam("ids", expanding=True)),
                                          Event.what.in_(ARRIVALS)).group_by(Event.matter_id))
_SENDERS = (select(Event.matter_id, Person.name).join(Person, Person.id == Event.actor_id)
            .where(Event.id.in_(_LAST)))


def _with_senders(session: Session, rows: list) -> list[Line]:
    """Who brought each matter to its present stage: one query for the whole page."""
    senders = dict(db.rows(session, _SENDERS, ids=[row.id for row in rows]).all()) if rows else {}
    return [Line(*row, from_who=senders.get(row.id, "")) for row in rows]
