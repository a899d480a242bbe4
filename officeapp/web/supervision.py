"""What a supervisor does about a matter: a call or a visit written down, a document sent up by hand (DB-10, LX-5)."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from officeapp import db, supervision
from officeapp.decisions import Refused
from officeapp.supervision import LONGEST, WAYS, Contact
from officeapp.web import matter_page
from officeapp.web.access import door, matter_reader
from officeapp.web.dossier import open_dossier
from officeapp.web.drafting_page import say_refused
from officeapp.web.request import moment, page_session, read_afresh

blueprint = Blueprint("supervision", __name__, url_prefix="/matters/<int:matter_id>")


@blueprint.get("/contacts")
@door(matter_reader)
def contact(matter_id: int) -> ResponseReturnValue:
    return _page("supervision/contact.html", matter_id, ways=WAYS, longest=LONGEST)


@blueprint.post("/contacts", endpoint="record")
@door(matter_reader)
def record(matter_id: int) -> ResponseReturnValue:
    given = Contact(*(request.form.get(name, "") for name in Contact._fields))
    try:
        with db.transaction() as session:
            supervision.contact(session, matter_id, current_user, given, now=moment())
    except Refused as refused:
        return _again("supervision/contact.html", matter_id, refused, ways=WAYS, longest=LONGEST)
    flash("督催情况已记入办理历程。", "done")
    return redirect(url_for("matters.show", matter_id=matter_id), 303)


@blueprint.get("/escalations")
@door(matter_reader)
def escalate(matter_id: int) -> ResponseReturnValue:
    return _page("supervision/escalate.html", matter_id)


@blueprint.post("/escalations", endpoint="send_up")
@door(matter_reader)
def send_up(matter_id: int) -> ResponseReturnValue:
    version, reason = request.form.get("version", 0, type=int), request.form.get("reason", "")[:LONGEST]
    try:
        with db.transaction() as session:
            supervision.escalate(session, matter_id, current_user, request.form.get("rung", ""), reason,
                                 version=version, now=moment())
    except Refused as refused:
        return _again("supervision/escalate.html", matter_id, refused)
    flash("督办单据已编号发出，收件单位签收、答复后会显示在“相关事项”里。", "done")
    return redirect(url_for("matters.show", matter_id=matter_id), 303)


def _page(template: str, matter_id: int, **more: Any) -> str:
    dossier = open_dossier(page_session(), matter_id, current_user, moment())
    more = {"typed": {}, "faults": {}} | more
    return render_template(template, **matter_page.head(dossier), rungs=supervision.ways_up(dossier.matter),
                           allowed=supervision.may_supervise(dossier.matter, current_user), **more)


def _again(template: str, matter_id: int, refused: Refused, **more: Any) -> ResponseReturnValue:
    read_afresh()
    say_refused(refused)
    return _page(template, matter_id, typed=request.form, faults=refused.fields, **more), refused.status
