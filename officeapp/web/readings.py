"""Behind the door: a reader of an internal matter leaves a line before the page is drawn."""

from flask import Flask, current_app, g, request
from flask_login import current_user

from officeapp import db, readings
from officeapp.web.request import moment, page_session, read_afresh

ON_THE_CARD = ("moves",)  # what may be done, with no more of the document than its card shows
OTHERWISE = {"matters.form": "printed", "attachments.download": "downloaded"}


def install(app: Flask) -> None:
    """After the guard, so that who was turned away leaves none."""
    app.before_request(_write_down)


def _write_down() -> None:
    door = getattr(current_app.view_functions.get(request.endpoint or ""), "door", None)
    shows = request.method in ("GET", "POST")  # a form that is refused comes back with the whole page around it
    if not shows or not (door and door.matter) or request.blueprint in ON_THE_CARD:
        return
    given = request.view_args or {}
    thing = f"附件{given['attachment_id']}" if request.endpoint == "attachments.download" else ""
    what = OTHERWISE.get(request.endpoint, "viewed")
    reading = (current_user, what, thing, moment())
    if not readings.is_owed(page_session(), g.matter, *reading):
        return
    with db.transaction() as session:
        readings.record(session, g.matter.id, *reading)
    read_afresh()
