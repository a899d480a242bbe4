"""A backup that came back sends no mail twice unasked, and forgets none; design.md §6."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from officeapp import admin_events, db, deadlines, outbox, resumption
from officeapp.outbox import MAIL, NOTICE, Message
from officeapp.people import Person
from tests import conftest
from tests.procedures.supervising import received

ADDRESS = "http://oa.test"


@pytest.fixture
def loss(either_database, now):
    """An order and a mail as the backup has them; the house was lost three weeks later, reminders due in between."""
    office = conftest.seeded()
    received(office, now)
    owe(office.head, "test:waiting", now)
    return office, now.replace(day=23)


def owe(person, key, now, **more):
    with db.transaction() as session:
        return outbox.owe(session, session.get_one(Person, person.id), MAIL, key=key, subject="", body="", link="",
                          matter_id=None, now=now, **more)


def mails(*states):
    with db.reading() as session:
        return session.scalars(select(Message).where(Message.channel == MAIL, Message.state.in_(states))).all()


def notices():
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Message).where(Message.channel == NOTICE))


def test_what_may_have_left_before_the_loss_waits_for_somebody_who_says_so(loss):
    _, now = loss
    assert outbox.overdue_ids(now), "or the test proves nothing"
    aside = resumption.resume(now, ADDRESS, "夜间的备份")
    laid = mails("dead")
    assert aside == len(laid) > 0 and {mail.error for mail in laid} == {resumption.WHY}
    assert outbox.claim(now + timedelta(days=3), "worker") == [] and not mails("pending", "leased", "held")


def test_the_reminders_of_the_lost_weeks_are_made_up_for_and_told_in_the_house(loss):
    _, now = loss
    before = notices()
    resumption.resume(now, ADDRESS, "夜间的备份")
    assert notices() > before, "the notices were lost with the house"
    assert any(mail.key.startswith("digest:") for mail in mails("dead")), "a day's reminders lie there as one mail"
    assert deadlines.sweep(now).fired == 0, "the sweep that follows would send them"


def test_a_mail_whose_hour_had_not_come_leaves_at_its_hour(loss):
    office, now = loss
    later = owe(office.head, "test:later", now - timedelta(days=1), leaves_at=now + timedelta(hours=1))
    resumption.resume(now, ADDRESS, "夜间的备份")
    assert [mail.id for mail in outbox.claim(now + timedelta(hours=1), "worker")] == [later]


def test_one_that_is_asked_for_again_leaves(loss):
    _, now = loss
    resumption.resume(now, ADDRESS, "夜间的备份")
    chosen = mails("dead")[0].id
    with db.transaction() as session:
        assert outbox.revive(session, chosen, now)
    assert [mail.id for mail in outbox.claim(now, "worker")] == [chosen]


def test_the_auditor_reads_that_a_backup_came_back(loss):
    _, now = loss
    aside = resumption.resume(now, ADDRESS, "2026-11-02 02:30的备份")
    with db.reading() as session:
        line = admin_events.history(session)[-1]
    assert (line.actor, line.what, line.whom) == ("命令行", "restored", "2026-11-02 02:30的备份")
    assert line.note == f"{aside}封邮件留待核实"
