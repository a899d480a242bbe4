"""The second step of logging in: the code from the phone, within five minutes of the first."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from officeapp import db, entrance, login_events, logins, second_factors
from officeapp.login_events import Whose
from officeapp.people import Person
from officeapp.web.access import door, public
from officeapp.web.admission import halfway, seat, secret_key
from officeapp.web.request import moment, whence
from officeapp.web.safety import CODES_LOCKED, limiter, locked, was_wrong
from officeapp.web.second_factor import WRONG_CODE

blueprint = Blueprint("second_step", __name__, url_prefix="/login/code")


@blueprint.get("")
@door(public)
def ask() -> ResponseReturnValue:
    return _page() if halfway() else _too_late()


def _who() -> str:
    found = halfway()
    return str(found.step.person_id) if found else ""


@blueprint.post("")
@door(public)
@limiter.limit("10 per minute", key_func=_who, deduct_when=was_wrong)
def enter() -> ResponseReturnValue:
    """Wrong codes count towards the account's lock, as wrong passwords do."""
    who = halfway()
    if who is None:
        return _too_late()
    with db.transaction() as writer:
        person = writer.get_one(Person, who.step.person_id)
        until = logins.locked_until(writer, person.account, moment())
        how = "" if until or not person.active else second_factors.check(
            writer, person.id, request.form.get("code", ""), secret_key(), moment())
        if not how and not until:
            until = entrance.refuse(writer, person.account, whence=whence(), now=moment(), note="二次验证")
        if how == "recovery":
            login_events.record(writer, "recovery_used", Whose(person.id, person.name), whence(), now=moment())
        left = second_factors.codes_left(writer, person.id)
    if not how:
        return _page(429, locked(until, moment(), CODES_LOCKED)) if until else _page(422, WRONG_CODE)
    answer = seat(who.step, who.target)
    if answer is None:
        return _too_late()
    if how == "recovery":
        flash(f"已用去一个备用码，还剩 {left} 个。手机找不回来的，请在“个人设置”里停用二次验证后重新启用。", "warning")
    return answer


def _too_late() -> ResponseReturnValue:
    flash("两步之间隔得太久，请重新登录。", "warning")
    return redirect(url_for("session.login"), 303)


def _page(status: int = 200, problem: str = "") -> ResponseReturnValue:
    return render_template("session/code.html", problem=problem), status
