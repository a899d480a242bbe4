"""The directory of three hundred people: found, grouped, the disabled apart; nobody scrolls for a telephone number."""

import re

import pytest

from officeapp import db, directory, engine
from officeapp.matters import Matter
from officeapp.people import Person
from tests.desks import doors
from tests.people import administrator
from tests.reminding import OPENED, VALUES


@pytest.fixture
def enter(database, bureau, tmp_path):
    return doors(database, tmp_path)


def names(page):
    return re.findall(r'<td>(?:<a [^>]*>)?([^<]+)(?:</a>)?</td>\s*<td data-label="岗位">', page.text)


@pytest.mark.parametrize(("words", "found"), [
    ("王建", ["王建国"]), ("DRAFT", ["林晓"]), ("市容管理科", ["王建国", "林晓", "赵琳"]), ("文书", ["陈文书"]),
    ("市容 工作人员", ["林晓", "赵琳"]), ("%", []), ("火星", []),
])
def test_people_are_found_by_name_account_unit_or_post(enter, bureau, words, found):
    page = enter(bureau.drafter).get("/people", query_string={"q": words})
    assert names(page) == found and ("没有找到符合条件的人" in page.text) == (not found)


def test_one_unit_alone_may_be_listed(enter, bureau):
    page = enter(bureau.drafter).get(f"/people?unit={bureau.units['south']}")
    assert names(page) == ["李强", "何军"] and "2人</span>" in page.text
    assert len(names(enter(bureau.drafter).get("/people?unit=x"))) == 17, "a strange unit filters nothing"


def test_the_disabled_stand_apart_and_only_administrators_list_them(enter, bureau):
    with db.transaction() as session:
        session.get_one(Person, bureau.officer.id).active = False
    keeper, clerk = enter(bureau.admin), enter(bureau.drafter)
    assert "何军" not in names(keeper.get("/people")) and names(keeper.get("/people?state=disabled")) == ["何军"]
    assert "已停用 1" in keeper.get("/people").text and "已停用" not in clerk.get("/people").text
    assert "何军" not in names(clerk.get("/people?state=disabled"))


def test_a_post_shows_who_fills_it_ticked_and_nobody_who_is_disabled(enter, bureau):
    with db.transaction() as session:
        session.get_one(Person, bureau.colleague.id).active = False
    granter = administrator(bureau, "security_admin")
    [post] = [seat.id for seat in bureau.head.posts]
    page = enter(granter).get(f"/people/posts/{post}").text
    ticked = re.findall(r'name="holders" value="(\d+)" checked', page)
    assert ticked == [str(bureau.head.id)] and f'value="{bureau.drafter.id}"' in page and "赵琳" not in page
    assert "市容管理科 <span class=\"muted\">已选1人，共2人" in page


def test_whoever_makes_an_account_or_a_post_chooses_its_unit_and_gets_none_by_not_looking(enter, bureau):
    """A unit decides whose matters its people see: the first of a list is no choice (design.md 8)."""
    keeper, granter = enter(bureau.admin), enter(administrator(bureau, "security_admin"))
    typed = {"account": "newcomer", "name": "新来", "unit_id": "0", "active": "y"}
    answer = keeper.post("/people/persons/new", data=typed)
    assert answer.status_code == 422 and "请选择所在单位。" in answer.text and 'value="newcomer"' in answer.text
    assert "请选择所在单位。" in keeper.post("/people/persons/new", data=typed | {"unit_id": ""}).text
    answer = granter.post("/people/posts/new", data={"kind": "", "unit_id": "0", "title": "副科长"})
    assert "请选择岗位。" in answer.text and "请选择设在哪个单位。" in answer.text and 'value="副科长"' in answer.text
    own = keeper.get(f"/people/persons/{bureau.drafter.id}").text
    assert "（请选择）" not in own, "who has a unit keeps it"


def test_a_unit_with_people_units_or_open_matters_stays_in_use(enter, bureau):
    """A closed unit could be chosen nowhere while its people and matters went on (GEN-1)."""
    keeper, unit = enter(bureau.admin), bureau.units["appearance"]
    form = {"name": "市容管理科", "short": "市容科", "kind": "section", "relation": "", "parent_id": "0"}
    refused = keeper.post(f"/people/units/{unit}", data=form)
    assert refused.status_code == 422 and "还有3人在岗，不能停用" in refused.text
    outside = keeper.post(f"/people/units/{unit}", data=form | {"kind": "outside", "relation": "peer", "active": "y"})
    assert outside.status_code == 422
    with db.transaction() as session:
        for person in session.query(Person).filter_by(unit_id=unit):
            person.unit_id = bureau.units["office"]
        matter = engine.open_matter(session, "outgoing_document", bureau.drafter, VALUES, body="一、安排", now=OPENED)
        matter.unit_id = unit
    assert "还有1件在办事项，不能停用" in keeper.post(f"/people/units/{unit}", data=form).text
    with db.transaction() as session:
        session.get_one(Matter, matter.id).closed = True
    assert keeper.post(f"/people/units/{unit}", data=form).status_code == 303


def test_a_deputy_who_takes_over_a_unit_is_told_from_whom(enter, bureau):
    granter = enter(administrator(bureau, "security_admin"))
    with db.reading() as session:
        seat = next(seat for seat in directory.seats(session) if seat.charge)
        unit, old = seat.charge[0], seat.people[0].name
        leaders = seat.post.unit_id
    answer = granter.post("/people/posts/new", data={"kind": "deputy", "unit_id": leaders, "charge": [unit.id]})
    assert answer.status_code == 303
    assert f"“{unit.name}”原由{old}分管，已改由本岗位分管。" in granter.get("/people/posts").text
