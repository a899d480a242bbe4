"""Logging in and out."""

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user

from officeapp import db, demo_accounts, logins, people
from officeapp.numerals import small_int
from officeapp.people import Actor
from officeapp.web.access import door, everyone, local_path, public
from officeapp.web.request import moment, page_session
from officeapp.web.safety import LOCKED, limiter

blueprint = Blueprint("session", __name__)
manager = LoginManager()
WRONG = "账号或密码不对，请核对后重新输入。连续多次不对请联系系统管理员。"


def install(app: Flask) -> None:
    manager.init_app(app)
    manager.session_protection = "strong"
    app.register_blueprint(blueprint)


@manager.user_loader
def load(identity: str) -> Actor | None:
    """The actor, if the session was opened since the last forced logout."""
    person_id, _, nonce = identity.partition(".")
    number = small_int(person_id)
    actor = people.actor(page_session(), number) if number else None
    return actor if actor and actor.nonce == nonce else None


@blueprint.get("/login")
@door(public)
def login():
    if current_user.is_authenticated:
        return redirect(local_path(request.args.get("next")))
    return _page("", "", 200)


def _was_wrong(response: Response) -> bool:
    return response.status_code == 422


def _account() -> str:
    return request.form.get("account", "").strip()


# A whole bureau may sit behind one address, so the narrow count is by account and the address has a wide one.
@blueprint.post("/login")
@door(public)
@limiter.limit("100 per minute; 1000 per hour", deduct_when=_was_wrong)
@limiter.limit("10 per minute", key_func=_account, deduct_when=_was_wrong)
def enter():
    account = request.form.get("account", "")
    with db.reading() as reader:
        if logins.is_locked(reader, account, moment()):
            return _page(LOCKED, account, 429)
        person = people.authenticate(reader, account, request.form.get("password", ""), moment())
        actor = people.actor(reader, person.id) if person else None
    with db.transaction() as writer:
        if actor is None:
            logins.count_wrong(writer, account, moment())
        else:
            logins.forget(writer, account)
    if actor is None:
        return _page(WRONG, account, 422)
    target = local_path(request.form.get("next") or request.args.get("next"))
    session.clear()  # a session begun before the login is not carried over
    login_user(actor)
    return redirect(target, 303)


@blueprint.post("/logout")
@door(everyone)
def leave():
    logout_user()
    session.clear()
    return redirect(url_for("session.login"), 303)


def _page(wrong: str, account: str, status: int):
    accounts = demo_accounts.ACCOUNTS if current_app.config["OFFICE"].demo else []
    page = render_template("session/login.html", error=wrong, account=account, demo_accounts=accounts,
                           demo_password=demo_accounts.PASSWORD, next=request.values.get("next", ""))
    return page, status
