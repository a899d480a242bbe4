"""二次验证: one's own second factor, from the picture to the paper; and the security administrator's list of them."""

from collections.abc import Callable

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy.orm import Session

from officeapp import admin_events, db, entrance, late, login_events, logins, personal_notices, second_factors
from officeapp.ldap_logins import DirectoryAway
from officeapp.login_events import Whose
from officeapp.people import Person
from officeapp.web.access import door, everyone, posts
from officeapp.web.admission import secret_key
from officeapp.web.request import moment, page_session, whence
from officeapp.web.safety import CODES_LOCKED, locked
from officeapp.web.spoken import day_words

segno = late.module("segno")
blueprint = Blueprint("second_factor", __name__)
GRANTER = posts("security_admin")
OWN = "/account/second-factor"
AWAY = "统一目录暂时连不上，不能核对口令。请稍后再试。"
WRONG_CODE = "验证码不对，或者已经用过。请等手机上显示下一个验证码再填。"
OWN_RESET = "自己的二次验证，请在“个人设置”里停用；手机丢失的，请另一名安全管理员重置。"


@blueprint.get(OWN)
@door(everyone)
def index() -> ResponseReturnValue:
    return _page()


@blueprint.post(f"{OWN}/proposal")
@door(everyone)
def propose() -> ResponseReturnValue:
    """The password again: else whoever finds an open browser binds a phone of his own and shuts the owner out."""
    until = logins.locked_until(page_session(), current_user.account, moment())
    if until:
        return _page(429, locked(until, moment()))
    try:
        right = current_user.way == "oidc" or _proves(request.form.get("password", ""))
    except DirectoryAway:
        return _page(503, AWAY)
    with db.transaction() as writer:
        # Locked by other guesses of the same moment, the right one counts as a wrong one.
        right = right and not logins.locked_until(writer, current_user.account, moment())
        if right:
            second_factors.propose(writer, current_user.id, secret_key())
        else:
            until = entrance.refuse(writer, current_user.account, whence=whence(), now=moment(), note="启用二次验证")
    if right:
        return redirect(url_for("second_factor.index"), 303)
    return _page(429, locked(until, moment())) if until else _page(422, "口令不对，请重新填写登录本系统的口令。")


@blueprint.post(f"{OWN}/confirmation")
@door(everyone)
def confirm() -> ResponseReturnValue:
    return _with_code(_confirmed, "factor_on")


@blueprint.post(f"{OWN}/codes")
@door(everyone)
def renew() -> ResponseReturnValue:
    return _with_code(_renewed, "codes_renewed")


@blueprint.post(f"{OWN}/removal")
@door(everyone)
def remove() -> ResponseReturnValue:
    if second_factors.is_required(page_session(), current_user.id):
        abort(403, "您的岗位须用二次验证，不能停用。")
    return _with_code(_removed, "factor_off")


@blueprint.get("/people/second-factors")
@door(GRANTER)
def protected() -> str:
    found = second_factors.protected(page_session())
    return render_template("people/second_factors.html", protected=found, day_words=day_words)


@blueprint.post("/people/second-factors/<int:person_id>/reset")
@door(GRANTER)
def reset(person_id: int) -> ResponseReturnValue:
    with db.transaction() as writer:
        person = writer.get(Person, person_id) or abort(404, "没有这个人。")
        if person.id == current_user.id:
            abort(403, OWN_RESET)
        second_factors.reset(writer, person, moment())
        login_events.record(writer, "factor_reset", Whose(person.id, person.name), whence(), now=moment(),
                            note=f"{current_user.name}重置")
        admin_events.record(writer, current_user, "factor_reset", person.name, now=moment(), person_id=person.id)
        personal_notices.about_account(writer, person, "二次验证已重置", f"{current_user.name}重置了您的二次验证。"
                              "不是您本人要的，请立即告诉审计管理员。", now=moment())
    flash(f"已重置{person.name}的二次验证。请当面核实本人身份；岗位须用的，下次登录时重新启用。", "notice")
    return redirect(url_for("second_factor.protected"), 303)


def _proves(password: str) -> bool:
    account = current_user.account
    who = entrance.candidate(page_session(), account)
    return entrance.proves(who, account, password, current_app.config["OFFICE"].ldap)


def _with_code(act: Callable[[Session, str], list[str] | None], what: str) -> ResponseReturnValue:
    """Do what only the holder of the phone may; a wrong code counts towards the lock."""
    until = logins.locked_until(page_session(), current_user.account, moment())
    if until:
        return _page(429, locked(until, moment(), CODES_LOCKED))
    with db.transaction() as writer:
        codes = act(writer, request.form.get("code", ""))
        if codes is None:
            until = entrance.refuse(writer, current_user.account, whence=whence(), now=moment(), note="二次验证")
        else:
            login_events.record(writer, what, Whose(current_user.id, current_user.name), whence(), now=moment())
    if codes is None:
        return _page(429, locked(until, moment(), CODES_LOCKED)) if until else _page(422, WRONG_CODE)
    if codes:
        return render_template("session/recovery_codes.html", codes=codes), 200
    flash("已停用二次验证。", "notice")
    return redirect(url_for("second_factor.index"), 303)


def _confirmed(writer: Session, code: str) -> list[str] | None:
    return second_factors.confirm(writer, current_user.id, code, secret_key(), moment())


def _renewed(writer: Session, code: str) -> list[str] | None:
    right = second_factors.check(writer, current_user.id, code, secret_key(), moment())
    return second_factors.renew_codes(writer, current_user.id) if right else None


def _removed(writer: Session, code: str) -> list[str] | None:
    if not second_factors.check(writer, current_user.id, code, secret_key(), moment()):
        return None
    second_factors.remove(writer, current_user.id)
    return []


def _page(status: int = 200, problem: str = "") -> ResponseReturnValue:
    # What was written in this request is not seen by the page's older snapshot, and need not be: nothing changed.
    session, me = page_session(), current_user
    secret = second_factors.proposed(session, me.id, secret_key())
    page = render_template(
        "session/second_factor.html", problem=problem, secret=secret, picture=_picture(secret),
        on=second_factors.is_on(session, me.id), required=second_factors.is_required(session, me.id),
        codes_left=second_factors.codes_left(session, me.id))
    return page, status


def _picture(secret: str | None) -> Markup:
    """The QR code as SVG without style or script, which the content security policy lets through."""
    if secret is None:
        return Markup()
    said = second_factors.address(secret, current_user.account, current_app.config["OFFICE"].bureau_name)
    drawn = segno.make(said, error="m").svg_inline(scale=4, border=2, svgclass="qr", title="二次验证的二维码")
    return Markup(drawn)  # nosec B704 # drawn by segno from the numbers of the code; nothing typed stands in it
