"""Limits are still to come, and nothing is done before what it follows (TL4, TL6, LX-8)."""

import pytest
from sqlalchemy import select

from officeapp import db, deadlines, engine, matters
from officeapp.decisions import Refused
from officeapp.matters import Matter
from tests.procedures.supervising import ORDER, SLIP, Course, received, reported
from tests.procedures.test_liaison_slip import DONE, accepted, answered
from tests.procedures.test_public_matter import brought


def registered(bureau, now, **values) -> Course:
    return Course("supervision_order", bureau.clerk, now, **ORDER | {"lead_unit": bureau.units["appearance"]} | values)


def slip(bureau, now, **values) -> Course:
    return Course("liaison_slip", bureau.drafter, now, **SLIP | {"to_unit": bureau.units["south"]} | values)


def test_TL4_a_draft_of_an_order_has_no_clock_and_the_sweep_sends_nobody_a_notice(bureau, now):
    course = registered(bureau, now, ordered_on="2024-12-31", due_on="2025-01-01")
    deadlines.sweep(now.replace(day=3))
    assert not course.matter.deadlines
    with db.reading() as session:
        assert session.scalars(select(Matter.kind)).all() == ["supervision_order"]


def test_TL4_an_order_is_assigned_only_with_a_limit_still_to_come(bureau, now):
    late = registered(bureau, now, ordered_on="2024-12-31", due_on="2025-01-01")
    refused = late.refusal(bureau.clerk, "assign", assigned_on="2026-11-02")
    assert refused.clause.rule == "DB-7" and refused.sentence == "“时间要求”不能早于今天，请改为今天或以后的日期。"
    today = registered(bureau, now, due_on="2026-11-02")
    assert today.go(bureau.clerk, "assign", assigned_on="2026-11-02").stage == "receipt"


def test_TL4_an_order_is_not_assigned_after_its_limit(bureau, now):
    refused = registered(bureau, now).refusal(bureau.clerk, "assign", assigned_on="2026-11-21")
    assert refused.clause.rule == "DB-4" and "“交办日期”不能晚于“时间要求”" in refused.sentence


@pytest.mark.parametrize(("day", "fits"), [("2028-11-02", True), ("2028-11-03", False), ("2099-01-01", False)])
def test_TL4_a_limit_more_than_two_years_off_is_asked_about(bureau, now, day, fits):
    if fits:
        assert registered(bureau, now, due_on=day).id
        return
    with pytest.raises(Refused, match="请核对年份"):
        registered(bureau, now, due_on=day)


def test_DB_11_an_order_is_not_archived_before_it_was_registered_nor_tomorrow(bureau, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "close")
    course.go(bureau.director, "sign_off", result="已完成。", conclusion="closed")
    for day, said in (("2026-11-01", "不能早于本件的登记日期"), ("2026-11-03", "不能晚于今天")):
        refused = course.refusal(bureau.dispatcher, "archive", archived_on=day, period="D30")
        assert refused.clause.rule == "DB-11" and said in refused.sentence
    assert course.go(bureau.dispatcher, "archive", archived_on="2026-11-02", period="D30").closed


def test_TL6_a_slip_whose_day_is_over_is_neither_submitted_nor_sent(bureau, now):
    past = slip(bureau, now, due_on="2020-01-01")
    assert "不能早于今天" in past.refusal(bureau.drafter, "submit").sentence
    waited = slip(bureau, now, due_on="2026-11-03")
    waited.go(bureau.drafter, "submit")
    waited.until("2026-11-04")
    refused = waited.refusal(bureau.head, "send")
    assert refused.clause.rule == "LX-3" and "不能早于今天" in refused.sentence


def test_TL6_a_slip_leaves_a_working_day_or_says_why_not(bureau, now):
    course = slip(bureau, now, due_on="2026-11-02")
    refused = course.refusal(bureau.drafter, "submit", note="")
    assert refused.clause.rule == "LX-4" and "至少应留出1个工作日" in refused.sentence
    course.go(bureau.drafter, "submit", note="今晚有大风，须当天清理。")
    assert course.go(bureau.head, "send").stage == "receipt"


@pytest.mark.parametrize(("today", "asked", "fits"), [
    ("2026-11-06", "2026-11-07", False), ("2026-11-06", "2026-11-08", False), ("2026-11-06", "2026-11-09", True),
    ("2026-10-09", "2026-10-10", True),  # a Saturday that is worked
    ("2026-09-30", "2026-10-07", False), ("2026-09-30", "2026-10-08", True)])
def test_TL6_days_of_rest_are_no_working_day_that_is_left(bureau, now, today, asked, fits):
    course = slip(bureau, now.replace(month=9, day=1), due_on=asked)
    course.until(today)
    if not fits:
        assert "至少应留出1个工作日" in course.refusal(bureau.drafter, "submit", note="").sentence
    reason = "" if fits else "休息日期间须清理。"
    assert course.go(bureau.drafter, "submit", note=reason).stage == "sender_sign"


@pytest.mark.parametrize(("way", "day", "said"), [
    ("system", "2020-01-01", "不能早于本件的登记日期"), ("paper", "2026-11-01", "不能早于本件的登记日期"),
    ("system", "2026-11-02", "不能早于本件发出的日期"), ("system", "2026-11-04", "不能晚于今天")])
def test_LX_3_a_slip_is_not_received_before_it_was_sent_nor_tomorrow(bureau, now, way, day, said):
    course = slip(bureau, now)
    course.go(bureau.drafter, "submit")
    course.until("2026-11-03")
    course.go(bureau.head, "send")
    refused = course.refusal(bureau.captain, "accept", received_by=way, received_on=day, responsible=bureau.officer.id)
    assert refused.clause.rule == "LX-3" and said in refused.sentence


def test_LX_3_a_slip_that_went_ahead_on_paper_may_be_received_before_it_was_sent_here(bureau, now):
    course = slip(bureau, now)
    course.go(bureau.drafter, "submit")
    course.until("2026-11-03")
    course.go(bureau.head, "send")
    received_on = {"received_by": "paper", "received_on": "2026-11-02", "responsible": bureau.officer.id}
    assert course.go(bureau.captain, "accept", **received_on).stage == "handling"


def test_LX_8_what_a_slip_asks_is_not_done_before_it_was_received(bureau, now):
    refused = accepted(bureau, now).refusal(bureau.officer, "answer", **DONE | {"done_on": "2020-01-01"})
    assert refused.clause.rule == "LX-8" and "不能早于“接收日期”" in refused.sentence


def test_LX_8_who_accepted_has_not_refused(bureau, now):
    refused = answered(bureau, now).refusal(bureau.head, "judge", outcome="refused")
    assert refused.clause.rule == "LX-7" and "已经接收办理" in refused.sentence


def test_LX_8_what_was_done_in_time_is_not_undone(bureau, now):
    refused = answered(bureau, now).refusal(bureau.head, "judge", outcome="undone")
    assert refused.clause.rule == "LX-8" and "请退回办理" in refused.sentence
    late = answered(bureau, now, done_on="2026-11-16")
    assert late.go(bureau.head, "judge", outcome="undone").stage == "archiving"


def test_TL16_a_day_promised_to_a_citizen_is_still_to_come_when_it_is_promised(bureau, now):
    for past in ("2020-01-01", "2026-11-01"):  # yesterday, too
        with pytest.raises(Refused, match="“约定答复日期”不能早于今天"):
            brought(bureau, now, due_on=past)
    course = brought(bureau, now, due_on="2026-11-03")
    with pytest.raises(Refused, match="“约定答复日期”不能早于今天"):
        edit(course, bureau.officer, due_on="2026-10-30")
    course.until("2026-11-05")
    edit(course, bureau.officer, title="楼下油烟")  # what was promised stands, though its day is over
    assert course.go(bureau.officer, "assign").stage == "receipt"


@pytest.mark.parametrize(("phone", "fits"), [
    ("abc<script>", False), ("问过再填", False), ("0577-88001234转806", True), ("138 0000 0000", True), ("", True)])
def test_QZ_4_a_telephone_is_a_number(bureau, now, phone, fits):
    if fits:
        assert brought(bureau, now, phone=phone).id
        return
    with pytest.raises(Refused, match="“联系电话”只填号码"):
        brought(bureau, now, phone=phone)


def test_DB_4_another_day_is_not_years_off_either(bureau, now):
    course = received(bureau, now)
    asked = {"new_due": "2030-01-01", "reason": "雨雪影响施工。"}
    with pytest.raises(Refused, match="请核对年份"), db.transaction() as session:
        engine.open_from(session, course.id, "extension_request", bureau.drafter, asked, now=course.now)


def edit(course: Course, who, **values) -> None:
    with db.transaction() as session:
        version = matters.find(session, course.id).version
        engine.edit(session, course.id, who, values, None, version=version, now=course.now)


