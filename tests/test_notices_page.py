"""The pages of notices: one's own only, unread first; what did not arrive; the demonstration's mailbox."""

from dataclasses import replace

import pytest

from app import create_app
from jobs import deliver
from officeapp import clock, db, grants, outbox, people
from officeapp.people import Person
from tests import services
from tests.reminding import VALUES, at_unit_review, mails, moved, notices_to, opened

PASSWORD = "a long enough word"


@pytest.fixture
def settings(bureau, database, tmp_path):
    return services.settings_of({"DATABASE_URL": database, "DATA_DIR": str(tmp_path / "var")})


@pytest.fixture
def enter(settings, bureau):
    """A browser without scripts, logged in as one of the bureau."""
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False

    def enter_as(actor):
        with db.transaction() as session:
            session.get_one(Person, actor.id).password_hash = people.hash_password(PASSWORD)
        client = app.test_client()
        assert client.post("/login", data={"account": actor.account, "password": PASSWORD}).status_code == 303
        return client

    return enter_as


def test_a_notice_is_read_by_opening_it_and_leads_to_the_matter(bureau, enter):
    matter = at_unit_review(bureau)
    head = enter(bureau.head)
    [notice] = notices_to(bureau.head.id)
    assert "未读" in head.get("/notices").text
    answer = head.post(f"/notices/{notice.id}/read")
    assert (answer.status_code, answer.location) == (303, f"/matters/{matter.id}")
    page = head.get("/notices").text
    assert VALUES["title"] in page and "已读" in page and "全部标为已读" not in page


def test_a_notice_says_nothing_more_of_a_matter_that_its_reader_sees_no_longer(bureau, enter):
    with db.transaction() as session:
        granted = grants.grant(session, bureau.head.id, bureau.officer.id, clock.today(), clock.today(), "出差",
                               by=bureau.head, now=clock.now()).id
    matter = opened(bureau)
    moved(matter, "submit", bureau.drafter, clock.now())
    officer = enter(bureau.officer)
    assert VALUES["title"] in officer.get("/notices").text
    with db.transaction() as session:
        grants.end(session, granted, by=bureau.head, now=clock.now())
    page = officer.get("/notices").text
    assert VALUES["title"] not in page and "您已不在知悉范围内" in page


def test_all_notices_can_be_marked_read_at_once(bureau, enter):
    at_unit_review(bureau), at_unit_review(bureau)
    head = enter(bureau.head)
    assert head.post("/notices/read").status_code == 303
    assert all(notice.read_at for notice in notices_to(bureau.head.id))


def test_nobody_sees_or_marks_the_notices_of_another(bureau, enter):
    at_unit_review(bureau)
    [notice] = notices_to(bureau.head.id)
    other = enter(bureau.officer)
    assert VALUES["title"] not in other.get("/notices").text
    assert other.post(f"/notices/{notice.id}/read").location == "/notices"
    assert notices_to(bureau.head.id)[0].read_at is None


def test_a_dead_mail_is_shown_to_those_who_can_mend_it_and_sent_again(bureau, enter, settings, smtp_server):
    at_unit_review(bureau, grade="urgent")
    smtp_server.refused = {"head@bureau.test"}
    deliver.deliver(replace(settings, smtp_url=smtp_server.url))
    [mail] = mails()
    director = enter(bureau.director)
    assert "有 1 封邮件未能送达" in director.get("/notices").text
    page = director.get("/admin/messages").text
    assert "550 5.1.1 no such user" in page and VALUES["title"] in page
    assert VALUES["title"] not in enter(bureau.admin).get("/admin/messages").text
    assert enter(bureau.drafter).get("/admin/messages").status_code == 403
    director.post(f"/admin/messages/{mail.id}/send")
    assert mails()[0].state == "pending"
    assert "已重新送交发信" in director.get("/admin/messages").text


def test_the_demonstrations_mailbox_shows_what_would_have_been_sent(bureau, enter, settings):
    at_unit_review(bureau, grade="urgent")
    deliver.deliver(settings)
    page = enter(bureau.drafter).get("/mailbox").text
    assert f"【待办】《{VALUES['title']}》" in page and "head@bureau.test" in page and "请您办理" in page


def test_in_earnest_there_is_no_mailbox(bureau, settings, database):
    in_earnest = replace(settings, demo=False)
    app = create_app(in_earnest)
    app.config["WTF_CSRF_ENABLED"] = False
    with db.transaction() as session:
        session.get_one(Person, bureau.head.id).password_hash = people.hash_password(PASSWORD)
    client = app.test_client()
    client.post("/login", data={"account": "head", "password": PASSWORD})
    assert client.get("/mailbox").status_code == 403
    with db.reading() as session:
        assert session.scalar(outbox.unread(bureau.head.id)) == 0
