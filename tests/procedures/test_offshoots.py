"""What comes of an order and what it goes back to: reports, extensions, documents (DB-4, DB-7, DB-10)."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from officeapp import db, engine, supervision
from officeapp.decisions import Refused
from officeapp.delegations import Delegation
from officeapp.outbox import Message
from officeapp.people import Delegate
from officeapp.supervision import Contact
from tests.procedures.supervising import Course, ordered, received, reported

LATER = {"new_due": "2026-12-04", "reason": "雨雪影响施工。"}


def asked(course: Course, who, **values) -> int:
    with db.transaction() as session:
        return engine.open_from(session, course.id, "extension_request", who, LATER | values, now=course.now).id


def granted(course: Course, bureau, request: int) -> None:
    for who, key in ((bureau.drafter, "submit"), (bureau.head, "head_pass"), (bureau.deputy, "vet_pass"),
                     (bureau.chief, "grant")):
        course.go(who, key, of=request)


def filed(course: Course, bureau, report: int, last: str = "keep_tracking") -> None:
    course.go(bureau.drafter, "submit", of=report, progress="又完成2处。", next_step="月底前完成。")
    for who, key in ((bureau.head, "head_pass"), (bureau.deputy, "vet_pass"), (bureau.reviewer, "office_pass"),
                     (bureau.chief, last)):
        course.go(who, key, of=report)


@pytest.mark.parametrize("kind", ["progress_report", "extension_request", "prompt_slip", "supervision_notice"])
def test_what_belongs_to_another_matter_is_not_begun_by_itself(bureau, now, kind):
    with pytest.raises(Refused, match="不能单独建立"):
        Course(kind, bureau.director, now, title="某事", content="某事", due_on="2026-11-20", old_due="2026-11-20",
               **LATER)


def test_DB_4_after_one_extension_another_may_be_asked_until_the_new_day(bureau, now):
    course = received(bureau, now)
    granted(course, bureau, asked(course, bureau.drafter))
    course.until("2026-11-30")  # the first day, the 20th, is over
    assert asked(course, bureau.drafter, new_due="2026-12-18")


def told_of_the_day(course) -> set[str]:
    """What notices say of a day that was moved."""
    with db.reading() as session:
        return set(session.scalars(select(Message.body).where(
            Message.matter_id == course.id, Message.key.startswith("due_changed:"), Message.channel == "notice")))


def test_DB_4_who_has_yet_to_sign_for_an_order_hears_of_the_day_that_was_extended_not_of_his_own(bureau, now):
    course = ordered(bureau, now)
    request = asked(course, bureau.head)
    for who, key in ((bureau.head, "submit"), (bureau.head, "head_pass"), (bureau.deputy, "vet_pass"),
                     (bureau.chief, "grant")):
        course.go(who, key, of=request)
    assert course.matter.due_at.date().isoformat() == "2026-11-03", "the signing is due as before"
    assert told_of_the_day(course) == {"办理期限由2026年11月20日调整为2026年12月4日：延期已批准"}


def test_DB_4_a_day_granted_while_an_order_stands_still_is_told_and_kept_at_once(bureau, now):
    course = received(bureau, now)
    request = asked(course, bureau.drafter)
    course.go(bureau.director, "suspend", note="等上级方案。")
    granted(course, bureau, request)
    assert told_of_the_day(course) == {"办理期限由2026年11月20日调整为2026年12月4日：延期已批准"}
    assert course.events("extended")[0].data["due"] == ["2026-11-20", "2026-12-04"]
    course.go(bureau.director, "resume", note="方案已定。")
    course.until("2026-12-04")
    assert [told.data["rung"] for told in course.events("reminded")] == ["before_3", "on_the_day"]


def test_DB_4_a_day_that_is_over_by_now_is_not_granted(bureau, now):
    course = received(bureau, now)
    request = asked(course, bureau.drafter)
    for who, key in ((bureau.drafter, "submit"), (bureau.head, "head_pass"), (bureau.deputy, "vet_pass")):
        course.go(who, key, of=request)
    course.until("2026-12-05")
    refused = course.refusal(bureau.chief, "grant", of=request)
    assert refused.clause.rule == "DB-4" and "“申请延至”的日期已经过去，请退回申请人" in refused.sentence
    assert course.matter.values["due_on"] == "2026-11-20"
    assert course.go(bureau.chief, "refuse", of=request).stage == "refused"


def test_DB_4_a_day_granted_after_the_first_is_over_calls_off_what_was_to_be_told_of_that(bureau, now):
    course = received(bureau, now)
    request = asked(course, bureau.drafter)
    course.until("2026-11-24")
    told = [event.data["rung"] for event in course.events("reminded")]
    assert told == ["before_3", "on_the_day", "overdue"]
    granted(course, bureau, request)
    course.until("2026-11-30")
    assert [event.data["rung"] for event in course.events("reminded")] == told, "six days over the first, none over it"
    course.until("2026-12-01")
    assert course.events("reminded")[-1].data["rung"] == "before_3"


def test_DB_4_one_extension_at_a_time(bureau, now):
    course = received(bureau, now)
    asked(course, bureau.drafter)
    with pytest.raises(Refused, match="已有一件申请延期正在办理"):
        asked(course, bureau.drafter)


def test_DB_4_no_extension_once_the_report_is_on_its_way(bureau, now):
    course = reported(bureau, now)
    with pytest.raises(Refused, match="「主要领导审定」环节不能「申请延期」"):
        asked(course, bureau.drafter)


def test_who_stands_in_asks_for_an_extension_only_of_what_lies_on_that_desk(bureau, now):
    course = received(bureau, now)
    with db.transaction() as session:
        session.add(Delegation(principal_id=bureau.head.id, delegate_id=bureau.colleague.id, starts_at=now,
                               ends_at=now.replace(year=2027), created_by=bureau.head.id, created_at=now))
    stand_in = replace(bureau.head, delegate=Delegate(bureau.colleague.id, bureau.colleague.name))
    with pytest.raises(Refused, match="现在不在王建国手上"):
        asked(course, stand_in)
    assert asked(course, bureau.head)


def test_DB_7_reports_that_were_filed_stay_as_they_are_when_the_order_is_done(bureau, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "track")
    first = course.children("progress_report")[0].id
    filed(course, bureau, first)
    before = course.stored(first).version
    course.until("2026-12-02")
    second = course.children("progress_report")[1].id
    filed(course, bureau, second, "finish")
    assert (course.stored(first).stage, course.stored(first).version) == ("filed", before)
    assert [course.stored(second).stage, course.matter.stage] == ["finished", "closing"]


def test_what_is_done_without_an_archive_has_met_its_limit_and_what_falls_away_has_none(bureau, now):
    course = received(bureau, now)
    with db.transaction() as session:
        supervision.escalate(session, course.id, bureau.director, "prompt_slip", "不办。",
                             version=course.matter.version, now=course.now)
    slip = course.children("prompt_slip")[0].id
    request = asked(course, bureau.drafter)
    course.go(bureau.head, "answer", of=slip, measures="本周内完成。")
    assert course.stored(slip).met_at == course.now
    course.go(bureau.director, "handling_void", note="不用再办。")
    assert (course.stored(request).stage, course.stored(request).met_at) == ("moot", None)


def test_DB_7_who_was_writing_a_report_is_told_that_it_falls_away_with_its_order(bureau, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "track")
    report = course.children("progress_report")[0].id
    course.go(bureau.chief, "finish")
    with db.reading() as session:
        query = select(Message).where(Message.matter_id == report, Message.key.startswith("fallen_away:"))
        [told] = session.scalars(query)
    assert (told.person_id, told.channel, told.subject) == (
        bureau.drafter.id, "notice", f"【免办】进展报告（事项编号{report}）（免报）")
    assert told.body == "督办单已结案，本件随之终止，您不用再办。"


def test_DB_10_nobody_is_called_about_what_is_closed(bureau, now):
    course = received(bureau, now)
    course.go(bureau.director, "handling_void", note="不用再办。")
    with pytest.raises(Refused, match="不用再督办"), db.transaction() as session:
        supervision.contact(session, course.id, bureau.director, Contact("phone", "李强", "人手不足。", "再催。"),
                            now=course.now)
