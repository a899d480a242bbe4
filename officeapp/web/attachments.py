"""Files of a matter: added, opened, taken away; only by those whom the matter's door lets in."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from officeapp import attachments, db, decisions, engine, matters
from officeapp.attachments import Attachment
from officeapp.decisions import Refused
from officeapp.matters import Matter
from officeapp.web import attachment_list, matter_page, uploads
from officeapp.web.access import door, matter_reader
from officeapp.web.answers import fragment
from officeapp.web.attachment_list import KINDS
from officeapp.web.drafting_page import say_refused
from officeapp.web.request import is_fragment, moment, page_session, read_afresh

blueprint = Blueprint("attachments", __name__, url_prefix="/matters/<int:matter_id>/attachments")


@blueprint.post("")
@door(matter_reader)
def add(matter_id: int) -> ResponseReturnValue:
    """Judge the upload, keep it, say so in the history; what is refused is kept nowhere."""
    kind = request.form.get("kind", "attachment")
    if kind not in KINDS:
        abort(400, "没有这一类附件。")
    try:
        upload = _chosen(matter_id, kind)
        with uploads.held({kind: upload}, matter_id) as held, db.transaction() as session:
            matter = matters.lock(session, matter_id)
            _refuse(session, matter, kind)
            held[0].keep(session, matter, decisions.acting(engine.case(session, matter), current_user))
            held[0].shelve()
    except Refused as refused:
        return _answer(matter_id, refused)
    return _answer(matter_id)


@blueprint.get("/<int:attachment_id>")
@door(matter_reader)
def download(matter_id: int, attachment_id: int) -> Response:
    file = _find(page_session(), matter_id, attachment_id)
    try:
        path = attachments.open_path(uploads.root(), file.sha256)
    except FileNotFoundError:
        abort(404, "这个附件的内容已不在存储中，请联系系统管理员从备份恢复。")
    answer = send_file(path, mimetype=file.mime, as_attachment=True, download_name=file.name, conditional=True)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/<int:attachment_id>/removal")
@door(matter_reader)
def remove(matter_id: int, attachment_id: int) -> ResponseReturnValue:
    try:
        with db.transaction() as session:
            matter = matters.lock(session, matter_id)
            file = _find(session, matter_id, attachment_id)
            _refuse_removal(session, matter, file)
            file.removed_at = moment()
            session.flush()
            face = decisions.acting(engine.case(session, matter), current_user)
            engine.text_changed(session, matter, face, "detached", f"{KINDS[file.kind]}：{file.name}", moment())
    except Refused as refused:
        return _answer(matter_id, refused)
    return _answer(matter_id)


def _chosen(matter_id: int, kind: str) -> FileStorage:
    """The upload; asked first whether it may be added at all, so that nobody uploads in vain."""
    session = page_session()
    _refuse(session, matters.find(session, matter_id), kind)
    upload = request.files.get("file")
    if not upload or not upload.filename:
        raise Refused("请先选择要上传的文件。")
    return upload


def _refuse(session: Session, matter: Matter | None, kind: str) -> None:
    if matter is None:
        abort(404, "没有这件事项。")
    refused = attachment_list.refusal(engine.case(session, matter), current_user, kind)
    if refused:
        raise refused


def _refuse_removal(session: Session, matter: Matter, file: Attachment) -> None:
    case, events = engine.case(session, matter), matters.history(session, matter.id)
    refused = attachment_list.removal_refusal(case, current_user, file, events)
    if refused:
        raise refused


def _find(session: Session, matter_id: int, attachment_id: int) -> Attachment:
    file = session.get(Attachment, attachment_id)
    if file is None or file.matter_id != matter_id or file.removed_at is not None:
        abort(404, "没有这个附件，或者已经移除。")
    return file


def _answer(matter_id: int, refused: Refused | None = None) -> ResponseReturnValue:
    """The list alone for a page that stays open (an opinion half written is kept), else the page."""
    status = refused.status if refused else 200
    if is_fragment():
        return fragment(_list(matter_id, refused), status)
    if refused is None:
        flash("附件清单已更新。", "done")
        return redirect(url_for("matters.show", matter_id=matter_id) + "#attachments", 303)
    say_refused(refused)
    return render_template("matters/matter.html", **_context(matter_id)), status


def _list(matter_id: int, refused: Refused | None) -> str:
    return render_template("matters/_attachments_update.html", **_context(matter_id),
                           upload_error=refused.sentence if refused else "")


def _context(matter_id: int) -> dict[str, object]:
    return matter_page.context(read_afresh(), matter_id, current_user, moment())
