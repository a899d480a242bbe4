"""「新建」 on one's desk: everything this person may begin, and nothing that would be refused."""

import re

import pytest

from officeapp.procedures import book
from tests.desks import doors


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


@pytest.mark.parametrize(("who", "there", "not_there"), [
    ("drafter", {"发文", "联系单", "群众事务"}, {"督办单", "重要情况报告"}),
    ("clerk", {"发文", "督办单", "联系单"}, {"重要情况报告"}), ("deputy", {"重要情况报告"}, {"发文", "督办单"})])
def test_a_person_finds_in_one_menu_what_he_may_begin_and_nothing_else(bureau, enter, who, there, not_there):
    client = enter(getattr(bureau, who))
    menu = re.search(r"新建</summary>([\s\S]*?)</ul>", client.get("/").text)[1]
    shown = dict(re.findall(r'href="/matters/new/([a-z-]+)">([^<]+)<', menu))
    assert there <= set(shown.values()) and not not_there & set(shown.values())
    for kind in book.own_kinds():
        path = kind.replace("_", "-")
        assert (client.get(f"/matters/new/{path}").status_code == 200) is (path in shown) or who == "deputy", kind
    assert all(client.get(f"/matters/new/{path}").status_code == 200 for path in shown)


def test_a_leader_finds_his_minute_first_and_an_empty_desk_speaks_to_whom_it_belongs(bureau, enter):
    leader, drafter = enter(bureau.chief).get("/").text, enter(bureau.drafter).get("/").text
    assert 'btn-primary page-head__main" href="/briefing"' in leader and "看“一分钟”" in leader
    assert "/briefing" not in drafter and "按右上角“新建”" in drafter
