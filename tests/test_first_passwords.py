"""First passwords of imported people: told by two administrators, changed at once (domain.md 7.2)."""

import io
import re

import pytest
from sqlalchemy import inspect, select

from app import create_app
from officeapp import admin_events, db, demo_accounts, directory, entrance, first_passwords
from officeapp.people import Person
from officeapp.roster.workbook import sheets_of
from tests.desks import doors
from tests.people import administrator
from tests.services import settings_of


@pytest.fixture
def newcomers(bureau, now):
    """Three accounts as an import makes them."""
    with db.transaction() as session:
        return [directory.keep_person(session, None, account=f"new{n}", name=f"新人{n}", unit_id=bureau.units["office"],
                                      email="", phone="", active=True, by=bureau.admin, now=now).id for n in range(3)]


@pytest.fixture
def granter(bureau):
    return administrator(bureau, "security_admin")


def taken(browser, ids, **more):
    """The first halves of the sheet as {account: half}."""
    answer = browser.post("/people/first-passwords", data={"person": ids} | more)
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment"), answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    [(_, head), *rows] = sheets_of(io.BytesIO(answer.data), 1000)["Sheet1"]
    assert head == list(first_passwords.HEAD)
    return {row[2]: row[3] for _, row in rows}


def confirmed(browser, ids):
    """The second halves of the page as {account: half}."""
    answer = browser.post("/people/password-requests/confirmations", data={"person": ids})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store", answer.text
    return dict(re.findall(r'data-label="账号">(\w+)</td><td data-label="口令后段"><code>(\w+)</code>', answer.text))


def given(keeper, granter, ids):
    """Whole passwords, as each person types them."""
    fronts, backs = taken(keeper, ids), confirmed(granter, ids)
    return {account: fronts[account] + backs[account] for account in fronts}


def opens(session, account, password):
    return entrance.proves(entrance.candidate(session, account), account, password, None)


def test_nobody_logs_in_before_two_have_acted_and_everybody_changes_the_password_first(
        database, bureau, newcomers, granter, tmp_path):
    enter = doors(database, tmp_path)
    keeper, other = enter(bureau.admin), enter(granter)
    for guess in ("", "new0", "123456", demo_accounts.PASSWORD):
        with db.reading() as session:
            assert not opens(session, "new0", guess)
    page = keeper.get("/people/first-passwords").text
    assert page.index("还没有口令 <span>") < page.index("新人0") and "还没有登录过" not in page
    fronts = taken(keeper, newcomers)
    with db.reading() as session:
        assert not any(opens(session, account, half) for account, half in fronts.items())
    page = keeper.get("/people/first-passwords").text
    assert page.index("还没有登录过 <span>3人") < page.index("新人0"), "asked for already"
    backs = confirmed(other, newcomers)
    assert set(fronts) == set(backs) == {"new0", "new1", "new2"} and len({*fronts.values(), *backs.values()}) == 6
    browser = keeper.application.test_client()
    for alone in (fronts["new1"], backs["new1"], backs["new1"] + fronts["new1"]):
        assert browser.post("/login", data={"account": "new1", "password": alone}).status_code == 422
    whole = fronts["new1"] + backs["new1"]
    assert browser.post("/login", data={"account": "new1", "password": whole}).status_code == 303
    assert browser.get("/").location == "/account", "must be changed before anything else"
    page = keeper.get("/people/first-passwords").text
    assert page.index("还没有登录过 <span>3人") < page.index("新人0")


def test_neither_half_stands_in_the_database(database, bureau, newcomers, granter, tmp_path):
    enter = doors(database, tmp_path)
    fronts = taken(enter(bureau.admin), newcomers)

    def kept():
        with db.reading() as session:
            return "\n".join(str(row) for table in inspect(db.engine()).get_table_names()
                             for row in session.connection().exec_driver_sql(f'SELECT * FROM "{table}"'))

    assert "新人0" in kept() and not [half for half in fronts.values() if half in kept()]
    backs = confirmed(enter(granter), newcomers)
    assert not [half for half in (*fronts.values(), *backs.values()) if half in kept()]
    with db.reading() as session:
        lines = [(line.what, line.actor) for line in admin_events.history(session)]
    assert lines[-6:] == [("password_asked", "系统员")] * 3 + [("passwords_given", "安全管理员")] * 3


def test_a_lost_sheet_is_taken_again_and_the_first_one_is_void_once_confirmed(
        database, bureau, newcomers, granter, tmp_path):
    enter = doors(database, tmp_path)
    keeper, other = enter(bureau.admin), enter(granter)
    first = given(keeper, other, newcomers)
    front = taken(keeper, newcomers[:1], again="1")
    with db.reading() as session:
        assert opens(session, "new0", first["new0"]), "until somebody confirms nothing changes"
    back = confirmed(other, newcomers[:1])
    with db.reading() as session:
        assert not opens(session, "new0", first["new0"]) and opens(session, "new1", first["new1"])
        assert opens(session, "new0", front["new0"] + back["new0"])


def test_a_second_press_leaves_the_sheet_valid_that_was_just_downloaded(database, bureau, newcomers, granter, tmp_path):
    enter = doors(database, tmp_path)
    keeper, other = enter(bureau.admin), enter(granter)
    fronts = taken(keeper, newcomers)
    pressed = keeper.post("/people/first-passwords", data={"person": newcomers})
    assert pressed.status_code == 409 and "原来下载的前段表仍然有效" in pressed.text
    backs = confirmed(other, newcomers)
    with db.reading() as session:
        assert opens(session, "new2", fronts["new2"] + backs["new2"])


def test_whoever_has_chosen_a_password_keeps_it_and_the_administrator_gives_himself_none(
        database, bureau, newcomers, tmp_path):
    enter = doors(database, tmp_path)
    enter(bureau.head)
    keeper = enter(bureau.admin)
    told = taken(keeper, [newcomers[0], bureau.head.id, bureau.admin.id])
    assert set(told) == {"new0"}
    answer = keeper.post("/people/first-passwords", data={"person": [bureau.head.id]})
    assert answer.status_code == 409 and "已改成自己的口令" in answer.text
    assert keeper.post("/people/first-passwords", data={"person": ["x", ""]}).status_code == 422


def test_in_earnest_there_is_no_account_and_no_default_password(tmp_path):
    """Only the command makes the first accounts (first-run creation); nothing of the demonstration lets anybody in."""
    site = create_app(settings_of({
        "DEMO": "0", "DATABASE_URL": f"sqlite:///{tmp_path}/bureau.db", "DATA_DIR": str(tmp_path), "SMTP_URL": "local",
        "SECRET_KEY": "k" * 32, "MAIL_FROM": "oa@example.gov.cn", "BASE_URL": "http://oa.example.gov.cn"}))
    site.config["WTF_CSRF_ENABLED"] = False
    with site.app_context():
        runner = site.test_cli_runner()
        assert runner.invoke(args=["prepare"]).exit_code == 0
        refused = runner.invoke(args=["demo"])
    assert refused.exit_code == 1 and "只有演示模式" in refused.output
    with db.reading() as session:
        assert session.scalar(select(Person.id).limit(1)) is None
    browser = site.test_client()
    browser.environ_base["HTTP_HOST"] = "oa.example.gov.cn"
    page = browser.get("/login").text
    assert demo_accounts.PASSWORD not in page and not [a for a in demo_accounts.ACCOUNTS if a.account in page]
    for account in ("admin", "root", *(each.account for each in demo_accounts.ACCOUNTS[:3])):
        answer = browser.post("/login", data={"account": account, "password": demo_accounts.PASSWORD})
        assert answer.status_code == 422
