"""What every section owes each month: opened by the calendar some working days before it is due (JH-1, TL12)."""

import logging
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from officeapp import calendars, clock, db, desks, gatherings, notices, people, roles, workdays
from officeapp.decisions import Refused
from officeapp.gatherings import period_of
from officeapp.matters import Matter
from officeapp.openings import open_matter
from officeapp.people import Actor
from officeapp.procedures import book
from officeapp.procedures.grammar import Holder, Procedure
from officeapp.workdays import Calendar

CURRENT = Holder(desks.CURRENT, "撰写人")
log = logging.getLogger(__name__)


def sweep(now: datetime) -> tuple[int, int]:
    """Open whatever is owed by now, the months of an outage too, each month in one transaction: (opened, failed).

    A unit that nobody heads is told to those who can mend it, and opened once it has a head.
    """
    opened = failed = 0
    for rules, month, units in _owing(now):
        try:
            with db.transaction() as session:
                opened += sum(_opened(session, rules, month, unit, now) for unit in units)
                _say_if_not_gathered(session, rules, month, now)
        except (SQLAlchemyError, Refused, LookupError, ValueError):
            log.exception("%s of %s could not be opened and stays owed", rules.kind, period_of(month))
            failed += 1
    return opened, failed


def _owing(now: datetime) -> list[tuple[Procedure, date, list[Row]]]:
    """Each kind and month with the units for which one is still to be opened."""
    with db.reading() as session:
        calendar = calendars.current(session)
        found = [(rules, month, _lacking(session, calendar, rules, month, now))
                 for rules in book.gathered() for month in months_owed(session, calendar, rules, now)]
    return [each for each in found if each[2]]


def months_owed(session: Session, calendar: Calendar, rules: Procedure, now: datetime) -> list[date]:
    """The months after the last one opened whose time has come; of the first ones only what is not yet overdue."""
    this, gathering = now.astimezone(clock.ZONE).date().replace(day=1), rules.gathering
    last = gatherings.month_of(session.scalar(select(func.max(Matter.period)).where(Matter.kind == rules.kind)) or "")
    month, found = last or this, []
    while month <= this:
        opens = datetime.combine(gatherings.opens_on(calendar, gathering, month), clock.opening(), clock.ZONE)
        if opens <= now and (last not in (None, month) or not _is_over(calendar, rules, month, now)):
            found.append(month)
        month = workdays.add_months(month, 1)
    return found


def _is_over(calendar: Calendar, rules: Procedure, month: date, now: datetime) -> bool:
    return now.astimezone(clock.ZONE).date() > gatherings.due_day(calendar, rules.gathering, month)


def _lacking(session: Session, calendar: Calendar, rules: Procedure, month: date, now: datetime) -> list[Row]:
    asked = select(Matter.unit_id).where(Matter.kind == rules.kind, Matter.period == period_of(month))
    has = set(session.scalars(asked))
    return [unit for unit in gatherings.units_owing(session, rules.gathering) if unit.id not in has]


def _opened(session: Session, rules: Procedure, month: date, unit: Row, now: datetime) -> bool:
    try:
        with session.begin_nested():
            matter = _open(session, rules, month, unit, now)
    except (Refused, roles.NoHolder) as fault:
        notices.not_prompted(session, rules, unit, period_of(month), str(fault), now=now)
        return False
    told, _ = desks.people_told(session, matter, (CURRENT,), now)
    notices.prompted(session, matter, told, now=now)
    return True


def _say_if_not_gathered(session: Session, rules: Procedure, month: date, now: datetime) -> None:
    try:
        roles.holders(session, rules.gathering.collector, drafter_id=0, unit_id=0)
    except roles.NoHolder as fault:
        notices.not_gathered(session, rules, period_of(month), str(fault), now=now)


def _open(session: Session, rules: Procedure, month: date, unit: Row, now: datetime) -> Matter:
    gathering, due = rules.gathering, gatherings.due_day(calendars.current(session), rules.gathering, month)
    values = {"title": gatherings.words(gathering.title, month, unit.name), rules.unit_field: unit.id,
              rules.cycle.until: due.isoformat()} | _kept(session, rules, month, unit.id)
    return open_matter(session, rules.kind, _writer(session, gathering.writer, unit), values, now=now,
                       period=period_of(month), because=f"每月{gathering.day}日前报送，由系统发起")


def _writer(session: Session, writer: Holder, unit: Row) -> Actor:
    found = people.incumbents(session, roles.holders(session, writer, drafter_id=0, unit_id=unit.id))
    return people.actor(session, found[0].id)


def _kept(session: Session, rules: Procedure, month: date, unit_id: int) -> dict[str, Any]:
    """What stands for the months to come: whom the head named, while he is still of the unit."""
    before = period_of(workdays.add_months(month, -1))
    last = session.scalar(select(Matter).where(Matter.kind == rules.kind, Matter.unit_id == unit_id,
                                               Matter.period == before))
    kept = {key: last.values.get(key) for key in rules.gathering.kept} if last else {}
    return {key: value for key, value in kept.items() if _still_there(session, value, unit_id)}


def _still_there(session: Session, value: Any, unit_id: int) -> bool:
    named: Iterable[Any] = value.values() if isinstance(value, dict) else ()
    return all(person and (one := session.get(people.Person, person)) and one.active and one.unit_id == unit_id
               for person in named)
