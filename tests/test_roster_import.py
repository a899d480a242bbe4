"""A staff file goes in whole or not at all, and only after it was looked at (issue of trust: people in earnest)."""

import html
import io
import re

import pytest
from sqlalchemy import func, select

from officeapp import admin_events, db, people, proposals
from officeapp.people import Person, Unit
from tests import conftest, rosters
from tests.desks import doors
from tests.rosters import TWELVE


@pytest.fixture
def either(either_database, tmp_path):
    """(the bureau, a browser of its system administrator) on SQLite and on PostgreSQL."""
    bureau = conftest.seeded()
    return bureau, doors(either_database, tmp_path)(bureau.admin)


@pytest.fixture
def keeper(database, bureau, tmp_path):
    return doors(database, tmp_path)(bureau.admin)


def previewed(browser, content, name="花名册.xlsx"):
    return browser.post("/people/imports/previews", data={"file": (io.BytesIO(content), name)})


def confirmed(browser, page):
    """Press the button of a preview."""
    fields = dict(re.findall(r'name="(roster|fingerprint)" value="([^"]*)"', page.text))
    return browser.post("/people/imports", data={key: html.unescape(value) for key, value in fields.items()})


def flaws(page):
    """What the page says is wrong: (表, 行, 栏, 写的是, 问题, 怎么办)."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.text, re.S)
    cells = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]
             for row in rows]
    return [html.unescape("\t".join(row)).split("\t") for row in cells if len(row) == 6]


def counted():
    with db.reading() as session:
        numbers = [session.scalar(select(func.count()).select_from(table)) for table in (Unit, Person)]
        return [*numbers, proposals.count_waiting(session), len(admin_events.history(session))]


def test_twelve_faults_are_named_and_nothing_is_written_then_the_mended_file_goes_in_whole(either):
    bureau, browser = either
    before, clean = counted(), rosters.staff()
    page = previewed(browser, rosters.workbook(rosters.planted(clean)))
    assert page.status_code == 422 and "什么都没有导入" in page.text and "确认导入" not in page.text
    told = {(table, line, column): (found, wrong, mend) for table, line, column, found, wrong, mend in flaws(page)}
    assert len(flaws(page)) == len(TWELVE)
    for fault in TWELVE:
        found, wrong, mend = told[rosters.NAMES[fault.table], f"第{fault.line}行", fault.column]
        assert found == (fault.text or "（空）") and fault.said in wrong and mend.endswith("。")
    assert counted() == before

    page = previewed(browser, rosters.workbook(clean))
    assert page.status_code == 200 and "新增单位11个、新增人员300人、提请授岗11项" in page.text and counted() == before
    assert confirmed(browser, page).status_code == 303
    units, folk, waiting, _ = counted()
    assert (units, folk, waiting) == (before[0] + 11, before[1] + 300, 11)
    with db.reading() as session:
        newest = session.scalar(select(Person).where(Person.account == "zf300"))
        assert (newest.name, newest.unit.name, newest.phone) == ("邓平", "第1中队", "88001300")
        assert session.scalar(select(Unit).where(Unit.id == newest.unit.parent_id)).name == "执法大队"
        assert not people.actor(session, newest.id).posts and newest.password_hash == ""
        assert admin_events.broken(admin_events.history(session)) is None
        assert admin_events.history(session)[-1].note == "新增单位11个、新增人员300人、提请授岗11项"

    again = previewed(browser, rosters.workbook(clean))
    assert again.status_code == 200 and "没有要改动的" in again.text and "确认导入" not in again.text


def test_a_directory_that_changed_since_the_preview_gives_a_fresh_one_and_writes_nothing(keeper, bureau):
    row = ["head", "王建国", "市容管理科", "", "88009999"]
    page = previewed(keeper, rosters.csv("people", [row]), "a.csv")
    assert "<ins>88009999</ins>（原来空着）" in page.text
    with db.transaction() as session:
        session.get_one(Person, bureau.head.id).phone = "88001111"
    before = counted()
    answer = confirmed(keeper, page)
    assert answer.status_code == 409 and "单位人员又有变动，什么都没有导入" in answer.text and counted() == before
    assert "<del>88001111</del> → <ins>88009999</ins>" in answer.text
    assert confirmed(keeper, answer).status_code == 303
    with db.reading() as session:
        assert session.get_one(Person, bureau.head.id).phone == "88009999"


def test_a_fault_that_arose_since_the_preview_stops_the_whole_file(keeper, bureau):
    """The faulty line would have changed nothing, so the steps alone still look the same."""
    rows = [["newman", "杨帆", "办公室", "", ""], ["officer", "何军", "南门中队", "", ""]]
    page = previewed(keeper, rosters.csv("people", rows))
    assert "新增人员1人" in page.text
    with db.transaction() as session:
        session.get_one(Person, bureau.officer.id).active = False
    before = counted()
    answer = confirmed(keeper, page)
    assert answer.status_code == 422 and "何军的账号已停用" in answer.text and counted() == before


def test_a_confirmation_sent_twice_writes_once(keeper):
    page = previewed(keeper, rosters.workbook(rosters.staff(12)))
    assert confirmed(keeper, page).status_code == 303
    after = counted()
    again = confirmed(keeper, page)
    assert again.status_code == 303 and counted() == after
    said = keeper.get(again.location).text
    assert "由系统员导入：新增单位" in said and "这次没有再导入" in said, "what the first one did, not a conflict"


@pytest.mark.parametrize("forged", ["", "eyJsaW5lcyI6W119.aaa.bbb"])
def test_lines_that_no_preview_sealed_are_not_taken(keeper, forged):
    before = counted()
    answer = keeper.post("/people/imports", data={"roster": forged, "fingerprint": "x"})
    assert answer.status_code == 422 and "请重新选择文件" in answer.text and counted() == before


def test_an_empty_cell_leaves_what_is_there_and_nobody_is_disabled_for_being_left_out(keeper, bureau):
    with db.transaction() as session:
        session.get_one(Person, bureau.head.id).phone = "88001111"
    page = previewed(keeper, rosters.csv("people", [["head", "王建国", "政策法规科", "", ""]]), "a.csv")
    assert "修改人员1人" in page.text and confirmed(keeper, page).status_code == 303
    with db.reading() as session:
        head = session.get_one(Person, bureau.head.id)
        assert (head.unit.name, head.phone, head.email) == ("政策法规科", "88001111", "head@bureau.test")
        assert session.get_one(Person, bureau.drafter.id).active


def test_units_come_in_whatever_order_their_superiors_stand(keeper):
    rows = [[f"{n}组", "", "中队", "", f"{n - 1}组" if n else "", ""] for n in reversed(range(6))]
    assert confirmed(keeper, previewed(keeper, rosters.csv("units", rows), "a.csv")).status_code == 303
    with db.reading() as session:
        above = {u.id: u for u in session.scalars(select(Unit))}
        assert [above[u.parent_id].name for u in above.values() if u.name == "5组"] == ["4组"]


def test_a_unit_may_pass_below_one_that_lay_below_it(keeper, bureau):
    with db.transaction() as session:
        session.get_one(Unit, bureau.units["south"]).parent_id = bureau.units["command"]
    rows = [["指挥中心", "", "", "", "南门中队", ""], ["南门中队", "", "", "", "办公室", ""]]
    assert confirmed(keeper, previewed(keeper, rosters.csv("units", rows), "a.csv")).status_code == 303
    with db.reading() as session:
        assert session.get_one(Unit, bureau.units["command"]).parent_id == bureau.units["south"]
        assert session.get_one(Unit, bureau.units["south"]).parent_id == bureau.units["office"]


def test_who_is_no_system_administrator_imports_nothing(database, bureau, tmp_path):
    browser = doors(database, tmp_path)(bureau.director)
    assert previewed(browser, rosters.workbook(rosters.staff(3))).status_code == 403
    assert browser.get("/people/imports").status_code == 403 and browser.get("/people/exports/all").status_code == 403


def test_a_file_moves_nobody_who_can_log_in_before_another_administrator_grants_it(keeper, bureau):
    with db.transaction() as session:
        session.get_one(Person, bureau.officer.id).password_hash = people.NOBODYS_HASH
    row = ["officer", "何军", "市容管理科", "", "88001234"]
    page = previewed(keeper, rosters.csv("people", [row]), "a.csv")
    assert "修改人员1人、提请调动1人" in page.text and "<del>南门中队</del> → <ins>市容管理科</ins>" in page.text
    assert confirmed(keeper, page).status_code == 303
    with db.reading() as session:
        officer = session.get_one(Person, bureau.officer.id)
        [waits] = proposals.waiting(session)
    assert (officer.unit_id, officer.phone) == (bureau.units["south"], "88001234")
    assert (waits.says, waits.unit_id) == ("调入", bureau.units["appearance"])
    again = previewed(keeper, rosters.csv("people", [row]), "a.csv").text
    assert "没有要改动的" in again, "what is asked for is not asked for again"
