"""Whether somebody still sits there: what a person does keeps it so, what a page asks by itself does not."""

from flask import Blueprint, Flask, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from officeapp import db, sittings
from officeapp.sittings import GRAIN
from officeapp.web.access import door, everyone, poll
from officeapp.web.request import moment

blueprint = Blueprint("presence", __name__, url_prefix="/presence")


def install(app: Flask) -> None:
    """After the doors: only who has passed one is seen."""
    app.before_request(_see)


@blueprint.get("")
@door(everyone)
@poll
def ask() -> ResponseReturnValue:
    """A page asks, when the time is over, whether it really is: then the door answers, and the page goes to it."""
    return "", 204


@blueprint.post("")
@door(everyone)
def tell() -> ResponseReturnValue:
    """Somebody is typing a long text and sends nothing else."""
    return "", 204


def _see() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or getattr(view, "poll", False) or not hasattr(view, "door") or view.door.public:
        return
    if moment() - current_user.seen_at >= GRAIN:
        with db.transaction() as writer:
            sittings.touch(writer, current_user, moment())
