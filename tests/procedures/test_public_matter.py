"""群众事务：登记、当场办结或交办、答复、异议另行复查（QZ-1 … QZ-5, JG-3, JG-7, TL16）。"""

from datetime import date

import pytest

from officeapp.workdays import ending_day
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
