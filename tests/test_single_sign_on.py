"""Single sign-on against a real OpenID Connect provider on this machine; our register decides (domain.md 7.2)."""

import base64
import hashlib
import io
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
from oidc_provider_mock import User, _app, run_server_in_thread
from sqlalchemy import select, update

from app import create_app
from officeapp import clock, db, people, second_factors
from officeapp.login_events import LoginEvent
from officeapp.people import Person
from tests.people import open_accounts
from tests.services import settings_of

GO = "/login/single-sign-on"
OURS = "http://oa.bureau.test"
FOLK = {"id-1": "drafter", "id-2": "stranger", "id-3": "admin", "id-4": " "}


class Provider:
    """The running provider, and the forms that were posted to it for a token."""

    def __init__(self, server) -> None:
        self.issuer, self.asked, self.inner = f"http://localhost:{server.server_port}", [], server.app
        server.app = self

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/oauth2/token":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            self.asked.append(dict(parse_qsl(body.decode())))
            environ["wsgi.input"] = io.BytesIO(body)
        return self.inner(environ, start_response)


@pytest.fixture(scope="module")
def running():
    users = [User(sub=sub, claims={"preferred_username": account}) for sub, account in FOLK.items()]
    with run_server_in_thread(user_claims=users, require_nonce=True) as server:
        yield Provider(server)


@pytest.fixture
def provider(running):
    running.asked.clear()
    return running


@pytest.fixture
def site(database, bureau, tmp_path, provider):
    with db.transaction() as session:
        open_accounts(session)

    def built(**more):
        app = create_app(settings_of({
            "DATABASE_URL": database, "DATA_DIR": str(tmp_path), "BASE_URL": OURS, "OIDC_ISSUER": provider.issuer,
            "OIDC_CLIENT_ID": "officeapp", "OIDC_CLIENT_SECRET": "kept-from-everybody", **more}))
        app.config["WTF_CSRF_ENABLED"] = False
        return app

    return built


def sent(client, path=GO):
    """Where the provider is asked to let us in."""
    answer = client.get(path)
    assert answer.status_code == 302, answer.text
    return answer.location


def agreed(there, **form):
    """The provider's user says yes: the path that the browser is sent back to."""
    answer = requests.post(there, data=form, allow_redirects=False, timeout=5)
    assert answer.status_code == 302 and answer.headers["Location"].startswith(f"{OURS}{GO}/return?")
    return answer.headers["Location"].removeprefix(OURS)


def come(app, sub="id-1", path=GO):
    client = app.test_client()
    return client, client.get(agreed(sent(client, path), sub=sub))


def is_in(client):
    return client.get("/people").status_code == 200


def test_off_by_default_there_is_no_button_and_no_way(database, bureau, tmp_path):
    client = create_app(settings_of({"DATABASE_URL": database, "DATA_DIR": str(tmp_path)})).test_client()
    assert "single-sign-on" not in client.get("/login").text
    assert client.get(GO).status_code == client.get(f"{GO}/return?code=1&state=1").status_code == 404


def test_whom_the_provider_vouches_for_comes_in_and_where_he_wanted(site):
    app = site(OIDC_TITLE="政务统一认证")
    assert "用政务统一认证登录" in app.test_client().get("/login?next=/people").text
    client, answer = come(app, path=f"{GO}?next=/boards/overdue%3Funit%3D3")
    assert answer.status_code == 303 and answer.location == "/boards/overdue?unit=3" and is_in(client)
    with db.reading() as session:
        [line] = session.scalars(select(LoginEvent))
    assert (line.name, line.what, line.way) == ("林晓", "entered", "oidc")


def test_state_nonce_and_a_proof_of_the_one_who_asked_are_sent(site, provider):
    client = site().test_client()
    there = sent(client)
    asked = {key: values[0] for key, values in parse_qs(urlsplit(there).query).items()}
    assert len(asked["state"]) >= 20 and len(asked["nonce"]) >= 20 and asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{OURS}{GO}/return", "ours, whatever Host the browser named"
    client.get(agreed(there, sub="id-1"))
    hashed = hashlib.sha256(provider.asked[0]["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(hashed).rstrip(b"=").decode() == asked["code_challenge"]


def test_an_answer_that_nobody_here_asked_for_opens_nothing(site):
    app = site()
    mine, theirs = app.test_client(), app.test_client()
    back = agreed(sent(theirs), sub="id-1")
    sent(mine)
    answer = mine.get(back)
    assert answer.status_code == 403 and "没有通过统一身份认证" in answer.text and not is_in(mine)
    assert theirs.get(back).status_code == 303
    theirs.post("/logout")
    assert theirs.get(back).status_code == 403, "the same answer twice"


def test_a_token_of_another_login_is_refused(site):
    client = site().test_client()
    back = agreed(sent(client), sub="id-1")
    with client.session_transaction() as session:
        [key] = [key for key in session if key.startswith("_state_provider_")]
        session[key] = session[key] | {"data": session[key]["data"] | {"nonce": "another"}}
    assert client.get(back).status_code == 403 and not is_in(client)


@pytest.mark.parametrize("forged", [
    {"iss": "http://elsewhere.test"}, {"exp": -1000}, {"key": _app.Storage().jwk.as_dict(is_private=True)}],
    ids=["issuer", "age", "signature"])
def test_a_token_not_of_this_provider_or_too_old_is_refused(site, monkeypatch, forged):
    honest = _app.OpenIDCode.get_jwt_config
    monkeypatch.setattr(_app.OpenIDCode, "get_jwt_config", lambda *given, **more: honest(*given, **more) | forged)
    client, answer = come(site())
    assert answer.status_code == 403 and "没有通过统一身份认证" in answer.text and not is_in(client)


@pytest.mark.parametrize("sub", ["id-2", "id-3", "id-4", "unheard-of"])
def test_strangers_and_administrators_stay_out_and_nobody_is_created(site, sub):
    with db.reading() as session:
        before = session.scalars(select(Person.account)).all()
    client, answer = come(site(), sub)
    assert answer.status_code == 403 and "没有与之对应的在岗账号" in answer.text and not is_in(client)
    with db.reading() as session:
        assert session.scalars(select(Person.account)).all() == before
        assert [line.what for line in session.scalars(select(LoginEvent))] == ["refused"]


def test_administrators_come_in_where_that_is_allowed(site):
    client, answer = come(site(OIDC_ADMINISTRATORS="1"), "id-3")
    assert answer.status_code == 303 and is_in(client)


def test_who_has_left_the_bureau_stays_out(site):
    with db.transaction() as session:
        session.execute(update(Person).where(Person.account == "drafter").values(active=False))
    assert come(site())[1].status_code == 403


def test_a_claim_that_the_provider_does_not_send_lets_nobody_in(site):
    assert come(site(OIDC_CLAIM="employee_number"))[1].status_code == 403


def test_who_says_no_at_the_provider_is_told_so(site):
    client = site().test_client()
    answer = client.get(agreed(sent(client), action="deny"))
    assert answer.status_code == 403 and "没有通过统一身份认证" in answer.text


def test_a_provider_that_is_away_is_said_and_the_password_still_opens(site):
    app = site(OIDC_ISSUER="http://localhost:1")
    with db.transaction() as session:
        session.execute(update(Person).values(password_hash=people.hash_password("Bendi-2026")))
    answer = app.test_client().get(GO)
    assert answer.status_code == 503 and "统一身份认证暂时连不上" in answer.text
    assert app.test_client().post("/login", data={"account": "drafter", "password": "Bendi-2026"}).status_code == 303


def test_nobody_is_led_out_of_the_site(site):
    assert come(site(), path=f"{GO}?next=https://elsewhere.example/")[1].location == "/"


def test_the_second_factor_is_asked_here_too(site, bureau):
    app = site()
    with db.transaction() as session:
        key = app.config["OFFICE"].secret_key
        second_factors.propose(session, bureau.drafter.id, key)
        secret = second_factors.proposed(session, bureau.drafter.id, key)
        code = second_factors.pyotp.TOTP(secret).at(clock.now())
        assert second_factors.confirm(session, bureau.drafter.id, code, key, clock.now())
    client, answer = come(app)
    assert answer.location == "/login/code" and not is_in(client)


def test_a_password_that_somebody_gave_is_not_asked_for_here(site):
    with db.transaction() as session:
        session.execute(update(Person).where(Person.account == "drafter").values(must_change=True))
    assert is_in(come(site())[0])
