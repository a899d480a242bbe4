"""Every half hour a seal over what was written; every working day the newest one to the auditors by mail."""

from datetime import datetime

from officeapp import calendars, db, notices, office_hours, seals
from officeapp.clock import ZONE


def run(now: datetime) -> int:
    """Seal until nothing settled is left, then tell; how many seals were made."""
    made = 0
    while _affixed(now):
        made += 1
    with db.transaction() as session:
        newest = seals.newest(session)
        open_now = office_hours.leaves_at(calendars.current(session), now) <= now
        if newest and open_now and _day(newest.at) == _day(now):
            notices.sealed(session, newest, now=now)
    return made


def _affixed(now: datetime) -> bool:
    with db.transaction() as session:
        return seals.affix(session, now) is not None


def _day(moment: datetime) -> object:
    return moment.astimezone(ZONE).date()
