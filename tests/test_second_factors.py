"""The second factor: enrolled with a code, asked at every login, spent once, reset by two people (domain.md 7.2)."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, update

from officeapp import admin_events, clock, db, second_factors
from officeapp.login_events import LoginEvent
from officeapp.options import choose
from officeapp.outbox import Message
from officeapp.password_requests import PasswordRequest
from officeapp.people import Person
from officeapp.second_factors import RecoveryCode, SecondFactor
from tests import conftest
from tests.demo_site import Page
from tests.desks import PASSWORD, doors
from tests.people import administrator

OWN, CODE = "/account/second-factor", "/login/code"


@pytest.fixture
def bureau(either_database):
    return conftest.seeded()


@pytest.fixture
def enter(either_database, bureau, tmp_path):
    return doors(either_database, tmp_path)


def shown(secret):
    """What the phone shows at this moment."""
    return pyotp.TOTP(secret).at(clock.now())


def wrong(secret):
    return f"{(int(shown(secret)) + 500_000) % 1_000_000:06}"


def enrolled(client):
    """The secret and the recovery codes of somebody who has just turned it on."""
    client.post(f"{OWN}/proposal", data={"password": PASSWORD})
    secret = re.search(r'class="qr-secret">(\w+)<', client.get(OWN).text)[1]
    answer = client.post(f"{OWN}/confirmation", data={"code": shown(secret)})
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>", answer.text)


def first_step(client, account="drafter", target=""):
    fresh = client.application.test_client()
    answer = fresh.post("/login", data={"account": account, "password": PASSWORD, "next": target})
    assert answer.status_code == 303
    return fresh


def told():
    with db.reading() as session:
        return [line.what for line in session.scalars(select(LoginEvent).order_by(LoginEvent.id))]


def test_from_the_picture_to_the_paper(enter, bureau):
    client = enter(bureau.drafter)
    assert "二次验证未启用" in client.get(OWN).text
    client.post(f"{OWN}/proposal", data={"password": PASSWORD})
    page = client.get(OWN).text
    assert "<svg" in page and not Page(page).inline and "启用二次验证" in page
    secret, codes = enrolled(client)
    assert len(set(codes)) == second_factors.CODES and "二次验证已启用" in client.get(OWN).text
    assert secret not in client.get(OWN).text, "shown only until it is confirmed"
    assert told()[-1] == "factor_on"


def test_a_wrong_code_enrols_nobody(enter, bureau):
    client = enter(bureau.drafter)
    client.post(f"{OWN}/proposal", data={"password": PASSWORD})
    secret = re.search(r'class="qr-secret">(\w+)<', client.get(OWN).text)[1]
    answer = client.post(f"{OWN}/confirmation", data={"code": wrong(secret)})
    assert answer.status_code == 422 and "验证码不对" in answer.text
    assert first_step(client).get("/people").status_code == 200, "not asked for before it is on"


def test_the_login_asks_for_the_code_and_leads_on(enter, bureau, after):
    client = enter(bureau.drafter)
    secret, _ = enrolled(client)
    after(seconds=60)
    fresh = first_step(client, target="/boards/overdue?unit=3")
    assert fresh.get("/people").status_code == 302, "the password alone opens nothing"
    answer = fresh.post(CODE, data={"code": f" {shown(secret)[:3]} {shown(secret)[3:]} "})
    assert answer.status_code == 303 and answer.location == "/boards/overdue?unit=3"
    assert fresh.get("/people").status_code == 200


def test_a_code_counts_once_and_no_older_one_after_it(enter, bureau, after):
    client = enter(bureau.drafter)
    secret, _ = enrolled(client)
    after(seconds=90)
    older, code = pyotp.TOTP(secret).at(clock.now() - timedelta(seconds=30)), shown(secret)
    assert first_step(client).post(CODE, data={"code": code}).status_code == 303
    for spent in (code, older):
        answer = first_step(client).post(CODE, data={"code": spent})
        assert answer.status_code == 422 and "或者已经用过" in answer.text
    after(seconds=150)
    assert first_step(client).post(CODE, data={"code": shown(secret)}).status_code == 303


@pytest.mark.parametrize("lag", [-61, 61])
def test_a_code_of_another_minute_is_wrong(enter, bureau, after, lag):
    client = enter(bureau.drafter)
    secret, _ = enrolled(client)
    after(seconds=300)
    code = pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=lag))
    assert first_step(client).post(CODE, data={"code": code}).status_code == 422


def test_wrong_codes_count_towards_the_lock_and_the_right_password_forgets_nothing(enter, bureau, after):
    client = enter(bureau.drafter)
    secret, _ = enrolled(client)
    after(seconds=90)
    tries = [first_step(client).post(CODE, data={"code": wrong(secret)}) for _ in range(5)]
    assert [answer.status_code for answer in tries] == [422] * 4 + [429] and "登录暂停" in tries[-1].text
    halfway = client.application.test_client()
    answer = halfway.post("/login", data={"account": "drafter", "password": PASSWORD})
    assert answer.status_code == 429 and "登录暂停" in answer.text
    assert told()[-2:] == ["refused", "locked"]
    after(minutes=22)
    assert first_step(client).post(CODE, data={"code": shown(secret)}).status_code == 303


def test_a_lock_also_stops_who_waits_before_the_second_step(enter, bureau, after):
    client = enter(bureau.drafter)
    secret, _ = enrolled(client)
    after(seconds=90)
    waiting = first_step(client)
    for _ in range(5):
        waiting.post(CODE, data={"code": wrong(secret)})
    answer = waiting.post(CODE, data={"code": shown(secret)})
    assert answer.status_code == 429 and "登录暂停：验证码连续填错次数过多" in answer.text
    assert "口令连续输错" not in answer.text, "it was no password that was wrong"


def test_an_open_browser_alone_binds_no_phone(enter, bureau):
    client = enter(bureau.drafter)
    for password in ("", "guess"):
        answer = client.post(f"{OWN}/proposal", data={"password": password})
        assert answer.status_code == 422 and "口令不对" in answer.text and "qr-secret" not in client.get(OWN).text
    assert told()[-2:] == ["refused", "refused"]


def test_the_second_step_waits_five_minutes_and_for_nobody_who_took_no_first(enter, bureau, after):
    client = enter(bureau.drafter)
    secret, _ = enrolled(client)
    waiting = first_step(client)
    after(minutes=5, seconds=1)
    answer = waiting.post(CODE, data={"code": shown(secret)})
    assert answer.location == "/login" and "隔得太久" in waiting.get("/login").text
    stranger = client.application.test_client()
    assert stranger.get(CODE).location == stranger.post(CODE, data={"code": "1"}).location == "/login"


def test_who_has_left_between_the_steps_stays_out(enter, bureau, after):
    client = enter(bureau.drafter)
    secret, _ = enrolled(client)
    after(seconds=90)
    waiting = first_step(client)
    with db.transaction() as session:
        session.execute(update(Person).where(Person.account == "drafter").values(active=False))
    assert waiting.post(CODE, data={"code": shown(secret)}).status_code == 422


def test_each_recovery_code_opens_once(enter, bureau):
    client = enter(bureau.drafter)
    _, codes = enrolled(client)
    fresh = first_step(client)
    assert fresh.post(CODE, data={"code": codes[0].upper().replace("-", " ")}).status_code == 303
    assert "还剩 7 个" in fresh.get("/people").text and "recovery_used" in told()
    assert first_step(client).post(CODE, data={"code": codes[0]}).status_code == 422
    assert first_step(client).post(CODE, data={"code": codes[1]}).status_code == 303


def test_new_recovery_codes_end_the_old_ones(enter, bureau, after):
    client = enter(bureau.drafter)
    secret, codes = enrolled(client)
    after(seconds=60)
    assert client.post(f"{OWN}/codes", data={"code": wrong(secret)}).status_code == 422
    assert client.post(f"{OWN}/codes", data={"code": shown(secret)}).status_code == 200
    assert first_step(client).post(CODE, data={"code": codes[0]}).status_code == 422


def test_neither_secret_nor_codes_lie_open_in_the_database(enter, bureau):
    secret, codes = enrolled(enter(bureau.drafter))
    with db.reading() as session:
        kept = [session.scalar(select(SecondFactor.secret)), *session.scalars(select(RecoveryCode.hash))]
        assert not any(secret in each or code.replace("-", "") in each for each in kept for code in codes)
        assert second_factors.check(session, bureau.drafter.id, shown(secret), "another key" * 4, clock.now()) == ""


def test_only_with_a_code_it_is_turned_off(enter, bureau, after):
    client = enter(bureau.drafter)
    secret, _ = enrolled(client)
    after(seconds=60)
    assert client.post(f"{OWN}/removal", data={"code": wrong(secret)}).status_code == 422
    assert client.post(f"{OWN}/removal", data={"code": shown(secret)}).status_code == 303
    assert first_step(client).get("/people").status_code == 200 and "factor_off" in told()


def test_a_post_that_must_have_it_passes_nowhere_before(enter, bureau, after):
    with db.transaction() as session:
        choose(session, "second_factor_kinds", ["unit_head"])
    client = enter(bureau.head)
    assert client.get("/people").location == OWN and "您的岗位须用二次验证" in client.get(OWN).text
    assert client.get("/boards/outgoing-document", headers={"HX-Request": "true"}).headers["HX-Redirect"] == OWN
    secret, _ = enrolled(client)
    assert client.get("/people").status_code == 200
    after(seconds=60)
    answer = client.post(f"{OWN}/removal", data={"code": shown(secret)})
    assert answer.status_code == 403 and "不能停用" in answer.text
    assert enter(bureau.drafter).get("/people").status_code == 200, "others are free to"


def test_the_security_administrator_resets_it_and_every_session_ends(enter, bureau):
    client, granter = enter(bureau.drafter), enter(administrator(bureau, "security_admin"))
    enrolled(client)
    assert "林晓" in granter.get("/people/second-factors").text
    assert granter.post(f"/people/second-factors/{bureau.drafter.id}/reset").status_code == 303
    assert client.get("/people").status_code == 302 and first_step(client).get("/people").status_code == 200
    with db.reading() as session:
        assert [(line.what, line.whom) for line in admin_events.history(session)] == [("factor_reset", "林晓")]
        assert [m.subject for m in session.scalars(select(Message))] == ["【账号】二次验证已重置"], "the owner is told"
    assert "factor_reset" in told()


def test_nobody_resets_his_own_and_who_resets_passwords_resets_no_factor(enter, bureau):
    granter = administrator(bureau, "security_admin")
    assert enter(granter).post(f"/people/second-factors/{granter.id}/reset").status_code == 403
    assert enter(bureau.admin).post(f"/people/second-factors/{bureau.drafter.id}/reset").status_code == 403
    enter(granter).post(f"/people/persons/{bureau.drafter.id}/password")
    with db.reading() as session:
        assert session.get(PasswordRequest, bureau.drafter.id) is None
