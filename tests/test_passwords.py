"""Logging in: the wrong word, the rate limit, no way out of the site, a session of one's own."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from urllib.parse import quote

import pytest
from redis import Redis
from sqlalchemy import delete, update

from app import create_app
from officeapp import clock, db, people
from officeapp.options import choose
from officeapp.people import Person
from officeapp.redis_server import embedded_redis
from officeapp.sittings import Sitting
from officeapp.web import safety
from officeapp.web.access import local_path
from tests.people import reset_password
from tests.services import settings_of, wait_for

PASSWORD = "办文办会2026办事"
ELSEWHERE = ("https://elsewhere.example/", "/\t/elsewhere.example", "//elsewhere.example/", "/\\elsewhere.example",
             "///elsewhere.example", "javascript:alert(1)", "\\\\elsewhere.example", "http:elsewhere.example",
             "elsewhere.example", "", "http://[", "//[")


@pytest.fixture
def app(database, bureau, tmp_path, redis_url, monkeypatch):
    """The site with one password for everybody, counting wrong tries in a real Redis."""
    # The limiter is one for the process; a test before, without Redis, may have left it counting in memory.
    monkeypatch.setattr(safety.limiter, "_storage_dead", False)
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
    assert answer.status_code == 422 and "账号或口令不对" in answer.text
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


def wrong_tries(app, times, account="drafter"):
    return [enter(app.test_client(), account, "wrong").status_code for _ in range(times)]


@pytest.mark.parametrize("account", ["drafter", "nobody"])
def test_after_five_wrong_tries_the_account_is_locked_whether_it_exists_or_not(app, account):
    assert wrong_tries(app, 3, account) == [422] * 3
    fourth, fifth = (enter(app.test_client(), account, "wrong") for _ in range(2))
    assert fourth.status_code == 422 and "连续输错5次，暂停登录20分钟" in fourth.text
    assert fifth.status_code == 429 and "登录暂停：口令连续输错次数过多" in fifth.text, "said by the try that locks"
    late = enter(app.test_client(), account)
    assert late.status_code == 429 and "登录暂停：口令连续输错次数过多" in late.text
    assert enter(app.test_client(), "head").status_code == 303, "others behind the same address go on"


def test_a_lock_outlives_the_loss_of_redis_and_ends_after_twenty_minutes(app, redis_url):
    wrong_tries(app, 5)
    Redis.from_url(redis_url).flushall()
    assert enter(app.test_client()).status_code == 429
    try:
        clock.set_offset(timedelta(minutes=19))
        assert enter(app.test_client()).status_code == 429
        clock.set_offset(timedelta(minutes=21))
        assert enter(app.test_client()).status_code == 303
    finally:
        clock.set_offset(timedelta(0))


def test_how_many_tries_and_how_long_is_a_setting(app):
    with db.transaction() as session:
        choose(session, "login_tries", 3)
    assert [*wrong_tries(app, 3), *wrong_tries(app, 1)] == [422, 422, 429, 429]


def test_a_right_try_or_a_new_password_forgets_the_wrong_ones(app, bureau, now):
    wrong_tries(app, 4)
    assert enter(app.test_client()).status_code == 303
    wrong_tries(app, 5)
    fresh = reset_password(bureau, bureau.drafter, now)
    assert enter(app.test_client(), password=fresh).status_code == 303


def test_ten_wrong_tries_a_minute_are_the_most_that_any_setting_allows(app):
    with db.transaction() as session:
        choose(session, "login_tries", 1000)
    assert wrong_tries(app, 11) == [422] * 10 + [429]
    assert "请等一分钟后再试" in enter(app.test_client()).text


def test_one_address_may_not_try_account_after_account(app):
    answers = [wrong_tries(app, 1, f"guess{n}")[0] for n in range(101)]
    assert answers == [422] * 100 + [429]


def test_without_a_proxy_named_nobody_chooses_his_own_address(app):
    last = [app.test_client().post("/login", data={"account": f"guess{n}"},
                                   headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(101)][-1]
    assert last.status_code == 429


def test_behind_a_named_proxy_each_reader_has_his_own_address(database, bureau, tmp_path, redis_url):
    site = create_app(settings_of({"DATABASE_URL": database, "DATA_DIR": str(tmp_path), "REDIS_URL": redis_url,
                                   "TRUSTED_PROXIES": "1"}))
    site.config["WTF_CSRF_ENABLED"] = False
    last = [site.test_client().post("/login", data={"account": f"guess{n}"},
                                    headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(101)][-1]
    assert last.status_code == 422


def test_an_unknown_account_is_checked_as_hard_as_a_known_one(app, monkeypatch):
    checked = []
    monkeypatch.setattr(people, "fits", lambda stored, password: checked.append(stored[:30]) or False)
    wrong_tries(app, 1), wrong_tries(app, 1, "nobody")
    assert len(checked) == 2 and checked[0] == checked[1], "the same hash function with the same costs"


@pytest.mark.parametrize(("host", "code"), [("oa.example.gov.cn", 302), ("127.0.0.1:8000", 302), ("evil.example", 400)])
def test_in_earnest_only_our_own_host_is_answered(database, bureau, tmp_path, host, code):
    site = create_app(settings_of({
        "DEMO": "0", "DATABASE_URL": database, "DATA_DIR": str(tmp_path), "SMTP_URL": "local", "SECRET_KEY": "k" * 32,
        "MAIL_FROM": "oa@example.gov.cn", "BASE_URL": "https://oa.example.gov.cn"}))
    answer = site.test_client().get("/", headers={"Host": host})
    assert answer.status_code == code and "evil" not in answer.text


def test_killing_redis_stops_neither_the_login_nor_the_counting(database, bureau, tmp_path, monkeypatch):
    monkeypatch.setattr(safety.limiter, "_storage_dead", False)
    redis = embedded_redis(settings_of({"DATA_DIR": str(tmp_path)}))
    redis.start(dict(os.environ))
    wait_for(redis.ready)
    app = create_app(settings_of({"DATABASE_URL": database, "DATA_DIR": str(tmp_path)}))
    app.config["WTF_CSRF_ENABLED"] = False
    with db.transaction() as session:
        session.execute(update(Person).values(password_hash=people.hash_password(PASSWORD)))
        choose(session, "login_tries", 1000)
    assert wrong_tries(app, 9) == [422] * 9 and Redis(unix_socket_path=f"{tmp_path}/redis.sock").dbsize() > 0
    redis.process.kill()
    redis.process.wait()
    assert enter(app.test_client(), "head").status_code == 303
    assert wrong_tries(app, 11) == [422] * 10 + [429], "counted in memory now"
    assert enter(app.test_client(), "head").status_code == 303, "others go on"


def test_a_redis_that_hangs_holds_up_nobody_who_logs_in(database, bureau, tmp_path, monkeypatch):
    monkeypatch.setattr(safety.limiter, "_storage_dead", False)
    redis = embedded_redis(settings_of({"DATA_DIR": str(tmp_path)}))
    redis.start(dict(os.environ))
    wait_for(redis.ready)
    app = create_app(settings_of({"DATABASE_URL": database, "DATA_DIR": str(tmp_path)}))
    app.config["WTF_CSRF_ENABLED"] = False
    assert wrong_tries(app, 1) == [422]
    os.kill(redis.process.pid, signal.SIGSTOP)
    begun = time.monotonic()
    try:
        assert wrong_tries(app, 2) == [422] * 2
        assert time.monotonic() - begun < 6, "five seconds for each question to Redis were ten for the first login"
    finally:
        redis.process.kill()  # what is stopped is killed too
        redis.process.wait()


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
        session.execute(delete(Sitting))
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


def test_many_who_lose_redis_in_the_same_moment_are_all_answered(database, bureau, tmp_path, monkeypatch):
    for _ in range(5):
        monkeypatch.setattr(safety.limiter, "_storage_dead", False)
        gone = {"DATABASE_URL": database, "DATA_DIR": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:9"}
        site = create_app(settings_of(gone))
        site.config["WTF_CSRF_ENABLED"] = False
        together = Barrier(8)

        def knock(site=site, together=together):
            together.wait()
            return site.test_client().post("/login", data={"account": "nobody", "password": "x"}).status_code

        with ThreadPoolExecutor(8) as crowd:
            answers = [each.result() for each in [crowd.submit(knock) for _ in range(8)]]
        assert set(answers) <= {422, 429}, answers
