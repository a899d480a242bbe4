"""What nobody types by accident is refused in a sentence, never answered with a fault of the system."""

import pytest

from officeapp import clock, fields
from officeapp.numerals import LARGEST, small_int
from officeapp.procedures import book
from tests import conftest
from tests.desks import doors, moved, opened

BOARD = "/boards/outgoing-document"
HUGE = "9" * 30
ODD = (f"{BOARD}?unit=²", f"{BOARD}?unit={HUGE}", f"{BOARD}?unit=٣", f"{BOARD}/changes?since={HUGE}.2026112310",
       f"{BOARD}/changes?since=²", f"/boards/overdue?portfolio={HUGE}", "/boards/overdue?portfolio=²",
       f"/started?before={HUGE}", f"/done?before={HUGE}", "/done?before=²", "/notices?before=" + HUGE,
       f"/calendar?year={HUGE}", f"/calendar/export?year={HUGE}")
GONE = ("/matters/9999999999", f"/matters/{HUGE}", f"/matters/{LARGEST}", f"/matters/{HUGE}/moves",
        f"/calendar?version={HUGE}", f"/calendar?version={HUGE[:12]}", "/boards/overdue?kind=nonsense",
        "/boards/overdue?kind=outgoing_document",
        *(f"{BOARD}/columns/drafting?after={after}" for after in (
            "2026-01-01~5", "2026-01-01T00:00", "~", "~²", f"~{HUGE}", f"2026-01-01T00:00+00:00~{HUGE}", "x~1",
            "0001-01-01T00:00+14:00~1")))


@pytest.fixture
def bureau(either_database):
    return conftest.seeded()


@pytest.fixture
def enter(either_database, bureau, tmp_path):
    return doors(either_database, tmp_path)


def test_a_number_is_taken_as_a_database_can_hold_it():
    assert [small_int(text) for text in ("7", " 7 ", "0", str(LARGEST))] == [7, 7, 0, LARGEST]
    assert not any(small_int(text) for text in ("", "²", "٣", "-1", "1.5", "1e3", str(LARGEST + 1), "9" * 5000))


def test_odd_numbers_in_an_address_are_no_fault_of_the_system(enter, bureau):
    client = enter(bureau.director)
    answers = {path: client.get(path.replace("+", "%2B")).status_code for path in ODD}
    assert {path: code for path, code in answers.items() if code not in (200, 204)} == {}


def test_what_cannot_exist_is_not_found(enter, bureau):
    opened(bureau.drafter)
    client = enter(bureau.director)
    answers = {path: client.get(path.replace("+", "%2B")).status_code for path in GONE}
    assert {path: code for path, code in answers.items() if code != 404} == {}
    assert enter(bureau.admin).get(f"/people/persons/{HUGE}").status_code == 404


@pytest.mark.parametrize("signer", ["²", "٣", HUGE, "", "x"])
def test_a_signer_who_is_no_number_is_asked_for_again(enter, bureau, signer):
    matter = opened(bureau.drafter)
    moved(matter, "submit", bureau.drafter, now=clock.now())
    typed = {"move": "unit_pass_ordinary", "medium": "paper", "signer": signer, "on": "2026-11-02", "version": 2}
    answer = enter(bureau.head).post(f"/matters/{matter}/moves", data=typed)
    assert answer.status_code in (409, 422) and "谁签的字" in answer.text


@pytest.mark.parametrize("path", ["/login?next=\0", "/?a\0=1", "/login"])
def test_a_null_character_is_refused_at_the_door(enter, bureau, path):
    data = None if "?" in path else {"account": "drafter\0", "password": "\0"}
    client = enter(bureau.drafter)
    path = path.replace("\0", "%00")
    answer = client.post(path, data=data) if data else client.get(path)
    assert answer.status_code == 400 and "不能使用的字符" in answer.text
    assert client.post("/phrases", data={"phrases": "同意\0"}).status_code == 400
    assert client.post("/matters/new/outgoing-document", data={"title\0": "x"}).status_code == 400
    assert client.get("/boards/%00").status_code in (400, 404)


@pytest.mark.parametrize("page", ["http://x/boards/outgoing-document?q=%00", "http://["])
def test_the_page_that_htmx_comes_from_is_read_as_carefully(enter, bureau, page):
    opened(bureau.drafter)
    headers = {"HX-Request": "true", "HX-Current-URL": page, "Referer": page}
    typed = {"move": "submit", "version": 1, "asked": "1", "next": page}
    assert enter(bureau.drafter).post("/matters/1/moves", data=typed, headers=headers).status_code == 400


def test_a_folder_of_the_static_files_is_not_found(enter, bureau):
    client = enter(bureau.drafter)
    assert client.get("/static/vendor").status_code == client.get("/static/").status_code == 404



@pytest.mark.parametrize(("day", "says"), [
    ("20261120", "请填日期"), ("2026-W48-5", "请填日期"), ("2026-11-31", "请填日期"), ("9999-12-31", "年份不对"),
    ("2206-03-05", "年份不对"), ("0206-03-05", "年份不对"), ("2099-12-31", ""), ("1949-10-01", "")])
def test_a_day_is_written_in_one_way_and_of_a_year_that_can_be_meant(day, says):
    due = book.current("liaison_slip").field("due_on")
    told = fields.faults_of([due], {"due_on": day}).get("due_on", "")
    assert says in told and bool(told) == bool(says)
