"""Standing in on 督办单: what a task brings along passes with it, what is no task does not (DB-4, DB-7)."""

from datetime import date

import pytest

from officeapp import db, engine, grants, matters, offshoots, people
from officeapp.decisions import Refused
from tests.procedures.supervising import received, reported
from tests.procedures.test_supervision_order import due_day


def stood_in(delegate, principal, now):
    """The principal as that person acts in his name, all of November."""
    with db.transaction() as session:
        grants.grant(session, principal.id, delegate.id, now.date(), date(2026, 11, 30), "出差", by=principal, now=now)
    with db.reading() as session:
        return people.actor(session, delegate.id, now).principals[0]


def test_the_stand_in_asks_for_an_extension_and_it_is_the_principals(bureau, now):
    course = received(bureau, now)
    face = stood_in(bureau.colleague, bureau.drafter, now)
    asked = {"new_due": "2026-12-04", "reason": "雨雪影响施工。"}
    with db.transaction() as session:
        request = engine.open_from(session, course.id, "extension_request", face, asked, now=course.now)
    ways = ((face, "submit"), (bureau.head, "head_pass"), (bureau.deputy, "vet_pass"), (bureau.chief, "grant"))
    for who, key in ways:
        course.go(who, key, of=request.id)
    assert due_day(course.matter) == date(2026, 12, 4)
    child = course.stored(request.id)
    with db.reading() as session:
        opened, sent, *_ = matters.history(session, request.id)
    assert child.drafter_id == bureau.drafter.id
    for event in (opened, sent):
        assert (event.actor_id, event.principal_id) == (bureau.colleague.id, bureau.drafter.id)


def test_he_does_not_ask_once_the_order_lies_on_another_desk(bureau, now):
    course = reported(bureau, now)
    face = stood_in(bureau.colleague, bureau.head, now)
    with db.reading() as session:
        assert offshoots.open_to(session, course.matter, face, course.now) == []
    with pytest.raises(Refused), db.transaction() as session:
        engine.open_from(session, course.id, "extension_request", face, {}, now=course.now)


def test_what_follows_from_a_signature_follows_from_a_stand_ins_too(bureau, now):
    """DB-7: the chief's 同意办结 on a monthly report ends the order, whoever signs in his name."""
    course = reported(bureau, now)
    course.go(bureau.chief, "track")
    report = course.children("progress_report")[0]
    face = stood_in(bureau.secretary, bureau.chief, now)
    assert course.refusal(face, "finish").status == 403, "the order itself is on nobody's desk but its lead's"
    course.go(bureau.drafter, "submit", of=report.id, progress="又完成2处。", next_step="月底前完成最后1处。")
    for who, key in ((bureau.head, "head_pass"), (bureau.deputy, "vet_pass"), (bureau.reviewer, "office_pass"),
                     (face, "finish")):
        course.go(who, key, of=report.id)
    assert course.stored(report.id).stage == "finished" and course.matter.stage == "closing"
    last = course.events("moved")[-1]
    assert (last.actor_id, last.principal_id) == (bureau.secretary.id, bureau.chief.id)
