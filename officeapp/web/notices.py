"""通知: a person's notices; 演示邮箱 in demonstration mode."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, abort, current_app, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from officeapp import db, mail, outbox, visibility
from officeapp.outbox import Message
from officeapp.web import messages
from officeapp.web.access import demo_only, door, everyone, local_path
from officeapp.web.request import moment, page_session
from officeapp.web.spoken import moment_words

blueprint = Blueprint("notices", __name__)


@blueprint.get("/notices")
@door(everyone)
def index() -> str:
    notices = outbox.notices_of(page_session(), current_user.id)
    undelivered = outbox.count(page_session(), "dead") if current_user.has(*messages.MENDERS) else 0
    return render_template("notices/index.html", notices=notices, undelivered=undelivered, when=_when,
                           hidden=_hidden(notices),
                           unread_here=sum(notice.read_at is None for notice in notices))


def _hidden(notices: Sequence[Message]) -> set[int]:
    """Those about matters that their reader may not see any more; what leads elsewhere names no title."""
    leading = {notice.id: notice.matter_id for notice in notices if notice.link == f"/matters/{notice.matter_id}"}
    known = visibility.known_of(page_session(), current_user, set(leading.values())) if leading else set()
    return {notice for notice, matter in leading.items() if matter not in known}


@blueprint.post("/notices/<int:message_id>/read")
@door(everyone)
def read(message_id: int) -> Response:
    """Mark one of one's own notices read and go where it leads."""
    with db.transaction() as session:
        link = outbox.mark_read(session, current_user.id, moment(), message_id)
    return redirect(local_path(link) if link else url_for("notices.index"), 303)


@blueprint.post("/notices/read")
@door(everyone)
def read_all() -> Response:
    with db.transaction() as session:
        outbox.mark_read(session, current_user.id, moment())
    return redirect(url_for("notices.index"), 303)


@blueprint.get("/mailbox")
@door(demo_only)
def mailbox() -> str:
    """The mails of the local folder, readable by everybody: for demonstration only."""
    settings = current_app.config["OFFICE"]
    if settings.smtp_url is not None:
        abort(404, "已设置发信服务器，邮件不留在本机，请到各人的邮箱查看。")
    return render_template("notices/mailbox.html", letters=mail.kept(mail.folder_of(settings)), when=_when)


def _when(at: datetime) -> str:
    return moment_words(at, moment())
