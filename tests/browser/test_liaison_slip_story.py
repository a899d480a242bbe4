"""联系单 in a real browser, with a real worker and a real mail server: ignored, refused, judged (LX-1 … LX-8)."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from officeapp import db, engine, matters, offshoots, options
from officeapp.outbox import Message
from tests.browser.conftest import let_everybody_in
from tests.browser.hands import answer, fill_in, press
from tests.browser.printing import plain, sheets
from tests.procedures.supervising import add_inspectors
from tests.services import tick_done

SLIP = "联系单〔2026〕1号"
ASKED, DONE = "请南门中队于本周内清理南门夜市占道摊点。", "已清理占道摊点23处。"
CAPTAIN, HEAD, DEPUTY = "李强 <captain@bureau.test>", "王建国 <head@bureau.test>", "孙副局 <other_deputy@bureau.test>"
THREE = ["郝考核 <assessor@bureau.test>", "纪检 <discipline@bureau.test>", "高督查 <inspector@bureau.test>"]
# Friday, 18 September 2026: Sunday the 20th is worked, the 25th to the 27th and the 1st to the 7th are off.
LADDER = {
    date(2026, 9, 21): {f"【超期催办】{SLIP} “待接收”环节已超期1个工作日": [CAPTAIN, HEAD]},
    date(2026, 9, 23): {f"【临期提醒】{SLIP} 办理时限剩1个工作日": [CAPTAIN],
                        f"【督办通知】督办通知〔2026〕1号：{SLIP} “待接收”环节已超期3个工作日": THREE},
    date(2026, 9, 24): {f"【到期提醒】{SLIP} 办理时限今日到期": [CAPTAIN]},
    date(2026, 9, 28): {f"【超期催办】{SLIP} 办理时限已超期1个工作日": [CAPTAIN]},
    date(2026, 9, 30): {f"【督办提示单】督办提示〔2026〕1号：{SLIP} 办理时限已超期3个工作日": [CAPTAIN, HEAD, DEPUTY]},
    date(2026, 10, 9): {f"【督办通知】督办通知〔2026〕2号：{SLIP} 办理时限已超期5个工作日": THREE},
}
# 附件2 of the notice, its fields in its order, each signature with its date.
ANNEX_2 = ("发出科室（中队或局属单位）", "具体工作及要求", "要求完成时间",
           "发出科室（中队或局属单位）负责人签字、日期", "接收科室（中队或局属单位）",
           "接收方式（QQ，微信，传真，书面，其他）", "日期", "工作完成情况反馈", "实际完成时间",
           "接收科室（中队或局属单位）负责人签字、日期", "办结反馈", "发出科室（中队或局属单位）负责人签字、日期")


@pytest.fixture
def three(site):
    """All three receivers of a 督办通知 have somebody; each reminder is a mail of its own."""
    with db.transaction() as session:
        options.choose(session, "digest", False)
        found = add_inspectors(session, site.bureau)
    let_everybody_in()
    return found


def sent(days, **more: str) -> str:
    """Filled in by 市容管理科 and signed by its head, for 南门中队."""
    path = fill_in(days.at("drafter"), "liaison-slip", title="请协助清理南门夜市占道", content=ASKED,
                   to_unit=str(days.site.bureau.units["south"]), **more)
    press(days.at("drafter"), path, "送本单位负责人签字")
    press(days.at("head"), path, "签字发出")
    return path


def test_LX_5_an_ignored_slip_climbs_step_by_step_across_a_make_up_weekend(days, three, house, redis_url, smtp_server):
    days.begin(2026, 9, 18)
    sent(days)
    arrived, day = {}, date(2026, 9, 18)
    while day < max(LADDER):
        day += timedelta(days=1)
        if day in LADDER:
            arrived[day] = of_that_day(day, house, redis_url, smtp_server)
        else:
            owed = about_the_slip()
            days.begin(day.year, day.month, day.day, 17)  # the sweeps run, and have nothing to say
            assert about_the_slip() == owed, day
    assert arrived == LADDER
    a_mail_says_number_what_due_and_link_alone(smtp_server)
    days.begin(2026, 10, 9, 10)
    signed_for_and_answered(days)


def of_that_day(day: date, house, redis_url, smtp_server) -> dict[str, list[str]]:
    """What a worker of that morning brings to the mailboxes about the slip: readers by subject."""
    before = len(smtp_server.received)
    house(f"{day}T09:00+08:00", "jobs.worker")
    tick_done(redis_url)
    house.stop()
    found: dict[str, list[str]] = {}
    for mail in smtp_server.received[before:]:
        if SLIP in mail["Subject"]:
            found[mail["Subject"]] = sorted([*found.get(mail["Subject"], ()), mail["To"]], key=_reader)
    return found


def _reader(address: str) -> str:
    return address.partition("<")[2]


def about_the_slip() -> int:
    with db.reading() as session:
        return session.query(Message).filter(Message.channel == "mail", Message.subject.contains(SLIP)).count()


def a_mail_says_number_what_due_and_link_alone(smtp_server) -> None:
    last = smtp_server.received[-1]
    said = last.get_content().replace("\r\n", "\n")
    assert said.startswith(f"""{last["To"].partition(" ")[0]}：

督办通知〔2026〕2号已发出，事由：{SLIP}办理时限已超期5个工作日，现处“待接收”环节。

答复期限：2026年10月15日
依据：温鹿综法发〔2019〕20号 二（三）3⑤

请签收，并按期答复。

办理请登录本系统：http://oa.test/matters/""")
    assert not [mail for mail in smtp_server.received if ASKED in mail.get_content()]


def signed_for_and_answered(days) -> None:
    """Each of the three finds it in the list, signs for it and answers; the last word is 督考情况反馈 (DB-10)."""
    with db.reading() as session:
        notice = next(each for each in offshoots.children(session, 1) if each.number == "督办通知〔2026〕2号")
    path = f"/matters/{notice.id}"
    for account in ("inspector", "assessor", "discipline"):
        page = days.at(account)
        page.goto("/")
        expect(page.locator("tr", has=page.locator(f"a[href='{path}']"))).to_contain_text("督办通知〔2026〕2号")
        press(page, path, "签收")
    page = days.at("inspector")
    page.goto(path)
    for words in (f"应办事项：请协助清理南门夜市占道（{SLIP}）", "办理时限：2026年9月24日，超期5个工作日",
                  "督办提示单（督办提示〔2026〕1号）"):
        expect(page.locator("#paper-form")).to_contain_text(words)
    press(days.at("assessor"), path, "答复本单位意见", "已记入年终考核。")
    press(days.at("discipline"), path, "答复本单位意见", "已约谈负责人。")
    press(page, path, "反馈督考情况", findings="情况属实，责成三日内办结。")
    page.goto("/ledgers/supervision-notice")
    row = page.locator("tbody tr", has_text="督办通知〔2026〕2号")
    expect(row).to_contain_text("情况属实，责成三日内办结。")
    page.goto(f"{path}/form")
    for words in ("已记入年终考核。", "已约谈负责人。", "郝考核", "纪检", "高督查"):
        expect(page.locator(".paper")).to_contain_text(words)


def test_LX_7_a_slip_that_is_refused_needs_a_reason_and_is_sent_up_at_once(days, three):
    days.begin(2026, 9, 18)
    path, captain = sent(days), days.at("captain")
    captain.goto(path)
    captain.fill("#note", "")
    captain.get_by_role("button", name="拒绝接收", exact=True).click()
    expect(captain.locator(".sentence--refused").first).to_contain_text("依据：温鹿综法发〔2019〕20号 附件2")
    captain.fill("[name=note]", "不属本中队辖区。")
    captain.get_by_role("button", name="拒绝接收", exact=True).click()
    captain.wait_for_url(re.compile(r"/matters/1$"))
    captain.goto("/")
    expect(captain.locator("main")).to_contain_text("督办提示〔2026〕1号")
    head = days.at("head")
    head.goto(path)
    expect(head.locator("#history")).to_contain_text("督办提示单（督办提示〔2026〕1号）：拒绝接收")
    press(head, path, "不再协调，作办结反馈")
    head.goto(path)
    head.locator("#moves").get_by_role("button", name="确认办结反馈").click()
    expect(head.locator("dialog[open] [name=outcome]")).to_have_value("refused")
    answer(head, "", {})
    expect(head.locator("dialog[open]")).to_have_count(0)
    with db.reading() as session:
        slip, prompt = matters.find(session, 1), offshoots.children(session, 1)[0]
        assert (slip.stage, slip.values["outcome"], prompt.stage) == ("archiving", "refused", "moot")
        assert engine.replay(matters.history(session, 1)) == engine.stored_state(slip)


def test_LX_8_an_outcome_that_its_dates_contradict_is_refused_and_both_copies_print_as_annex_2(days):
    days.begin(2026, 9, 18)
    path, bureau = sent(days, due_on="2026-09-22"), days.site.bureau
    press(days.at("captain"), path, "接收，确定责任人", responsible=str(bureau.officer.id), received_by="paper")
    days.begin(2026, 9, 23, 8)
    press(days.at("officer"), path, "反馈完成情况", feedback=DONE, done_on="2026-09-23")
    press(days.at("captain"), path, "签字反馈发出单位")
    head = days.at("head")
    head.goto(path)
    head.locator("#moves").get_by_role("button", name="确认办结反馈").click()
    expect(head.locator("dialog[open] [name=outcome]")).to_have_value("late")  # what the dates say
    answer(head, "", {"outcome": "early"})
    refused = head.locator("dialog[open] .sentence--refused")
    expect(refused).to_contain_text("“办结反馈”与“要求完成时间”“实际完成时间”对不上")
    expect(refused).to_contain_text("依据：温鹿综法发〔2019〕20号 附件2")
    answer(head, "同意。", {"outcome": "late"})
    expect(head.locator("dialog[open]")).to_have_count(0)
    press(days.at("drafter"), path, "归档", archived_on="2026-09-23", period="D10")
    prints_twice_as_annex_2(days.at("drafter"), path)


def prints_twice_as_annex_2(page, path: str) -> None:
    """一式二份: a sheet for the sender and one for the receiver, the same but for whose it is."""
    page.goto(f"{path}/form")
    copies = page.locator("table.paper")
    assert copies.count() == 2 and copies.nth(0).inner_text() == copies.nth(1).inner_text()
    assert tuple(copies.nth(0).locator("th").all_inner_texts()) == ANNEX_2
    cells = [re.sub(r"\s+", " ", words) for words in copies.nth(0).locator("td").all_inner_texts()]
    assert cells == [
        "市容管理科", ASKED, "2026年9月22日", "请协助办理。 王建国 市容管理科 2026年9月18日",
        "南门中队", "书面", "2026年9月18日", DONE, "2026年9月23日", "同意反馈。 李强 南门中队 2026年9月23日",
        "□提前完成 □在要求期限内完成 ☑延期完成 □未完成 □拒绝接收", "同意。 王建国 市容管理科 2026年9月23日",
        "说明：本联系单一式二份，发出科室（中队或局属单位）、接收科室（中队或局属单位）各一份。"]
    expect(page.locator(".watermark")).to_have_count(0)
    first, second = sheets(page)
    assert plain("发出单位存") in first and plain("接收单位存") in second
    assert plain(DONE) in first and plain(DONE) in second
