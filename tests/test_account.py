"""One's own password: asked for, fit, forced after somebody else gave it (domain.md 7.2)."""

import pytest
from sqlalchemy import func, select

from officeapp import admin_events, db, options, passwords
from officeapp.passwords import SpentPassword
from tests import conftest
from tests.desks import PASSWORD, doors
from tests.people import reset_password

NEW = "Lin-jiang2026"
PAGES = ("/", "/people", "/calendar", "/boards/outgoing-document", "/matters/new/outgoing-document", "/notices")


@pytest.fixture
def bureau(either_database):
    return conftest.seeded()


@pytest.fixture
def enter(either_database, bureau, tmp_path):
    return doors(either_database, tmp_path)


def change(client, old=PASSWORD, new=NEW, again=None):
    return client.post("/account", data={"old": old, "new": new, "again": new if again is None else again})


def log_in(client, account, password):
    return client.post("/login", data={"account": account, "password": password})


def test_a_new_password_is_taken_and_the_old_one_ends_with_every_other_session(enter, bureau):
    here, there = enter(bureau.drafter), enter(bureau.drafter)
    assert change(here).status_code == 303
    assert here.get("/people").status_code == 200 and there.get("/people").status_code == 302
    fresh = there.application.test_client()
    assert log_in(fresh, "drafter", PASSWORD).status_code == 422 and log_in(fresh, "drafter", NEW).status_code == 303


@pytest.mark.parametrize(("new", "sentence"), [
    ("Short-2026", ""), ("Short-202", "应有10至128个字符"), ("x" * 129, "应有10至128个字符"),
    ("onlylowercase2026", "至少要有3类"), ("临江区综合行政执法局2026", "至少要有3类"), ("临江Lin2026办公", ""),
    ("Drafter-2026", "不能含有账号"), (PASSWORD, "至少要有3类"), ("", "请填写新口令"),
])
def test_a_new_password_must_be_fit(enter, bureau, new, sentence):
    answer = change(enter(bureau.drafter), new=new)
    assert (answer.status_code, sentence in answer.text) == (422 if sentence else 303, True)
    assert not new or f'value="{new}"' not in answer.text


def test_the_new_password_is_typed_twice_alike(enter, bureau):
    answer = change(enter(bureau.drafter), again=NEW + "?")
    assert answer.status_code == 422 and "两次填写的新口令不一样" in answer.text


def test_the_last_five_passwords_may_not_come_again_and_older_ones_are_forgotten(enter, bureau):
    client, row = enter(bureau.drafter), [f"Lin-jiang202{n}" for n in range(6)]
    for old, new in zip([PASSWORD, *row], row, strict=False):
        assert change(client, old, new).status_code == 303
    for spent in row[1:]:
        assert "不能与最近5次用过的口令相同" in change(client, row[-1], spent).text
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(SpentPassword)) == 5
    assert change(client, row[-1], row[0]).status_code == 303


def test_the_old_password_is_asked_and_guessing_it_locks(enter, bureau):
    client = enter(bureau.drafter)
    wrong = [change(client, old="guess") for _ in range(5)]
    assert {answer.status_code for answer in wrong} == {422} and "原口令不对" in wrong[0].text
    late = change(client)
    assert late.status_code == 429 and "登录暂停" in late.text


def test_others_write_while_passwords_are_checked(enter, bureau, monkeypatch):
    client, written = enter(bureau.drafter), []

    def beside(check):
        def checked(*words):
            with db.transaction() as session:  # waits in vain where the check keeps the house from writing
                written.append(options.choose(session, "soon_days", len(written) + 1))
            return check(*words)
        return checked

    monkeypatch.setattr(passwords, "fits", beside(passwords.fits))
    monkeypatch.setattr(passwords, "hash_password", beside(passwords.hash_password))
    assert change(client).status_code == 303 and len(written) >= 3


def test_a_password_replaced_while_the_new_one_was_checked_is_not_overwritten(enter, bureau, monkeypatch, now):
    client, check = enter(bureau.drafter), passwords.choose

    def overtaken(*asked):
        choice = check(*asked)
        reset_password(bureau, bureau.drafter, now)
        return choice

    monkeypatch.setattr(passwords, "choose", overtaken)
    assert "原口令不对" in change(client).text
    assert log_in(client.application.test_client(), "drafter", NEW).status_code == 422


def test_nobody_passes_elsewhere_before_changing_a_given_password(enter, bureau, now):
    client = enter(bureau.drafter).application.test_client()
    fresh = reset_password(bureau, bureau.drafter, now)
    assert log_in(client, "drafter", fresh).status_code == 303
    assert {client.get(path).location for path in PAGES} == {"/account"}
    assert client.post("/matters/new/outgoing-document", data={"title": "x"}).location == "/account"
    assert client.get("/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/account"
    assert "请先改成自己的口令" in client.get("/account").text
    assert change(client, fresh, fresh).status_code == 422
    assert change(client, fresh).status_code == 303 and client.get("/people").status_code == 200


def test_who_has_a_given_password_may_still_log_out(enter, bureau, now):
    client = enter(bureau.drafter).application.test_client()
    log_in(client, "drafter", reset_password(bureau, bureau.drafter, now))
    assert client.post("/logout").location == "/login"


def test_the_menu_leads_to_it(enter, bureau):
    assert '<a href="/account">个人设置</a>' in enter(bureau.drafter).get("/people").text


def test_what_administrators_do_is_kept_with_who_whom_and_when_in_a_chain(enter, bureau, now):
    client = enter(bureau.admin)
    person = {"account": "xinren", "name": "新人", "unit_id": bureau.units["office"], "active": "y"}
    client.post("/people/persons/new", data=person)
    client.post(f"/people/persons/{bureau.drafter.id}/password")
    change(client)
    with db.reading() as session:
        lines = admin_events.history(session)
    assert [(line.actor, line.what, line.whom) for line in lines] == [
        ("系统员", "person_added", "新人"), ("系统员", "password_asked", "新人"),
        ("系统员", "password_asked", "林晓"), ("系统员", "password_changed", "系统员")]
    assert lines[2].person_id == bureau.drafter.id and admin_events.broken(lines) is None
    lines[2].whom = "别人"
    assert admin_events.broken(lines) is lines[2]
    assert admin_events.broken([*lines[:2], lines[3]]) is lines[3]
