"""Checks of the engine that come before any change: each raises Refused with its sentence and clause."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from officeapp import calendars, choices, decisions, delegations, desks, fields, people, texts
from officeapp.attachments import LABELS, Attachment, attachments_of
from officeapp.decisions import ONWARD, Case, Refused
from officeapp.desks import Paper
from officeapp.matters import Matter
from officeapp.people import Actor
from officeapp.procedures import book
from officeapp.procedures.clauses import Facts
from officeapp.procedures.grammar import Field, Medium, Move, Procedure
from officeapp.roles import ids_in
from officeapp.secrecy import marks_in_header, secrecy_marks
from officeapp.workdays import local_day


def checked(session: Session, current: Case, wanted: Move, actor: Actor, note: str,
            values: Mapping[str, Any], paper: Paper | None, now: datetime) -> dict[str, Any]:
    """The field values the move brings, after every check has passed."""
    matter = current.matter
    refused = decisions.refusal(current, wanted, actor, Medium.PAPER if paper else Medium.ONLINE)
    if refused:
        raise refused
    if paper:
        desks.refuse_paper(session, matter, paper, now)
    if wanted.needs.note and not note.strip():
        raise Refused(f"「{wanted.title}」要写明意见或理由。", wanted.clause, fields={"note": "请填写意见或理由。"})
    asked = _asked_values(matter, wanted, values)
    units = current.units_acting(people.actor(session, paper.principal_id) if paper else actor)
    refuse_strangers(session, [matter.rules.field(key) for key in asked], asked, matter.values, units)
    given = _by_unit(matter, asked, units)
    if wanted.needs.attachment and not _supplied(session, current, wanted.needs.attachment):
        raise Refused(f"请先上传{LABELS[wanted.needs.attachment]}，再办理这一步。", wanted.clause)
    written = any(matter.rules.stage(key).text_due for key in matter.visited)
    if written and not matter.text_length and wanted.kind in ONWARD:
        raise Refused("正文还是空的，请先写好正文再办理。", wanted.clause)
    after = replace(current, facts=replace(
        current.facts, values={**matter.values, **given}, signed_on=_signed_on(session, matter), today=_day(now),
        next_workday=lambda: calendars.current(session).next_workday(local_day(now)).isoformat()))
    for rule in decisions.broken_rules(after, wanted, note, given):
        raise Refused(rule.sentence, rule.clause)
    return given


def refuse_ended(session: Session, actor: Actor, now: datetime) -> None:
    """Who stands in for another must still do so when it is written down, not only when the page was read."""
    if actor.delegate and not delegations.stands(session, actor.id, actor.hand, now):
        raise Refused(f"{actor.name}的授权代办已经结束，您不能再代为办理。", None, 403)


def _supplied(session: Session, current: Case, kind: str) -> bool:
    """Whether the desk that must supply a file, or who records for it, has done so at this visit (FW-12)."""
    holders = {person.id for person in desks.signers(session, current.matter.id)}
    fresh = [a for a in attachments_of(session, current.matter.id, kind) if a.at >= current.matter.stage_at]
    return any(a.uploader_id in holders or _acted_for(session, a, holders)
               or decisions.records(current, people.actor(session, a.uploader_id)) for a in fresh)


def _acted_for(session: Session, file: Attachment, holders: set[int]) -> bool:
    """Whether its uploader stood in for one of the desk's people when it came."""
    return any(delegations.stands(session, holder, file.uploader_id, file.at) for holder in holders)


def _signed_on(session: Session, matter: Matter) -> str:
    final = texts.latest(session, matter.id, "final") if matter.frozen_hash else None
    return _day(final.at) if final else ""


def _day(moment: datetime) -> str:
    return local_day(moment).isoformat()


def _asked_values(matter: Matter, wanted: Move, values: Mapping[str, Any]) -> dict[str, Any]:
    asked = [matter.rules.field(key) for key in wanted.needs.fields]
    if matter.number:
        asked = [f for f in asked if f.type != "series"]  # a number once given is kept
    given = {f.key: values.get(f.key) for f in asked}
    faults = fields.faults_of(asked, given)
    if faults:
        raise Refused("请把下面标出的内容补全再办理。", wanted.clause, fields=faults)
    return given


def _by_unit(matter: Matter, given: dict[str, Any], units: Iterable[int]) -> dict[str, Any]:
    """What each unit fills for itself stands beside what the others have filled."""
    found = {key: {**(matter.values.get(key) or {}), **dict.fromkeys(map(str, units), value)}
             if matter.rules.field(key).per else value for key, value in given.items()}
    return found | _answered(matter, given, units)


def _answered(matter: Matter, given: Mapping[str, Any], units: Iterable[int]) -> dict[str, Any]:
    """Who was asked for his part anew and has given it is asked no longer (DB-5)."""
    each = matter.place.holder if isinstance(matter.place.holder, tuple) else ()
    asked = {holder.again for holder in each if holder.again and holder.until in given}
    return {key: [unit for unit in ids_in(matter.values.get(key)) if unit not in units] for key in asked}


def refuse_edit(current: Case, actor: Actor) -> None:
    """Refused when this person may not change the form and the text now (FW-15 after signing)."""
    matter = current.matter
    if decisions.may_edit(current, actor):
        return
    if matter.closed:
        raise closed(matter)
    if matter.frozen_hash:
        raise frozen(matter)
    where = f"文稿现在「{current.stage.title}」环节，由{matter.holder}办理"
    raise Refused(f"{where}，您不能改动。", current.stage.clause, 403)


def closed(matter: Matter, so: str = "不能再改动") -> Refused:
    """A closed matter stays as it is."""
    return Refused(f"{closed_words(matter)}，{so}。", matter.place.clause)


def closed_words(matter: Matter) -> str:
    """「本件已办结（已归档）」「本件已作废」."""
    title, how = matter.place.title, book.end_words(matter.place)
    return f"本件{how}" if title in how else f"本件{how}（{title}）"


def frozen(matter: Matter) -> Refused:
    """What was signed changes only through its signer (FW-15)."""
    signing = next(m.clause for m in matter.rules.moves if m.signs)
    return Refused("文稿已经签发，即为最终定稿，不能改动。确需改动的，请退回签发人批准。", signing)


def refuse_secret(text: str) -> None:
    if marks_in_header(text):
        raise Refused(f"正文{fields.SECRET}", None)


def refuse_secret_note(note: str) -> None:
    """A few words that later documents repeat: a mark is refused wherever it stands."""
    if secrecy_marks(note):
        raise Refused(f"所填内容{fields.SECRET}", None)


def refuse_faults(faults: dict[str, str]) -> None:
    if faults:
        raise Refused("表上有几处需要补正，请看红字提示。", None, fields=faults)


def refuse_strangers(session: Session, asked: Sequence[Field], given: Mapping[str, Any],
                     standing: Mapping[str, Any], acting: frozenset[int] = frozenset()) -> None:
    """Who is named must be on the list that the form shows: a forged form names whom it likes."""
    refuse_faults(choices.faults_of(session, asked, given, standing, acting))


def refuse_broken_values(rules: Procedure, values: Mapping[str, Any], chosen: Mapping[str, Any], now: datetime,
                         standing: Mapping[str, Any]) -> None:
    """What the form, or its change from what stands there, may not say."""
    facts = Facts(values=values, options=chosen, today=_day(now))
    brought = {"", *(key for key, value in values.items() if value != standing.get(key))}
    for rule in rules.rules:
        if not rule.at and rule.brought in brought and rule.breaks(facts):
            raise Refused(rule.sentence, rule.clause)
