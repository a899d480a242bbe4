"""How somebody whose first step was right comes in, whichever way it was taken: straight, or by the second step."""

from datetime import timedelta
from typing import NamedTuple

from flask import current_app, flash, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from officeapp import db, entrance, passwords, second_factors, sittings
from officeapp.entrance import FirstStep
from officeapp.sittings import Sitting
from officeapp.web.access import local_path
from officeapp.web.request import moment, whence

PATIENCE = timedelta(minutes=5)  # between the first step and the second
WARNED_DAYS = 7  # before a password is too old
_HALFWAY = "halfway"


class Halfway(NamedTuple):
    """Who has taken the first step, where to, and when (seconds of UTC)."""

    step: FirstStep
    target: str
    at: float


def let_in(step: FirstStep, target: str | None) -> ResponseReturnValue | None:
    """On to the page that was wanted, or first to the second step; None if the account was shut meanwhile."""
    _leave_earlier()
    with db.reading() as reader:
        protected = second_factors.is_on(reader, step.person_id)
        shut = entrance.still_may(reader, step, moment()) is None
    if shut:
        return None
    if not protected:
        return seat(step, target)
    session.clear()
    session[_HALFWAY] = Halfway(step, local_path(target), moment().timestamp())
    return redirect(url_for("second_step.ask"), 303)


def _leave_earlier() -> None:
    """Whoever sat at this browser until now has left it: the old identity must open nothing any more."""
    if current_user.is_authenticated:
        with db.transaction() as writer:
            sittings.end(writer, Sitting.id == current_user.sitting_id, what="left", now=moment(), note="重新登录")


def halfway() -> Halfway | None:
    """Who waits before the second step; None if nobody does, or for too long."""
    kept = session.get(_HALFWAY)
    found = Halfway(FirstStep(*kept[0]), *kept[1:]) if kept else None
    return found if found and moment().timestamp() - found.at < PATIENCE.total_seconds() else None


def seat(step: FirstStep, target: str | None) -> ResponseReturnValue | None:
    """Begin a sitting under a new identity; nothing of the session before it is carried over. None: as `let_in`."""
    with db.transaction() as writer:
        person = entrance.still_may(writer, step, moment())
        if person is None:
            return None
        identity = entrance.admit(writer, person, way=step.way, whence=whence(), now=moment())
        left = passwords.days_left(writer, person.id, moment()) if step.way == "password" else None
        sitter = sittings.sitter(writer, identity)
    session.clear()
    login_user(sitter)
    if left is not None and 0 < left <= WARNED_DAYS:
        flash(f"您的口令再过{left}天到期，请在“个人设置”里修改。", "warning")
    return redirect(local_path(target), 303)


def secret_key() -> str:
    return current_app.config["OFFICE"].secret_key
