"""Logging in and out."""

from flask import (
    Blueprint,
    Flask,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, logout_user

from officeapp import db, demo_accounts, entrance, logins, sittings
from officeapp.ldap_logins import DirectoryAway
from officeapp.options import options
from officeapp.sittings import Sitter, Sitting
from officeapp.web.access import door, everyone, local_path, public
from officeapp.web.admission import let_in
from officeapp.web.request import moment, page_session, whence
from officeapp.web.safety import limiter, locked, was_wrong

blueprint = Blueprint("session", __name__)
manager = LoginManager()
AWAY = "统一目录暂时连不上，不能核对口令。请稍后再试；仍不行请联系系统管理员。"
WRONG = ("账号或口令不对，请核对后重新输入。连续输错{login_tries}次，暂停登录{login_lock_minutes}分钟；"
         "忘记口令的，请联系系统管理员。")


def install(app: Flask) -> None:
    manager.init_app(app)
    manager.session_protection = "strong"
    app.register_blueprint(blueprint)


@manager.user_loader
def load(identity: str) -> Sitter | None:
    """Who sits there; of one whose time is over, that it was."""
    found = sittings.sitter(page_session(), identity, moment())
    if found and found.until > moment():
        return found
    g.ended = "idle" if found else "gone"
    return None


@blueprint.get("/login")
@door(public)
def login() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(local_path(request.args.get("next")))
    return login_page()


def _account() -> str:
    return request.form.get("account", "").strip()


# A whole bureau may sit behind one address, so the narrow count is by account and the address has a wide one.
@blueprint.post("/login")
@door(public)
@limiter.limit("100 per minute; 1000 per hour", deduct_when=was_wrong)
@limiter.limit("10 per minute", key_func=_account, deduct_when=was_wrong)
def enter() -> ResponseReturnValue:
    account, ldap = request.form.get("account", ""), current_app.config["OFFICE"].ldap
    with db.reading() as reader:
        until = logins.locked_until(reader, account, moment())
        who = entrance.candidate(reader, account)
    if until:
        return login_page(locked(until, moment()), account, 429)
    try:
        right = entrance.proves(who, account, request.form.get("password", ""), ldap)
    except DirectoryAway:
        return login_page(AWAY, account, 503)
    if right:
        step = entrance.first_step(who.id, who.stored, "ldap" if ldap and not who.is_admin else "password")
        answer = let_in(step, request.form.get("next") or request.args.get("next"))
        if answer is not None:
            return answer
    # Shut while it was checked, or locked by other guesses of the same moment: told apart from a wrong one by nothing.
    with db.transaction() as writer:
        until = entrance.refuse(writer, account, whence=whence(), now=moment())
        wrong = locked(until, moment()) if until else WRONG.format(**options(writer))
    return login_page(wrong, account, 429 if until else 422)


@blueprint.post("/logout")
@door(everyone)
def leave() -> ResponseReturnValue:
    with db.transaction() as writer:
        sittings.end(writer, Sitting.id == current_user.sitting_id, what="left", now=moment())
    logout_user()
    session.clear()
    return redirect(url_for("session.login"), 303)


def login_page(wrong: str = "", account: str = "", status: int = 200) -> ResponseReturnValue:
    """The page to log in, with what went wrong and the account that was typed."""
    settings = current_app.config["OFFICE"]
    accounts = demo_accounts.ACCOUNTS if settings.demo else []
    page = render_template("session/login.html", error=wrong, account=account, demo_accounts=accounts,
                           demo_password=demo_accounts.PASSWORD, next=request.values.get("next", ""),
                           single_sign_on=settings.oidc.title if settings.oidc else "")
    return page, status
