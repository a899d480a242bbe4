"""A matter ends while what belongs to it is under way, on PostgreSQL: no change is lost, nobody waits for ever."""

import threading
from datetime import date

import pytest

from officeapp import db, engine, matters
from officeapp.decisions import Stale
from tests import conftest, databases
from tests.procedures.ladders import at, inspected, order
from tests.procedures.supervising import reported

FORM = {"title": "请延期", "old_due": "2026-09-28", "new_due": "2026-10-20", "reason": "等待批复。"}


@pytest.fixture
def office():
    databases.fresh_postgresql()
    return inspected(conftest.seeded())


def both(first, second):
    """The second begins when the first has changed its matter; the first ends when the second waits, or has ended."""
    changed, told = threading.Event(), {}

    def begin():
        with db.transaction() as session:
            first(session)
            changed.set()
            other.join(1)

    def go_on():
        changed.wait(30)
        try:
            with db.transaction() as session:
                second(session)
        except Exception as fault:
            told["fault"] = fault

    one, other = threading.Thread(target=begin), threading.Thread(target=go_on)
    for each in (one, other):
        each.start()
    one.join(60)
    other.join(60)
    return told.get("fault")


def move(course, matter_id, who, key, **values):
    with db.reading() as session:
        version = matters.find(session, matter_id).version
    return lambda session: engine.move(session, matter_id, key, who, version=version, note="同意。", values=values,
                                       now=course.now)


def test_a_report_sent_while_its_order_is_finished_is_ended_where_it_has_come_to(office):
    course = reported(office, at(date(2026, 8, 26)))
    course.go(office.chief, "track")
    report = course.children("progress_report")[0].id
    sends = move(course, report, office.drafter, "submit", progress="完成八成。", next_step="下月完工。")
    assert both(sends, move(course, course.id, office.chief, "finish")) is None
    found = course.stored(report)
    assert (found.stage, found.version) == ("moot", 3)
    assert [(task.stage, task.state) for task in found.tasks] == [("writing", "done"), ("head_review", "dropped")]


def test_an_extension_granted_while_its_order_is_called_off_waits_for_no_one_that_waits_for_it(office, monkeypatch):
    course = order(office)
    with db.transaction() as session:
        asked = engine.open_from(session, course.id, "extension_request", office.drafter, FORM, now=course.now).id
    for who, key in ((office.drafter, "submit"), (office.head, "head_pass"), (office.deputy, "vet_pass")):
        course.go(who, key, of=asked)
    calls_off, given = move(course, course.id, office.director, "handling_void"), threading.Event()
    grants, passed_on = move(course, asked, office.chief, "grant"), engine._pass_on

    def slowly(session, matter, *more):
        given.set()
        rival.join(1)  # the moment between the two locks
        return passed_on(session, matter, *more)

    monkeypatch.setattr(engine, "_pass_on", slowly)
    faults = []

    def call_off():
        given.wait(30)
        try:
            with db.transaction() as session:
                calls_off(session)
        except Stale as fault:
            faults.append(fault)

    rival = threading.Thread(target=call_off)
    rival.start()
    with db.transaction() as session:
        grants(session)
    rival.join(60)
    assert len(faults) == 1 and course.stored(asked).stage == "granted"
