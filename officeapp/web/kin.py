"""相关事项: what a matter came from, what came of it, what may be begun from it and done about it."""

from dataclasses import dataclass
from functools import lru_cache

from flask import url_for
from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from officeapp import offshoots, supervision, workdays
from officeapp.matters import Matter
from officeapp.procedures import book
from officeapp.visibility import Reach, outline, within
from officeapp.web.dossier import Dossier
from officeapp.web.faces import FIELD
from officeapp.workdays import Light


@dataclass(frozen=True)
class Relative:
    """Another matter: 「督办提示〔2026〕1号」 and where it stands."""

    id: int
    name: str
    state: str
    light: Light | None


@dataclass(frozen=True)
class Beginning:
    title: str
    href: str


@dataclass(frozen=True)
class Kin:
    parent: Relative | None
    children: tuple[Relative, ...]
    begin: tuple[Beginning, ...]
    urge: bool
    escalate: bool


def kin_of(session: Session, dossier: Dossier) -> Kin:
    """Only what this reader may see and do; one query for the relatives."""
    matter, actor = dossier.matter, dossier.actor
    reach, given = outline(actor)
    found = session.scalars(_near(reach), given | {"matter": matter.id, "parent": matter.parent_id or 0}).all()
    parents = [_relative(dossier, each) for each in found if each.id == matter.parent_id]
    children = tuple(_relative(dossier, each) for each in found if each.id != matter.parent_id)
    urge = not matter.closed and supervision.may_supervise(matter, actor)
    return Kin(parents[0] if parents else None, children, _beginnings(session, dossier), urge,
               urge and bool(supervision.ways_up(matter)))


@lru_cache(maxsize=100)  # building it costs more than asking it
def _near(reach: Reach) -> Select:
    near = or_(Matter.parent_id == bindparam("matter"), Matter.id == bindparam("parent"))
    return select(Matter).where(near, within(reach)).order_by(Matter.id)


def _beginnings(session: Session, dossier: Dossier) -> tuple[Beginning, ...]:
    """One's own first; in a principal's name only what is not open to oneself."""
    found: dict[str, Beginning] = {}
    for face in dossier.actor.faces:
        for each in offshoots.open_to(session, dossier.matter, face, dossier.now):
            asked = {"from": dossier.matter.id, FIELD: face.on_behalf_of}
            whom = f"（代{face.name}）" if face.delegate else ""
            href = url_for("matters.new", kind=each.kind.replace("_", "-"), **asked)
            found.setdefault(each.kind, Beginning(f"{each.title}{whom}", href))
    return tuple(found.values())


def _relative(dossier: Dossier, matter: Matter) -> Relative:
    light = None
    if matter.due_at and not matter.closed:
        light = workdays.light(dossier.calendar, matter.due_at, matter.due_unit or "day", dossier.now,
                               soon=dossier.soon_days, paused=matter.paused)
    name = matter.number or f"{book.current(matter.kind).title}：{matter.title}"
    return Relative(matter.id, name, matter.place.title, light)
