"""台账: the columns of the paper ledger, only what the reader may see, in Excel as on screen (DB-11, domain.md 6.3)."""

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import event, select

from officeapp import db, ledgers
from officeapp.admin_events import AdminEvent
from officeapp.web.spoken import masked, without_numbers
from tests.desks import doors
from tests.procedures.supervising import SLIP, Course, ordered, received, reported
from tests.procedures.test_public_matter import brought

COLUMNS = ("编号", "来源", "承办", "协办", "责任人", "原时限", "现时限", "进展次数", "退回次数", "督办次数", "超期天数")


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


def test_DB_11_every_order_stands_in_the_ledger_with_its_columns(bureau, enter, now):
    received(bureau, now)
    page = enter(bureau.director).get("/ledgers/supervision-order").text
    for column in COLUMNS:
        assert f">{column}</th>" in page, column
    assert "督办〔2026〕1号" in page and "市容管理科：林晓" in page and "合计 1 件：在办 1 件" in page


def told(who, now):
    """(reports filed, days of those missing) of the one order, as this person's ledger has it."""
    with db.reading() as session:
        line = next(ledgers.lines(session, who, ledgers.Asked("supervision_order"), now))
        return line.reports, line.missing


def test_DB_7_each_missing_monthly_report_stands_in_the_ledger_until_it_is_sent(bureau, enter, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "track")
    course.until("2027-01-04")
    assert told(bureau.director, course.now) == (0, ("2026-12-02", "2027-01-02"))
    first = course.children("progress_report")[0]
    course.go(bureau.drafter, "submit", of=first.id, progress="又完成2处。", next_step="月底前完成。")
    course.go(bureau.head, "head_pass", of=first.id)
    assert told(bureau.director, course.now)[1] == ("2026-12-02", "2027-01-02"), "it has not reached the office yet"
    course.go(bureau.deputy, "vet_pass", of=first.id)
    assert told(bureau.director, course.now) == (0, ("2027-01-02",))
    for who, key in ((bureau.reviewer, "office_pass"), (bureau.chief, "keep_tracking")):
        course.go(who, key, of=first.id)
    assert told(bureau.director, course.now) == (1, ("2027-01-02",))
    page = enter(bureau.director).get("/ledgers/supervision-order").text
    assert "缺报进展（应报日期）</th>" in page
    course.go(bureau.chief, "finish")
    assert told(bureau.director, course.now) == (1, ()), "what is not owed any more counts neither way"


def test_a_ledger_shows_nothing_that_its_reader_may_not_see(bureau, enter, now):
    ordered(bureau, now, title="只给有关单位看的督办事项")
    assert "只给有关单位看的督办事项" in enter(bureau.captain).get("/ledgers/supervision-order").text
    keeper = enter(bureau.keeper)  # of the office, with no part in it
    assert "只给有关单位看的督办事项" not in keeper.get("/ledgers/supervision-order").text
    assert "只给有关单位看的督办事项" not in keeper.get("/ledgers/supervision-order/export?format=csv").text


def test_a_citizen_is_masked_in_the_register(bureau, enter, now):
    brought(bureau, now)
    page = enter(bureau.officer).get("/ledgers/public-matter").text
    assert "张＊＊" in page and "139＊＊＊＊0000" in page and "张先生" not in page and "13900000000" not in page


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_citizen_is_masked_in_what_is_taken_away_even_by_who_knows_him(bureau, enter, now, form):
    brought(bureau, now)
    answer = enter(bureau.officer).get(f"/ledgers/public-matter/export?format={form}")
    said = (answer.text if form == "csv" else
            ZipFile(BytesIO(answer.data)).read("xl/worksheets/sheet1.xml").decode())
    assert "139＊＊＊＊0000" in said and "张先生" not in said and "13900000000" not in said


def test_a_citizen_is_open_to_who_handles_the_matter_and_masked_to_who_only_sees_it(bureau, enter, now):
    course = brought(bureau, now)
    pages = [f"/matters/{course.id}", f"/matters/{course.id}/form"]
    for who, whole in ((bureau.officer, True), (bureau.captain, False), (bureau.inspector, False)):
        browser = enter(who)
        assert [("张先生" in said, "13900000000" in said, "139＊＊＊＊0000" in said) for said in
                (browser.get(page).text for page in pages)] == [(whole, whole, not whole)] * 2, who.name
    course.go(bureau.officer, "assign")  # now the captain has it on his desk
    assert "13900000000" in enter(bureau.captain).get(pages[0]).text


@pytest.mark.parametrize(("words", "shown"), [
    ("请回电13900000000，找张先生", "请回电139＊＊＊＊0000，找张先生"), ("本地号码88123456", "本地号码88＊＊＊＊56"),
    ("座机0577-88123456转806", "座机057＊＊＊＊＊＊3456转806"),
    ("身份证33030219800101123X遗失", "身份证330＊＊＊＊＊＊＊＊＊＊＊123X遗失"),
    ("票据20260315，编号〔2026〕12号，罚款1000000元", "票据20260315，编号〔2026〕12号，罚款1000000元"), ("", "")])
def test_numbers_of_citizens_amid_free_words_are_masked_and_dates_and_sums_are_not(words, shown):
    assert without_numbers(words) == shown


@pytest.mark.parametrize(("words", "shown"), [
    ("张先生", "张＊＊"), ("13900000000", "139＊＊＊＊0000"), ("0577-88123456", "057＊＊＊＊＊＊3456"),
    ("6681", "6＊＊＊"), ("8812345", "88＊＊＊45"), ("张三、李四、王五的家属", "张＊＊＊＊＊＊＊＊＊＊"), ("", "")])
def test_what_is_masked_tells_apart_and_no_more(words, shown):
    assert masked(words) == shown


def test_a_ledger_is_filtered_by_year_unit_state_and_words(bureau, enter, now):
    ordered(bureau, now, title="整治夜市占道")
    client = enter(bureau.director)
    for query, there in (("year=2026", True), ("year=2025", False), ("state=open", True), ("state=closed", False),
                         (f"unit={bureau.units['appearance']}", True), (f"unit={bureau.units['south']}", False),
                         ("q=夜市", True), ("q=广告", False), ("year=x&unit=x&state=x", True)):
        assert ("整治夜市占道" in client.get(f"/ledgers/supervision-order?{query}").text) is there, query


TAKEN = {"supervision-order": "督办台账", "public-matter": "群众事务登记簿", "liaison-slip": "联系单台账"}


@pytest.mark.parametrize(("way", "what"), [("export", "ledger_exported"), ("export?format=csv", "ledger_exported"),
                                           ("printed", "ledger_printed")])
def test_DB_6_who_takes_or_prints_a_ledger_is_written_down_whichever_it_is(bureau, enter, way, what):
    """Citizens' matters too: masked or not, they are personal."""
    client = enter(bureau.director)
    asked = "&state=open" if "?" in way else "?state=open"
    assert [client.get(f"/ledgers/{kind}/{way}{asked}").status_code for kind in TAKEN] == [200, 200, 200]
    assert client.get(f"/ledgers/outgoing-document/{way}").status_code == 404  # nothing was taken
    with db.reading() as session:
        lines = session.scalars(select(AdminEvent).where(AdminEvent.what == what).order_by(AdminEvent.id)).all()
    assert [(line.actor_id, line.whom) for line in lines] == [(bureau.director.id, name) for name in TAKEN.values()]
    assert all("state=open" in line.note for line in lines)


def test_DB_11_the_workbook_holds_the_orders(bureau, enter, now):
    ordered(bureau, now)
    answer = enter(bureau.director).get("/ledgers/supervision-order/export?state=open")
    assert "督办〔2026〕1号" in ZipFile(BytesIO(answer.data)).read("xl/worksheets/sheet1.xml").decode()


def test_a_workbook_has_a_whole_name_for_old_browsers_too(bureau, enter):
    told = enter(bureau.director).get("/ledgers/public-matter/export").headers["Content-Disposition"]
    assert told.startswith("attachment; filename=table.xlsx; filename*=UTF-8''%E7%BE%A4") and told.endswith(".xlsx")


def test_an_unknown_ledger_is_said_in_words(bureau, enter):
    answer = enter(bureau.director).get("/ledgers/outgoing-document")
    assert answer.status_code == 404 and "没有这本台账" in answer.text


def test_a_ledger_asks_no_more_statements_for_more_lines(bureau, enter, now):
    client, counts = enter(bureau.director), []
    for n in (1, 12):
        for _ in range(n):
            Course("liaison_slip", bureau.drafter, now, **SLIP, to_unit=bureau.units["south"])
        counts.append(asked_by(client, "/ledgers/liaison-slip"))
    assert counts[0] == counts[1] <= 25


def asked_by(client, path):
    seen = []
    event.listen(db.engine(), "before_cursor_execute", count := lambda *given: seen.append(given[2]))
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine(), "before_cursor_execute", count)
    return len(seen)


def test_a_ledger_is_printed_whole_with_its_headings_its_sums_and_what_was_asked(bureau, enter, now):
    for n in range(130):  # more than a page on the screen
        Course("liaison_slip", bureau.drafter, now, **SLIP | {"title": f"请协助清理第{n}处"},
               to_unit=bureau.units["south"])
    client = enter(bureau.director)
    page = client.get("/ledgers/liaison-slip?state=open").text
    assert 'href="/ledgers/liaison-slip/printed?state=open"' in page
    sheets = client.get("/ledgers/liaison-slip/printed?state=open").text
    assert sheets.count("请协助清理第") == 130 and "<thead>" in sheets and "合计 130 件：在办 130 件" in sheets
    assert f"<span>在办</span><span>{bureau.director.name} " in sheets
    assert "@page { size: A4 landscape" in client.get("/static/print_ledger.css").text


def test_a_printed_ledger_shows_nothing_that_its_reader_may_not_see(bureau, enter, now):
    ordered(bureau, now, title="只给有关单位看的督办事项")
    assert "只给有关单位看的督办事项" in enter(bureau.captain).get("/ledgers/supervision-order/printed").text
    assert "只给有关单位看的督办事项" not in enter(bureau.keeper).get("/ledgers/supervision-order/printed").text


def test_the_screen_the_paper_and_the_workbook_have_the_same_columns(bureau, enter, now):
    Course("liaison_slip", bureau.drafter, now, **SLIP, to_unit=bureau.units["south"])
    client, head = enter(bureau.director), re.compile(r"<th scope=\"col\"[^>]*>([^<]+)</th>")
    screen, paper = (head.findall(client.get(f"/ledgers/liaison-slip{end}").text) for end in ("", "/printed"))
    table = client.get("/ledgers/liaison-slip/export?format=csv").data.decode("utf-8-sig").splitlines()[0].split(",")
    assert screen == paper == ["序号", *table]
