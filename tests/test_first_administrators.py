"""In earnest an empty bureau fills through its own pages: three administrators, then everybody (domain.md 7.2)."""

import re

import pytest
from sqlalchemy import select

from app import create_app
from officeapp import admin_events, clock, db, matters
from officeapp.numbers import Series
from officeapp.people import Person, Unit
from tests.services import settings_of

THREE = ["--system", "xitong:郑敏", "--security", "anquan:吴凡", "--audit", "shenji:许静"]
CHOSEN = "Bangong-2026"
# account → (姓名, unit, kind of post)
STAFF = {
    "gaoming": ("高明", "办公室", "office_director"), "wumin": ("吴敏", "办公室", "office_reviewer"),
    "wangjianguo": ("王建国", "市容管理科", "unit_head"), "linxiao": ("林晓", "市容管理科", "staff"),
    "liuzhiqiang": ("刘志强", "局领导", "deputy"),
}
UNITS = {"局领导": "leaders", "办公室": "section", "市容管理科": "section"}
DRAFT = {"title": "关于开展户外广告整治的通知", "genre": "通知", "grade": "ordinary", "recipients": "各中队",
         "necessity": "须统一部署", "scope": "public", "disclosure": "request", "urgency": "",
         "body": "各中队：\n请遵照执行。", "series": "临综法发"}


@pytest.fixture
def site(tmp_path):
    """In earnest, with nothing in the database."""
    site = create_app(settings_of({
        "DEMO": "0", "DATABASE_URL": f"sqlite:///{tmp_path}/bureau.db", "DATA_DIR": str(tmp_path), "SMTP_URL": "local",
        "SECRET_KEY": "k" * 32, "MAIL_FROM": "oa@example.gov.cn", "BASE_URL": "http://oa.example.gov.cn"}))
    site.config["WTF_CSRF_ENABLED"] = False
    assert command(site, name="prepare").exit_code == 0
    return site


def command(site, *words, typed="", name="administrators"):
    with site.app_context():
        return site.test_cli_runner().invoke(args=[name, *words], input=typed)


def enter(site, account, given):
    """Log in with a given password and choose one's own, as everybody must."""
    client = site.test_client()
    client.environ_base["HTTP_HOST"] = "oa.example.gov.cn"
    assert client.post("/login", data={"account": account, "password": given}).status_code == 303
    assert client.get("/").location == "/account"
    answer = client.post("/account", data={"old": given, "new": CHOSEN, "again": CHOSEN})
    assert answer.status_code == 303, answer.text
    return client


def sent(client, path, **form):
    """A form sent, the flash that the next page shows."""
    answer = client.post(path, data=form)
    assert answer.status_code == 303, answer.text
    return client.get(answer.location).text


def ids(table, name):
    with db.reading() as session:
        return {getattr(row, name): row.id for row in session.scalars(select(table))}


def passwords_told(output):
    return dict(re.findall(r"账号 (\S+)  初始口令 (\S+)", output))


def test_the_three_are_three_persons_with_three_posts_and_passwords_told_once(site):
    told = command(site, *THREE)
    given = passwords_told(told.output)
    assert told.exit_code == 0 and set(given) == {"xitong", "anquan", "shenji"} and len(set(given.values())) == 3
    with db.reading() as session:
        lines = admin_events.history(session)
        unit = session.scalars(select(Unit)).one()
        assert all(person.must_change and person.unit_id == unit.id for person in session.scalars(select(Person)))
        assert given["xitong"] not in "".join(line.note for line in lines)
    assert unit.name == "信息中心" and [line.actor for line in lines] == ["命令行"] * 3
    assert [line.note for line in lines] == [
        "系统管理员，账号xitong", "安全管理员，账号anquan", "审计管理员，账号shenji"]


def test_the_command_asks_for_what_it_is_not_told_and_takes_another_unit(site):
    told = command(site, "--unit", "数据中心", typed="xitong：郑敏\nnobody\nanquan:吴凡\nshenji:许静\n")
    assert told.exit_code == 0 and "请写成“账号:姓名”" in told.output and set(ids(Unit, "name")) == {"数据中心"}


@pytest.mark.parametrize("twin", ["xitong:许静", "shenji:郑敏"])
def test_one_person_may_not_be_two_of_the_three(site, twin):
    told = command(site, *THREE[:-1], twin)
    assert told.exit_code == 1 and "三名不同的人员" in told.output and not ids(Person, "account")


def test_the_command_is_refused_once_anybody_exists(site):
    command(site, *THREE)
    again = command(site, "--system", "a:甲", "--security", "b:乙", "--audit", "c:丙")
    assert again.exit_code == 1 and "数据库里已有人员" in again.output and len(ids(Person, "account")) == 3


def test_the_command_makes_its_own_tables(site, tmp_path):
    db.configure(f"sqlite:///{tmp_path}/bare.db")
    assert command(site, *THREE).exit_code == 0


def test_from_an_empty_database_to_a_document_by_pages_alone(site):
    given = passwords_told(command(site, *THREE).output)
    keeper, granter = enter(site, "xitong", given["xitong"]), enter(site, "anquan", given["anquan"])
    passwords = {}
    for name, kind in UNITS.items():
        form = {"name": name, "kind": kind, "relation": "", "parent_id": 0, "active": "y"}
        assert f"已保存单位“{name}”" in sent(keeper, "/people/units/new", **form)
    units = ids(Unit, "name")
    for account, (name, unit, _) in STAFF.items():
        said = sent(keeper, "/people/persons/new", account=account, name=name, unit_id=units[unit], active="y")
        passwords[account] = re.search(r'口令前段是 <b class="half">(\S+)</b> ，只显示这一次', said)[1]
    assert keeper.get("/people/posts/new").status_code == 403, "who makes accounts grants nothing"
    folk = ids(Person, "account")
    page = granter.post("/people/password-requests/confirmations", data={"person": [folk[each] for each in STAFF]})
    for account, half in re.findall(r'账号">(\w+)</td><td data-label="口令后段"><code>(\w+)<', page.text):
        passwords[account] += half
    for account, (_, unit, kind) in STAFF.items():
        sent(granter, "/people/posts/new", kind=kind, unit_id=units[unit], holders=folk[account],
             charge=[units["市容管理科"], units["办公室"]] if kind == "deputy" else [])
    assert granter.get("/people/persons/new").status_code == 403, "who grants makes no accounts"

    director = enter(site, "gaoming", passwords["gaoming"])
    assert "已增加代字“临综法发”" in sent(director, "/options/series", word="临综法发", note="普发")
    assert set(ids(Series, "word")) == {"临综法发"}
    drafter = enter(site, "linxiao", passwords["linxiao"])
    page = sent(drafter, "/matters/new/outgoing-document", **DRAFT)
    assert DRAFT["title"] in page
    with db.reading() as session:
        matter = matters.find(session, 1)
    assert matter.holder == "市容管理科 · 林晓"
    sent(drafter, "/matters/1/moves", move="submit", version=1, asked="1")
    with db.reading() as session:
        assert matters.find(session, 1).holder == "市容管理科 · 王建国"
    head = enter(site, "wangjianguo", passwords["wangjianguo"])
    assert DRAFT["title"] in head.get("/").text and DRAFT["title"] not in keeper.get("/").text
    assert clock.now() >= matter.opened_at
