"""A 督办单 from a meeting's decision to the archive in a real browser, by eleven hands (DB-1 … DB-13)."""

import re
from datetime import date

from playwright.sync_api import expect

from officeapp import db, engine, matters, offshoots
from officeapp.workdays import ending_day
from tests.browser.hands import fill_in, press, return_to
from tests.browser.printing import plain, sheets

# 附件1 of the notice, its sixteen fields in its order.
ANNEX_1 = ("编号", "督办日期", "内容", "领导批示", "承办科室（中队、局属单位）", "责任人",
           "协办科室（中队、局属单位）", "时间要求", "交办日期", "交办方式", "督办要求", "工作进展", "督办结果",
           "是否结案", "主任签字", "归档日期")
CONTENT = "“五一”前完成主干道占道经营整治15处，建立长效机制。"
DECIDED = "2026年3月13日局党组会议议定第三项。"
FIRST, AGAIN = "已整治部分点位。", "已整治12处，其余3处须雨季前完成。"
APRIL, MAY = "又整治2处，现余1处。", "15处全部整治完毕。"
RESULT = "15处全部完成，巡查制度已建立。"


def test_DB_1_to_DB_13_an_order_from_a_meeting_s_decision_to_the_archive(days):
    bureau = days.site.bureau
    days.begin(2026, 3, 16)
    path = registered(days)
    press(days.at("clerk"), path, "交办")
    signed_for_by_all(days, path)
    contributed(days, path)

    days.begin(2026, 3, 31)
    reviewed(days, path, FIRST)
    return_to(days.at("chief"), path, "退回办理", "情况不具体，重新办理。")
    days.at("drafter").goto(path)
    expect(days.at("drafter").locator("#moves")).to_contain_text("周正退回：情况不具体，重新办理。")
    reviewed(days, path, AGAIN)
    press(days.at("chief"), path, "本次报告已阅，继续跟踪")
    assert owed(path) == [date(2026, 4, 30)]  # April has no 31st

    days.begin(2026, 4, 24)
    reported(days, path, 0, APRIL)
    press(days.at("chief"), monthly(path)[0], "已阅，继续跟踪")
    days.begin(2026, 5, 6)
    assert owed(path) == [date(2026, 4, 30), date(2026, 5, 31)]
    days.begin(2026, 5, 29)
    reported(days, path, 1, MAY)
    press(days.at("chief"), monthly(path)[1], "同意办结督办单")

    press(days.at("director"), path, "签字结案", "同意结案。", result=RESULT, conclusion="closed")
    press(days.at("dispatcher"), path, "归档", period="D30")
    order, events = told(path)
    assert (order.stage, order.returns, order.number) == ("archived", 1, "督办〔2026〕1号")
    assert engine.replay(events) == engine.stored_state(order)
    assert {e.actor_id for e in events if e.what in ("moved", "signed")} >= {
        bureau.clerk.id, bureau.head.id, bureau.captain.id, bureau.lawyer.id, bureau.officer.id, bureau.drafter.id,
        bureau.deputy.id, bureau.reviewer.id, bureau.chief.id, bureau.director.id, bureau.dispatcher.id}
    prints_as_annex_1(days, path)


def registered(days) -> str:
    """The clerk writes the meeting's decision down: one lead, two to assist (DB-3, DB-5)."""
    units = {key: str(value) for key, value in days.site.bureau.units.items()}
    return fill_in(
        days.at("clerk"), "supervision-order", title="主干道占道经营整治", source="meeting", ordered_on="2026-03-16",
        content=CONTENT, instruction=DECIDED, lead_unit=units["appearance"], assisting=[units["south"], units["legal"]],
        due_on="2026-03-31", manner="system", demands="按时反馈，情况属实。")


def signed_for_by_all(days, path: str) -> None:
    """Each unit's head signs for it and names who is responsible (DB-4, GEN-1)."""
    bureau = days.site.bureau
    for head, person in (("head", bureau.drafter), ("captain", bureau.officer), ("lawyer", bureau.lawyer)):
        page = days.at(head)
        page.goto("/")
        expect(page.locator("main")).to_contain_text("主干道占道经营整治")
        assert told(path)[0].stage == "receipt"  # until the last of the three has signed
        press(page, path, "签收，确定责任人", responsible=str(person.id))
    assert told(path)[0].stage == "handling"


def contributed(days, path: str) -> None:
    """Both assisting units give their part; before that the lead's report is held back with its clause (DB-5)."""
    press(days.at("officer"), path, "反馈协办情况", contribution="出动28人次，劝导占道商户40户。")
    lead = days.at("drafter")
    lead.goto(path)
    lead.locator("#moves").get_by_role("button", name="报送办理报告").click()
    lead.locator("dialog[open] [name=report]").fill(FIRST)
    lead.locator("dialog[open] button[type=submit]").click()
    expect(lead.locator("dialog[open] .sentence--refused")).to_contain_text("还有协办单位没有反馈协办情况")
    press(days.at("lawyer"), path, "反馈协办情况", contribution="已审核处罚文书6份。")


def reviewed(days, path: str, report: str) -> None:
    """The lead's consolidated report through three desks to the chief (DB-8)."""
    press(days.at("drafter"), path, "报送办理报告", report=report)
    passed(days, path)


def reported(days, path: str, n: int, progress: str) -> None:
    """One month's written report, from the desk of who is responsible to the chief's (DB-7)."""
    page, report = days.at("drafter"), monthly(path)[n]
    page.goto("/")
    expect(page.locator(f"main a[href^='{report}']").first).to_be_visible()
    press(page, report, "报送负责人初审", progress=progress, next_step="继续巡查，防止反弹。")
    passed(days, report)


def passed(days, path: str) -> None:
    for account, title in (("head", "初审通过"), ("deputy", "审阅同意"), ("reviewer", "核稿通过")):
        press(days.at(account), path, title)


def prints_as_annex_1(days, path: str) -> None:
    """The print shows the sixteen fields of 附件1 in its order, filled from the matter, watermarked, on A4 (DB-6)."""
    page = days.at("director")
    page.goto(f"{path}/form")
    expect(page.locator("caption")).to_have_text("临江区综合行政执法局工作督办单")
    assert tuple(page.locator(".paper th").all_inner_texts()) == ANNEX_1
    cells = dict(zip(ANNEX_1, page.locator(".paper td").all_inner_texts(), strict=True))
    said = {
        "编号": "督办〔2026〕1号", "督办日期": "2026年3月16日", "内容": CONTENT, "领导批示": DECIDED,
        "承办科室（中队、局属单位）": "市容管理科", "协办科室（中队、局属单位）": "政策法规科、南门中队",
        "责任人": "市容管理科：林晓\n南门中队：何军\n政策法规科：钱法规", "时间要求": "2026年3月31日",
        "交办日期": "2026年3月16日", "交办方式": "本系统", "督办要求": "按时反馈，情况属实。",
        "督办结果": RESULT, "是否结案": "结案",
        "工作进展": f"{AGAIN}\n2026年4月24日报告：{APRIL}\n2026年5月29日报告：{MAY}", "归档日期": "2026年5月29日",
    }
    assert {label: words for label, words in cells.items() if label != "主任签字"} == said
    assert re.sub(r"\s+", "", cells["主任签字"]) == "同意结案。高明办公室2026年5月29日"
    expect(page.locator(".watermark span").first).to_contain_text("高明 5月29日")
    [sheet] = sheets(page)
    assert plain(RESULT) in sheet and plain("工作督办单") in sheet and plain("高明5月29日09:00") in sheet


def told(path: str):
    with db.reading() as session:
        matter = matters.find(session, int(path.rsplit("/", 1)[1]))
        return matter, matters.history(session, matter.id)


def _reports(path: str) -> list[matters.Matter]:
    with db.reading() as session:
        found = [each for each in offshoots.children(session, told(path)[0].id) if each.kind == "progress_report"]
        assert all(each.deadlines for each in found)
        return found


def monthly(path: str) -> list[str]:
    return [f"/matters/{each.id}" for each in _reports(path)]


def owed(path: str) -> list[date]:
    """The days on which the monthly reports so far are due."""
    return [ending_day(next(d for d in each.deadlines if d.scope == "cycle").due_at) for each in _reports(path)]
