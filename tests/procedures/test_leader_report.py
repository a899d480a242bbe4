"""领导事务：重要情况报告、参加上级会议（LD-2 … LD-4）。"""

import pytest

from officeapp.decisions import Refused
from tests.procedures.supervising import Course

REPORT = {"title": "南门片区违建突发情况", "situation": "发现连片违建。", "plan": "联合街道限期拆除。",
          "advice": "请区政府协调用电。"}
MEETING = {"title": "全市城管工作会议", "held_on": "2026-11-02", "organ": "市局", "spirit": "年底前完成三项任务。"}


@pytest.mark.parametrize("missing", ["plan", "advice"])
def test_LD_3_a_report_brings_a_plan_and_advice(bureau, now, missing):
    with pytest.raises(Refused) as refused:
        Course("leader_report", bureau.deputy, now, **REPORT | {missing: ""})
    assert list(refused.value.fields) == [missing]


def test_LD_3_the_chief_instructs_and_it_is_carried_out(bureau, now):
    course = Course("leader_report", bureau.deputy, now, **REPORT)
    course.go(bureau.deputy, "submit")
    assert course.refusal(bureau.chief, "instruct").fields == {"instruction": "请填写“局长批示”。"}
    course.go(bureau.chief, "instruct", instruction="照此办理。")
    assert course.go(bureau.deputy, "finish", outcome="已拆除。").closed


@pytest.mark.parametrize(("city", "holder"), [("leader", "deputy"), ("top", "chief")])
def test_LD_6_what_needs_the_city_goes_there_only_after_the_chief_has_agreed(bureau, now, city, holder):
    course = Course("leader_report", bureau.deputy, now, **REPORT | {"city": city})
    course.go(bureau.deputy, "submit")
    assert course.refusal(bureau.chief, "instruct", instruction="照此办理。").status == 422  # no way round the city
    assert course.go(bureau.chief, "consent", instruction="同意上报。").stage == "upward"
    told = {"reported_to": "市政府分管领导", "reported_on": "2026-11-03"}
    other = bureau.chief if holder == "deputy" else bureau.deputy
    assert course.refusal(other, "report_up", **told).status == 403
    assert course.go(getattr(bureau, holder), "report_up", **told).stage == "carrying_out"


def test_LD_6_what_does_not_need_it_does_not_go_there(bureau, now):
    course = Course("leader_report", bureau.deputy, now, **REPORT)
    course.go(bureau.deputy, "submit")
    assert course.refusal(bureau.chief, "consent", instruction="同意。").status == 422


def test_LD_1_only_leaders_report_so(bureau, now):
    with pytest.raises(Refused, match="由主要领导、副局长、党委书记建立"):
        Course("leader_report", bureau.drafter, now, **REPORT)


def test_LD_4_a_meeting_stays_open_until_all_three_are_ticked(bureau, now):
    course = Course("superior_meeting", bureau.deputy, now, **MEETING)
    course.until("2026-11-05")
    told = {"reported_on": "2026-11-03", "conveyed_on": "2026-11-04"}
    course.go(bureau.deputy, "reported", reported_on="2026-11-03")
    course.go(bureau.deputy, "conveyed", conveyed_on="2026-11-04")
    refused = course.refusal(bureau.deputy, "finish", **told)
    assert refused.clause.rule == "LD-4" and refused.fields == {"done_on": "请填写“落实日期”。"}
    assert course.go(bureau.deputy, "finish", **told, done_on="2026-11-05").closed


@pytest.mark.parametrize(("held_on", "reported_on", "said"), [
    ("2026-12-30", "2026-11-02", "“汇报日期”不能早于“会议日期”"),
    ("2026-11-02", "2026-11-03", "“汇报日期”不能晚于今天")])
def test_LD_4_what_follows_a_meeting_comes_after_it_and_not_before_its_day(bureau, now, held_on, reported_on, said):
    course = Course("superior_meeting", bureau.deputy, now, **MEETING | {"held_on": held_on})
    assert said in course.refusal(bureau.deputy, "reported", reported_on=reported_on).sentence


def test_LD_4_it_reminds_until_it_is_done(bureau, now):
    course = Course("superior_meeting", bureau.deputy, now, **MEETING)
    course.until("2026-11-20")
    assert [e.data["rung"] for e in course.events("reminded")] == [
        "on_the_day", "after_2", "after_4", "after_6", "after_8", "after_10"]
