"""督办单：登记、交办、签收、办理、反馈、跟踪、办结、归档（DB-1 … DB-13, TL4, TL5）。"""

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import delete

from officeapp import db, engine, matters, people, progress, signatures, supervision, visibility
from officeapp.workdays import ending_day
from tests.procedures.supervising import ORDER, REPORT, Course, add_inspectors, ordered, received, reported
from tests.reminding import notices_to


def due_day(matter) -> date:
    return ending_day(matter.due_at)


def test_DB_3_an_order_is_numbered_when_it_is_registered(bureau, now):
    first, second = ordered(bureau, now), ordered(bureau, now)
    assert (first.matter.number, second.matter.number) == ("督办〔2026〕1号", "督办〔2026〕2号")


def test_DB_4_each_unit_signs_for_it_and_names_who_is_responsible(bureau, now):
    course = ordered(bureau, now)
    course.go(bureau.head, "receive", responsible=bureau.drafter.id)
    assert course.matter.stage == "receipt"  # the other two have not signed yet
    assert course.matter.values["responsible"] == {str(bureau.units["appearance"]): bureau.drafter.id}
    course.go(bureau.captain, "receive", responsible=bureau.officer.id)
    course.go(bureau.lawyer, "receive", responsible=bureau.lawyer.id)
    matter = course.matter
    units = bureau.units
    assert matter.stage == "handling" and matter.values["responsible"] == {
        str(units["appearance"]): bureau.drafter.id, str(units["south"]): bureau.officer.id,
        str(units["legal"]): bureau.lawyer.id}
    assert {t.person_id for t in matter.tasks if t.state == "open"} == {
        bureau.drafter.id, bureau.officer.id, bureau.lawyer.id}


def test_DB_4_the_deputies_over_all_units_of_an_order_are_told_when_it_is_assigned(bureau, now):
    course = ordered(bureau, now)
    [said] = course.events("informed")
    assert said.note == "已抄送刘志强、孙副局"  # over 市容管理科 and 政策法规科, over 南门中队
    for deputy in (bureau.deputy, bureau.other_deputy):
        told = [m for m in notices_to(deputy.id) if m.key.startswith("informed:")]
        assert [m.subject for m in told] == ["【抄送】督办〔2026〕1号"] and "11月20日" in told[0].body
        with db.reading() as session:
            assert visibility.may_see(session, deputy, course.id)


def test_DB_4_where_no_deputy_is_in_charge_the_record_says_so(bureau, now):
    with db.transaction() as session:
        session.execute(delete(people.Portfolio))
    assert "还没有分管领导" in ordered(bureau, now).events("informed")[0].note


def test_GEN_1_nobody_signs_for_it_without_naming_a_person(bureau, now):
    refused = ordered(bureau, now).refusal(bureau.head, "receive")
    assert refused.fields == {"responsible": "请填写“责任人”。"}


@pytest.mark.parametrize("who", ["officer", "admin", "nobody"])
def test_GEN_1_the_responsible_person_is_one_of_the_unit_that_signs(bureau, now, who):
    bureau.nobody = SimpleNamespace(id=987654)
    refused = ordered(bureau, now).refusal(bureau.head, "receive", responsible=getattr(bureau, who).id)
    assert list(refused.fields) == ["responsible"]


def test_GEN_1_whom_another_unit_has_named_is_not_one_s_own(bureau, now):
    course = ordered(bureau, now)
    course.go(bureau.captain, "receive", responsible=bureau.officer.id)
    assert list(course.refusal(bureau.head, "receive", responsible=bureau.officer.id).fields) == ["responsible"]


@pytest.mark.parametrize("wrong", [{"lead_unit": 987654}, {"due_on": "20261120"}, {"assisting": [987654]}])
def test_an_order_names_units_that_exist_and_days_as_they_are_compared(bureau, now, wrong):
    with pytest.raises(engine.Refused) as refused:
        Course("supervision_order", bureau.clerk, now, **ORDER | {"lead_unit": bureau.units["appearance"]} | wrong)
    assert list(refused.value.fields) == list(wrong)


def test_DB_2_only_the_office_registers_and_assigns_an_order(bureau, now):
    with pytest.raises(engine.Refused, match="督办单由办公室主任、办公室核稿、办公室文书、办公室内勤建立"):
        Course("supervision_order", bureau.drafter, now, **ORDER, lead_unit=bureau.units["appearance"])
    course = Course("supervision_order", bureau.clerk, now, **ORDER, lead_unit=bureau.units["appearance"])
    refused = course.refusal(bureau.drafter, "assign", assigned_on="2026-11-02")
    assert refused.status == 403 and refused.clause.rule == "DB-4"


def test_DB_5_the_lead_waits_for_the_assisting_units_or_says_why_not(bureau, now):
    course = received(bureau, now)
    course.go(bureau.officer, "contribute", contribution="已清理南门夜市。")
    refused = course.refusal(bureau.drafter, "report", note="", report=REPORT)
    assert "协办单位没有反馈" in refused.sentence and refused.clause.rule == "DB-5"
    assert course.go(bureau.drafter, "report", note="政策法规科意见下周补报。", report=REPORT).stage == "head_review"


def test_DB_5_an_assisting_unit_does_not_send_the_lead_s_report(bureau, now):
    course = received(bureau, now)
    assert course.refusal(bureau.officer, "report", report=REPORT).status == 403
    assert course.refusal(bureau.drafter, "contribute", contribution="我来。").status == 403


def test_DB_8_a_report_passes_four_desks(bureau, now):
    course = reported(bureau, now)
    assert course.matter.stage == "decision"
    passed = [event.source for event in course.events("moved")][-4:]
    assert passed == ["handling", "head_review", "vetting", "office_review"]


def test_DB_9_a_report_returned_is_counted_and_done_again(bureau, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "decision_return_to_handling", note="情况不具体，重新办理。")
    assert (course.matter.stage, course.matter.returns) == ("handling", 1)
    assert [task.person_id for task in course.matter.tasks if task.state == "open"] == [bureau.drafter.id]
    assert course.refusal(bureau.officer, "contribute", contribution="又配合。").status == 403  # has done its part
    assert course.refusal(bureau.chief, "close").status == 422
    course.go(bureau.drafter, "report", report="已全部完成。")
    assert course.matter.values["report"] == "已全部完成。"


def test_TL4_the_order_ends_on_the_day_that_its_form_names(bureau, now):
    assert due_day(received(bureau, now).matter) == date(2026, 11, 20)


def test_DB_7_a_tracked_order_owes_a_report_the_same_day_of_every_month(bureau, now):
    course = reported(bureau, now.replace(month=10, day=31))  # the 31st: months without one end it on their last day
    course.go(bureau.chief, "track")
    assert [c.period for c in course.children("progress_report")] == ["2026-11-30"]
    course.until("2026-12-31")
    assert [c.period for c in course.children("progress_report")] == ["2026-11-30", "2026-12-31", "2027-01-31"]
    first = course.children("progress_report")[0]
    assert (first.stage, first.unit_id, due_day(first)) == ("writing", bureau.units["appearance"], date(2026, 11, 30))


def test_DB_7_months_of_an_outage_are_owed_each(bureau, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "track")
    course.now = course.now.replace(year=2027, month=2, day=3)
    assert progress.sweep(course.now) == (3, 0) and len(course.children("progress_report")) == 4
    assert progress.sweep(course.now) == (0, 0)


def test_DB_7_each_monthly_report_has_its_own_review_and_the_chief_may_end_the_order_with_it(bureau, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "track")
    report = course.children("progress_report")[0]
    course.go(bureau.drafter, "submit", of=report.id, progress="又完成2处。", next_step="月底前完成最后1处。")
    for who, key in ((bureau.head, "head_pass"), (bureau.deputy, "vet_pass"), (bureau.reviewer, "office_pass")):
        course.go(who, key, of=report.id)
    course.go(bureau.chief, "finish", of=report.id)
    assert course.stored(report.id).stage == "finished" and course.matter.stage == "closing"


def test_DB_7_when_the_order_is_done_no_report_is_owed_any_more(bureau, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "track")
    report = course.children("progress_report")[0]
    course.go(bureau.chief, "finish")
    left = course.stored(report.id)
    assert left.stage == "moot" and left.closed and not [d for d in left.deadlines if d.state == "open"]


def test_DB_11_closing_wants_a_result_and_the_office_director_s_signature(bureau, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "close")
    assert course.refusal(bureau.clerk, "sign_off", result="已办结。", conclusion="closed").status == 403
    assert "result" in course.refusal(bureau.director, "sign_off").fields
    course.go(bureau.director, "sign_off", result="春节前全部完成。", conclusion="closed")
    course.go(bureau.dispatcher, "archive", archived_on="2026-11-02", period="D30")
    assert course.matter.closed and course.matter.stage == "archived"


def test_DB_4_an_extension_is_asked_before_the_day_and_both_days_are_kept(bureau, now):
    course = received(bureau, now)
    asked = {"new_due": "2026-12-04", "reason": "雨雪影响施工。"}
    with db.transaction() as session:
        request = engine.open_from(session, course.id, "extension_request", bureau.drafter, asked, now=course.now)
    assert request.values["old_due"] == "2026-11-20"
    for who, key in ((bureau.drafter, "submit"), (bureau.head, "head_pass"), (bureau.deputy, "vet_pass"),
                     (bureau.chief, "grant")):
        course.go(who, key, of=request.id)
    matter = course.matter
    cycle = next(d for d in matter.deadlines if d.scope == "cycle")
    assert (due_day(matter), ending_day(cycle.original_due_at)) == (date(2026, 12, 4), date(2026, 11, 20))
    assert matter.values["due_on"] == "2026-12-04" and course.events("extended")
    with db.reading() as session:
        assert not signatures.altered(session, matters.find(session, course.id)), "the record would look rewritten"


def test_DB_4_the_day_granted_is_the_day_whatever_pause_came_before(bureau, now):
    course = received(bureau, now)
    course.go(bureau.director, "suspend", note="等上级方案。")
    course.until("2026-11-09")
    course.go(bureau.director, "resume", note="方案已定。")
    assert due_day(course.matter) == date(2026, 11, 27)  # seven days of pause
    asked = {"new_due": "2026-12-04", "reason": "雨雪影响施工。"}
    with db.transaction() as session:
        request = engine.open_from(session, course.id, "extension_request", bureau.drafter, asked, now=course.now)
    for who, key in ((bureau.drafter, "submit"), (bureau.head, "head_pass"), (bureau.deputy, "vet_pass"),
                     (bureau.chief, "grant")):
        course.go(who, key, of=request.id)
    assert due_day(course.matter) == date(2026, 12, 4)


def test_DB_10_what_was_sent_by_hand_is_not_sent_again_because_of_a_pause_of_an_hour(bureau, now):
    course = received(bureau, now)
    with db.transaction() as session:
        supervision.escalate(session, course.id, bureau.director, "notice", "不办。", version=course.matter.version,
                             now=course.now)
    course.go(bureau.director, "suspend", note="等上级方案。")
    course.go(bureau.director, "resume", note="方案已定。")
    course.until("2026-12-04")
    assert due_day(course.matter) == date(2026, 11, 20)
    assert len(course.children("supervision_notice")) == 1 and len(course.children("prompt_slip")) == 1


def test_DB_4_an_extension_after_the_day_or_by_a_stranger_is_refused(bureau, now):
    course = received(bureau, now)
    asked = {"new_due": "2026-12-04", "reason": "雨雪影响施工。"}
    with pytest.raises(engine.Refused, match="由牵头责任人、科室负责人办理"), db.transaction() as session:
        engine.open_from(session, course.id, "extension_request", bureau.officer, asked, now=course.now)
    course.until("2026-11-21")
    with pytest.raises(engine.Refused, match="时限届满前"), db.transaction() as session:
        engine.open_from(session, course.id, "extension_request", bureau.drafter, asked, now=course.now)


def test_DB_10_the_ladder_ends_with_a_numbered_notice_that_three_units_sign_for(bureau, now):
    with db.transaction() as session:
        others = add_inspectors(session, bureau)
    course = received(bureau, now)
    course.until("2026-11-24")
    assert not course.children("prompt_slip")
    course.until("2026-11-25")  # the third working day after Friday the 20th
    slip = course.children("prompt_slip")[0]
    assert slip.number == "督办提示〔2026〕1号" and "超期3个工作日" in slip.values["content"]
    assert not course.children("supervision_notice")
    course.until("2026-11-30")
    notice = course.children("supervision_notice")[0]
    assert notice.number == "督办通知〔2026〕1号" and "到期当日提醒" in notice.values["content"]
    for who in (bureau.inspector, others.assessor, others.discipline):
        course.go(who, "receive", of=notice.id)
    assert course.stored(notice.id).stage == "inspection"
    assert course.refusal(others.assessor, "answer", of=notice.id, note=" ").clause.rule == "FZ-1"
    for who in (others.assessor, others.discipline):
        assert course.go(who, "answer", of=notice.id, note="已约谈负责人。").stage == "inspection"
    course.go(bureau.inspector, "report_back", of=notice.id, findings="情况属实。")
    assert course.stored(notice.id).stage == "filed"
    assert len(course.children("supervision_notice")) == 1


def test_DB_10_the_three_units_answer_each_before_the_findings_go_back_or_it_is_said_why_not(bureau, now):
    with db.transaction() as session:
        others = add_inspectors(session, bureau)
    course = received(bureau, now)
    course.until("2026-11-30")
    notice = course.children("supervision_notice")[0]
    for who in (bureau.inspector, others.assessor, others.discipline):
        course.go(who, "receive", of=notice.id)
    refused = course.refusal(bureau.inspector, "report_back", of=notice.id, note="", findings="情况属实。")
    assert refused.clause.rule == "DB-10" and "还有没有答复的" in refused.sentence
    gone = course.go(bureau.inspector, "report_back", of=notice.id, note="监督考核科另行答复。", findings="属实。")
    assert gone.stage == "filed"


def test_DB_10_an_empty_receiver_is_a_visible_fault_and_the_others_get_the_notice(bureau, now):
    course = received(bureau, now)
    course.until("2026-11-30")
    notice = course.stored(course.children("supervision_notice")[0].id)  # 监督考核科 and 机关纪委 have nobody here
    assert [t.post_id for t in notice.tasks] == [bureau.inspector.posts[0].id]
    fault = course.events("reminded")[-1].data
    assert fault["document"] == notice.id and len(fault["empty"]) == 2 and "监督考核科" in fault["empty"][0]


def test_DB_6_only_those_it_concerns_see_an_order(bureau, now):
    course = received(bureau, now)
    names = ("drafter", "colleague", "officer", "captain", "lawyer", "deputy", "other_deputy", "inspector", "admin")
    with db.reading() as session:
        sees = {name: visibility.may_see(session, getattr(bureau, name), course.id) for name in names}
        assert matters.find(session, course.id).unit_id == bureau.units["appearance"]
    assert sees == {"drafter": True, "colleague": True, "officer": True, "captain": True, "lawyer": True,
                    "deputy": True, "other_deputy": True, "inspector": True, "admin": False}
