"""The one engine, the only writer of matters: check, change, record, tell.

Every verb runs in a transaction that its caller owns and raises Refused with a
sentence and a clause; let it leave the transaction, so that nothing half done
is kept. No kind and no rulebook is named here.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from officeapp import (
    decisions,
    desks,
    fields,
    manuscripts,
    matters,
    notices,
    numbers,
    offshoots,
    refusals,
    signatures,
    texts,
    timing,
)
from officeapp.decisions import Case, Offer, Refused, Stale
from officeapp.desks import Paper
from officeapp.matters import Matter
from officeapp.openings import bring_in, give_number, open_matter
from officeapp.options import options
from officeapp.people import Actor, Person
from officeapp.procedures.clauses import Facts
from officeapp.procedures.grammar import Move, MoveKind
from officeapp.recipients import Recipient
from officeapp.refusals import refuse_edit
from officeapp.states import changes, replay, stored_state


def open_from(session: Session, parent_id: int, kind: str, actor: Actor, values: Mapping[str, Any], *, body: str = "",
              now: datetime) -> Matter:
    """A new matter that comes from another, as that one's procedure allows; the record of both tells of it."""
    parent = matters.lock(session, parent_id)
    refusals.refuse_ended(session, actor, now)
    offshoot = offshoots.offered(session, parent, kind, actor, now)
    carried = offshoots.carried(parent, offshoot)
    offshoots.refuse_too_late(parent, offshoot, values)
    child = open_matter(session, kind, actor, {**values, **carried}, body=body, now=now, parent=parent,
                        standing=carried)
    matters.record(session, parent, "begot", at=now, **_by(actor), source=parent.stage, target=parent.stage,
                   note=f"{offshoot.title}：{child.number or child.title}", clause=offshoot.clause.cite,
                   data={"child": child.id, "kind": kind})
    return child


def case(session: Session, matter: Matter) -> Case:
    """The matter with its tasks and facts, ready for decisions."""
    return decisions.case_of(matter, matters.open_tasks(session, matter.id), options(session))


def moves_open_to(session: Session, matter: Matter, actor: Actor) -> list[Offer]:
    """What this person may do now: the same rules that refuse the rest."""
    return decisions.offers(case(session, matter), actor)


def move(session: Session, matter_id: int, key: str, actor: Actor, *, version: int, note: str = "",
         values: Mapping[str, Any] | None = None, paper: Paper | None = None, now: datetime,
         follows: bool = False) -> Matter:
    """Make one declared move. Refused: not allowed or not complete; Stale: somebody was first."""
    offshoots.lock_first(session, matter_id, key)
    matter = _locked(session, matter_id, actor, version, now)
    before = stored_state(matter)
    wanted = matter.rules.move(key)
    if wanted is None:
        raise Refused("规程里没有这个办理动作，请刷新页面后重试。", matter.place.clause)
    current = replace(case(session, matter), follows=follows)
    given = refusals.checked(session, current, wanted, actor, note, values or {}, paper, now)
    if paper and paper.signer_id != actor.hand:
        _tell_signer(session, matter, actor, note, paper, now)
    source, target = matter.stage, decisions.target_of(current, wanted)
    matter.values = {**matter.values, **given}
    if not given.keys().isdisjoint(f.key for f in fields.drafters_fields(matter.rules)):
        manuscripts.save(session, matter, actor, None, now)  # the form has changed, and so has its fingerprint
    if wanted.numbers and not matter.number:
        give_number(session, matter, _series_of(matter), actor, now)
    done = desks.act(session, matter, wanted, actor, paper, now)
    if done:
        _go(session, current, wanted, target, actor, now)
    there = desks.name_holders(session, matter, now)
    matter.version += 1
    matter.paper = f"纸质·{actor.hand_name}代录" if paper else ""
    matters.record(
        session, matter, "moved" if done else "signed", at=now, move=key, source=source, target=matter.stage,
        **_by(actor, paper), note=note.strip(), clause=wanted.clause.cite,
        data={"after": changes(before, stored_state(matter))} | _on_paper(actor, paper),
    )
    _pass_on(session, matter, wanted, actor, note, now)
    if not matter.closed and (done or matter.place.how == "in_turn"):
        _tell(session, matter, wanted, actor, there, note, now)
    return matter


def _pass_on(session: Session, matter: Matter, wanted: Move, actor: Actor, note: str, now: datetime) -> None:
    """What the move does beyond its matter: to what it came from, and to what comes of it."""
    parent = matters.lock(session, matter.parent_id) if wanted.on_parent or wanted.extends else None
    if wanted.extends and not parent.closed:
        offshoots.extend(session, parent, matter, wanted, actor, now)
    if wanted.on_parent:
        move(session, parent.id, wanted.on_parent, actor, version=parent.version, now=now, follows=True)
    if wanted.sets_off:
        offshoots.send_at_once(session, matter, wanted, note.strip(), now)
    if matter.place.monthly:
        offshoots.owe_report(session, matter, now)
    if matter.closed or matter.place.clock == "ended" and not matter.place.monthly:
        offshoots.end_with(session, matter, now)


def _by(actor: Actor, paper: Paper | None = None) -> dict[str, int | None]:
    """Whose hand it was, and in whose name: the signer's on paper, the principal's when he stands in (授权代办)."""
    return {"actor_id": actor.hand, "principal_id": paper.principal_id if paper else actor.on_behalf_of}


def _on_paper(actor: Actor, paper: Paper | None) -> dict[str, Any]:
    """What an event keeps of a paper signature, with the clerk for whom a stand-in recorded it."""
    if paper is None:
        return {}
    recorded_for = {"recorded_for": actor.on_behalf_of} if actor.on_behalf_of else {}
    return {"paper": paper.as_data() | recorded_for}


def _tell_signer(session: Session, matter: Matter, actor: Actor, note: str, paper: Paper, now: datetime) -> None:
    notices.recorded_for(session, matter, session.get(Person, paper.signer_id), now=now, from_name=actor.signature,
                         box=matter.place.box or matter.place.title, note=note.strip(), basis=paper.instruction)


def _tell(session: Session, matter: Matter, wanted: Move, actor: Actor, there: list[Recipient], note: str,
          now: datetime) -> None:
    said = {"now": now, "from_name": actor.signature, "move_title": wanted.title}
    if wanted.target == wanted.source:  # who stays at his own desk knows
        there = [each for each in there if {one.id for one in each.principals or (each.person,)} != {actor.id}]
    _inform(session, matter, wanted, actor, now)
    if wanted.kind is MoveKind.WITHDRAW:
        return  # who takes it back knows
    if wanted.kind is MoveKind.RETURN:
        notices.returned(session, matter, there, note=note, **said)
    else:
        notices.task_opened(session, matter, there, **said)


def _inform(session: Session, matter: Matter, wanted: Move, actor: Actor, now: datetime) -> None:
    """Whom the clause sends it to besides the desks (DB-4 相关分管领导); the record tells who heard."""
    told, empty = desks.people_told(session, matter, wanted.tells, now) if wanted.tells else ((), ())
    if told or empty:
        notices.informed(session, matter, told, now=now, from_name=actor.signature, move_title=wanted.title)
        said = [f"已抄送{'、'.join(recipient.name for recipient in told)}"] if told else []
        matters.record(session, matter, "informed", at=now, source=matter.stage, target=matter.stage,
                       note="；".join((*said, *empty)), clause=wanted.clause.cite,
                       data={"persons": [recipient.person.id for recipient in told]})


def edit(session: Session, matter_id: int, actor: Actor, values: Mapping[str, Any], body: str | None, *,
         version: int, now: datetime) -> Matter:
    """Change the form and the text where the matter lies, if its stage and this person may."""
    matter = _locked(session, matter_id, actor, version, now)
    before = stored_state(matter)
    refuse_edit(case(session, matter), actor)
    form = fields.typed_fields(matter.rules)
    values = {**matter.values, **{f.key: values[f.key] for f in form if f.key in values}}
    refusals.refuse_faults(fields.faults_of(form, values))
    refusals.refuse_broken_values(matter.rules, values, options(session), now, matter.values)
    refusals.refuse_strangers(session, form, values, matter.values)
    matter.values, matter.title = values, values["title"]
    bring_in(session, matter)
    matter.grade = values.get(matter.rules.grade_field) or ""
    manuscripts.save(session, matter, actor, body, now)
    matter.version += 1
    matter.sent_by, matter.sent_from = None, ""
    moved = timing.restart(session, matter, _facts(session, matter), now)
    desks.reseat(session, matter, now)
    if moved:
        notices.due_changed(session, matter, desks.told(session, matter, now), now=now, before=moved[0],
                            after=moved[1], unit=matter.due_unit, reason="发文等级改变")
    due = {"due": [at.isoformat() for at in moved]} if moved else {}
    matters.record(session, matter, "edited", at=now, **_by(actor), source=matter.stage, target=matter.stage,
                   clause=matter.place.clause.cite, data={"after": changes(before, stored_state(matter))} | due)
    return matter


def text_changed(session: Session, matter: Matter, actor: Actor, what: str, note: str, now: datetime) -> None:
    """After an attachment came or went: a new fingerprint and an event."""
    if matter.closed:
        raise refusals.closed(matter)
    before = stored_state(matter)
    manuscripts.save(session, matter, actor, None, now)
    matter.version += 1
    matter.sent_by, matter.sent_from = None, ""
    matters.record(session, matter, what, at=now, **_by(actor), source=matter.stage, target=matter.stage,
                   note=note, clause=matter.place.clause.cite, data={"after": changes(before, stored_state(matter))})


def save_proof(session: Session, matter_id: int, actor: Actor, body: str, *, version: int, now: datetime) -> Matter:
    """Keep the 清样, to be held against the 定稿 (FW-17). Only after signing, by the stage's holder."""
    matter = _locked(session, matter_id, actor, version, now)
    current = case(session, matter)
    if not matter.frozen_hash:
        raise Refused("文稿签发以后才有清样。", matter.place.clause)
    if not decisions.holds(current, actor):
        raise Refused(f"清样由现在的办理人（{matter.holder}）录入。", matter.place.clause, 403)
    refusals.refuse_secret(body)
    before = stored_state(matter)
    proof = texts.add_version(session, matter.id, role="proof", title=matter.title, body=body, author_id=actor.hand,
                              now=now, fields=signatures.covered(session, matter))
    matter.proof_hash = proof.sha256
    matter.version += 1
    matter.sent_by, matter.sent_from = None, ""
    matters.record(session, matter, "proof_saved", at=now, **_by(actor), source=matter.stage, target=matter.stage,
                   clause=matter.place.clause.cite, data={"after": changes(before, stored_state(matter))})
    return matter


def _locked(session: Session, matter_id: int, actor: Actor, version: int, now: datetime) -> Matter:
    matter = matters.lock(session, matter_id)
    if matter is None:
        raise Refused("没有这件事项，可能链接有误。", None, 404)
    if matter.version != version:
        raise Stale()
    refusals.refuse_ended(session, actor, now)
    return matter


def _series_of(matter: Matter) -> str:
    field = next(f for f in matter.rules.fields if f.type == "series")
    return matter.values.get(field.key) or ""


def _go(session: Session, current: Case, wanted: Move, target: str, actor: Actor, now: datetime) -> None:
    """Leave one stage, enter the next."""
    matter = current.matter
    source, stage = matter.stage, matter.rules.stage(target)
    _remember_return(session, matter, wanted, source, actor)
    if wanted.kind is MoveKind.WITHDRAW:
        notices.withdrawn(session, matter, desks.told(session, matter, now), now=now, from_name=actor.signature)
    timing.leave(session, matter, now)
    if wanted.signs:
        manuscripts.freeze(session, matter, actor, now)
    matter.stage, matter.stage_at = target, now
    matter.visited = list(dict.fromkeys([*_passed(session, matter, wanted, source), target]))
    if matter.frozen_hash and matter.rules.order(target) <= decisions.signing_order(current):
        matter.frozen_hash = matter.proof_hash = ""  # before the signer again: may be changed, must be signed anew
    if matter.rules.handed_at in (source, target):
        bring_in(session, matter)
    if stage.closed:
        _close(session, matter, wanted, now)
    else:
        desks.seat(session, matter, stage, now)
        facts = decisions.facts_of(matter, current.facts.options)
        timing.enter(session, matter, stage, facts, now, resumed=wanted.kind is MoveKind.WITHDRAW)


def _remember_return(session: Session, matter: Matter, wanted: Move, source: str, actor: Actor) -> None:
    keeps = wanted.kind in (MoveKind.FORWARD, MoveKind.STRAIGHT_BACK) and wanted.withdrawable
    if wanted.kind is MoveKind.RETURN:
        matter.returned_from, matter.returned_by = source, actor.id
        matter.returns += 1
    elif wanted.kind is MoveKind.WITHDRAW:
        matter.returned_from = _before_sending(session, matter).get("returned_from", "")
    elif wanted.target != source:  # who asks for more where it lies has not sent it on
        matter.returned_from, matter.returned_by = "", None
    matter.sent_by, matter.sent_from = (actor.id, source) if keeps else (None, "")


def _passed(session: Session, matter: Matter, wanted: Move, source: str) -> list[str]:
    """Stages that count as gone through: a desk that sends the matter back has not passed it (FW-12)."""
    if wanted.kind is MoveKind.RETURN:
        return [key for key in matter.visited if key != source]
    if wanted.kind is MoveKind.WITHDRAW:
        return _before_sending(session, matter)["visited"]
    return matter.visited


def _before_sending(session: Session, matter: Matter) -> dict[str, Any]:
    """What a withdrawal goes back to: the state that the history tells just before the sending."""
    events = matters.history(session, matter.id)
    sending = max(n for n, event in enumerate(events) if event.what == "moved")
    return replay(events[:sending])


def _close(session: Session, matter: Matter, wanted: Move, now: datetime) -> None:
    matter.closed, matter.closed_at = True, now
    if wanted.kind is MoveKind.VOID:
        numbers.void(session, matter.id, now)
    desks.clear(session, matter.id, now)
    timing.stop(session, matter, now, done=wanted.kind is not MoveKind.VOID)


def _facts(session: Session, matter: Matter) -> Facts:
    return case(session, matter).facts
