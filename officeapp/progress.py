"""What the month owes: the progress report of every matter that is tracked (DB-7, TL5)."""

import logging
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased

from officeapp import db, matters, offshoots
from officeapp.clock import ZONE
from officeapp.decisions import Refused
from officeapp.matters import Matter
from officeapp.procedures import book
from officeapp.roles import NoHolder

_REPORT = aliased(Matter)
log = logging.getLogger(__name__)


def sweep(now: datetime) -> tuple[int, int]:
    """Open every monthly report that is owed by now, each month of an outage too: (opened, failed)."""
    opened = failed = 0
    for matter_id in _owing(now):
        try:
            opened += _open_owed(matter_id, now)
        except (SQLAlchemyError, Refused, NoHolder, LookupError, ValueError):
            # One matter without a writer must not silence the others.
            log.exception("matter %s: its monthly report could not be opened and stays owed", matter_id)
            failed += 1
    return opened, failed


def _open_owed(matter_id: int, now: datetime) -> int:
    count = 0
    with db.transaction() as session:
        matter = matters.lock(session, matter_id)
        while matter and not matter.closed and matter.place.monthly and offshoots.owe_report(session, matter, now):
            count += 1
    return count


def _owing(now: datetime) -> list[int]:
    """Tracked matters none of whose reports is still to come."""
    today = now.astimezone(ZONE).date().isoformat()
    stages = {stage.key for each in book.PROCEDURES for stage in each.stages if stage.monthly}
    # Of one matter after the other, by the index of children: what ever came of others is not read.
    ahead = exists().where(_REPORT.parent_id == Matter.id, _REPORT.period != "", _REPORT.period > today)
    query = select(Matter.id).where(Matter.closed.is_(False), Matter.stage.in_(stages), ~ahead)
    with db.reading() as session:
        return list(session.scalars(query.order_by(Matter.id)))
