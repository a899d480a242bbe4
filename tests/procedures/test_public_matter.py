"""群众事务：登记、当场办结或交办、答复、异议另行复查（QZ-1 … QZ-5, JG-3, JG-7, TL16）。"""

from datetime import date

import pytest

from officeapp import db, engine
from officeapp.decisions import Refused
from officeapp.workdays import ending_day
from tests.desks import doors
from tests.procedures.supervising import Course

BROUGHT = {"title": "楼下夜宵摊油烟扰民", "way": "visit", "citizen": "张先生", "phone": "13900000000",
           "content": "每晚十点后油烟大，请管一管。", "clock": "agreed", "due_on": ""}


def brought(bureau, now, **values) -> Course:
    return Course("public_matter", bureau.officer, now, **BROUGHT | {"unit": bureau.units["south"]} | values)


def answered(bureau, now) -> Course:
    course = brought(bureau, now)
    course.go(bureau.officer, "assign")
    course.go(bureau.captain, "accept", responsible=bureau.officer.id)
    course.go(bureau.officer, "report", result="已责令整改。", explanation="已说明整改期限。")
    course.go(bureau.captain, "pass")
    return course


def test_QZ_2_what_can_be_solved_at_once_is_closed_at_the_counter(bureau, now):
    course = brought(bureau, now, clock="at_once")
    course.go(bureau.officer, "settle", answer="已当场告知办理地点。")
    course.go(bureau.officer, "archive", period="D10")
    assert course.matter.closed and course.matter.number == "群众〔2026〕1号"


@pytest.mark.parametrize("typed", [
    {"title": "13900000000来电反映油烟"}, {"title": "0577-88123456来电"},
    {"content": "本人330302199001011234反映油烟。"}, {"content": "身份证33030219900101123X。"}])
def test_no_identity_number_is_kept_and_no_telephone_where_all_read_it(bureau, now, typed):
    with pytest.raises(Refused, match="不登记身份证号码"):
        brought(bureau, now, **typed)


def test_a_telephone_in_what_was_said_and_a_long_number_of_a_case_may_stand(bureau, now):
    brought(bureau, now, content="请打13900000000，案件202611020001号。", title="2026年110号店油烟")


def test_a_petition_is_not_settled_at_the_counter(bureau, now):
    refused = brought(bureau, now, clock="petition").refusal(bureau.officer, "settle", answer="已告知。")
    assert refused.clause.rule == "QZ-2"


@pytest.mark.parametrize(("clock", "asked", "due"), [
    ("at_once", "", date(2026, 11, 3)), ("agreed", "", date(2026, 11, 9)), ("agreed", "2026-11-16", date(2026, 11, 16)),
    ("petition", "", date(2027, 1, 4)),  # 60 days end on New Year's Day; the 4th is the next working day
])
def test_TL16_each_clock_counts_as_its_law_says(bureau, now, clock, asked, due):
    matter = brought(bureau, now, clock=clock, due_on=asked).matter
    assert ending_day(next(d for d in matter.deadlines if d.scope == "cycle").due_at) == due


def test_QZ_2_the_citizen_is_told_and_what_he_was_told_is_kept(bureau, now):
    course = answered(bureau, now)
    assert "answered_on" in course.refusal(bureau.officer, "answer", answered_by="phone").fields
    assert course.go(bureau.officer, "answer", answered_by="phone", answered_on="2026-11-02").stage == "archiving"


def test_JG_7_an_objection_is_reviewed_by_another_person(bureau, now):
    course = answered(bureau, now)
    told = {"answered_by": "face", "answered_on": "2026-11-02", "objection": "整改不到位。"}
    course.go(bureau.officer, "object", **told)
    refused = course.refusal(bureau.captain, "appoint", reviewer=bureau.officer.id)
    assert refused.clause.rule == "JG-7" and "另选复查人" in refused.sentence
    course.go(bureau.captain, "appoint", reviewer=bureau.colleague.id)
    assert course.refusal(bureau.officer, "reviewed", review="维持。").status == 403
    assert course.go(bureau.colleague, "reviewed", review="已再次查处。").stage == "answering"


def taken_on(bureau, now) -> Course:
    """A petition in hand, its writer not yet told that it is taken on."""
    course = brought(bureau, now, clock="petition")
    course.go(bureau.officer, "assign")
    course.now = now.replace(day=6)
    course.go(bureau.captain, "accept_petition", responsible=bureau.officer.id)
    return course


def test_TL16_within_fifteen_days_of_its_coming_a_petitioner_is_told_whether_it_is_taken_on(bureau, now):
    course = taken_on(bureau, now)
    telling = next(d for d in course.matter.deadlines if d.scope == "acceptance")
    assert ending_day(telling.due_at) == date(2026, 11, 17)  # from the day it came, not the day it was passed on
    assert course.refusal(bureau.officer, "told", told_by="letter").fields == {"told_on": "请填写“受理告知日期”。"}
    assert course.go(bureau.officer, "told", told_by="letter", told_on="2026-11-06").stage == "handling"


def test_JG_3_what_is_not_taken_on_is_declined_with_reasons(bureau, now):
    course = taken_on(bureau, now)
    assert course.refusal(bureau.officer, "acceptance_void", note=" ").clause.rule == "JG-3"
    assert course.go(bureau.officer, "acceptance_void", note="已由法院受理。").stage == "voided"


def asked_for(course, bureau, day: str):
    asked = {"new_due": day, "reason": "须现场检测。"}
    with db.transaction() as session:
        return engine.open_from(session, course.id, "extension_request", bureau.officer, asked, now=course.now)


def test_TL16_a_petition_is_extended_by_thirty_days_at_most(bureau, now):
    course = taken_on(bureau, now)  # due on 4 January 2027
    with pytest.raises(Refused, match="不超过30日，最迟到2027-02-03") as refused:
        asked_for(course, bureau, "2027-02-04")
    assert refused.value.clause.place == "第三十四条"
    assert asked_for(course, bureau, "2027-02-03").stage == "writing"


def extended(course, bureau, day: str) -> None:
    request = asked_for(course, bureau, day)
    for who, key in ((bureau.officer, "submit"), (bureau.captain, "head_pass"), (bureau.other_deputy, "vet_pass"),
                     (bureau.chief, "grant")):
        course.go(who, key, of=request.id)


def test_TL16_a_petition_is_extended_once(bureau, now):
    course = taken_on(bureau, now)
    refused = asked_for(course, bureau, "2027-01-20")
    for who, key in ((bureau.officer, "submit"), (bureau.captain, "head_pass"), (bureau.other_deputy, "vet_pass"),
                     (bureau.chief, "refuse")):
        course.go(who, key, of=refused.id)
    extended(course, bureau, "2027-01-20")  # what was refused had not extended it
    with pytest.raises(Refused, match="已经延长过一次（不超过30日），不能再延") as again:
        asked_for(course, bureau, "2027-02-03")
    assert again.value.clause.place == "第三十四条"


def test_TL16_the_thirty_days_are_a_petition_s_and_not_of_a_day_agreed_with_the_citizen(bureau, now):
    course = brought(bureau, now)  # due on the 9th
    course.go(bureau.officer, "assign")
    course.go(bureau.captain, "accept", responsible=bureau.officer.id)
    extended(course, bureau, "2026-12-20")
    extended(course, bureau, "2027-01-20")
    assert course.matter.values["due_on"] == "2027-01-20"


def test_TL16_nor_is_it_granted_for_longer_when_the_day_was_changed_meanwhile(bureau, now):
    course = taken_on(bureau, now)
    request = asked_for(course, bureau, "2027-02-03")
    with db.transaction() as session:
        form = {"new_due": "2027-03-01"}
        engine.edit(session, request.id, bureau.officer, form, None, version=request.version, now=course.now)
    for who, key in ((bureau.officer, "submit"), (bureau.captain, "head_pass"), (bureau.other_deputy, "vet_pass")):
        course.go(who, key, of=request.id)
    assert course.refusal(bureau.chief, "grant", of=request.id).clause.place == "第三十四条"


def test_QZ_3_the_register_names_head_and_handler_of_what_is_late(bureau, now, database, tmp_path):
    course = brought(bureau, now.replace(year=2025, day=3))
    course.go(bureau.officer, "assign")
    course.go(bureau.captain, "accept", responsible=bureau.officer.id)
    page = doors(database, tmp_path)(bureau.captain).get("/ledgers/public-matter").text
    assert "超期责任人" in page and "李强；何军" in page


def test_TL16_a_petition_that_is_not_ours_goes_back_with_reasons(bureau, now):
    course = brought(bureau, now, clock="petition")
    course.go(bureau.officer, "assign")
    receipt = next(d for d in course.matter.deadlines if d.scope == "receipt")
    assert (receipt.n, receipt.unit) == (5, "workday")
    back = "receipt_return_to_registration"
    assert course.refusal(bureau.captain, back, note="").clause.rule == "TL16"
    assert course.go(bureau.captain, back, note="属生态环境部门职责。").stage == "registration"


@pytest.mark.parametrize("clock", ["at_once", "agreed"])
def test_QZ_4_what_is_no_petition_is_taken_up_within_a_working_day(bureau, now, clock):
    course = brought(bureau, now, clock=clock)
    course.go(bureau.officer, "assign")
    receipt = next(d for d in course.matter.deadlines if d.scope == "receipt")
    assert (receipt.n, receipt.unit) == (1, "workday")
