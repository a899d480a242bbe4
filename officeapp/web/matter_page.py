"""The matter page's view: one dossier laid out as strip, form, text, files, actions and history."""

from datetime import datetime
from typing import Any

from flask import current_app, url_for
from sqlalchemy.orm import Session

from officeapp import boards, decisions, texts
from officeapp.people import Actor
from officeapp.procedures.grammar import Procedure
from officeapp.web import faces
from officeapp.web.attachment_list import files_of, uploads_of
from officeapp.web.dossier import Dossier, open_dossier
from officeapp.web.kin import kin_of
from officeapp.web.matter_actions import actions_of
from officeapp.web.matter_history import history_of
from officeapp.web.matter_light import light_of
from officeapp.web.paper_form import paper_form, records_of
from officeapp.web.spoken import moment_words
from officeapp.web.stage_strip import strip_of

ROLES = {"draft": "草稿", "final": "定稿", "proof": "清样"}


def context(session: Session, matter_id: int, actor: Actor, now: datetime) -> dict[str, Any]:
    """Everything matters/matter.html needs, after the door has let the reader in."""
    dossier = open_dossier(session, matter_id, actor, now)
    return head(dossier) | {
        "strip": strip_of(dossier.case, _left(dossier)), "form": paper_form(dossier, bureau()),
        "records": records_of(dossier),
        "actions": actions_of(dossier), "kin": kin_of(session, dossier),
        "history": history_of(dossier), "files": files_of(dossier),
        "upload": uploads_of(dossier), "paragraphs": texts.paragraphs(dossier.body),
        "text_links": text_links(dossier), "version_words": version_words(dossier),
    }


def head(dossier: Dossier) -> dict[str, Any]:
    """What every page about one matter shows on top."""
    matter, rules = dossier.matter, dossier.rules
    field = rules.field(rules.grade_field)
    return {
        "matter": matter,
        "grade_label": boards.grade_words(field.label_of(matter.grade)) if field and matter.grade else "",
        "light": light_of(dossier), "kind_title": rules.title, "now": dossier.now, "form_title": rules.form_title,
        "watermark": watermark(rules, dossier.actor, dossier.now),
        **_above(matter.kind.replace("_", "-"), matter.period, rules),
    }


def _above(kind: str, period: str, rules: Procedure) -> dict[str, str]:
    """Where it lies among others: on its board, or among those of its month."""
    if rules.gathering:
        return {"board": url_for("gatherings.show", kind=kind, month=period), "board_title": f"{rules.title}报送情况"}
    return {"board": url_for("boards.board", kind=kind), "board_title": f"{rules.title}看板"}


def watermark(rules: Procedure, actor: Actor, now: datetime) -> str:
    """Who looks at an internal paper, and when, for all over the page (DB-6); "" on others."""
    return f"{actor.name} {moment_words(now, now)}" if rules.internal else ""


def bureau() -> str:
    return current_app.config["OFFICE"].bureau_name


def _left(dossier: Dossier) -> str:
    """The stage from which it came to where it lies now."""
    return next((e.source for e in reversed(dossier.events) if e.target == dossier.matter.stage != e.source), "")


def text_links(dossier: Dossier) -> list[dict[str, str]]:
    """Ways from the text: edit it, see how it came about, hold the 清样 against it."""
    matter_id, links = dossier.matter.id, []
    for face in dossier.actor.faces if decisions.may_edit(dossier.case, dossier.face) else ():
        if decisions.may_edit(dossier.case, face) and (face.delegate is None) == (dossier.face.delegate is None):
            whom = f"（代{face.name}）" if face.delegate else ""
            links.append({"href": url_for("matters.edit", matter_id=matter_id, **{faces.FIELD: face.on_behalf_of}),
                          "label": f"{edit_title(dossier.rules)}{whom}"})
    if len(dossier.versions) > 1:
        links.append({"href": url_for("matters.versions", matter_id=matter_id), "label": "历次文稿对照"})
    if dossier.matter.frozen_hash and (dossier.matter.proof_hash or may_proof(dossier)):
        label = "清样与定稿对照" if dossier.matter.proof_hash else "录入清样"
        links.append({"href": url_for("matters.proof", matter_id=matter_id), "label": label})
    return links


def edit_title(rules: Procedure) -> str:
    return "修改稿纸和正文" if rules.has_text else f"修改{rules.form_title}"


def may_proof(dossier: Dossier) -> bool:
    """Whether this person may enter the 清样 now, as engine.save_proof asks it."""
    return bool(dossier.matter.frozen_hash) and decisions.holds(dossier.case, dossier.face)


def version_words(dossier: Dossier) -> str:
    """「第3稿 · 定稿 · 林晓 11月2日 09:00」 of the text shown."""
    role = "final" if dossier.matter.frozen_hash else "draft"
    shown = [v for v in dossier.versions if v.role == role]
    if not shown:
        return ""
    return (f"第{shown[-1].n}稿 · {ROLES[role]} · {dossier.who(shown[-1].author_id).name} "
            f"{moment_words(shown[-1].at, dossier.now)}")
