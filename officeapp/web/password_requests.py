"""待确认口令: what one administrator asked for, for another to confirm or decline (domain.md 7.2)."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from officeapp import db, directory, password_requests
from officeapp.directory import Unfit
from officeapp.first_passwords import MOST
from officeapp.numerals import small_int
from officeapp.password_requests import CONFIRMING
from officeapp.web.access import door, posts
from officeapp.web.admission import secret_key
from officeapp.web.request import close_session, moment, page_session, read_afresh
from officeapp.web.spoken import moment_words

blueprint = Blueprint("password_requests", __name__, url_prefix="/people/password-requests")
GONE = "所选的已由别人办理，或者已经重新提请，请重新核对后再办。"


@blueprint.get("")
@door(posts("system_admin", *CONFIRMING))
def index() -> str:
    return _page()


@blueprint.post("/confirmations")
@door(posts(*CONFIRMING))
def confirm() -> ResponseReturnValue:
    """The answer is the only place where these halves can be read."""
    ids = _chosen()
    if not 0 < len(ids) <= MOST:
        return _page("请先勾选要办理的项。" if not ids else f"一次最多{MOST}人，请分几次办理。", ids), 422
    close_session()
    given, faults = password_requests.confirm(ids, key=secret_key(), by=current_user._get_current_object(),
                                              now=moment())
    read_afresh()
    if not given:
        return _page("".join(faults) or GONE, ids), 422 if faults else 409
    return render_template("people/password_halves.html", given=given, faults=faults)


@blueprint.post("/refusals")
@door(posts(*CONFIRMING))
def decline() -> ResponseReturnValue:
    ids = _chosen()
    if not ids:
        return _page("请先勾选要办理的项。"), 422
    try:
        with db.transaction() as session:
            done = password_requests.decline(session, ids, by=current_user._get_current_object(), now=moment())
    except Unfit as unfit:
        read_afresh()
        return _page(str(unfit), ids), 422
    flash(f"已退回{done}项，原口令照旧。" if done else GONE, "notice")
    return redirect(url_for("password_requests.index"), 303)


def _chosen() -> list[int]:
    return [number for number in map(small_int, request.form.getlist("person")) if number]


def _page(problem: str = "", ticked: Sequence[int] = ()) -> str:
    """Those who forgot theirs stand first: each is asked by himself, while new accounts come by the hundred."""
    session, me = page_session(), current_user._get_current_object()
    confirms, found = me.has(*CONFIRMING), password_requests.waiting(session, me)
    found.sort(key=lambda each: not each.person.password_hash)
    rows = [{"it": each, "obstacle": password_requests.obstacle(session, each, me) if confirms else "",
             "when": moment_words(each.asked_at, moment())} for each in found[:MOST]]
    keepers = [person for seat in directory.seats(session) if seat.post.kind == "system_admin"
               for person in seat.people] if me.has("security_admin") else []
    return render_template("people/password_requests.html", rows=rows, confirms=confirms, keepers=keepers,
                           problem=problem, ticked=ticked, behind=len(found) - len(rows),
                           opened=sum(not row["it"].person.password_hash for row in rows))
