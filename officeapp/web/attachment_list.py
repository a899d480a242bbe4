"""A matter's files as the page lists them, and which kinds this person may add or take away."""

from collections.abc import Iterable
from dataclasses import dataclass

from officeapp import decisions
from officeapp.attachments import LABELS, Attachment
from officeapp.decisions import Case, Refused
from officeapp.matters import Event
from officeapp.people import Actor
from officeapp.procedures.grammar import Medium
from officeapp.web.dossier import Dossier
from officeapp.web.spoken import moment_words, size_words

KINDS = LABELS
EVERYWHERE = {"attachment", "scan"}  # the other kinds only where a move of the procedure asks for one
DECIDED = ("moved", "signed")
ACCEPTED = ".docx,.pdf,.xlsx,.jpg,.jpeg,.png,.ofd"


@dataclass(frozen=True)
class FileLine:
    id: int
    name: str
    kind: str
    kind_label: str
    size: str
    by: str
    at: str
    may_remove: bool


@dataclass(frozen=True)
class Chooser:
    """The kinds this person may add now, and what the chooser says."""

    kinds: tuple[tuple[str, str], ...]
    accept: str
    hint: str


def files_of(dossier: Dossier) -> list[FileLine]:
    return [_line(dossier, file) for file in dossier.attachments]


def uploads_of(dossier: Dossier) -> Chooser | None:
    """None when there is nothing this person may add."""
    wanted = [m.needs.attachment for m in dossier.rules.moves_from(dossier.matter.stage)]
    allowed = [kind for kind in KINDS if refusal(dossier.case, dossier.actor, kind) is None]
    kinds = tuple((kind, KINDS[kind]) for kind in sorted(allowed, key=lambda kind: kind not in wanted))
    if not kinds:
        return None
    limit = dossier.case.facts.options["attachment_limit_mb"]
    return Chooser(kinds, ACCEPTED, f"docx、pdf、xlsx、jpg、png、ofd，单个不超过{limit}MB；不得上传涉密文件")


def refusal(case: Case, actor: Actor, kind: str) -> Refused | None:
    """Why this person may not add or remove a file of this kind now (FW-15); None if nothing forbids it.

    An attachment is part of what is signed: whoever may edit the text. Scans and
    opinions are papers about it: whoever holds or records the stage. Who stands in
    for another may what the other may.
    """
    rules, actor = case.matter.rules, decisions.acting(case, actor)
    if kind not in EVERYWHERE | {move.needs.attachment for move in rules.moves}:
        return Refused(f"{rules.noun or rules.title}没有{KINDS[kind]}这一类附件，请选“附件”。", case.stage.clause)
    if kind == "attachment":
        return None if decisions.may_edit(case, actor) else _not_editable(case)
    recording = any(offer.medium is Medium.PAPER for offer in decisions.offers(case, actor))
    if recording or decisions.holds(case, actor) or decisions.may_edit(case, actor):
        return None
    return Refused(f"{KINDS[kind]}由现在的办理人（{case.matter.holder or '无'}）或代录人上传。", case.stage.clause, 403)


def removal_refusal(case: Case, actor: Actor, file: Attachment, events: Iterable[Event]) -> Refused | None:
    """Why this person may not take this file away now; None if nothing forbids it.

    A scan or an opinion is what a step rests on (FW-3, FW-12): only its uploader may take a wrong
    one back, before the next step is made, and never what a recorded signature names.
    """
    refused = refusal(case, actor, file.kind)
    if refused or file.kind == "attachment":
        return refused
    label, clause = KINDS[file.kind], case.stage.clause
    if any(_rests_on(event, file) for event in events):
        return Refused(f"这份{label}已作为办理依据留存，不能移除。传错了的，请另传一份正确的。", clause)
    if file.uploader_id != actor.hand:
        return Refused(f"{label}只能由上传的人移除。", clause, 403)
    return None


def _rests_on(event: Event, file: Attachment) -> bool:
    # Brought by a move itself, a file has the move's own moment.
    if event.data.get("paper", {}).get("scan_id") == file.id:
        return True
    return event.what in DECIDED and event.at >= file.at


def _not_editable(case: Case) -> Refused:
    if case.matter.frozen_hash:
        frozen = next(m.clause for m in case.matter.rules.moves if m.signs)
        return Refused("文稿已经签发，附件与正文一并定稿，不能增减。确需改动的，请退回签发人批准。", frozen)
    where = f"「{case.stage.title}」" + (f"环节，由{case.matter.holder}办理" if case.matter.holder else "")
    return Refused(f"附件随文稿修改。文稿现在{where}，您不能增减附件。", case.stage.clause, 403)


def _line(dossier: Dossier, file: Attachment) -> FileLine:
    removable = removal_refusal(dossier.case, dossier.actor, file, dossier.events) is None
    return FileLine(file.id, file.name, file.kind, KINDS.get(file.kind, ""), size_words(file.size),
                    dossier.who(file.uploader_id).name, moment_words(file.at, dossier.now), removable)
