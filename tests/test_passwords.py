"""Logging in: the wrong word, the rate limit, no way out of the site, a session of one's own."""

from urllib.parse import quote

import pytest
from sqlalchemy import update

from app import create_app
from officeapp import db, people
from officeapp.people import Person
from officeapp.web.access import local_path
from tests.services import settings_of

PASSWORD = "办文办会2026办事"
ELSEWHERE = ("https://elsewhere.example/", "/\t/elsewhere.example", "//elsewhere.example/", "/\\elsewhere.example",
             "///elsewhere.example", "javascript:alert(1)", "\\\\elsewhere.example", "http:elsewhere.example",
             "elsewhere.example", "")


@pytest.fixture
def app(database, bureau, tmp_path, redis_url):
    """The site with one password for everybody, counting wrong tries in a real Redis."""
    app = create_app(settings_of({"DATABASE_URL": database, "DATA_DIR": str(tmp_path), "REDIS_URL": redis_url}))
    app.config["WTF_CSRF_ENABLED"] = False
    with db.transaction() as session:
        session.execute(update(Person).values(password_hash=people.hash_password(PASSWORD)))
    return app


def enter(client, account="drafter", password=PASSWORD, target=""):
    return client.post("/login", data={"account": account, "password": password, "next": target})


def test_the_right_password_opens_and_logging_out_closes(app):
    client = app.test_client()
    assert enter(client).status_code == 303
    assert client.get("/").status_code == 200
    assert client.post("/logout").status_code == 303
    assert client.get("/").location.startswith("/login")


@pytest.mark.parametrize(("account", "password"), [
    ("drafter", "wrong"), ("nobody", PASSWORD), ("drafter", ""), ("", "")])
def test_the_wrong_one_of_either_gets_the_same_sentence(app, account, password):
    answer = enter(app.test_client(), account, password)
    assert answer.status_code == 422 and "账号或密码不对" in answer.text
    assert password == "" or password not in answer.text


def test_who_has_no_password_yet_cannot_enter(app):
    with db.transaction() as session:
        session.execute(update(Person).where(Person.account == "drafter").values(password_hash=""))
    for password in ("", "nobody's password"):
        assert enter(app.test_client(), password=password).status_code == 422


def test_who_has_left_cannot_enter_and_is_out_at_once(app):
    client = app.test_client()
    enter(client)
    with db.transaction() as session:
        session.execute(update(Person).where(Person.account == "drafter").values(active=False))
    assert client.get("/").status_code == 302
    assert enter(app.test_client()).status_code == 422


def test_after_ten_wrong_tries_a_minute_even_the_right_one_waits(app):
    client = app.test_client()
    answers = [enter(client, password="wrong").status_code for _ in range(10)]
    assert answers == [422] * 10
    late = enter(client)
    assert late.status_code == 429 and "请等一分钟后再试" in late.text


def test_right_tries_are_not_counted(app):
    for _ in range(12):
        assert enter(app.test_client()).status_code == 303


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_led_out_of_the_site(app, target):
    assert enter(app.test_client(), target=target).location == "/"
    assert app.test_client().post(f"/login?next={quote(target)}", data={
        "account": "drafter", "password": PASSWORD}).location == "/"
    assert local_path(target) == "/"


def test_one_is_led_back_to_the_page_one_wanted(app):
    client = app.test_client()
    wanted = client.get("/boards/overdue?unit=3").location
    assert wanted.startswith("/login?next=")
    assert enter(client, target="/boards/overdue?unit=3").location == "/boards/overdue?unit=3"


def test_a_session_begun_before_the_login_is_not_carried_over(app):
    client = app.test_client()
    with client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
    enter(client)
    with client.session_transaction() as session:
        assert "planted" not in session and session["_user_id"]


def test_a_forced_logout_ends_every_session(app):
    client = app.test_client()
    enter(client)
    with db.transaction() as session:
        session.execute(update(Person).where(Person.account == "drafter").values(session_nonce="new"))
    assert client.get("/").status_code == 302


def test_a_cookie_taken_to_another_browser_is_worth_nothing(app):
    client = app.test_client()
    enter(client)
    assert client.get("/", headers={"User-Agent": "another"}).status_code == 302


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(app):
    cookie = enter(app.test_client()).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_htmx_is_sent_to_the_login_and_not_given_its_page(app):
    answer = app.test_client().get("/", headers={"HX-Request": "true"})
    assert answer.status_code == 401 and answer.headers["HX-Redirect"].startswith("/login")


def test_passwords_are_kept_as_argon2id_and_never_twice_the_same():
    first, second = people.hash_password(PASSWORD), people.hash_password(PASSWORD)
    assert first.startswith("$argon2id$") and first != second
