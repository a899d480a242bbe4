"""The ladder, rung by rung: on its working day and not before, once, merged after an outage, never for what is done.

Each rung as its procedure declares it, in the order of the table: 提前提醒, 到期, 超期催办, 提示单, 督办通知.
"""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from officeapp import calendars, db, deadlines, engine, matters, recalendar, timing, workdays
from officeapp.deadlines import Swept
from officeapp.matters import Step
from officeapp.outbox import Message
from officeapp.people import Person
from tests import conftest, databases
from tests.counted_days import worked
from tests.procedures.ladders import LADDERS, at, inspected
from tests.procedures.supervising import Course

ROWS = [pytest.param(ladder, rung, id=f"{ladder.name}-{rung.key}") for ladder in LADDERS for rung in ladder.rungs]
PAUSED = [row for row in ROWS if row.values[0].name == "督办单"]
TEN_DAYS = timedelta(days=10)
LONG_AFTER = date(2026, 11, 20)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """ladder → (the bureau, the matter standing on it, the file where both lie), each made once."""
    made = {}

    def prepare(ladder):
        if ladder.name not in made:
            folder = tmp_path_factory.mktemp("ladder")
            databases.fresh_sqlite(folder)
            office = inspected(conftest.seeded())
            made[ladder.name] = office, ladder.begin(office), folder / "test.db"
        return made[ladder.name]

    return prepare


class Standing:
    """One rung, and a matter on the way to it, in a database of its own."""

    def __init__(self, prepared, folder, ladder, rung):
        self.office, self.course, source = prepared(ladder)
        with closing(sqlite3.connect(source)) as first, closing(sqlite3.connect(folder / "test.db")) as own:
            first.backup(own)
        db.configure(f"sqlite:///{folder / 'test.db'}")
        self.course = Course.__new__(Course)
        self.course.__dict__.update(vars(prepared(ladder)[1]))
        self.ladder, self.rung, self.day = ladder, rung, ladder.day(rung)
        self.before = worked(self.day, -1)

    def sweep(self, day, hour=9):
        self.course.now = max(at(day, hour), self.course.now)
        return deadlines.sweep(self.course.now)

    @property
    def reminders(self):
        return [event.data for event in self.course.events("reminded") if event.data["scope"] == self.ladder.scope]

    @property
    def fired(self):
        """The rungs this matter's history tells, in order."""
        return [told["rung"] for told in self.reminders]

    @property
    def documents(self):
        """The matters that this rung sent."""
        return [told["document"] for told in self.reminders if told["rung"] == self.rung.key and "document" in told]

    @property
    def times(self):
        return self.fired.count(self.rung.key)

    @property
    def deadline(self):
        with db.reading() as session:
            return [d for d in matters.deadlines_of(session, self.course.id) if d.scope == self.ladder.scope][-1]

    @property
    def states(self):
        """rung → state of its step for the due day in force."""
        with db.reading() as session:
            query = select(Step.rung, Step.state).where(Step.deadline_id == self.deadline.id,
                                                        Step.due_version == self.deadline.version)
            return dict(session.execute(query).all())

    @property
    def messages(self):
        with db.reading() as session:
            return sorted(session.scalars(select(Message.key)))


@pytest.fixture
def standing(prepared, tmp_path, request):
    return Standing(prepared, tmp_path, request.getfixturevalue("ladder"), request.getfixturevalue("rung"))


def rungs(rows):
    return pytest.mark.parametrize(("ladder", "rung"), rows)


@pytest.mark.parametrize(("start", "n", "due"), [
    (date(2026, 9, 18), 3, date(2026, 9, 22)), (date(2026, 9, 30), 5, date(2026, 10, 13)),  # K10, K09
])
def test_the_days_are_counted_as_the_worked_cases_say(start, n, due):
    assert worked(start, n) == due


@rungs(ROWS)
def test_it_fires_on_its_working_day_and_not_before(standing, ladder, rung):
    assert workdays.ending_day(standing.deadline.due_at) == ladder.due
    standing.sweep(standing.before, 18)
    standing.sweep(standing.day, 8)
    assert rung.key not in standing.fired
    standing.sweep(standing.day)
    assert standing.fired[-1] == rung.key
    event = standing.course.events("reminded")[-1]
    assert event.data["persons"] and not event.data["empty"] and event.clause == rung.clause.cite
    sent = [standing.course.stored(number) for number in standing.documents]
    assert [(each.kind, each.number in event.note) for each in sent] == ([(rung.opens, True)] if rung.opens else [])


@rungs(ROWS)
def test_it_fires_once_for_one_due_day(standing, ladder, rung):
    standing.sweep(standing.day)
    told = standing.messages
    assert standing.sweep(standing.day) == Swept() and standing.messages == told
    standing.sweep(standing.day + timedelta(days=1))
    assert (standing.times, len(standing.documents)) == (1, bool(rung.opens))


@rungs(ROWS)
def test_what_is_done_before_cancels_it(standing, ladder, rung):
    standing.sweep(standing.before)
    ladder.end(standing.office, standing.course)
    standing.sweep(standing.day)
    assert not standing.times and standing.states[rung.key] == "cancelled"


@rungs(PAUSED)
def test_a_pause_cancels_it_and_its_days_count_neither_for_the_limit_nor_as_delay(standing, ladder, rung):
    standing.sweep(standing.before)
    standing.course.go(standing.office.director, "suspend", note="等上级方案。")
    assert standing.states[rung.key] == "cancelled"  # at once: 今日将发 must not show it
    standing.sweep(standing.day)
    standing.sweep(end := worked(standing.day, 1))
    assert not standing.times
    standing.course.go(standing.office.director, "resume", note="方案已定。")
    rested = {standing.before + timedelta(days=n + 1) for n in range((end - standing.before).days)}
    due = ladder.due + timedelta(days=len(rested)) if standing.before < ladder.due else ladder.due
    assert workdays.ending_day(standing.deadline.due_at) == due
    again = ladder.day(rung, due, rested)
    standing.sweep(worked(again, -1), 18)
    assert not standing.times
    standing.sweep(again)
    assert standing.times == 1


@rungs(ROWS)
def test_a_new_due_day_arms_it_again(standing, ladder, rung):
    grant = asked_for(standing)
    standing.sweep(standing.day)
    assert standing.times == 1
    due = grant()
    assert workdays.ending_day(standing.deadline.due_at) == due
    again = ladder.day(rung, due)
    standing.sweep(worked(again, -1), 18)
    assert standing.times == 1
    standing.sweep(again)
    standing.sweep(LONG_AFTER)
    assert standing.times == 2 and len(standing.documents) == 2 * bool(rung.opens)


def asked_for(standing):
    """How this limit gets another due day: an extension asked for in time, or another calendar; → the new day."""
    begun = {each.kind for each in standing.ladder.rules.offshoots}
    if "extension_request" in begun and standing.ladder.scope == matters.CYCLE:
        return extension(standing)
    return lambda: set_anew(standing) if standing.ladder.scope == matters.CYCLE else recounted(standing)


def extension(standing):
    office, course, due = standing.office, standing.course, date(2026, 10, 20)
    head, deputy = (office.captain, office.other_deputy) if course.matter.kind == "public_matter" else (
        office.head, office.deputy)
    responsible = next(iter(course.matter.values["responsible"].values()))
    asker = next(actor for actor in vars(office).values() if getattr(actor, "id", None) == responsible)
    with db.transaction() as session:
        request = engine.open_from(session, course.id, "extension_request", asker,
                                   {"new_due": due.isoformat(), "reason": "雨雪影响。"}, now=course.now).id

    def grant():
        for who, key in ((asker, "submit"), (head, "head_pass"), (deputy, "vet_pass"), (office.chief, "grant")):
            course.go(who, key, of=request)
        return due

    return grant


def recounted(standing):
    """The bureau adopts a calendar on which the due day is a day off."""
    off = standing.ladder.due
    with db.transaction() as session:
        now = calendars.current(session)
        year = replace(now.year(2026), off={**now.year(2026).off, off: "停休"}, work={
            day: why for day, why in now.year(2026).work.items() if day != off})
        recalendar.apply(session, replace(now, years={**now.years, 2026: year}), None, standing.course.now)
    return worked(off, 1)


def set_anew(standing):
    """Nobody may ask for another day of these; the engine could still set one."""
    with db.transaction() as session:
        timing.extend(session, matters.lock(session, standing.course.id), date(2026, 10, 20), standing.course.now)
    return date(2026, 10, 20)


@rungs(ROWS)
def test_after_an_outage_it_speaks_for_those_it_overtook(standing, ladder, rung):
    standing.sweep(standing.day)
    lower, higher = [r.key for r in ladder.rungs if r.offset < rung.offset], [
        r.key for r in ladder.rungs if r.offset > rung.offset]
    assert standing.fired == [rung.key]
    assert standing.states == dict.fromkeys(lower, "merged") | {rung.key: "fired"} | dict.fromkeys(higher, "pending")


@pytest.mark.parametrize("ladder", LADDERS, ids=lambda ladder: ladder.name)
def test_ten_days_of_outage_bring_one_reminder(prepared, tmp_path, ladder):
    standing = Standing(prepared, tmp_path, ladder, ladder.rungs[0])
    standing.sweep(standing.before)
    end = standing.before + TEN_DAYS
    standing.sweep(end)
    missed = [rung for rung in ladder.rungs if ladder.day(rung) <= end]
    assert standing.fired == [missed[-1].key]
    assert [standing.states[rung.key] for rung in missed] == ["merged"] * (len(missed) - 1) + ["fired"]


@rungs(ROWS)
def test_an_empty_receiver_is_a_fault_that_the_office_and_the_administrator_hear_of(standing, ladder, rung):
    with db.transaction() as session:
        kept = (standing.office.director.id, standing.office.admin.id)
        session.execute(update(Person).where(Person.id.not_in(kept)).values(active=False))
    standing.sweep(standing.day)
    told = standing.reminders[-1]
    empty = [holder for holder in rung.to if holder.name != "office_director"]
    assert told["rung"] == rung.key and len(told["empty"]) == len(empty) + bool(rung.opens)
    with db.reading() as session:
        faults = session.scalars(select(Message.person_id).where(
            Message.matter_id == standing.course.id, Message.subject.startswith("【提醒无人接收】"),
            Message.body.contains(rung.title)))
        assert set(faults) == set(kept)
