"""登录规则 are the security administrator's: each bites, each change leaves a line (domain.md 7.2)."""

import re
from datetime import timedelta

import pytest

from officeapp import admin_events, clock, db, passwords
from officeapp.options import DEFAULTS, choose, options
from officeapp.people import Person
from tests import conftest
from tests.desks import PASSWORD, doors
from tests.people import administrator
from tests.test_account import NEW, change, log_in

RULES = {"password_length": 12, "password_classes": 4, "password_history": 2, "password_days": 30, "login_tries": 3,
         "login_lock_minutes": 15, "idle_minutes": 20}


@pytest.fixture
def bureau(either_database):
    return conftest.seeded()


@pytest.fixture
def enter(either_database, bureau, tmp_path):
    return doors(either_database, tmp_path)


def chosen(**rules):
    with db.transaction() as session:
        for key, value in rules.items():
            choose(session, key, value)


def chose_anew(enter, person):
    """The person's own password was chosen just now; a browser without anybody."""
    client = enter(person).application.test_client()
    with db.transaction() as session:
        owner = session.get_one(Person, person.id)
        passwords.change(session, owner, passwords.choose(session, owner, PASSWORD, NEW), clock.now())
    return client


def test_the_security_administrator_changes_them_and_the_line_says_from_what_to_what(enter, bureau):
    client = enter(administrator(bureau, "security_admin"))
    page = client.get("/people/login-rules").text
    assert {key: int(re.search(f'name="{key}"[^>]*value="(\\d+)"', page)[1]) for key in RULES} == {
        key: DEFAULTS[key] for key in RULES}
    assert client.post("/people/login-rules", data=RULES).status_code == 303
    assert client.post("/people/login-rules", data=RULES).status_code == 303, "the same again changes nothing"
    with db.reading() as session:
        assert {key: options(session)[key] for key in RULES} == RULES
        [line] = admin_events.history(session)
    assert line.what == "login_rules" and "口令最少字符数10→12" in line.note and "口令使用天数90→30" in line.note


@pytest.mark.parametrize(("key", "wrong"), [
    ("password_length", 7), ("password_classes", 5), ("password_history", 0), ("password_days", 366),
    ("login_tries", 2), ("login_lock_minutes", 4), ("idle_minutes", 121), ("idle_minutes", "")])
def test_a_rule_too_weak_or_too_strange_is_refused_and_stays_as_typed(enter, bureau, key, wrong):
    client = enter(administrator(bureau, "security_admin"))
    answer = client.post("/people/login-rules", data=RULES | {key: wrong})
    assert answer.status_code == 422 and re.search(r"请填\d+到\d+。", answer.text) and f'value="{wrong}"' in answer.text
    with db.reading() as session:
        assert options(session)["password_length"] == DEFAULTS["password_length"]


@pytest.mark.parametrize(("new", "sentence"), [
    ("Lin-jiang26", "应有12至128个字符"), ("linjiang-2026", "至少要有4类"), ("Lin-jiang-2026", "")])
def test_a_stricter_rule_is_asked_of_the_next_password(enter, bureau, new, sentence):
    chosen(**RULES)
    answer = change(enter(bureau.drafter), new=new)
    assert (answer.status_code, sentence in answer.text) == (422 if sentence else 303, True)
    assert "至少12个字符" in enter(bureau.head).get("/account").text


def test_a_password_of_ninety_days_must_be_changed_before_anything_else(enter, bureau, after):
    client = chose_anew(enter, bureau.drafter)
    after(days=82, hours=23)
    log_in(client, "drafter", NEW)
    assert "到期" not in client.get("/people").text and client.post("/logout")
    after(days=83)
    log_in(client, "drafter", NEW)
    assert "您的口令再过7天到期" in client.get("/people").text and client.post("/logout")
    after(days=90)
    log_in(client, "drafter", NEW)
    assert client.get("/people").location == "/account" and "已经用满规定的天数" in client.get("/account").text
    assert change(client, NEW, "Lin-jiang2027").status_code == 303 and client.get("/people").status_code == 200


def test_without_an_age_no_password_grows_old(enter, bureau, after):
    chosen(password_days=0)
    client = chose_anew(enter, bureau.drafter)
    after(days=900)
    log_in(client, "drafter", NEW)
    assert client.get("/people").status_code == 200


@pytest.mark.parametrize("account", ["drafter", "nobody"])
def test_a_locked_login_says_from_when_one_may_try_again(enter, bureau, account):
    chosen(login_tries=3, login_lock_minutes=15)
    client = enter(bureau.head).application.test_client()
    for _ in range(3):
        log_in(client, account, "wrong")
    opens = clock.now() + timedelta(minutes=15)
    said = re.search(r"请在(\d+月\d+日 \d\d:\d\d)以后再试", log_in(client, account, PASSWORD).text)[1]
    local = [(opens + timedelta(minutes=n)).astimezone(clock.ZONE) for n in (0, 1)]
    assert said in {f"{at.month}月{at.day}日 {at:%H:%M}" for at in local}
