"""Between the proof of who one is and the seat: a door that was shut meanwhile stays shut (domain.md 7.2)."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import select

from officeapp import clock, db, entrance, logins, password_requests, passwords, people
from officeapp.login_events import LoginEvent
from officeapp.options import options
from officeapp.people import Person
from officeapp.second_factors import SecondFactor
from officeapp.sittings import Sitting
from tests import conftest, databases
from tests.desks import PASSWORD, doors
from tests.test_account import NEW, change
from tests.test_second_factors import CODE, enrolled, first_step, shown


@pytest.fixture
def bureau(either_database):
    return conftest.seeded()


@pytest.fixture
def enter(either_database, bureau, tmp_path):
    return doors(either_database, tmp_path)


def stopped(bureau):
    with db.transaction() as session:
        person = session.get_one(Person, bureau.drafter.id)
        password_requests.stop_login(session, person, by=bureau.admin, now=clock.now())


def changed(bureau):
    with db.transaction() as session:
        person = session.get_one(Person, bureau.drafter.id)
        passwords.change(session, person, passwords.choose(session, person, PASSWORD, NEW), clock.now())


def disabled(bureau):
    with db.transaction() as session:
        session.get_one(Person, bureau.drafter.id).active = False


def locked(bureau):
    with db.transaction() as session:
        for _ in range(options(session)["login_tries"]):
            logins.count_wrong(session, "drafter", clock.now())


def seated(bureau):
    with db.reading() as session:
        return session.scalars(select(Sitting).where(Sitting.person_id == bureau.drafter.id)).all()


@pytest.mark.parametrize("shut", [stopped, changed, disabled, locked])
def test_the_second_step_opens_nothing_once_the_account_was_shut_after_the_first(enter, bureau, after, shut):
    secret, _ = enrolled(enter(bureau.drafter))
    halfway = first_step(enter(bureau.drafter))
    with db.transaction() as session:
        session.query(Sitting).delete()
    shut(bureau)
    after(seconds=60)
    answer = halfway.post(CODE, data={"code": shown(secret)})
    assert answer.status_code in (303, 422, 429) and seated(bureau) == []
    assert halfway.get("/").status_code == 302, "the start page sends to the login"


def test_of_many_old_passwords_tried_at_once_the_right_one_changes_nothing_after_the_lock(enter, bureau, monkeypatch):
    browser, real = enter(bureau.drafter), passwords.choose

    def slowly(*asked):
        choice = real(*asked)
        locked(bureau)
        return choice

    monkeypatch.setattr(passwords, "choose", slowly)
    assert "原口令不对" in change(browser).text
    with db.reading() as session:
        assert people.fits(session.get_one(Person, bureau.drafter.id).password_hash, PASSWORD)


def test_of_many_passwords_tried_at_once_the_right_one_binds_no_phone_after_the_lock(enter, bureau, monkeypatch):
    browser, real = enter(bureau.drafter), entrance.proves

    def slowly(*asked):
        right = real(*asked)
        locked(bureau)
        return right

    monkeypatch.setattr(entrance, "proves", slowly)
    assert browser.post("/account/second-factor/proposal", data={"password": PASSWORD}).status_code == 422
    with db.reading() as session:
        assert session.get(SecondFactor, bureau.drafter.id) is None


def test_who_stops_a_login_while_its_seat_is_being_taken_has_the_last_word(tmp_path, monkeypatch):
    """On a server where both happen at once: he waits for the seat and ends it, rather than seeing none."""
    url, bureau = databases.fresh_postgresql(), conftest.seeded()
    browser = doors(url, tmp_path)(bureau.drafter).application.test_client()
    real = entrance.admit
    with ThreadPoolExecutor(1) as pool:
        def admit(*person, **how):
            wait([pool.submit(stopped, bureau)], timeout=0.5)
            return real(*person, **how)

        monkeypatch.setattr(entrance, "admit", admit)
        assert browser.post("/login", data={"account": "drafter", "password": PASSWORD}).status_code == 303
    assert seated(bureau) == [] and browser.get("/").status_code == 302


@pytest.mark.parametrize("shut", [stopped, changed, disabled, locked])
def test_a_right_password_counts_for_nothing_once_the_account_is_shut(enter, bureau, monkeypatch, shut):
    """Shut while it is checked, it answers as a wrong one: among guesses sent at once the right one is not told."""
    browser = enter(bureau.drafter).application.test_client()
    with db.transaction() as session:
        session.query(Sitting).delete()
    real = entrance.proves

    def slowly(*asked):
        right = real(*asked)
        shut(bureau)
        return right

    monkeypatch.setattr(entrance, "proves", slowly)
    answer = browser.post("/login", data={"account": "drafter", "password": PASSWORD})
    assert answer.status_code == 422 and "账号或口令不对" in answer.text and seated(bureau) == []
    with db.reading() as session:
        assert session.scalars(select(LoginEvent.what).order_by(LoginEvent.id.desc()).limit(1)).one() == "refused"
