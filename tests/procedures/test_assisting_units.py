"""督办单: what the lead does about the parts of the assisting units (DB-5 牵头科室要主动与会办科室积极配合)."""

import pytest
from sqlalchemy import select

from officeapp import db
from officeapp.outbox import Message
from tests.desks import doors
from tests.procedures.supervising import REPORT, ordered, received, reported


def sent_back(bureau, now):
    """An order returned by the chief: the lead is to handle it anew, both assisting units had done their part."""
    course = reported(bureau, now)
    course.go(bureau.chief, "decision_return_to_handling", note="夜市情况不具体。")
    return course


def asked(course, bureau, *units):
    return course.go(bureau.drafter, "ask_again", "请补充夜市的数字。", asked_again=[bureau.units[u] for u in units])


def at_work(course):
    return {task.person_id for task in course.matter.tasks if task.state == "open"}


def test_DB_5_the_lead_asks_one_assisting_unit_anew_and_waits_for_it(bureau, now):
    course = sent_back(bureau, now)
    assert at_work(course) == {bureau.drafter.id}
    assert asked(course, bureau, "south").stage == "handling"
    assert at_work(course) == {bureau.drafter.id, bureau.officer.id}, "the other unit has nothing to mend"
    assert course.matter.values["contribution"][str(bureau.units["south"])] == "已配合。", "it stands until then"
    refused = course.refusal(bureau.drafter, "report", note="", report=REPORT)
    assert "协办单位没有反馈" in refused.sentence and refused.clause.rule == "DB-5"
    course.go(bureau.officer, "contribute", contribution="清理占道摊点31处。")
    assert course.matter.values["contribution"][str(bureau.units["south"])] == "清理占道摊点31处。"
    assert course.matter.values["contribution"][str(bureau.units["legal"])] == "已配合。"
    assert course.matter.values["asked_again"] == [] and at_work(course) == {bureau.drafter.id}
    assert course.refusal(bureau.officer, "contribute", contribution="再补。").status == 403
    assert course.go(bureau.drafter, "report", note="", report=REPORT).stage == "head_review"


def test_DB_9_an_order_whose_lead_asks_for_more_is_still_being_mended(bureau, now):
    course = sent_back(bureau, now)
    asked(course, bureau, "south")
    assert (course.matter.returned_from, course.matter.returns) == ("decision", 1)


def test_DB_5_a_unit_asked_twice_and_another_are_both_heard(bureau, now):
    course = sent_back(bureau, now)
    asked(course, bureau, "south"), asked(course, bureau, "south", "legal")
    course.go(bureau.lawyer, "contribute", contribution="已审核。")
    assert at_work(course) == {bureau.drafter.id, bureau.officer.id}


def test_DB_5_who_is_asked_anew_hears_of_it_and_who_asks_does_not(bureau, now):
    course = sent_back(bureau, now)
    asked(course, bureau, "south")
    with db.reading() as session:
        query = select(Message.person_id, Message.body).where(Message.matter_id == course.id,
                                                              Message.body.contains("请协办单位重新反馈"))
        assert session.execute(query).all() == [
            (bureau.officer.id, "林晓转来（请协办单位重新反馈），请办理。期限：2026年11月20日。")]


@pytest.mark.parametrize("who", ["officer", "head", "clerk"])
def test_DB_5_only_the_lead_asks_anew(bureau, now, who):
    course = sent_back(bureau, now)
    said = {"asked_again": [bureau.units["south"]]}
    assert course.refusal(getattr(bureau, who), "ask_again", **said).status == 403


def test_DB_5_nobody_is_asked_anew_who_does_not_assist_or_without_a_word(bureau, now):
    course = sent_back(bureau, now)
    for units in ([bureau.units["command"]], [bureau.units["south"], bureau.units["appearance"]]):
        assert "asked_again" in course.refusal(bureau.drafter, "ask_again", asked_again=units).fields
    assert "asked_again" in course.refusal(bureau.drafter, "ask_again", asked_again=[]).fields
    assert course.refusal(bureau.drafter, "ask_again", note="", asked_again=[bureau.units["south"]]).fields == {
        "note": "请填写意见或理由。"}


def test_DB_5_before_any_unit_has_answered_there_is_nothing_to_ask_anew(bureau, now):
    course = received(bureau, now)
    refused = course.refusal(bureau.drafter, "ask_again", asked_again=[bureau.units["south"]])
    assert "已有协办单位反馈" in refused.sentence


def test_DB_5_the_forms_offer_the_assisting_units_and_show_what_was_said_before(bureau, database, tmp_path, now):
    course, enter = sent_back(bureau, now), doors(database, tmp_path)
    form = enter(bureau.drafter).get(f"/matters/{course.id}/moves/ask_again").text
    choice = form[form.index("请重新反馈的协办单位"):]
    assert "南门中队" in choice and "政策法规科" in choice and "指挥中心" not in choice
    asked(course, bureau, "south")
    assert "已配合。</textarea>" in enter(bureau.officer).get(f"/matters/{course.id}/moves/contribute").text


def test_DB_5_without_assisting_units_the_lead_is_not_offered_it(bureau, database, tmp_path, now):
    course = ordered(bureau, now, assisting=[])
    course.go(bureau.head, "receive", responsible=bureau.drafter.id)
    assert "请协办单位重新反馈" not in doors(database, tmp_path)(bureau.drafter).get(f"/matters/{course.id}").text
