"""Whether the process lives, and whether what it needs answers."""

from flask import Blueprint, jsonify
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from officeapp import schedule
from officeapp.web.access import door, public
from officeapp.web.request import moment, page_session

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@door(public)
def alive():
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/readyz")
@door(public)
def ready():
    """200 when the database answers and reminders were swept lately; 503 with the names of what failed."""
    faults = [name for name, fine in (("database", _database()), ("reminders", _swept())) if not fine]
    return jsonify(ready=not faults, faults=faults), 503 if faults else 200


def _database() -> bool:
    try:
        return page_session().scalar(select(1)) == 1
    except SQLAlchemyError:
        return False


def _swept() -> bool:
    try:
        last = schedule.last_run("reminders")
    except SQLAlchemyError:
        return False
    return last is not None and moment() - last < schedule.STALE
