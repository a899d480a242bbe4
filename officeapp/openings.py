"""A new matter: its form checked, its number, first desk and first event. Called by the engine and its offshoots."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from officeapp import decisions, desks, fields, manuscripts, matters, numbers, refusals, roles, timing
from officeapp.clock import ZONE
from officeapp.decisions import Refused
from officeapp.matters import Involved, Matter
from officeapp.options import options
from officeapp.people import Actor, Person
from officeapp.procedures import book
from officeapp.procedures.grammar import Holder, Procedure
from officeapp.states import changes, stored_state


def open_matter(session: Session, kind: str, actor: Actor, values: Mapping[str, Any], *, body: str = "",
                now: datetime, rulebook: str | None = None, parent: Matter | None = None, period: str = "",
                because: str = "", standing: Mapping[str, Any] | None = None) -> Matter:
    """A new matter at the procedure's first stage, drafted by the actor, handled by the unit that its form names.

    `parent` is what it comes from, `standing` the values that come from there. `because` says why the system
    opened it, which nobody then did himself.
    """
    chosen = options(session)
    rules = book.current(kind, rulebook or chosen.get(f"rulebook.{kind}"))
    values = fields.with_defaults(rules, values) | fields.own_units(rules, actor.unit_id)
    refusals.refuse_faults(fields.faults_of(fields.drafters_fields(rules), values))
    refusals.refuse_broken_values(rules, values, chosen, now, {})
    if not because:
        refusals.refuse_strangers(session, fields.typed_fields(rules), values, standing or {})
    if actor.is_admin:
        raise Refused("系统、安全、审计管理员不办理业务事项。", rules.start.clause, 403)
    if not may_begin(rules, actor):
        who = "、".join(holder.title for holder in rules.openers)
        raise Refused(f"{rules.noun}由{who}建立。", rules.start.clause, 403)
    if rules.dependent and parent is None and not (rules.gathering and because):
        raise Refused(f"{rules.noun}不能单独建立，{how_begun(rules)}", rules.start.clause)
    matter = Matter(
        kind=kind, rulebook=rules.rulebook, edition=rules.edition, title=values["title"],
        grade=values.get(rules.grade_field) or "", values=values, stage=rules.start.key, visited=[rules.start.key],
        drafter_id=actor.id, unit_id=_handling_unit(rules, values, actor, parent), opened_at=now, stage_at=now,
        version=1, parent_id=parent.id if parent else None, period=period,
    )
    session.add(matter)
    session.flush()
    if rules.series:
        give_number(session, matter, rules.series, actor, now)
    bring_in(session, matter)
    manuscripts.save(session, matter, actor, body, now)
    desks.seat(session, matter, rules.start, now)
    desks.name_holders(session, matter, now)
    timing.enter(session, matter, rules.start, decisions.facts_of(matter, chosen), now)
    matters.record(session, matter, "opened", at=now, target=matter.stage, actor_id=None if because else actor.hand,
                   principal_id=actor.on_behalf_of, note=because, clause=rules.start.clause.cite,
                   data={"after": changes({}, stored_state(matter))})
    return matter


def how_begun(rules: Procedure) -> str:
    """How a kind comes about that nobody begins by itself."""
    return "到时由系统发给各单位。" if rules.gathering else "请从它所属的事项办理。"


def may_begin(rules: Procedure, actor: Actor) -> bool:
    """Whether this person may begin one of these, as far as the procedure says."""
    return not rules.openers or any(roles.plays(actor, holder, drafter_id=actor.id, unit_id=actor.unit_id)
                                    for holder in rules.openers)


def shelf_of(actor: Actor) -> list[Procedure]:
    """The kinds that begin by themselves and concern this person: on the navigation and among the filters."""
    kinds = map(book.current, book.own_kinds())
    return [rules for rules in kinds if concerns_others(rules) or may_begin(rules, actor)]


@cache
def concerns_others(rules: Procedure) -> bool:
    """Whether anybody but the drafter and those who may begin one ever holds it."""
    known = {(holder.rule, holder.name) for holder in rules.openers} | {("drafter", "")}
    held = (each for stage in rules.stages for each in (
        stage.holder if isinstance(stage.holder, tuple) else (stage.holder,)))
    return not rules.openers or any(not isinstance(each, Holder) or (each.rule, each.name) not in known
                                    for each in held if each)


def bring_in(session: Session, matter: Matter) -> None:
    """The units that its form names, once it has been handed to them: they handle it or take part, and may see it.

    Until then, and when it was taken or sent back from there, it is its drafter's unit's alone.
    """
    rules = matter.rules
    if rules.handed_at and rules.handed_at not in matter.visited:
        matter.unit_id = session.get_one(Person, matter.drafter_id).unit_id
        _involve(session, matter, ())
        return
    matter.unit_id = matter.values.get(rules.unit_field) or matter.unit_id
    _involve(session, matter, {*fields.units_in(rules, matter.values), *_watching(session, matter)})


def _involve(session: Session, matter: Matter, units: Collection[int]) -> None:
    """The units that take part besides the one that handles it: their people may see it."""
    session.execute(delete(Involved).where(Involved.matter_id == matter.id, Involved.unit_id.not_in(units)))
    known = set(session.scalars(select(Involved.unit_id).where(Involved.matter_id == matter.id)))
    session.add_all(Involved(matter_id=matter.id, unit_id=unit) for unit in set(units) - known - {matter.unit_id})


def _watching(session: Session, matter: Matter) -> list[int]:
    """The units that supervise what a document was set off by: they sent it out and see what becomes of it (LX-5)."""
    if not (matter.rules.dependent and matter.parent_id):
        return []
    parent = session.get_one(Matter, matter.parent_id)
    return [unit for holder in parent.rules.supervisors if holder.rule == "heads_of"
            for unit in roles.ids_in(parent.values.get(holder.name))]


def _handling_unit(rules: Procedure, values: Mapping[str, Any], actor: Actor, parent: Matter | None) -> int:
    """The unit that the form names, unless it is handed over later; what belongs to another lies where that lies."""
    if rules.unit_field and not rules.handed_at:
        return values[rules.unit_field]
    return parent.unit_id if parent and rules.ends_with_parent else actor.unit_id


def give_number(session: Session, matter: Matter, word: str, actor: Actor, now: datetime) -> None:
    """The next number of a series; Refused when there is no such series."""
    try:
        number = numbers.give(session, word, now.astimezone(ZONE).year, matter_id=matter.id,
                              person_id=actor.hand, now=now, own=bool(matter.rules.series))
    except KeyError:
        raise Refused(f"没有“{word}”这个发文代字，请从列表中选择。", matter.place.clause) from None
    matter.number = number.text
