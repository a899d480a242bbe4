"""月度汇总: who has sent it and who has not, 催报, the text of all together, the year (JH-1)."""

import re
from datetime import timedelta

import pytest

from officeapp import clock, db, gatherings
from officeapp.numerals import han
from tests.desks import doors
from tests.summaries import (
    RULES,
    TEXT,
    collector,
    go,
    history,
    morning,
    opened,
    prompts,
    seat_head,
    sheets,
    stand_in,
    stored,
    unit,
)
from tests.test_boards import statements

PAGE = "/gatherings/monthly-summary"


@pytest.fixture
def gatherer(bureau):
    return collector(bureau)


@pytest.fixture
def month(bureau, gatherer):
    """November: 市容 sent in time, 法规 late, 指挥中心 is out, 办公室 was sent back."""
    found = opened(bureau)
    go(found["appearance"], bureau.head, "sign_off", "2026-11-18", **TEXT)
    go(found["office"], bureau.director, "sign_off", "2026-11-20", **TEXT)
    go(found["office"], gatherer, "collection_return", "2026-11-23", note="没有下月计划的时间。")
    go(found["legal"], bureau.lawyer, "sign_off", "2026-11-23", **TEXT | {"summary": "审核合同6份。"})
    return found


@pytest.fixture
def enter(bureau, database, tmp_path):
    open_door = doors(database, tmp_path)  # it sets the clock by its own settings
    clock.set_offset(morning("2026-11-23", 14) - clock.machine_now())
    yield open_door
    clock.set_offset(timedelta(0))


def rows(page):
    """{unit: its words} of the month's table."""
    body = re.search(r'class="list gathering".*?<tbody>(.*?)</tbody>', page, re.S)[1]
    lines = [re.sub(r"<[^>]+>|\s+", " ", row).split() for row in re.findall(r"<tr.*?</tr>", body, re.S)]
    return {line[0]: " ".join(line[1:]) for line in lines}


def test_JH_1_the_collector_sees_who_has_sent_it_who_is_late_and_who_mends_it(month, gatherer):
    found = {name: (sheet.state, sheet.in_time) for name, sheet in sheets(gatherer, "2026-11-23").items()}
    assert found == {"市容管理科": ("sent", True), "政策法规科": ("sent", False), "指挥中心": ("late", None),
                     "办公室": ("rework", True)}


def test_JH_1_on_the_day_itself_nobody_is_late_yet(bureau, gatherer):
    opened(bureau)
    assert {sheet.state for sheet in sheets(gatherer, "2026-11-20").values()} == {"owed"}
    assert {sheet.state for sheet in sheets(gatherer, "2026-11-21").values()} == {"late"}


def test_JH_1_a_section_that_could_not_be_asked_is_shown_as_such(bureau, gatherer):
    unit("new", "停车管理科")
    opened(bureau)
    assert sheets(gatherer, "2026-11-16")["停车管理科"].state == "absent"
    assert "停车管理科" not in sheets(bureau.head, "2026-11-16")


def test_the_page_tells_each_section_in_words(month, gatherer, enter):
    page = enter(gatherer).get(PAGE).text
    found = rows(page)
    assert found["市容管理科"].startswith("已报送 11月18日 10:00 按期") and "迟报" in found["政策法规科"]
    assert found["指挥中心"] == "逾期未报 — 指挥中心 · 高督查 超期1个工作日 催报"
    assert found["办公室"].startswith("退回重报中 退回1次")
    assert "首次报送按期" in found["办公室"] and "退回重报 " in found["办公室"]  # two limits, each says which it is
    assert "报送期限2026年11月20日（周五），2026年11月13日（周五）由系统发给各科室。由许综合汇总。" in page
    assert "催报全部未报的（2个科室）" in page


def test_who_may_see_which_rows(bureau, month, enter):
    whole = {"办公室", "市容管理科", "政策法规科", "指挥中心"}
    seen = {name: set(rows(enter(getattr(bureau, name)).get(PAGE).text)) for name in (
        "chief", "director", "inspector", "deputy", "head", "drafter", "lawyer")}
    assert seen == {"chief": whole, "director": whole, "inspector": whole, "head": {"市容管理科"},
                    "drafter": {"市容管理科"}, "lawyer": {"政策法规科"},
                    "deputy": {"办公室", "市容管理科", "政策法规科"}}


def test_one_click_urges_all_that_are_out_and_not_twice_the_same_day(month, gatherer, enter):
    client = enter(gatherer)
    first = client.post(f"{PAGE}/urgings", data={}, follow_redirects=True).text
    assert "已催报2个科室。" in first and "今天都已催过" in first
    again = client.post(f"{PAGE}/urgings", data={}, follow_redirects=True).text
    assert "2个科室今天已经催过，明天再催。" in again
    assert [len(history(month[key], "urged")) for key in ("command", "office", "appearance", "legal")] == [1, 1, 0, 0]


def test_one_section_is_urged_alone_and_one_that_has_sent_it_not_at_all(month, gatherer, enter):
    client = enter(gatherer)
    sent = client.post(f"{PAGE}/urgings", data={"matter": month["legal"].id}, follow_redirects=True).text
    assert "没有要催报的：都已经报送了。" in sent and not history(month["legal"], "urged")
    client.post(f"{PAGE}/urgings", data={"matter": month["command"].id})
    assert history(month["command"], "urged") and not history(month["office"], "urged")


def test_at_another_desk_the_same_section_may_be_urged_again(bureau, gatherer, enter):
    summary = opened(bureau)["appearance"]
    go(summary, bureau.head, "name_reporter", "2026-11-16", reporter=bureau.drafter.id)
    client = enter(gatherer)
    client.post(f"{PAGE}/urgings", data={"matter": summary.id})
    assert rows(client.get(PAGE).text)["市容管理科"].endswith("今天已催")
    go(summary, bureau.drafter, "submit", "2026-11-23", **TEXT)
    assert rows(client.get(PAGE).text)["市容管理科"].endswith("催报")


def test_who_does_not_gather_urges_nobody(bureau, month, enter):
    for who in (bureau.drafter, bureau.officer):
        assert "催报全部" not in enter(who).get(PAGE).text
    answer = enter(bureau.colleague).post(f"{PAGE}/urgings", data={"matter": month["command"].id},
                                          follow_redirects=True)
    assert "已催报" not in answer.text and not history(month["command"], "urged")


def test_all_that_was_sent_is_taken_in_with_one_click_by_the_collector_alone(bureau, month, gatherer, enter):
    refused = enter(bureau.chief).post(f"{PAGE}/acceptances", data={}, follow_redirects=True).text
    assert "没有收入汇总的。" in refused and "您现在不是这一环节的办理人" in refused
    assert "已收入汇总2件。" in enter(gatherer).post(f"{PAGE}/acceptances", data={}, follow_redirects=True).text
    assert (stored(month["legal"]).stage, stored(month["office"]).stage) == ("filed", "rework")


def test_who_stands_in_for_the_collector_takes_in_what_lies_on_that_desk(bureau, month, gatherer, enter):
    stand_in(gatherer, bureau.officer, "2026-11-23")
    client = enter(bureau.officer)
    assert set(rows(client.get(PAGE).text)) == {"市容管理科", "政策法规科"}
    client.post(f"{PAGE}/acceptances", data={})
    event = history(month["legal"], "moved")[-1]
    assert (event.actor_id, event.principal_id) == (bureau.officer.id, gatherer.id)


def test_the_text_of_the_month_stands_in_the_order_of_the_units_and_names_who_is_missing(month, gatherer, enter):
    page = enter(gatherer).get(f"{PAGE}/texts?month=2026-11").text
    lines = [re.sub(r"<[^>]+>", "", line).strip() for line in re.findall(r"<(?:p|h1)[ >].*?</(?:p|h1)>", page, re.S)]
    assert lines == [
        "临江区综合行政执法局2026年11月工作总结和12月工作计划", "一、市容管理科", "（一）本月工作总结", TEXT["summary"],
        "（二）下月工作计划", TEXT["plan"], "二、政策法规科", "（一）本月工作总结", "审核合同6份。",
        "（二）下月工作计划", TEXT["plan"], "未报送：办公室、指挥中心。"]


def test_what_is_not_sent_is_in_no_text_and_others_texts_are_not_shown(bureau, month, enter):
    page = enter(bureau.head).get(f"{PAGE}/texts").text
    assert TEXT["summary"] in page and "审核合同6份" not in page and "指挥中心" not in page


def test_the_year_counts_in_time_late_missing_and_returned(bureau, month, gatherer):
    december = opened(bureau, "2026-12-11")
    go(december["command"], gatherer, "writing_excuse", "2026-12-14", note="并入办公室。")
    go(december["legal"], bureau.lawyer, "sign_off", "2026-12-18", **TEXT)
    with db.reading() as session:
        found = {f.unit: (f.in_time, f.late, f.missing, f.returned, f.excused) for f in gatherings.figures(
            RULES, gatherings.year_of(session, gatherer, RULES, 2026), morning("2026-12-21"))}
    assert found == {"办公室": (1, 0, 1, 1, 0), "市容管理科": (1, 0, 1, 0, 0), "政策法规科": (1, 1, 0, 0, 0),
                     "指挥中心": (0, 0, 1, 0, 1)}


def test_earlier_months_stay_and_what_is_no_month_is_said(month, bureau, gatherer, enter):
    opened(bureau, "2026-12-11")
    client = enter(gatherer)
    assert "2026年12月工作总结和2027年1月工作计划</h1>" in client.get(PAGE).text
    assert rows(client.get(f"{PAGE}?month=2026-11").text)["政策法规科"].startswith("已报送")
    assert "这个月还没有发起" in client.get(f"{PAGE}?month=2031-01").text
    for bad in ("2026-13", "x", "2026-1", "９９９９-01"):
        assert client.get(f"{PAGE}?month={bad}").status_code == 404
    assert client.get("/gatherings/outgoing-document").status_code == 404


def test_nobody_to_gather_them_is_said_on_the_page(bureau, enter):
    opened(bureau)
    assert "还没有人担任“综合科汇总”" in enter(bureau.director).get(PAGE).text


def test_the_page_costs_no_more_for_more_sections(bureau, gatherer, enter):
    opened(bureau)
    client, few = enter(gatherer), selects(enter, gatherer)
    for n in range(6):
        seat_head(unit(f"more{n}", f"新设{han(n + 1)}科"), bureau.officer)
    assert prompts.sweep(morning("2026-11-20")) == (6, 0)
    assert few == selects(enter, gatherer) and few[0] <= 14
    assert len(rows(client.get(PAGE).text)) == 10


def selects(enter, who):
    client, counts = enter(who), []
    for path in (PAGE, f"{PAGE}/texts"):
        client.get(path)
        with statements() as asked:
            assert client.get(path).status_code == 200
        counts.append(len([sql for sql in asked if sql.startswith("SELECT")]))
    return counts


def test_a_section_s_card_lies_on_the_head_s_desk_and_on_the_named_writer_s(bureau, gatherer, enter):
    summary = opened(bureau)["appearance"]
    go(summary, bureau.head, "name_reporter", "2026-11-16", reporter=bureau.drafter.id)
    for who, there in ((bureau.head, True), (bureau.drafter, True), (bureau.colleague, False)):
        assert (summary.title in enter(who).get("/").text) is there


def test_naming_a_writer_is_no_signature_on_the_form(bureau, gatherer, enter):
    summary = opened(bureau)["appearance"]
    go(summary, bureau.head, "name_reporter", "2026-11-16", reporter=bureau.drafter.id)
    go(summary, bureau.drafter, "submit", "2026-11-17", **TEXT)
    page = enter(bureau.head).get(f"/matters/{summary.id}").text
    signed = re.findall(r'class="opinion__sign"><span>([^<]+)</span>', page)
    assert signed == ["林晓"] and 'href="/gatherings/monthly-summary?month=2026-11"' in page
