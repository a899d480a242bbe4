"""What a move asks for, as its dialog and its page draw it: opinion, fields, files, the paper signature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from officeapp import clock, desks
from officeapp.choices import choices_for
from officeapp.decisions import Case, Offer, Refused
from officeapp.desks import Paper
from officeapp.numerals import small_int
from officeapp.people import Actor, signed_for
from officeapp.procedures.grammar import Field, Medium, Move, MoveKind, Procedure
from officeapp.web import matter_actions
from officeapp.web.attachment_list import ACCEPTED, KINDS
from officeapp.web.matter_forms import Entry, entries, form_of, values_of

BACKWARD = (MoveKind.RETURN, MoveKind.VOID, MoveKind.WITHDRAW)
LONGEST_NOTE = 500
SCANNED = ".pdf,.jpg,.jpeg,.png,.ofd"


@dataclass(frozen=True)
class AskedFile:
    """A file that may or must come with the move."""

    kind: str
    label: str
    required: bool
    accept: str = ACCEPTED


@dataclass(frozen=True)
class Signature:
    """The paper signature that a clerk records: which box, who may have signed, which day, on whose word."""

    box: str
    signers: tuple[tuple[str, str], ...]
    chosen: str
    on: str
    today: str
    instruction: str


@dataclass(frozen=True)
class Ask:
    """One offer as pages show it."""

    key: str
    title: str
    target: str
    paper: bool
    backward: bool
    danger: bool
    direct: bool
    needs_note: bool
    note: str
    cite: str
    clause: str
    needs: Sequence[Entry] = ()
    uploads: tuple[AskedFile, ...] = ()
    signature: Signature | None = None
    phrases: tuple[str, ...] = ()
    face: Actor | None = None

    @property
    def query(self) -> str:
        return matter_actions.query_of(self.paper, self.face)


def ways(found: Sequence[Offer]) -> list[Offer]:
    """The matter page's ways, and online before paper where both are open."""
    online = {(o.move.key, o.actor) for o in found if o.medium is Medium.ONLINE}
    return [o for o in matter_actions.distinct(found)
            if not (o.medium is Medium.PAPER and (o.move.key, o.actor) in online)]


def title_of(case: Case, offer: Offer) -> str:
    """The move's name, and for whom it is made if not in one's own name."""
    straight = offer.move.kind is MoveKind.STRAIGHT_BACK
    title = f"修改后直送{case.matter.rules.stage(offer.target).title}" if straight else offer.move.title
    return f"{title}（代{offer.actor.name}）" if offer.actor.delegate else title


def asks_first(case: Case, offer: Offer) -> bool:
    """Whether the move opens its form before it is made: paper, fields, a file, an opinion or another's name signed."""
    needs = offer.move.needs
    missing = needs.attachment and needs.attachment not in case.files
    return bool(offer.medium is Medium.PAPER or needs.note or needs.fields or missing or offer.move.default_note
                or offer.actor.delegate)


def brief(case: Case, offer: Offer) -> Ask:
    """An offer in a list of choices: nothing read for its form."""
    move, clause = offer.move, offer.move.clause
    leaves = offer.target not in ("", case.matter.stage)
    target = case.matter.rules.stage(offer.target).title if leaves else ""
    return Ask(
        key=move.key, title=title_of(case, offer), target=target, paper=offer.medium is Medium.PAPER,
        backward=move.kind in BACKWARD, danger=move.kind in (MoveKind.RETURN, MoveKind.VOID),
        direct=not asks_first(case, offer), needs_note=move.needs.note,
        note="" if offer.medium is Medium.PAPER else move.default_note,  # what stands on paper is read, not guessed
        cite=clause.cite, clause=clause.text, face=offer.actor,
    )


def full(session: Session, case: Case, offer: Offer, phrases: Sequence[str], now: datetime, *,
         typed: MultiDict | None = None, faults: Mapping[str, str] | None = None) -> Ask:
    """An offer with everything its form shows; what was typed is kept, faults stand at their fields."""
    asked = [f for f in fields_of(case.matter.rules, offer.move) if not (f.type == "series" and case.matter.number)]
    paper = offer.medium is Medium.PAPER  # who signed is chosen on the form
    units = case.units_acting(None if paper else offer.actor)
    choices = choices_for(session, asked, units, case.matter.values)
    form = form_of(asked, typed=typed, values=_prefilled(case, asked, units, now), choices=choices)
    base = brief(case, offer)
    own = (base.note,) if base.note else ()
    stock = () if base.backward else matter_actions.common_phrases(case.stage)
    return Ask(**base.__dict__ | {
        "note": typed.get("note", "") if typed is not None else base.note,
        "needs": entries(asked, form, faults), "uploads": _uploads(case, offer),
        "signature": _signature(session, case, now, typed) if base.paper else None,
        "phrases": tuple(dict.fromkeys((*phrases, *own, *stock))),
    })


def fields_of(rules: Procedure, move: Move) -> list[Field]:
    return [rules.field(key) for key in move.needs.fields]


def values_given(rules: Procedure, move: Move | None, typed: MultiDict) -> dict[str, Any]:
    """The values of the fields that the move asks for, typed as the engine wants them."""
    return values_of(form_of(fields_of(rules, move), typed=typed)) if move else {}


def signature_given(typed: MultiDict) -> Paper:
    """Who signed, which day, on whose word; Refused with the fields at fault."""
    (signer, for_id), on = _signer(typed.get("signer", "")), typed.get("on", "")
    faults = {} if signer else {"signer": "请选择签字人。"}
    try:
        day = date.fromisoformat(on)
    except ValueError:
        faults["on"] = "请填写签字日期，如 2026-03-05。"
    if faults:
        raise Refused("请写明纸质稿纸上谁签的字、哪天签的。", None, fields=faults)
    return Paper(signer, day, typed.get("instruction", "").strip()[:100], for_id=for_id)


def _signer(typed: str) -> tuple[int | None, int | None]:
    """「12」 signed for himself, 「12-7」 in the place of 7."""
    signer, _, principal = typed.partition("-")
    return small_int(signer), small_int(principal)


def _prefilled(case: Case, asked: Sequence[Field], units: frozenset[int], now: datetime) -> dict[str, Any]:
    """What stands there already, else the default; a day is today unless it was given."""
    today = now.astimezone(clock.ZONE).date().isoformat()
    return {f.key: _standing(case, f, units) or (today if f.type == "date" else _proposed(case, f)) for f in asked}


def _standing(case: Case, field: Field, units: frozenset[int]) -> Any:
    """Of what each unit fills for itself only its own."""
    stored = case.matter.values.get(field.key)
    if not field.per:
        return stored
    return next((stored.get(str(unit)) for unit in units), "") if stored and len(units) == 1 else ""


def _proposed(case: Case, field: Field) -> Any:
    return field.proposes(case.facts) if field.proposes else field.default


def _uploads(case: Case, offer: Offer) -> tuple[AskedFile, ...]:
    wanted = offer.move.needs.attachment
    found = (AskedFile(wanted, KINDS.get(wanted, "附件"), wanted not in case.files),) if wanted else ()
    if offer.medium is Medium.PAPER:
        found = (*found, AskedFile("scan", "签批扫描件", False, SCANNED))
    return found


def _signers(session: Session, case: Case, now: datetime) -> tuple[tuple[str, str], ...]:
    own = [(str(person.id), person.name) for person in desks.signers(session, case.matter.id)]
    others = desks.stand_ins(session, case.matter, now)
    return (*own, *((f"{one.id}-{other.id}", signed_for(one.name, other.name)) for one, other in others))


def _signature(session: Session, case: Case, now: datetime, typed: MultiDict | None) -> Signature:
    signers = _signers(session, case, now)
    today = now.astimezone(clock.ZONE).date().isoformat()
    typed = typed if typed is not None else MultiDict()
    chosen = typed.get("signer", "") or (signers[0][0] if len(signers) == 1 else "")
    return Signature(case.stage.box or case.stage.title, signers, chosen, typed.get("on") or today, today,
                     typed.get("instruction", ""))
