"""What every answer tells the browser, whatever it answers; and where nobody is led (docs/threats.md)."""

import re
import time

import pytest

from app import create_app
from officeapp import db
from officeapp.people import Person
from officeapp.web.access import local_path
from officeapp.web.safety import POLICY
from tests import conftest
from tests.desks import PASSWORD, doors, opened
from tests.services import settings_of
from tests.test_boards import statements

PAGES = ("/", "/login", "/healthz", "/boards/outgoing-document", "/matters/1", "/matters/999", "/nowhere",
         "/static/app.js", "/calendar/export", "/people/units/new")
ELSEWHERE = ("http://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
             "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "javascript:alert(1)",
             "https:evil.example", "/\x00/evil.example\\", "http:///evil.example", "data:text/html,x",
             "//evil。example",
             "http://[", "/%09\\evil.example")


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_every_answer_carries_the_headers(enter, bureau, path, headers):
    opened(bureau.drafter)
    told = enter(bureau.drafter).get(path, headers=headers).headers
    assert told["X-Content-Type-Options"] == "nosniff" and told["X-Frame-Options"] == "DENY"
    assert told["Referrer-Policy"] == "same-origin" and told["Cross-Origin-Resource-Policy"] == "same-origin"
    assert told["Content-Security-Policy"] == POLICY and "unsafe" not in POLICY
    assert "camera=()" in told["Permissions-Policy"]
    assert path.startswith("/static/") or told["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in told  # over plain HTTP it would promise what is not so
    assert not re.search(r"werkzeug|flask|python", str(told), re.I)


def site(tmp_path, address):
    return create_app(settings_of({"DATA_DIR": str(tmp_path), "BASE_URL": address, "SECRET_KEY": "x" * 40}))


def test_over_tls_the_cookie_and_the_address_stay_there(tmp_path):
    told = site(tmp_path, "https://oa.example.gov.cn").test_client().get("/static/app.js").headers
    assert told["Strict-Transport-Security"].startswith("max-age=31536000")
    assert told["Cross-Origin-Opener-Policy"] == "same-origin"
    address = "https://oa.example.gov.cn"
    answer = site(tmp_path, address).test_client().get("/login", base_url=address)
    assert re.match(r"__Host-officeapp=[^;]+; Secure; HttpOnly; Path=/; SameSite=Lax$", answer.headers["Set-Cookie"])


def test_over_plain_http_no_script_reads_the_cookie(enter, bureau):
    answer = enter(bureau.drafter).application.test_client().get("/login")
    assert re.match(r"officeapp=[^;]+; HttpOnly; Path=/; SameSite=Lax$", answer.headers["Set-Cookie"])


@pytest.mark.parametrize("target", ELSEWHERE, ids=ascii)
def test_nobody_is_led_elsewhere(enter, bureau, target):
    assert local_path(target) == "/"
    form = {"account": "drafter", "password": PASSWORD, "next": target}
    answer = enter(bureau.drafter).application.test_client().post("/login", data=form)
    assert (answer.status_code, answer.headers.get("Location")) in ((303, "/"), (400, None))  # 400: a NUL character
    page = {"HX-Current-URL": target.replace("\n", ""), "HX-Request": "true"}
    led = enter(bureau.drafter).application.test_client().get("/started", headers=page)
    assert led.status_code == 400 or re.match(r"/login\?next=/(?![/\\])", led.headers["HX-Redirect"])


def test_an_expired_login_form_does_not_nest_its_own_address(enter, bureau):
    client = enter(bureau.drafter).application.test_client()
    client.application.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/login", data={"account": "x"}, headers={"Referer": "http://localhost/login?next=/done"})
    assert answer.headers["Location"] == "/login?next=/"


@pytest.mark.parametrize(("path", "size", "inside"), [("/phrases", 13_000_000, True), ("/login", 70_000, False),
                                                       ("/nowhere", 70_000, False)])
def test_a_form_too_large_is_refused_before_it_is_read(enter, bureau, path, size, inside):
    client = enter(bureau.drafter)
    client = client if inside else client.application.test_client()
    answer = client.post(path, data={"phrases": "a" * size, "account": "drafter"})
    assert answer.status_code == 413 and "超过了上限" in answer.text


def test_a_stranger_learns_nothing_from_how_long_it_takes(enter, bureau):
    """An account that does not exist costs as much computing as a wrong password."""
    client = enter(bureau.drafter).application.test_client()

    def cost(account):
        begun = time.process_time()
        assert client.post("/login", data={"account": account, "password": "wrong-Wrong-1"}).status_code == 422
        return time.process_time() - begun

    costs = {account: min(cost(account) for _ in range(3)) for account in ("drafter", "nobody")}
    assert 0.5 < costs["nobody"] / costs["drafter"] < 2, costs


def test_the_database_is_asked_the_same_whatever_is_wrong_with_an_account(enter, bureau):
    client = enter(bureau.drafter).application.test_client()
    enter(bureau.head), enter(bureau.captain)
    with db.transaction() as session:
        session.get_one(Person, bureau.captain.id).active = False
        session.get_one(Person, bureau.officer.id).password_hash = ""

    def asked(account):
        with statements() as seen:
            assert client.post("/login", data={"account": account, "password": "wrong-Wrong-1"}).status_code == 422
        return [words.split()[:2] for words in seen]

    asked("head")  # the first of all learns what the database is
    assert asked("nobody") == asked("head") == asked("captain") == asked("officer")


def test_tables_are_not_asked_for_without_end(either_database, tmp_path):
    bureau = conftest.seeded()
    client = doors(either_database, tmp_path)(bureau.admin)
    answers = [client.get("/people/exports/units").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
