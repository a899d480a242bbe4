"""Moving a matter: what may be done, the form of one move, and the move itself.

The same POST serves a dropped card, a dialog and a plain form: a request from a
board is answered with the changed columns, one from elsewhere with 303.
"""

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from officeapp import attachments, boards, decisions, engine, matters
from officeapp.decisions import Case, Offer, Refused, Stale
from officeapp.matters import Matter
from officeapp.procedures.grammar import Medium, MoveKind, Procedure
from officeapp.web import drafts, faces, matter_actions, move_forms, sent_move
from officeapp.web.access import came_from, door, local_path, matter_reader
from officeapp.web.answers import cite, fragment, said
from officeapp.web.boards import since_then, where_from
from officeapp.web.dossier import whole
from officeapp.web.lights import light_of
from officeapp.web.request import is_fragment, moment, page_session, read_afresh

blueprint = Blueprint("moves", __name__, url_prefix="/matters/<int:matter_id>/moves")


@blueprint.get("", endpoint="open")
@door(matter_reader)
def offered(matter_id: int) -> ResponseReturnValue:
    """What this person may do: columns as JSON for a drag, a dialog for htmx, else a page."""
    case = _case(matter_id)
    found = move_forms.ways(decisions.offers(case, current_user))
    if request.accept_mimetypes.best == "application/json":
        return jsonify(_by_column(case, found))
    column = request.args.get("column", "")
    if column:
        found = [offer for offer in found if _column(_board_rules(case), case, offer.target) == column]
    return _choice(case, found)


@blueprint.get("/<key>")
@door(matter_reader)
def dialog(matter_id: int, key: str) -> ResponseReturnValue:
    """One move's form: a dialog for htmx, else a page. Who may not make it reads why."""
    case = _case(matter_id)
    try:
        offer = _offer(case, key, request.args.get("medium") == "paper")
    except Refused as refusal:
        return _choice(case, move_forms.ways(decisions.offers(case, current_user)), refusal)
    return _form(case, offer)


@blueprint.post("")
@door(matter_reader)
def make(matter_id: int) -> ResponseReturnValue:
    try:
        matter, title = _make(matter_id)
    except Refused as refusal:
        return _refused(matter_id, refusal)
    return _done(matter, title)


def _make(matter_id: int) -> tuple[Matter, str]:
    """Version and person first, then what was sent; the same move sent twice was made once and is answered twice."""
    matter, key = matters.find(page_session(), matter_id), request.form.get("move", "")
    rules, fresh = matter.rules, request.form.get("version", -1, type=int) == matter.version
    if not key:
        raise _no_way(_case(matter_id), request.form.get("column", "")) if fresh else Stale()
    sent = sent_move.read(rules)
    try:
        if not fresh:
            raise Stale()
        if sent.files or sent.face.delegate:  # files are read only for whom the engine would let
            _offer(_case(matter_id), key, bool(sent.signature))
        return sent_move.make(matter_id, sent), rules.move(key).title
    except Stale:
        session = read_afresh()
        matter = matters.find(session, matter_id)
        if not sent_move.made_already(session, matter, sent):
            raise
        return matter, rules.move(key).title


def _done(matter: Matter, title: str) -> ResponseReturnValue:
    words, board, typed_at = _words(matter, title), where_from(), url_for("moves.open", matter_id=matter.id)
    if board:
        fresh = since_then(*board, request.form.get("since", ""), marks={matter.id: {"changed": True}})
        answer = fragment(render_template("boards/_changes.html", board=fresh, words=words))
        drafts.mark_arrived(answer, typed_at)
        return answer
    drafts.say_arrived(typed_at)
    flash(words, "done")
    target = local_path(request.form.get("next") or url_for("matters.show", matter_id=matter.id))
    if is_fragment():
        response = fragment("")
        response.headers["HX-Redirect"] = target
        return response
    return redirect(target, 303)


def _words(matter: Matter, title: str) -> str:
    """「已办理“签发”，现在“编号”环节，由办公室 · 陈文书办理。」"""
    move = matter.rules.move(request.form.get("move", ""))
    number = f"文号为{matter.number}，" if move and move.numbers else ""
    if matter.closed:
        return f"已办理“{title}”，本件{matter.place.title}。"
    return f"已办理“{title}”，{number}现在“{matter.place.title}”环节，由{matter.holder or '相关人员'}办理。"


def _refused(matter_id: int, refusal: Refused) -> ResponseReturnValue:
    """The form again with what was typed; on a board the columns as they are, the sentence on the card."""
    read_afresh()
    case, board = _case(matter_id), where_from()
    asked = bool(request.form.get("asked")) and refusal.status == 422
    if board and not asked:
        return _back_on_board(case, refusal, *board)
    try:
        offer = _offer(case, request.form.get("move", ""), request.form.get("medium") == "paper")
    except Refused:
        offer = None
    if offer is None:
        return _choice(case, move_forms.ways(decisions.offers(case, current_user)), refusal)
    return _form(case, offer, refusal)


def _back_on_board(case: Case, refusal: Refused, rules: Procedure, filters: boards.Filters) -> ResponseReturnValue:
    here = case.matter.kind == rules.kind  # the page that asks may be any kind's board
    column = boards.column_key(rules, case.matter.rules, case.matter.stage) if here else ""
    marks = {case.matter.id: {"refused": refusal.sentence, "clause": cite(refusal)}}
    fresh = since_then(rules, filters, request.form.get("since", ""), {column}, marks)
    shown = any(f'id="card-{case.matter.id}"' in section for section in fresh["sections"])
    body = render_template("boards/_changes.html", board=fresh, refused=True, stray=not shown, **said(refusal))
    return fragment(body, refusal.status)


def _case(matter_id: int) -> Case:
    case = engine.case(page_session(), whole(page_session(), matter_id))
    return replace(case, files=tuple(attachments.kinds_of(page_session(), matter_id)))


def _offer(case: Case, key: str, paper: bool) -> Offer:
    """That move as it is open to this person now; Refused with the reason when it is not."""
    move = case.matter.rules.move(key)
    if move is None:
        raise Refused("规程里没有这个办理动作，请刷新页面后重试。", case.stage.clause)
    medium = Medium.PAPER if paper else Medium.ONLINE
    face = faces.chosen()
    refusal = decisions.refusal(case, move, face, medium)
    if refusal:
        raise refusal
    offer = Offer(move, decisions.target_of(case, move), medium, face)
    if face.delegate and offer not in decisions.offers(case, current_user):
        raise Refused(f"这一步您本人就可以办理，请以本人名义办理，不用代{face.name}。", move.clause)
    return offer


def _no_way(case: Case, column: str) -> Refused:
    """Why a card may not be dropped there: the nearest move's own refusal, else that no move leads there."""
    rules = _board_rules(case)
    stages = [s for s in case.matter.rules.stages if _column(rules, case, s.key) == column]
    leading = [m for m in case.matter.rules.moves_from(case.matter.stage)
               if decisions.target_of(case, m) in {s.key for s in stages}]
    leading.sort(key=lambda m: m.kind is not MoveKind.FORWARD)
    refusals = (decisions.refusal(case, move, current_user) for move in leading)
    return next((r for r in refusals if r), None) or decisions.undeclared(case, stages)


def _by_column(case: Case, found: list[Offer]) -> dict[str, Any]:
    """Column key → the move's name, and either its key (drop makes it) or the form to open first."""
    rules, columns = _board_rules(case), {}
    for offer in found:
        key = _column(rules, case, offer.target)
        if key:
            columns.setdefault(key, []).append(offer)
    return {"version": case.matter.version, "columns": {key: _drop(case, key, into) for key, into in columns.items()}}


def _drop(case: Case, column: str, into: list[Offer]) -> dict[str, Any]:
    first, base = into[0], url_for("moves.open", matter_id=case.matter.id)
    if len(into) > 1:
        return {"title": f"{len(into)}种办法，放下后选择", "move": None, "url": f"{base}?column={column}"}
    title = move_forms.title_of(case, first)
    if not move_forms.asks_first(case, first):
        return {"title": title, "move": first.move.key, "url": None}
    paper = first.medium is Medium.PAPER
    return {"title": f"代录签字：{title}" if paper else title, "move": None,
            "url": f"{base}/{first.move.key}{matter_actions.query_of(paper, first.actor)}"}


def _column(rules: Procedure, case: Case, stage: str) -> str:
    return boards.column_key(rules, case.matter.rules, stage) if stage else ""


def _board_rules(case: Case) -> Procedure:
    return boards.current_rules(page_session(), case.matter.kind)


def _choice(case: Case, found: list[Offer], refusal: Refused | None = None) -> ResponseReturnValue:
    """Every way open, each with its form or a link to it; above them the refusal that led here."""
    asks = [move_forms.brief(case, offer) for offer in found]
    typed = request.form.get("note", "").strip() if refusal else ""
    return _shown("matters/_choice_dialog.html", "matters/moves.html", case, refusal, asks=asks, typed=typed)


def _form(case: Case, offer: Offer, refusal: Refused | None = None) -> ResponseReturnValue:
    faults = refusal.fields if refusal else {}
    ask = move_forms.full(page_session(), case, offer, current_user.phrases, moment(),
                          typed=request.form if refusal else None, faults=faults)
    return _shown("matters/_dialog.html", "matters/move.html", case, refusal, ask=ask, faults=faults)


def _shown(piece: str, page: str, case: Case, refusal: Refused | None, **context: Any) -> ResponseReturnValue:
    context |= said(refusal) if refusal else {"refused_sentence": "", "refused_clause": ""}
    context |= {"matter": case.matter, "stage": case.stage, "light": light_of(case.matter), "in_dialog": is_fragment(),
                "next": _next(case.matter.id)}
    status = refusal.status if refusal else 200
    return fragment(render_template(piece if is_fragment() else page, **context), status)


def _next(matter_id: int) -> str:
    asked = request.values.get("next")
    if not asked and came_from().startswith("/boards/"):  # a card is drawn once for every board and filter
        return came_from()
    return local_path(asked) if asked else url_for("matters.show", matter_id=matter_id)
