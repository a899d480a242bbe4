"""我的筛选: kept under a name, found again as a chip, one's own alone, and never a way out of the house."""

import re
from html import unescape

import pytest

from officeapp import clock, db, saved_filters
from officeapp.saved_filters import LONGEST, MOST, asked_of
from tests.desks import doors

OVERDUE = {"page": "overdue", "query": "kind=liaison-slip&by=ladder", "name": "联系单按级别"}
LEDGER = {"page": "supervision-order", "query": "state=open&q=夜市", "name": "夜市在办"}


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


def kept(actor):
    with db.reading() as session:
        return {(it.page, it.name): (it.id, it.query) for it in saved_filters.of(session, actor)}


@pytest.mark.parametrize(("given", "path"), [(OVERDUE, "/boards/overdue?kind=liaison-slip&by=ladder"),
                                             (LEDGER, "/ledgers/supervision-order?state=open&q=%E5%A4%9C%E5%B8%82")])
def test_what_is_asked_is_named_and_found_again_as_a_chip(bureau, enter, given, path):
    client = enter(bureau.inspector)
    page = client.get(path).text
    assert "保存现在的筛选" in page
    form = {name: unescape(value) for name, value in re.findall(r'name="(page|query)" value="([^"]*)"', page)}
    answer = client.post("/saved-filters", data={**form, "name": f" {given['name']} "})
    assert (answer.status_code, answer.location) == (303, path)
    page = client.get(answer.location).text
    chip = f'href="{path}" aria-current="true">{given["name"]}</a>'.replace("&", "&amp;")
    assert chip in page and "保存现在的筛选" not in page


def test_a_saved_filter_is_ones_own(bureau, enter):
    mine, other = enter(bureau.inspector), enter(bureau.director)
    mine.post("/saved-filters", data=OVERDUE)
    [(number, _)] = kept(bureau.inspector).values()
    assert "联系单按级别" not in other.get("/boards/overdue").text + other.get("/saved-filters").text
    assert other.post(f"/saved-filters/{number}", data={"name": "改掉"}).status_code == 404
    other.post(f"/saved-filters/{number}/removal")
    assert list(kept(bureau.inspector)) == [("overdue", "联系单按级别")]


def test_it_is_renamed_and_removed(bureau, enter):
    client = enter(bureau.inspector)
    client.post("/saved-filters", data=OVERDUE), client.post("/saved-filters", data=OVERDUE | {"name": "乙"})
    (first, _), _ = kept(bureau.inspector).values()
    answer = client.post(f"/saved-filters/{first}", data={"name": "乙"})
    assert answer.status_code == 422 and "已经有一个叫这个名称的筛选。" in answer.text
    client.post(f"/saved-filters/{first}", data={"name": "甲"})
    assert [name for _, name in kept(bureau.inspector)] == ["甲", "乙"]
    client.post(f"/saved-filters/{first}/removal")
    assert [name for _, name in kept(bureau.inspector)] == ["乙"]


def test_the_same_name_takes_the_new_question(bureau, enter):
    client = enter(bureau.inspector)
    for query in ("kind=liaison-slip", "grade=urgent"):
        client.post("/saved-filters", data=OVERDUE | {"query": query})
    assert [query for _, query in kept(bureau.inspector).values()] == ["grade=urgent"]


@pytest.mark.parametrize(("changed", "sentence"), [
    ({"name": " "}, "请给这个筛选起个名称"), ({"name": "名" * (LONGEST + 1)}, f"名称最多{LONGEST}个字"),
    ({"name": "机密★5年"}, "名称含有密级标志"), ({"query": ""}, "现在没有筛选条件"),
    ({"query": "next=https://elsewhere.example&x=1"}, "现在没有筛选条件"),
    ({"query": "q=" + "长" * 400}, "现在没有筛选条件"),
])
def test_what_cannot_be_kept_is_said_and_the_name_stays(bureau, enter, changed, sentence):
    given = OVERDUE | changed
    answer = enter(bureau.inspector).post("/saved-filters", data=given)
    assert answer.status_code == 422 and sentence in answer.text and f'value="{given["name"]}"' in answer.text
    assert kept(bureau.inspector) == {}


@pytest.mark.parametrize("page", ["", "https://elsewhere.example/", "//elsewhere.example", "messages",
                                  "outgoing-document"])
def test_only_known_pages_are_kept(bureau, enter, page):
    answer = enter(bureau.inspector).post("/saved-filters", data=OVERDUE | {"page": page})
    assert answer.status_code == 404 and "这个页面不能保存筛选。" in answer.text


@pytest.mark.parametrize("query", ["https://elsewhere.example/?kind=x", "//elsewhere.example",
                                   "kind=%0d%0aLocation:+//x", "kind=a&kind=b&evil=1", "kind", "=&&&="])
def test_a_question_keeps_its_known_words_alone(query):
    assert re.fullmatch(r"(kind=[\w%.+-]+)?", asked_of(query, ("kind", "grade")))


def test_twenty_a_page_and_no_more(bureau):
    with db.transaction() as session:
        said = [saved_filters.save(session, bureau.inspector, "overdue", f"第{n}个", f"kind=k{n}", now=clock.now())
                for n in range(MOST + 1)]
        session.flush()
        elsewhere = saved_filters.save(session, bureau.inspector, "liaison-slip", "甲", "q=x", now=clock.now())
    assert said[:-1] == [""] * MOST and "请先删除不用的" in said[-1] and elsewhere == ""
