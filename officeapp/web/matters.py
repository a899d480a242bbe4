"""Pages of one matter: begin it, see it, change it, its texts, its deadlines, its paper form."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from officeapp import (
    circulars,
    db,
    decisions,
    desks,
    engine,
    form_keys,
    matters,
    offshoots,
    openings,
    texts,
    visibility,
)
from officeapp.decisions import Refused, Stale
from officeapp.matters import Matter
from officeapp.numerals import small_int
from officeapp.options import options
from officeapp.procedures import book
from officeapp.procedures.grammar import Medium, Procedure
from officeapp.web import deadline_page, drafting_page, drafts, faces, matter_page, version_page
from officeapp.web.access import business, door, matter_reader, may_draft
from officeapp.web.dossier import Dossier, open_dossier, whole
from officeapp.web.drafting_page import Draft
from officeapp.web.paper_form import paper_form, receipt_form
from officeapp.web.request import moment, page_session, read_afresh
from officeapp.web.spoken import moment_words

blueprint = Blueprint("matters", __name__)


@blueprint.get("/matters/new/<kind>")
@door(business)
def new(kind: str) -> ResponseReturnValue:
    """The blank form; `?from=` an id prefills it from the matter it is begun from."""
    rules, origin = _rules(kind), _origin()
    if rules.dependent and origin is None:
        abort(404, f"{rules.noun}不能单独建立，{openings.how_begun(rules)}")
    if rules.openers and not may_draft(current_user, rules):
        abort(403, f"{rules.noun}由{'、'.join(holder.title for holder in rules.openers)}建立。")
    try:
        carried = _carried(origin, rules) if origin else _told(rules)
    except Refused as refused:
        return _back_with(refused, origin.id)
    return _new_page(kind, drafting_page.begun(rules, carried), origin)


@blueprint.post("/matters/new/<kind>", endpoint="create")
@door(business)
def create(kind: str) -> ResponseReturnValue:
    """Open the matter; with `then` a way on also go it, or keep neither. Sent again, the form leads to the first."""
    draft, origin = drafting_page.typed(_rules(kind), request.form, first=True), _origin()
    key = request.form.get("form_key", "")[:form_keys.LONGEST] or form_keys.new()
    try:
        with db.transaction() as session:
            made = form_keys.made_of(session, current_user.id, key)
            matter = session.get_one(Matter, made) if made else _begin(session, draft, origin)
            form_keys.made(session, current_user.id, key, matter.id)
    except Refused as refused:
        drafting_page.refuse(draft, refused)
        return _new_page(kind, draft, origin), refused.status
    drafts.say_arrived(request.path)
    said = "这张表已经收到过，没有重复建立" if made else "已建立"
    flash(f"{said}，现在“{matter.place.title}”环节，由{matter.holder}办理。", "done")
    return redirect(url_for("matters.show", matter_id=matter.id), 303)


@blueprint.get("/matters/<int:matter_id>")
@door(matter_reader)
def show(matter_id: int) -> str:
    _mark_seen(matter_id)
    return render_template("matters/matter.html",
                           **matter_page.context(page_session(), matter_id, current_user, moment()))


@blueprint.get("/matters/<int:matter_id>/edit")
@door(matter_reader)
def edit(matter_id: int) -> ResponseReturnValue:
    dossier = _dossier(matter_id)
    try:
        engine.refuse_edit(dossier.case, faces.of_task(dossier.case))
    except Refused as refused:
        return _back_with(refused, matter_id)
    return _edit_page(dossier, drafting_page.stored(dossier.rules, dossier.matter.values, dossier.body))


@blueprint.post("/matters/<int:matter_id>/edit", endpoint="change")
@door(matter_reader)
def change(matter_id: int) -> ResponseReturnValue:
    draft = drafting_page.typed(_dossier(matter_id).rules, request.form)
    try:
        with db.transaction() as session:
            engine.edit(session, matter_id, faces.chosen(), draft.values, draft.body, version=_version(), now=moment())
    except Refused as refused:
        return _unchanged(matter_id, draft, refused)
    drafts.say_arrived(request.path)
    flash("稿纸和正文已保存。", "done")
    return redirect(url_for("matters.show", matter_id=matter_id), 303)


@blueprint.get("/matters/<int:matter_id>/versions")
@door(matter_reader)
def versions(matter_id: int) -> str:
    dossier = _dossier(matter_id)
    picked = (request.args.get("old", type=int), request.args.get("new", type=int))
    return render_template("matters/versions.html", **matter_page.head(dossier),
                           **version_page.chosen(page_session(), dossier, *picked))


@blueprint.get("/matters/<int:matter_id>/proofs")
@door(matter_reader)
def proof(matter_id: int) -> ResponseReturnValue:
    """清样与定稿对照, and for the holder the 清样 itself (FW-17)."""
    return _proof_page(_dossier(matter_id))


@blueprint.post("/matters/<int:matter_id>/proofs", endpoint="keep_proof")
@door(matter_reader)
def keep_proof(matter_id: int) -> ResponseReturnValue:
    body = request.form.get("body", "")
    try:
        with db.transaction() as session:
            engine.save_proof(session, matter_id, faces.chosen(), body, version=_version(), now=moment())
    except Refused as refused:
        drafting_page.say_refused(refused)
        return _proof_page(_dossier(matter_id, afresh=True), body), refused.status
    flash("清样已录入，请看下面与定稿的对照。", "done")
    return redirect(url_for("matters.proof", matter_id=matter_id), 303)


@blueprint.get("/matters/<int:matter_id>/deadlines")
@door(matter_reader)
def deadlines(matter_id: int) -> str:
    dossier = _dossier(matter_id)
    return render_template("matters/deadlines.html", **matter_page.head(dossier),
                           deadlines=deadline_page.explanations(page_session(), dossier))


@blueprint.get("/matters/<int:matter_id>/form")
@door(matter_reader)
def form(matter_id: int) -> str:
    """The paper form alone, for A4; `?text=1` adds the text."""
    dossier = _dossier(matter_id)
    printed = f"{current_user.name} {moment_words(moment(), moment())} 打印"
    return render_template("print/form.html", matter=dossier.matter, form=paper_form(dossier, matter_page.bureau()),
                           paragraphs=texts.paragraphs(dossier.body), with_text=bool(request.args.get("text")),
                           printed_words=printed,
                           watermark=matter_page.watermark(dossier.rules, current_user, moment()))


@blueprint.get("/matters/<int:matter_id>/receipt")
@door(matter_reader)
def receipt(matter_id: int) -> str:
    """The slip for whoever brought it: number, matter, by when (JG-3)."""
    dossier = _dossier(matter_id)
    if not dossier.rules.receipt:
        abort(404, "这类事项没有回执。")
    return render_template("print/form.html", matter=dossier.matter, paragraphs=(), with_text=False, printed_words="",
                           slip=True, form=receipt_form(dossier, matter_page.bureau()))


def _rules(kind: str) -> Procedure:
    key = kind.replace("-", "_")
    if key not in book.kinds():
        abort(404, "没有这一类事项。")
    return book.current(key, options(page_session()).get(f"rulebook.{key}"))


def _origin() -> Matter | None:
    """The matter that a new one is begun from, if this person may see it."""
    asked = request.values.get("from", type=small_int)
    origin = visibility.seen(page_session(), current_user, asked) if asked else None
    if asked and origin is None:
        abort(404, "没有这件事项，或者您不在它的知悉范围内。")
    return origin


def _carried(origin: Matter, rules: Procedure) -> dict[str, Any]:
    offshoot = offshoots.offered(page_session(), origin, rules.kind, faces.chosen(), moment())
    return offshoots.suggested(origin, offshoot)


def _told(rules: Procedure) -> dict[str, Any]:
    """What a circular begins with, of the month that `?month=` names, else the last one."""
    return circulars.begun(page_session(), rules, _month(), moment()) if rules.circulates else {}


def _month() -> date:
    known = circulars.months(moment())
    return next((month for month in known if f"{month:%Y-%m}" == request.args.get("month", "")), known[0])


def _begin(session: Session, draft: Draft, origin: Matter | None) -> Matter:
    matter, then = _open(session, draft, origin), request.form.get("then", "save")
    return matter if then == "save" else _send(session, matter, then, draft)


def _open(session: Session, draft: Draft, origin: Matter | None) -> Matter:
    given = {"body": draft.body, "now": moment()}
    if origin:
        return engine.open_from(session, origin.id, draft.rules.kind, faces.chosen(), draft.values, **given)
    return engine.open_matter(session, draft.rules.kind, current_user, draft.values,
                              rulebook=draft.rules.rulebook, **given)


def _send(session: Session, matter: Matter, key: str, draft: Draft) -> Matter:
    """Go the way on whose button was pressed, with what it asks; the engine says why if it may not be gone yet."""
    ways = {move.key: move for move in drafting_page.ways_on(matter.rules)}
    onward = ways.get(key) or next(iter(ways.values()))
    values = {name: draft.values.get(name) for name in onward.needs.fields}
    offered = engine.moves_open_to(session, matter, current_user)
    actor = next((o.actor for o in offered if o.move.key == onward.key and o.medium is Medium.ONLINE), current_user)
    return engine.move(session, matter.id, onward.key, actor, version=matter.version, values=values, now=moment())


def _new_page(kind: str, draft: Draft, origin: Matter | None = None) -> str:
    rules = draft.rules
    return drafting_page.page(
        draft, title=f"{'起草' if rules.has_text else '填写'}{rules.noun or rules.title}", origin=origin,
        action=url_for("matters.create", kind=kind), back=url_for("todo.index"),
        sends=[(move.key, drafting_page.sends(rules, move)) for move in drafting_page.ways_on(rules)],
        version=None, conflict=None, face=faces.named() if origin else None,
        months=circulars.months(moment()) if rules.circulates and not draft.kept else (), month=_month(),
        form_key=request.form.get("form_key") or form_keys.new())


def _edit_page(dossier: Dossier, draft: Draft, conflict: Any = None) -> str:
    matter = dossier.matter
    return drafting_page.page(
        draft, title=matter_page.edit_title(dossier.rules), matter=matter,
        action=url_for("matters.change", matter_id=matter.id), back=url_for("matters.show", matter_id=matter.id),
        sends=[], version=matter.version, conflict=conflict, face=faces.of_task(dossier.case))


def _unchanged(matter_id: int, draft: Draft, refused: Refused) -> ResponseReturnValue:
    """Refused or too late: the page again with all that was typed, against what stands now."""
    dossier = _dossier(matter_id, afresh=True)
    drafting_page.refuse(draft, refused)
    overtaken = isinstance(refused, Stale) or not decisions.may_edit(dossier.case, dossier.face)
    found = drafting_page.conflict(draft, dossier.matter, dossier.body) if overtaken else None
    return _edit_page(dossier, draft, found), refused.status


def _proof_page(dossier: Dossier, body: str | None = None) -> str:
    return render_template("matters/proof.html", **matter_page.head(dossier), version=dossier.matter.version,
                           face=faces.of_task(dossier.case), **version_page.proof_of(page_session(), dossier, body))


def _dossier(matter_id: int, afresh: bool = False) -> Dossier:
    return open_dossier(read_afresh() if afresh else page_session(), matter_id, current_user, moment())


def _version() -> int:
    return request.form.get("version", 0, type=int)


def _back_with(refused: Refused, matter_id: int) -> ResponseReturnValue:
    drafting_page.say_refused(refused)
    page = render_template("matters/matter.html",
                           **matter_page.context(page_session(), matter_id, current_user, moment()))
    return page, refused.status


def _mark_seen(matter_id: int) -> None:
    """The first look of a holder is written down; everybody else's leaves no trace and costs no write."""
    tasks = whole(page_session(), matter_id).tasks
    unseen = [task for task in tasks if task.state == "open" and task.seen_at is None]
    if not any(task.person_id == current_user.id or task.post_id in current_user.post_ids for task in unseen):
        return
    with db.transaction() as session:
        if matters.lock(session, matter_id):
            desks.mark_seen(session, matter_id, current_user, moment())
    read_afresh()
