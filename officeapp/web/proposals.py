"""待授岗位: what an import proposed, for the security administrator to grant or decline (domain.md 7.2)."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from officeapp import db, proposals
from officeapp.directory import Unfit
from officeapp.numerals import small_int
from officeapp.people import ADMIN_KINDS
from officeapp.web.access import door, posts
from officeapp.web.request import moment, page_session, read_afresh

blueprint = Blueprint("proposals", __name__, url_prefix="/people/proposals")
GRANTER = posts("security_admin")
SHOWN = 100  # on one page; those behind follow when these are decided
CAREFUL = (*ADMIN_KINDS, "chief", "party_secretary")  # never ticked for the administrator
VERBS = {"grant": (proposals.grant, "已授予{}项，即时生效。"), "decline": (proposals.decline, "已退回{}项，不予授予。")}


@blueprint.get("")
@door(posts("system_admin", "security_admin"))
def index() -> str:
    return _page()


@blueprint.post("/decisions")
@door(GRANTER)
def decide() -> ResponseReturnValue:
    ids = [number for number in map(small_int, request.form.getlist("proposal")) if number]
    verb, said = VERBS.get(request.form.get("decision", ""), (None, ""))
    if verb is None or not ids:
        return _page("请先勾选要办理的项。"), 422
    try:
        with db.transaction() as session:
            done = verb(session, ids, by=current_user._get_current_object(), now=moment())
    except Unfit as unfit:
        read_afresh()
        return _page(f"{unfit}所选各项都没有办理。", ids), 422
    except proposals.Stale as stale:
        read_afresh()
        return _page(str(stale)), 409
    flash(said.format(done), "notice")
    return redirect(url_for("proposals.index"), 303)


def _page(problem: str = "", ticked: list[int] | None = None) -> str:
    session, me = page_session(), current_user._get_current_object()
    waiting = proposals.waiting(session)
    grants = me.has("security_admin")
    rows = [{"it": each, "obstacle": proposals.obstacle(session, each, me, moment()) if grants else "",
             "now": proposals.incumbents(session, each),
             "ticked": each.id in ticked if ticked is not None else each.kind not in CAREFUL}
            for each in waiting[:SHOWN]]
    return render_template("people/proposals.html", rows=rows, behind=len(waiting) - len(rows), problem=problem)
