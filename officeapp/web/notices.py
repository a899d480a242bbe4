"""通知: a person's notices; 未送达邮件 for who can mend them; 演示邮箱 in demonstration mode."""

from datetime import datetime

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from officeapp import db, mail, outbox
from officeapp.clock import ZONE
from officeapp.outbox import Message
from officeapp.web.access import demo_only, door, everyone, local_path, posts
from officeapp.web.request import moment, page_session

blueprint = Blueprint("notices", __name__)
MENDERS = ("office_director", "system_admin")


@blueprint.get("/notices")
@door(everyone)
def index() -> str:
    notices = outbox.notices_of(page_session(), current_user.id)
    undelivered = len(outbox.dead(page_session())) if current_user.has(*MENDERS) else 0
    return render_template("notices/index.html", notices=notices, undelivered=undelivered, when=_when,
                           unread_here=sum(notice.read_at is None for notice in notices))


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


@blueprint.get("/undelivered")
@door(posts(*MENDERS))
def undelivered() -> str:
    return render_template("notices/undelivered.html", messages=outbox.dead(page_session()), about=_about, when=_when)


@blueprint.post("/undelivered/<int:message_id>/send")
@door(posts(*MENDERS))
def send_again(message_id: int) -> Response:
    with db.transaction() as session:
        revived = outbox.revive(session, message_id, moment())
    flash("已重新送交发信。" if revived else "这封邮件已经在发送或已送达，不必重发。")
    return redirect(url_for("notices.undelivered"), 303)


@blueprint.get("/mailbox")
@door(demo_only)
def mailbox() -> str:
    """The mails of the local folder, readable by everybody: for demonstration only."""
    settings = current_app.config["OFFICE"]
    if settings.smtp_url is not None:
        abort(404, "已设置发信服务器，邮件不留在本机，请到各人的邮箱查看。")
    return render_template("notices/mailbox.html", letters=mail.kept(mail.folder_of(settings)), when=_when)


def _about(message: Message) -> str:
    # A system administrator keeps the mail going but may not read what documents are about.
    return message.subject if current_user.has("office_director") else f"事项编号{message.matter_id}"


def _when(at: datetime) -> str:
    local = at.astimezone(ZONE)
    year = "" if local.year == moment().astimezone(ZONE).year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日 {local:%H:%M}"
