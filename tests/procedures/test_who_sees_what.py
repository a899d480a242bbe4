"""Who sees which matter, in lists, opened, taken away and printed (design.md §8; DB-6, LX-5, QZ-4, LD-2, LD-5).

The table is docs/知悉范围.md itself: what the office reads there is walked here cell by cell, through the real
doors, both ways: what is granted is found, what is not is refused and nowhere to be found.
"""

import io
import zipfile
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from officeapp import clock, db, matters, notebook, people
from officeapp.web.safety import limiter
from tests import conftest, databases
from tests.desks import doors
from tests.people import administrator
from tests.procedures.supervising import ORDER, SLIP, Course, add_inspectors
from tests.procedures.test_leader_report import MEETING, REPORT
from tests.procedures.test_public_matter import BROUGHT

PAGE = Path(__file__).parents[2] / "docs" / "知悉范围.md"
KINDS = {"督办单": "supervision-order", "联系单": "liaison-slip", "群众事务": "public-matter",
         "重要情况报告": "leader-report", "上级会议": "superior-meeting", "领导笔记": "", "督办提示单": "prompt-slip"}
LEADERS = ("重要情况报告", "上级会议", "领导笔记")
TITLES = {kind: f"金丝雀{n}号" for n, kind in enumerate(KINDS)}
TODAY = clock.today().isoformat()
CITIZEN, PHONE = "鹦鹉先生", "13900000000"
# Who stands for a role, where need be another for leaders' matters; the matters are made in `office` below.
FOLK = {
    "拟稿人（登记人）": {"督办单": "clerk", "联系单": "drafter", "群众事务": "drafter", "督办提示单": "drafter",
                    "*": "other_deputy"},
    "拟稿单位其他人员": {"督办单": "keeper", "联系单": "colleague", "群众事务": "colleague", "督办提示单": "colleague",
                  "*": "aide"},
    "承办（接收）单位责任人": {"*": "handler"}, "承办（接收）单位其他人员": {"*": "bystander"},
    "承办（接收）单位负责人": {"*": "lawyer"},
    "协办单位责任人": {"*": "drafter"}, "协办单位其他人员": {"*": "colleague"}, "分管领导": {"*": "deputy"},
    "其他副局长": {"督办单": "other_deputy", "联系单": "other_deputy", "群众事务": "other_deputy",
              "督办提示单": "other_deputy", "*": "deputy"},
    "局长": {"*": "chief"}, "党委书记": {"*": "secretary"}, "办公室主任": {"*": "director"},
    "办公室核稿": {"*": "reviewer"}, "文书": {"*": "clerk"}, "内勤": {"*": "dispatcher"},
    "督考组": {"*": "inspector"}, "监督考核科": {"*": "assessor"}, "机关纪委": {"*": "discipline"},
    "无关科室负责人": {"*": "captain"}, "无关科室人员": {"*": "officer"},
    "系统管理员": {"*": "admin"}, "安全管理员": {"*": "security_admin"}, "审计管理员": {"*": "audit_admin"},
}


def table():
    """(role, kind) → what the page grants; a row of several roles is one for each."""
    lines = [[cell.strip() for cell in line.strip("|\n").split("|")]
             for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|")]
    head, _, *rows = lines
    assert head[1:] == list(KINDS)
    return {(role, kind): cell for names, *cells in rows for role in names.split("、")
            for kind, cell in zip(KINDS, cells, strict=True)}


TABLE = table()


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """One matter of each kind on its way, and a browser for each person."""
    folder = tmp_path_factory.mktemp("sight")
    url = databases.fresh_sqlite(folder)
    bureau = conftest.seeded()
    with db.transaction() as session:
        vars(bureau).update(vars(add_inspectors(session, bureau)))
        for name, unit in (("handler", "legal"), ("bystander", "legal"), ("aide", "leaders")):
            setattr(bureau, name, _staff(session, name, bureau.units[unit]))
    vars(bureau).update({kind: administrator(bureau, kind) for kind in ("security_admin", "audit_admin")})
    ids = {"督办单": _order(bureau).id, "联系单": _slip(bureau).id, "群众事务": _citizen(bureau).id,
           "督办提示单": _prompt(bureau)} | _leaders(bureau)
    enter = doors(url, folder)
    limiter.enabled = False  # an export too many would be refused, and nothing be found in it
    yield SimpleNamespace(bureau=bureau, ids=ids, enter=cache(lambda name: enter(getattr(bureau, name))))
    limiter.enabled = True


def _staff(session, name, unit):
    """Somebody without a post: the tests' bureau lacks them."""
    person = people.Person(account=name, name=f"甲{name}", unit_id=unit, position=99)
    session.add(person)
    session.flush()
    return people.actor(session, person.id)


def _began(kind, drafter, **values):
    return Course(kind, drafter, clock.now() - timedelta(hours=1), **values)


def _order(bureau, on_the_way=True):
    units = {"lead_unit": bureau.units["legal"], "assisting": [bureau.units["appearance"]]}
    days = {"ordered_on": TODAY, "due_on": TODAY}
    course = _began("supervision_order", bureau.clerk, **ORDER | units | days | {"title": TITLES["督办单"]})
    if on_the_way:
        course.go(bureau.clerk, "assign", assigned_on=TODAY)
        course.go(bureau.lawyer, "receive", responsible=bureau.handler.id)
        course.go(bureau.head, "receive", responsible=bureau.drafter.id)
    return course


def _slip(bureau, on_the_way=True):
    said = {"title": TITLES["联系单"], "to_unit": bureau.units["legal"]}
    course = _began("liaison_slip", bureau.drafter, **SLIP | said)
    course.go(bureau.drafter, "submit")
    if on_the_way:
        course.go(bureau.head, "send")
        course.go(bureau.lawyer, "accept", received_by="system", received_on=TODAY, responsible=bureau.handler.id)
    return course


def _prompt(bureau):
    """What a refused 联系单 sets off; its sender supervises (LX-5)."""
    course = _began("liaison_slip", bureau.drafter,
                    **SLIP | {"title": TITLES["督办提示单"], "to_unit": bureau.units["legal"]})
    course.go(bureau.drafter, "submit")
    course.go(bureau.head, "send")
    course.go(bureau.lawyer, "refuse", note="不属本科职责。")
    return course.children("prompt_slip")[0].id


def _citizen(bureau, on_the_way=True):
    said = {"title": TITLES["群众事务"], "unit": bureau.units["legal"], "citizen": CITIZEN, "phone": PHONE}
    course = _began("public_matter", bureau.drafter, **BROUGHT | said)
    if on_the_way:
        course.go(bureau.drafter, "assign")
        course.go(bureau.lawyer, "accept", responsible=bureau.handler.id)
    return course


def _leaders(bureau):
    report = _began("leader_report", bureau.other_deputy, **REPORT | {"title": TITLES["重要情况报告"]})
    report.go(bureau.other_deputy, "submit")
    said = {"title": TITLES["上级会议"], "held_on": TODAY}
    meeting = _began("superior_meeting", bureau.other_deputy, **MEETING | said)
    with db.transaction() as session:
        notebook.write(session, bureau.other_deputy, None, TODAY, TITLES["领导笔记"], "甲", now=clock.now())
    return {"重要情况报告": report.id, "上级会议": meeting.id, "领导笔记": 1}


def person(role, kind):
    return FOLK[role].get(kind, FOLK[role]["*"])


def ways(kind, n):
    """What a reader asks for: (the word of the table, the address)."""
    if kind == "领导笔记":
        return [("列", "/notebook"), ("开", f"/notebook/{n}"), ("导", "/notebook/export")]
    board = KINDS[kind]
    asked = [("列", f"/boards/{board}"), ("列", "/search?q=金丝雀"), ("开", f"/matters/{n}"),
             ("印", f"/matters/{n}/form")]
    if kind not in LEADERS:
        asked += [("列", f"/ledgers/{board}"), ("导", f"/ledgers/{board}/export?format=csv"),
                  ("导", f"/ledgers/{board}/export")]
    return asked


def said(answer):
    if answer.data.startswith(b"PK"):
        return zipfile.ZipFile(io.BytesIO(answer.data)).read("xl/worksheets/sheet1.xml").decode()
    return answer.text


@pytest.mark.parametrize("role", FOLK)
def test_every_role_finds_what_the_table_grants_and_nothing_else(office, role):
    for kind, granted in ((kind, TABLE[role, kind]) for kind in KINDS if TABLE[role, kind] != "—"):
        browser = office.enter(person(role, kind))
        for word, path in ways(kind, office.ids[kind]):
            answer, where = browser.get(path), f"{kind} {word} {path}"
            if word in granted:
                assert answer.status_code == 200 and TITLES[kind] in said(answer), where
            else:
                # The words that were asked for stand in the search box of whoever asks.
                shown = said(answer).replace(f'value="{TITLES[kind]}"', "").replace(f"“{TITLES[kind]}”", "")
                assert TITLES[kind] not in shown, where
                assert word == "列" or answer.status_code in (403, 404) or word == "导", where


@pytest.mark.parametrize("role", [role for role in FOLK if "列" in TABLE[role, "群众事务"]])
def test_a_citizen_is_whole_only_for_who_handles_the_matter(office, role):
    browser, whole = office.enter(person(role, "群众事务")), "＊" not in TABLE[role, "群众事务"]
    for word, path in ways("群众事务", office.ids["群众事务"]):
        page = said(browser.get(path))
        shown = whole and word in "开印"
        assert (CITIZEN in page, PHONE in page) == (shown, shown), path


def test_every_role_of_the_table_is_walked():
    assert {role for role, _ in TABLE} == set(FOLK)


@pytest.mark.parametrize(("kind", "begun", "there"), [
    ("督办单", _order, "handler bystander lawyer head"), ("联系单", _slip, "handler bystander lawyer"),
    ("群众事务", _citizen, "handler bystander lawyer")])
def test_what_has_not_been_sent_yet_is_not_seen_where_it_is_sent(office, kind, begun, there):
    """DB-4, LX-3, QZ-4: a draft, perhaps never sent, is nothing that the other unit knows of."""
    n = begun(office.bureau, on_the_way=False).id
    for name, status in (*dict.fromkeys(there.split(), 404).items(), ("director", 200)):
        browser = office.enter(name)
        assert [browser.get(path).status_code for path in (f"/matters/{n}", f"/matters/{n}/form")] == [status] * 2
        for path in (f"/boards/{KINDS[kind]}", "/search?q=金丝雀"):
            assert (f'"/matters/{n}"' in browser.get(path).text) is (status == 200), (name, path)


def test_nobody_urges_on_what_he_may_not_see(office):
    """Neither is it done, nor does the answer tell whether there is such a matter."""
    browser = office.enter("inspector")
    told = [browser.post("/boards/overdue/urgings", data={"matter": n}, follow_redirects=True).text
            for n in (office.ids["重要情况报告"], 999_999)]
    assert all("这件事项不由您催办" in page for page in told)
    with db.reading() as session:
        assert "urged" not in [event.what for event in matters.history(session, office.ids["重要情况报告"])]
