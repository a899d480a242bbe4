"""窗口登记: one form, two things to write, one click to settle or to assign (QZ-2, JG-3); what is typed stays."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from officeapp import clock, db
from officeapp.matters import Matter
from tests.desks import doors

NEW = "/matters/new/public-matter"
BROUGHT = {"title": "询问犬证办理地点", "way": "visit", "clock": "at_once", "content": "问犬证在哪里办。",
           "citizen": "张先生", "phone": "13900000000", "due_on": ""}


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


def stored():
    with db.reading() as session:
        return session.scalars(select(Matter)).all()


def chosen(page):
    """What each list of the form begins with."""
    lists = re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page)
    return {name: found[1] for name, options in lists if (found := re.search(r'value="([^"]*)" selected', options))}


def test_two_things_have_to_be_written_and_the_rest_is_there(bureau, enter):
    page = enter(bureau.officer).get(NEW).text
    empty = set(re.findall(r'name="(\w+)"[^>]*? required', page)) - set(chosen(page))
    assert empty == {"title", "content"} and "autofocus" in page
    assert chosen(page) == {"way": "visit", "clock": "at_once", "unit": str(bureau.units["south"])}
    assert ">登记并当场办结</button>" in page and ">登记并交承办单位</button>" in page


def test_QZ_2_what_is_solved_at_once_is_registered_and_settled_with_one_click(bureau, enter):
    form = BROUGHT | {"unit": bureau.units["south"], "answer": "已告知办理地点。", "then": "settle"}
    answer = enter(bureau.officer).post(NEW, data=form)
    [matter] = stored()
    assert (answer.status_code, matter.stage, matter.values["answer"]) == (303, "archiving", "已告知办理地点。")


def test_it_is_assigned_with_one_click_and_the_receipt_is_at_hand(bureau, enter):
    client = enter(bureau.officer)
    page = client.post(NEW, data=BROUGHT | {"unit": bureau.units["appearance"], "clock": "agreed", "then": "assign"},
                       follow_redirects=True).text
    [matter] = stored()
    assert (matter.stage, matter.values.get("answer")) == ("receipt", None)
    receipt = re.search(r'href="(/matters/\d+/receipt)"', page)[1]
    slip = client.get(receipt).text
    assert "群众事务受理回执" in slip and "答复期限" in slip and "盖章处" in slip and "办理结果" not in slip


def test_QZ_2_the_slip_of_what_was_settled_at_once_says_the_result_and_has_room_for_the_seal(bureau, enter):
    client = enter(bureau.officer)
    client.post(NEW, data=BROUGHT | {"unit": bureau.units["south"], "answer": "已告知办理地点。", "then": "settle"})
    slip = client.get(f"/matters/{stored()[0].id}/receipt").text
    assert all(said in slip for said in ("办理结果", "已告知办理地点。", "咨询电话", "接待单位（盖章处）"))
    assert BROUGHT["phone"] not in slip and BROUGHT["citizen"] not in slip  # the citizen's own are not printed


@pytest.mark.parametrize(("changed", "sentence"), [
    ({"answer": ""}, "请填写“办理结果”"), ({"clock": "petition", "answer": "已告知。"}, "咨询求助、投诉举报"),
    ({"title": ""}, "请填写“事由”"),
])
def test_what_is_refused_is_said_and_nothing_typed_is_lost(bureau, enter, changed, sentence):
    form = BROUGHT | {"unit": bureau.units["south"], "answer": "已告知办理地点。", "then": "settle"} | changed
    answer = enter(bureau.officer).post(NEW, data=form)
    assert answer.status_code == 422 and sentence in answer.text and stored() == []
    for name in ("title", "content", "citizen", "phone", "answer"):
        assert form[name] in answer.text, name


def test_DB_4_an_order_is_registered_and_assigned_with_one_click(bureau, enter):
    form = {"title": "落实春节前市容保障", "source": "assignment", "ordered_on": "2026-11-02", "content": "完成整治。",
            "lead_unit": bureau.units["appearance"], "due_on": (clock.today() + timedelta(days=30)).isoformat(),
            "manner": "system",
            "assigned_on": "2026-11-02", "then": "assign"}
    answer = enter(bureau.clerk).post("/matters/new/supervision-order", data=form)
    assert answer.status_code == 303 and [matter.stage for matter in stored()] == ["receipt"]


def test_LD_4_a_meeting_reported_conveyed_and_carried_out_is_registered_with_one_click(bureau, enter):
    form = {"title": "全市城管工作会议", "held_on": "2026-11-02", "organ": "市局", "spirit": "三项任务。",
            "then": "finish"}
    days = dict.fromkeys(("reported_on", "conveyed_on", "done_on"), "2026-11-02")
    answer = enter(bureau.deputy).post("/matters/new/superior-meeting", data=form | days)
    [matter] = stored()
    assert (answer.status_code, matter.stage, matter.values["done_on"]) == (303, "filed", "2026-11-02")


def test_a_day_that_something_happened_begins_as_today_and_a_limit_is_nobody_s_guess(bureau, enter):
    page = enter(bureau.clerk).get("/matters/new/supervision-order").text
    begun = {key: re.search(rf'<input[^>]*name="{key}"[^>]*>', page)[0] for key in ("ordered_on", "due_on")}
    assert f'value="{clock.today()}"' in begun["ordered_on"] and 'value="2' not in begun["due_on"]
