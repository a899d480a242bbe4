"""个人设置: one's own password. Whoever carries a given one passes nowhere else before changing it."""

from flask import Blueprint, flash, redirect, render_template, session
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired

from officeapp import admin_events, db, logins, passwords, people
from officeapp.passwords import UnfitPassword, WrongPassword
from officeapp.people import Person
from officeapp.web.access import door, everyone
from officeapp.web.request import moment, page_session
from officeapp.web.safety import LOCKED

blueprint = Blueprint("account", __name__, url_prefix="/account")


class PasswordForm(FlaskForm):
    old = PasswordField("原口令", [InputRequired("请填写原口令。")], render_kw={"autocomplete": "current-password"})
    new = PasswordField("新口令", [InputRequired("请填写新口令。")], description=f"{passwords.RULE}。",
                        render_kw={"autocomplete": "new-password"})
    again = PasswordField("再填一次新口令", [EqualTo("new", "两次填写的新口令不一样，请重新填写。")],
                          render_kw={"autocomplete": "new-password"})


@blueprint.route("", methods=["GET", "POST"])
@door(everyone)
def password() -> ResponseReturnValue:
    form = PasswordForm()
    if not form.validate_on_submit():
        return _page(form, 422 if form.errors else 200)
    if logins.is_locked(page_session(), current_user.account, moment()):
        return _page(form, 429, LOCKED)
    try:
        _change(form.old.data, form.new.data)
    except WrongPassword:
        with db.transaction() as writer:
            logins.count_wrong(writer, current_user.account, moment())
        form.old.errors = ["原口令不对，请重新填写。"]
        return _page(form, 422)
    except UnfitPassword as unfit:
        form.new.errors = [str(unfit)]
        return _page(form, 422)
    flash("口令已修改，其他地方的登录已经失效。", "done")
    return redirect("/", 303)


def _change(old: str, new: str) -> None:
    """Change it and go on under the new session; every other one has ended."""
    with db.transaction() as writer:
        person = writer.get_one(Person, current_user.id)
        passwords.change(writer, person, old, new, moment())
        logins.forget(writer, person.account)
        admin_events.record(writer, current_user, "password_changed", person.name, now=moment(), person_id=person.id)
        renewed = people.actor(writer, person.id)
    session.clear()
    login_user(renewed)


def _page(form: PasswordForm, status: int, problem: str = "") -> ResponseReturnValue:
    return render_template("session/account.html", form=form, problem=problem), status
