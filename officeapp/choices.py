"""What may stand in a field that names units or people: one list for the form that offers and what refuses."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from officeapp import numbers
from officeapp.obligations import persons_in
from officeapp.people import ADMIN_KINDS, Holding, Person, Post, Unit
from officeapp.procedures.grammar import Field
from officeapp.roles import HEADED, ids_in

UNIT = Unit.kind != "outside"  # of the bureau
NOTHING: Mapping[str, Any] = {}
Listed = list[tuple[Any, str]]
NOBODYS = select(Holding.person_id).join(Post, Post.id == Holding.post_id).where(Post.kind.in_(ADMIN_KINDS))


def choices_for(session: Session, fields: Iterable[Field], acting: frozenset[int] = frozenset(),
                standing: Mapping[str, Any] = NOTHING) -> dict[str, Listed]:
    """Lists that no procedure can know: number series, units, people, outside organs.

    A person named for a unit is one of the people of the `acting` units; `standing` is what the form says already.
    """
    return {f.key: _listed(session, f, acting, standing) for f in fields if f.type in _LISTS}


def faults_of(session: Session, fields: Sequence[Field], given: Mapping[str, Any], standing: Mapping[str, Any],
              acting: frozenset[int] = frozenset()) -> dict[str, str]:
    """Sentence by key for what names somebody that its list does not; what stands there already may stay."""
    named = {f: strange for f in fields if f.type in _LISTS and f.type != "series"
             and (strange := _strange(session, f, given, standing, acting))}
    return {f.key: _headless(session, f, strange) or f"“{f.label}”里有名单以外的，请从名单中重新选择。"
            for f, strange in named.items()}


def _strange(session: Session, field: Field, given: Mapping[str, Any], standing: Mapping[str, Any],
             acting: frozenset[int]) -> set[int]:
    kept = set() if field.per else persons_in(standing.get(field.key))  # another unit's person is not one's own
    fresh = persons_in(given.get(field.key)) - kept
    return fresh and fresh - {key for key, _ in _listed(session, field, acting, standing)}


def _headless(session: Session, field: Field, strange: set[int]) -> str:
    """What to say where all of them are units of the bureau at whose head nobody stands; "" of anything else."""
    units = dict(_units(session, UNIT)) if field.type in ("unit", "units") else {}
    if not strange <= units.keys():
        return ""
    names = "、".join(f"“{units[key]}”" for key in sorted(strange))
    return f"{names}还没有负责人，送去没有人签收。请另选单位，或者请安全管理员先在“单位人员”里设置负责人。"


def _listed(session: Session, field: Field, acting: frozenset[int], standing: Mapping[str, Any]) -> Listed:
    if field.per and field.type == "person":
        return _people(session, Person.unit_id.in_(acting))
    found, within = _LISTS[field.type](session), ids_in(standing.get(field.among))
    return [each for each in found if each[0] in within] if field.among else found


def _people(session: Session, *which: ColumnElement[bool]) -> Listed:
    """Active people; an administrator handles no business (domain.md 7.2)."""
    query = select(Person).where(Person.active, Person.id.not_in(NOBODYS), *which)
    found = session.scalars(query.order_by(Person.position, Person.id))
    return [(person.id, f"{person.name}（{person.unit.short or person.unit.name}）") for person in found]


def _units(session: Session, *which: ColumnElement[bool]) -> Listed:
    query = select(Unit.id, Unit.name).where(Unit.active, *which).order_by(Unit.position, Unit.id)
    return [(row.id, row.name) for row in session.execute(query)]


def _led_units(session: Session) -> Listed:
    """What is sent to a unit comes to its head's desk: one without a head would keep it from everybody (GEN-1)."""
    return _units(session, UNIT, Unit.id.in_(HEADED))


def _organs(session: Session) -> Listed:
    return _units(session, Unit.kind == "outside")


_LISTS = {"series": numbers.words, "units": _led_units, "people": _people, "organs": _organs, "unit": _led_units,
          "person": _people}
