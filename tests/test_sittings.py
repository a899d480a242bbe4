"""One's own sessions: begun at the login, listed, ended, over when nobody does anything (domain.md 7.2)."""

import re

import pytest
from sqlalchemy import func, select

from officeapp import audit, clock, db
from officeapp.login_events import STRANGER, LoginEvent
from officeapp.options import choose
from officeapp.sittings import LONGEST, Sitting
from tests import conftest
from tests.desks import PASSWORD, doors
from tests.test_boards import statements

BOARD = "/boards/outgoing-document"
POLL = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{BOARD}?mine=1"}


@pytest.fixture
def bureau(either_database):
    return conftest.seeded()


@pytest.fixture
def enter(either_database, bureau, tmp_path):
    return doors(either_database, tmp_path)


def is_in(client):
    return client.get("/account/sittings").status_code == 200


def sittings_of(person):
    with db.reading() as session:
        return session.scalars(select(Sitting).where(Sitting.person_id == person.id).order_by(Sitting.id)).all()


def told():
    with db.reading() as session:
        return [(e.name, e.what) for e in session.scalars(select(LoginEvent).order_by(LoginEvent.id))]


def test_every_login_begins_a_sitting_with_a_key_of_its_own_and_logging_out_ends_it(enter, bureau):
    client = enter(bureau.drafter)
    stolen = client.get_cookie("officeapp").value
    client.post("/logout")
    assert sittings_of(bureau.drafter) == []
    client.set_cookie("officeapp", stolen)
    assert not is_in(client), "the cookie of an ended session opens nothing"
    keys = {sittings_of(bureau.drafter)[-1].key for _ in range(3) if enter(bureau.drafter)}
    assert len(keys) == 3 and all(len(key) == 43 for key in keys)


def test_a_session_id_from_before_the_login_is_not_the_one_after_it(enter, bureau):
    client = enter(bureau.drafter)
    planted = client.get_cookie("officeapp").value
    client.post("/login", data={"account": "drafter", "password": PASSWORD})
    assert is_in(client) and len(sittings_of(bureau.drafter)) == 1
    client.set_cookie("officeapp", planted)
    assert not is_in(client), "who knew the earlier one knows nothing of the new"


def test_one_sees_where_one_is_logged_in_and_ends_any_of_it(enter, bureau):
    here, there, elsewhere = (enter(bureau.drafter) for _ in range(3))
    page = here.get("/account/sittings").text
    assert page.count("本机") == 1 and page.count("127.0.0.1") >= 3 and "结束其他登录" in page
    other = re.search(r"/account/sittings/(\d+)/ending", page)[0]
    assert here.post(other).status_code == 303
    assert sorted(map(is_in, (there, elsewhere))) == [False, True] and is_in(here)
    here.post("/account/sittings/ending")
    assert is_in(here) and not is_in(there) and not is_in(elsewhere)
    assert "结束其他登录" not in here.get("/account/sittings").text


def test_nobody_ends_or_sees_the_sessions_of_somebody_else(enter, bureau):
    mine, theirs = enter(bureau.drafter), enter(bureau.head)
    [sitting] = sittings_of(bureau.head)
    mine.post(f"/account/sittings/{sitting.id}/ending")
    mine.post("/account/sittings/ending")
    assert is_in(theirs) and f"/{sitting.id}/ending" not in mine.get("/account/sittings").text


def test_an_ended_session_says_so_once_and_leads_back(enter, bureau):
    here, there = enter(bureau.drafter), enter(bureau.drafter)
    here.post("/account/sittings/ending")
    answer = there.get("/people?unit=2")
    assert answer.status_code == 302 and answer.location == "/login?next=/people?unit%3D2"
    assert "这次登录已经结束" in there.get(answer.location).text and "已经结束" not in there.get("/login").text


def test_thirty_minutes_without_a_sign_log_out_with_a_sentence(enter, bureau, after):
    client = enter(bureau.drafter)
    after(minutes=29)
    assert client.get("/people").status_code == 200
    after(minutes=58)
    assert client.get("/people").status_code == 200, "every page counts from anew"
    after(minutes=88)
    answer = client.get("/people")
    assert answer.status_code == 302 and "没有操作，为了安全已自动退出登录" in client.get(answer.location).text


def test_what_a_page_asks_by_itself_keeps_nobody_in(enter, bureau, after):
    client = enter(bureau.clerk)
    codes = {}
    for minute in range(0, 34, 3):
        after(minutes=minute)
        answer = client.get(f"{BOARD}/changes?since=0-0", headers=POLL)
        codes[minute] = (answer.status_code, client.get("/presence").status_code)
    assert codes[27] == (200, 204) and codes[30] == (401, 302)
    assert answer.headers["HX-Redirect"] == f"/login?next={BOARD}?mine%3D1", "and back to the board that was read"


def test_who_types_for_long_is_still_there(enter, bureau, after):
    client = enter(bureau.drafter)
    for minute in range(0, 90, 15):
        after(minutes=minute)
        assert client.post("/presence").status_code == 204
    assert is_in(client)


def test_a_form_sent_too_late_leads_to_the_login_and_back_to_its_page(enter, bureau, after):
    client = enter(bureau.drafter)
    after(minutes=31)
    answer = client.post("/matters/new/outgoing-document", data={"title": "x"},
                         headers={"Referer": "http://localhost/matters/new/outgoing-document?of=1"})
    assert answer.status_code == 303 and answer.location == "/login?next=/matters/new/outgoing-document?of%3D1"


def test_how_long_is_a_setting_and_twelve_hours_are_the_most(enter, bureau, after):
    with db.transaction() as session:
        choose(session, "idle_minutes", 60)
    client = enter(bureau.drafter)
    for minute in range(0, int(LONGEST.total_seconds()) // 60, 45):
        after(minutes=minute)
        assert is_in(client), minute
    after(hours=12, minutes=1)
    assert not is_in(client)


def test_being_seen_costs_one_write_in_two_minutes_at_most(enter, bureau, after):
    client = enter(bureau.drafter)
    with statements() as asked:
        for seconds in (0, 60, 119, 121, 180, 239):
            after(seconds=seconds)
            client.get("/people")
    assert len([sql for sql in asked if sql.startswith("UPDATE sitting")]) == 1


def test_the_record_keeps_who_came_was_refused_locked_and_left(enter, bureau, after):
    client = enter(bureau.drafter)
    for _ in range(5):
        client.application.test_client().post("/login", data={"account": "drafter", "password": "wrong"})
    enter(bureau.head).post("/logout")
    after(minutes=31)
    enter(bureau.clerk)
    assert told() == [("林晓", "entered"), *[("林晓", "refused")] * 5, ("林晓", "locked"), ("王建国", "entered"),
                      ("王建国", "left"), ("林晓", "idled"), ("陈文书", "entered")]


def test_of_a_stranger_only_that_there_was_one_is_kept(enter, bureau):
    client = enter(bureau.drafter).application.test_client()
    client.post("/login", data={"account": "Mima-2026-typed-in-the-wrong-field", "password": "secret-typed"})
    with db.reading() as session:
        lines = session.scalars(select(LoginEvent)).all()
    assert lines[-1].name == STRANGER and lines[-1].person_id is None
    kept = " ".join(str(vars(line)) for line in lines)
    assert "typed" not in kept and PASSWORD not in kept


def test_the_record_is_a_chain_that_the_audit_walks(enter, bureau):
    enter(bureau.drafter).post("/logout")
    tally = audit.Tally()
    with db.reading() as session:
        assert not list(audit.verify(session, tally)) and tally.books[audit.LOGINS] == 2
    with db.transaction() as session:
        session.add(LoginEvent(at=clock.now(), name="林晓", what="entered", address="", browser="", hash="made up"))
    with db.reading() as session:
        found = [fault.sentence for fault in audit.verify(session, audit.Tally())]
    assert found[0].startswith("登录记录 第 3 行：内容与当时封存的校验值不符") and len(found) == 2


def test_the_own_record_shows_failures_too(enter, bureau):
    client = enter(bureau.drafter)
    client.application.test_client().post("/login", data={"account": "drafter", "password": "wrong"})
    assert "登录失败" in client.get("/account/sittings").text


def test_sittings_that_are_over_are_swept_at_the_next_login(enter, bureau, after):
    enter(bureau.drafter), enter(bureau.head)
    after(minutes=40)
    enter(bureau.clerk)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Sitting)) == 1
