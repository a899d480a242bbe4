"""个人设置: one's own password. Whoever carries a given one passes nowhere else before changing it."""

from flask import Blueprint, flash, redirect, render_template, session
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired

from officeapp import admin_events, db, entrance, logins, passwords, sittings
from officeapp.login_events import WAYS
from officeapp.passwords import UnfitPassword, WrongPassword
from officeapp.people import Person
from officeapp.web.access import door, everyone
from officeapp.web.forms import OfficeForm
from officeapp.web.request import moment, page_session, whence
from officeapp.web.safety import locked

blueprint = Blueprint("account", __name__, url_prefix="/account")


class PasswordForm(OfficeForm):
    old = PasswordField("原口令", [InputRequired("请填写原口令。")], render_kw={"autocomplete": "current-password"})
    new = PasswordField("新口令", [InputRequired("请填写新口令。")], render_kw={"autocomplete": "new-password"})
    again = PasswordField("再填一次新口令", [EqualTo("new", "两次填写的新口令不一样，请重新填写。")],
                          render_kw={"autocomplete": "new-password"})


@blueprint.route("", methods=["GET", "POST"])
@door(everyone)
def password() -> ResponseReturnValue:
    form = PasswordForm()
    if current_user.way != "password":
        return _page(form, 403 if form.is_submitted() else 200)
    if not form.validate_on_submit():
        return _page(form, 422 if form.errors else 200)
    until = logins.locked_until(page_session(), current_user.account, moment())
    if until:
        return _page(form, 429, locked(until, moment()))
    try:
        _change(form.old.data, form.new.data)
    except WrongPassword:
        with db.transaction() as writer:
            entrance.refuse(writer, current_user.account, whence=whence(), now=moment(), note="修改口令")
        form.old.errors = ["原口令不对，请重新填写。"]
        return _page(form, 422)
    except UnfitPassword as unfit:
        form.new.errors = [str(unfit)]
        return _page(form, 422)
    flash("口令已修改，其他地方的登录已经失效。", "done")
    return redirect("/", 303)


def _change(old: str, new: str) -> None:
    """Change it and go on under the new session; every other one has ended."""
    choice = passwords.choose(page_session(), page_session().get_one(Person, current_user.id), old, new)
    step = entrance.first_step(current_user.id, choice.old, current_user.way)
    with db.transaction() as writer:
        person = entrance.still_may(writer, step, moment())
        if person is None:  # shut meanwhile, or locked by other guesses of the same moment
            raise WrongPassword
        passwords.change(writer, person, choice, moment())
        identity = entrance.admit(writer, person, way=current_user.way, whence=whence(), now=moment())
        admin_events.record(writer, current_user, "password_changed", person.name, now=moment(), person_id=person.id)
        renewed = sittings.sitter(writer, identity)
    session.clear()
    login_user(renewed)


def _page(form: PasswordForm, status: int, problem: str = "") -> ResponseReturnValue:
    form.new.description = f"{passwords.rule(page_session())}。"
    left = passwords.days_left(page_session(), current_user.id, moment())
    return render_template("session/account.html", form=form, problem=problem, left=left, ways=WAYS), status
