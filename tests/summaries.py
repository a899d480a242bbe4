"""Monthly summaries for tests: the desk that gathers them, mornings that pass, one section's on its way."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from officeapp import clock, db, deadlines, engine, gatherings, matters, prompts
from officeapp.decisions import Refused
from officeapp.delegations import Delegation
from officeapp.matters import Event, Matter
from officeapp.people import Actor, Holding, Person, Post, Unit, actor
from officeapp.procedures import book

RULES = book.gathered()[0]
TEXT = {"summary": "拆除违规广告12处，办结投诉31件。", "plan": "完成主干道店招整治，王建国负责，20日前完成。"}


def collector(bureau) -> Actor:
    """Somebody of 办公室 who gathers the summaries."""
    with db.transaction() as session:
        person = Person(account="collector", name="许综合", unit_id=bureau.units["office"], position=80,
                        email="collector@bureau.test")
        post = Post(kind="summary_collector", unit_id=bureau.units["office"], title="综合科汇总", position=80)
        session.add_all([person, post])
        session.flush()
        session.add(Holding(person_id=person.id, post_id=post.id))
        session.flush()
        return actor(session, person.id)


def morning(day: str, hour: int = 9) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour), clock.ZONE)


def pass_days(first: str, last: str) -> None:
    """Each morning both sweeps run, as the timetable runs them."""
    now = morning(first)
    while now <= morning(last):
        prompts.sweep(now)
        deadlines.sweep(now)
        now += timedelta(days=1)


def opened(bureau, day: str = "2026-11-13") -> dict[str, Matter]:
    """What the calendar opened by that morning, by the key of the unit; the newest month only."""
    prompts.sweep(morning(day))
    units = {n: key for key, n in bureau.units.items()}
    with db.reading() as session:
        newest = gatherings.periods(session, RULES.kind)[0]
        found = session.scalars(select(Matter).where(Matter.kind == RULES.kind, Matter.period == newest))
        return {units[matter.unit_id]: matter for matter in found}


def go(matter: Matter, who: Actor, key: str, day: str, note: str = "同意。", **values: Any) -> Matter:
    with db.transaction() as session:
        version = matters.find(session, matter.id).version
        return engine.move(session, matter.id, key, who, version=version, note=note, values=values,
                           now=morning(day, 10))


def refusal(matter: Matter, who: Actor, key: str, day: str, **more: Any) -> Refused:
    try:
        go(matter, who, key, day, **more)
    except Refused as refused:
        return refused
    raise AssertionError(f"{key} by {who.name} was not refused")


def stored(matter: Matter) -> Matter:
    """As it lies in the database, its events telling the same."""
    with db.reading() as session:
        found = matters.find(session, matter.id)
        assert engine.replay(matters.history(session, found.id)) == engine.stored_state(found)
        assert [len(found.tasks), len(found.deadlines)]
        return found


def history(matter: Matter, what: str) -> list[Event]:
    with db.reading() as session:
        return [event for event in matters.history(session, matter.id) if event.what == what]


def stand_in(principal: Actor, delegate: Actor, day: str) -> Actor:
    """The principal as the delegate may act in his name, from that day on for a week (授权代办)."""
    with db.transaction() as session:
        session.add(Delegation(principal_id=principal.id, delegate_id=delegate.id, starts_at=morning(day, 0),
                               ends_at=morning(day) + timedelta(days=7), reason="出差", created_by=principal.id,
                               created_at=morning(day, 0)))
        session.flush()
        found = actor(session, delegate.id, morning(day, 10))
        return next(each for each in found.principals if each.id == principal.id)


def sheets(who: Actor, day: str, month: str = "2026-11") -> dict[str, gatherings.Sheet]:
    """What this person sees of a month, by the unit's name."""
    with db.reading() as session:
        rows = gatherings.year_of(session, who, RULES, int(month[:4]))
        found = gatherings.sheets(session, who, RULES, rows, gatherings.month_of(month), morning(day))
        return {sheet.unit: sheet for sheet in found}


def unit(key: str, name: str, kind: str = "section") -> int:
    """A unit founded now, with nobody at its head."""
    with db.transaction() as session:
        founded = Unit(name=name, short=name, kind=kind, position=50)
        session.add(founded)
        session.flush()
        return founded.id


def seat_head(unit_id: int, who: Actor) -> None:
    with db.transaction() as session:
        post = Post(kind="unit_head", unit_id=unit_id, title="科长", position=50)
        session.add(post)
        session.flush()
        session.add(Holding(person_id=who.id, post_id=post.id))
