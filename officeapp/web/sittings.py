"""登录情况: where one is logged in now and what the record says of one's own logins; each can be ended."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement

from officeapp import db, sittings, trail
from officeapp.login_events import WAYS
from officeapp.sittings import Sitting
from officeapp.web.access import door, everyone
from officeapp.web.request import moment, page_session
from officeapp.web.spoken import moment_words

blueprint = Blueprint("sittings", __name__, url_prefix="/account/sittings")
SHOWN = 20  # lines of the own record


@blueprint.get("")
@door(everyone)
def index() -> str:
    session = page_session()
    return render_template(
        "session/sittings.html", sittings=sittings.of(session, current_user.id, moment()), ways=WAYS,
        lines=trail.own_logins(session, current_user.id, SHOWN), when=lambda at: moment_words(at, moment()))


@blueprint.post("/<int:sitting_id>/ending")
@door(everyone)
def end(sitting_id: int) -> ResponseReturnValue:
    return _ended(Sitting.id == sitting_id)


@blueprint.post("/ending")
@door(everyone)
def end_others() -> ResponseReturnValue:
    return _ended(Sitting.id != current_user.sitting_id)


def _ended(which: ColumnElement[bool]) -> ResponseReturnValue:
    """End some of one's own; the one that ends here and now sends to the login."""
    with db.transaction() as writer:
        count = sittings.end(writer, which, Sitting.person_id == current_user.id, what="ended", now=moment(),
                             note="本人结束")
    flash(f"已结束 {count} 处登录。" if count else "没有其他登录需要结束。", "notice")
    return redirect(url_for("sittings.index"), 303)
