"""Whether the process lives, and whether it can serve: asked by balancers and monitors, so no detail is told."""

from flask import Blueprint, current_app, jsonify
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from officeapp import attachments, schedule, schema
from officeapp.web.access import door, public
from officeapp.web.request import moment, page_session

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@door(public)
def alive():
    """Touches nothing: a process that answers is not to be restarted because the database is away."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/readyz")
@door(public)
def ready():
    """200 when pages can be served, 503 with the names of what is missing.

    What only delays mails (Redis, reminders) is named as degraded: a balancer must not close the house for it.
    """
    faults, degraded = _database()
    if not attachments.is_writable(current_app.config["OFFICE"].data_dir):
        faults.append("attachments")
    if current_app.config["QUEUE"]() is None:
        degraded.append("redis")
    return jsonify(ready=not faults, faults=faults, degraded=degraded), 503 if faults else 200


def _database() -> tuple[list[str], list[str]]:
    try:
        page_session().scalar(select(1))
    except SQLAlchemyError:
        return ["database"], []
    try:
        standing, last = schema.standing(page_session()), schedule.heartbeats(page_session()).get("reminders")
    except SQLAlchemyError:  # no tables yet
        return ["migrations"], []
    stalled = last is None or moment() - last >= schedule.STALE
    degraded = {"reminders": stalled, "newer_database": standing == "ahead"}
    return ["migrations"] if standing == "behind" else [], [name for name, is_so in degraded.items() if is_so]
