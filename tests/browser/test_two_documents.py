"""The two documents the system exists for, from 起草 to 归档 in a real browser, by different people."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from officeapp import clock, db, engine, matters
from tests.browser.hands import answer, press, return_to

SEED = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "000_470eca8447203d25.txt"
TITLE = "关于进一步强化办文办事效能的通知"


def draft(page: Page, title: str, genre: str, grade: str, body: str) -> str:
    """Fill 发文稿纸 and save it; the new matter's path."""
    page.goto("/matters/new/outgoing-document")
    page.fill("[name=title]", title)
    page.select_option("[name=genre]", genre)
    page.select_option("[name=grade]", grade)
    page.fill("[name=recipients]", "各科室、中队和局属各单位")
    page.fill("[name=necessity]", "须以正式文件明确办文办事程序。")
    page.fill("[name=body]", body)
    page.get_by_role("button", name=re.compile("^保存")).first.click()
    page.wait_for_url(re.compile(r"/matters/\d+$"))
    return re.search(r"/matters/\d+", page.url)[0]


def number_to_archive(site, path: str, series: str) -> None:
    clerk, dispatcher = site.page("clerk"), site.page("dispatcher")
    press(clerk, path, "编号登记", series=series, copies="12")
    press(clerk, path, "校对无误")
    today = clock.today().isoformat()
    press(dispatcher, path, "用印并印发", sealed_on=today, distribution="各科室、中队各1份，存档2份")
    dispatcher.goto(path)
    dispatcher.locator("#moves").get_by_role("button", name=re.compile("归档")).first.click()
    answer(dispatcher, "", {"period": "D30", "archive_pages": "6"})
    expect(dispatcher.locator("dialog[open]")).to_have_count(0)


def matter_of(path: str):
    with db.reading() as session:
        matter = matters.find(session, int(path.rsplit("/", 1)[1]))
        return matter, matters.history(session, matter.id), matters.deadlines_of(session, matter.id)


def test_fw_10_to_fw_20_an_expedited_document_goes_from_draft_to_archive_on_paper(site):
    drafter, clerk = site.page("drafter"), site.page("clerk")
    path = draft(drafter, TITLE, "通知", "expedited", SEED.read_text(encoding="utf-8"))
    press(drafter, path, "送科室核稿")
    press(drafter, path, "报分管领导审阅", "内容属实，同意送审。", instruction="当面签字")
    press(drafter, path, "送办公室审核", "同意。", instruction="电话同意")
    press(clerk, path, "报主要领导签发", "格式规范，拟同意报签。")
    press(clerk, path, "签发", "同意印发。", instruction="当面签字")
    number_to_archive(site, path, "临综法发")

    matter, events, deadlines = matter_of(path)
    assert (matter.stage, matter.closed) == ("archived", True)
    assert matter.number == f"临综法发〔{clock.today().year}〕1号"
    assert matter.text_hash == matter.frozen_hash != ""
    assert engine.replay(events) == engine.stored_state(matter)
    signed = [e.data["paper"]["signer_id"] for e in events if "paper" in e.data]
    bureau = site.bureau
    assert signed == [bureau.head.id, bureau.deputy.id, bureau.reviewer.id, bureau.chief.id]
    cycle = next(d for d in deadlines if d.scope == "cycle")
    assert (cycle.n, cycle.unit, cycle.roll, cycle.state) == (3, "day", False, "met")
    assert cycle.clause == "温鹿综法发〔2019〕20号 一（一）2"

    clerk.goto(path)
    page = clerk.locator("main")
    for said in ("周正", "纸质", "陈文书代录", "同意印发。", matter.number):
        expect(page).to_contain_text(said)
    clerk.goto(f"{path}/deadlines")
    expect(clerk.locator("main")).to_contain_text("3天")
    expect(clerk.locator("main")).to_contain_text("一（一）2")


def test_fw_tl1_an_ordinary_document_is_returned_withdrawn_and_signed_by_the_deputy_online(site):
    drafter, head, reviewer = site.page("drafter"), site.page("head"), site.page("reviewer")
    path = draft(drafter, TITLE, "通知", "ordinary", "各科室：\n一、总体要求\n请认真落实。")
    press(drafter, path, "送科室核稿")
    press(drafter, path, "撤回", "漏了附件说明。")
    press(drafter, path, "送科室核稿")
    press(head, path, "送办公室审核", "同意送审。")
    return_to(reviewer, path, "退回起草", "请补充完成时限。")
    drafter.goto(path)
    expect(drafter.locator("main")).to_contain_text("请补充完成时限。")
    drafter.goto(f"{path}/edit")
    drafter.fill("[name=body]", "各科室：\n一、总体要求\n请于本月底前认真落实。")
    drafter.get_by_role("button", name=re.compile("^保存")).first.click()
    drafter.wait_for_url(re.compile(r"/matters/\d+$"))

    press(drafter, path, "修改后直送办公室审核")
    press(reviewer, path, "报分管领导签发", "格式规范，拟同意报签。")
    press(site.page("deputy"), path, "签发", "同意印发。")
    number_to_archive(site, path, "临综法发")

    matter, events, deadlines = matter_of(path)
    assert (matter.stage, matter.returns) == ("archived", 1)
    assert [e.target for e in events if e.what == "moved"] == [
        "unit_review",
        "drafting",
        "unit_review",
        "office_review",
        "drafting",
        "office_review",
        "signing",
        "numbering",
        "proofreading",
        "dispatch",
        "archiving",
        "archived",
    ]
    signing = next(e for e in events if e.move == "sign")
    assert signing.actor_id == site.bureau.deputy.id and "paper" not in signing.data
    cycle = next(d for d in deadlines if d.scope == "cycle")
    assert (cycle.n, cycle.unit, cycle.roll) == (5, "day", True)
    assert engine.replay(events) == engine.stored_state(matter)
