"""A move as a form sent it: what it says, making it, and whether it was made already."""

from dataclasses import dataclass, replace
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from officeapp import attachments, db, engine, matters
from officeapp.attachments import Attachment
from officeapp.decisions import Stale
from officeapp.desks import Paper
from officeapp.matters import Event, Matter
from officeapp.people import Actor
from officeapp.procedures.grammar import Procedure
from officeapp.web import faces, move_forms, uploads
from officeapp.web.attachment_list import DECIDED, KINDS
from officeapp.web.request import moment, read_afresh
from officeapp.web.uploads import Held


@dataclass(frozen=True)
class SentMove:
    """One move with everything that came with it; files by kind, not looked at yet."""

    key: str
    version: int
    note: str
    values: dict[str, Any]
    files: dict[str, FileStorage]
    signature: Paper | None
    face: Actor


def read(rules: Procedure) -> SentMove:
    """The form of this request; Refused when the paper signature is incomplete."""
    typed = request.form
    wanted = rules.move(typed.get("move", ""))
    paper = typed.get("medium") == "paper"
    kinds = filter(None, (wanted.needs.attachment if wanted else "", "scan" if paper else ""))
    found = {kind: request.files.get(kind) for kind in kinds}
    return SentMove(
        typed.get("move", ""), typed.get("version", -1, type=int),
        typed.get("note", "")[:move_forms.LONGEST_NOTE], move_forms.values_given(rules, wanted, typed),
        {kind: upload for kind, upload in found.items() if upload and upload.filename},
        move_forms.signature_given(typed) if paper else None, faces.chosen(),
    )


def make(matter_id: int, sent: SentMove) -> Matter:
    """Its files and the move itself in one transaction. Ask first whether this person may make it."""
    with uploads.held(sent.files, matter_id) as held, db.transaction() as session:
        kept, version = _kept(session, matter_id, sent, held) if held else ({}, sent.version)
        scan = kept.get("scan")
        paper = replace(sent.signature, scan_id=scan.id) if sent.signature and scan else sent.signature
        matter = engine.move(session, matter_id, sent.key, sent.face, version=version,
                             note=sent.note, values=sent.values, paper=paper, now=moment())
        for each in held:
            each.shelve()
    read_afresh(session)
    return matter


def _kept(session: Session, matter_id: int, sent: SentMove, held: list[Held]) -> tuple[dict[str, Attachment], int]:
    """The files in the matter's papers, by kind, and the version that they make of it."""
    # A file's row refers to the matter's: two of them before the lock would wait for each other for ever.
    matter = matters.lock(session, matter_id)
    if matter is None or matter.version != sent.version:
        raise Stale()
    return {each.kind: each.keep(session, matter, sent.face) for each in held}, matter.version


def made_already(session: Session, matter: Matter, sent: SentMove) -> bool:
    """Whether this person has just made this very move, from the same version and with the same words and files."""
    since = [e for e in matters.history(session, matter.id) if e.data.get("after", {}).get("version", 0) > sent.version]
    first = next((event for event in since if event.what in DECIDED), None)
    return bool(first and _same(first, sent) and _same_values(matter, sent) and _same_files(since, sent))


def _same(event: Event, sent: SentMove) -> bool:
    principal = sent.signature.principal_id if sent.signature else sent.face.on_behalf_of
    said = (event.actor_id, event.move, event.note, event.principal_id)
    return said == (sent.face.hand, sent.key, sent.note.strip(), principal)


def _same_values(matter: Matter, sent: SentMove) -> bool:
    return all(matter.values.get(key) == value for key, value in sent.values.items())


def _same_files(since: list[Event], sent: SentMove) -> bool:
    brought = {f"{KINDS[kind]}：{attachments.clean_name(file.filename)}" for kind, file in sent.files.items()}
    return brought <= {event.note for event in since if event.what == "attached"}
