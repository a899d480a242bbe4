"""A reminder through everything real: timetable, Redis, RQ worker, SQLite file, SMTP server."""

import re

from jobs import deliver
from officeapp import db, outbox
from officeapp.people import Person
from tests.reminding import at, at_unit_review, reminders_in_history, steps
from tests.services import settings_of, tick_done, wait_for


def test_a_reminder_arrives_once_on_the_right_working_day(bureau, house, redis_url, smtp_server):
    matter = at_unit_review(bureau)
    house("2026-02-13T17:00+08:00", "jobs.worker")  # the due day is the 24th, the working day before it the 14th
    tick_done(redis_url)
    assert about(matter, smtp_server) == []
    house.stop()

    house("2026-02-14T09:00:01+08:00", "jobs.worker", "jobs.timetable")
    wait_for(lambda: about(matter, smtp_server), 40)
    wait_for(lambda: steps(matter)["before_1"] == "fired")
    for _ in range(3):
        tick_done(redis_url)
    house.stop()

    house("2026-02-14T16:00+08:00", "jobs.worker")
    tick_done(redis_url)
    house.stop()
    [received] = about(matter, smtp_server)
    assert received["To"] == "王建国 <head@bureau.test>"
    assert received["Subject"].startswith("【每日提醒】")
    assert "【临期提醒】《" in received.get_content()
    assert received["Date"].datetime.strftime("%Y-%m-%d %H:%M %z") == "2026-02-14 09:00 +0800"
    assert f"http://oa.test/matters/{matter.id}" in received.get_content()
    assert reminders_in_history(matter) == ["到期前1个工作日提醒，已提醒王建国"]
    assert outbox.overdue_ids(received["Date"].datetime) == []


def about(matter, smtp_server):
    """The letters that speak of it: the house has other news on these days."""
    return [mail for mail in smtp_server.received if re.search(rf"/matters/{matter.id}\b", mail.get_content())]


def test_the_doorbell_wakes_a_real_worker_without_waiting_for_a_tick(bureau, house, redis_url, smtp_server, tmp_path):
    house("2026-02-14T09:00+08:00", "jobs.worker")
    outbox.set_bell(deliver.bell(settings_of({"DATA_DIR": str(tmp_path / "var"), "REDIS_URL": redis_url})))
    try:
        with db.transaction() as session:
            outbox.owe(session, session.get_one(Person, bureau.head.id), outbox.MAIL, key="test:mail", now=at(14),
                       subject="【待办】一件公文", body="请办理。", link="/matters/1", matter_id=None)
    finally:
        outbox.set_bell(None)
    wait_for(lambda: smtp_server.received)
    assert smtp_server.received[0]["Subject"] == "【待办】一件公文"


def test_a_worker_killed_while_sending_loses_nothing(bureau, house, redis_url, smtp_server):
    at_unit_review(bureau)
    house("2026-02-14T09:00:01+08:00", "jobs.worker")
    [message] = owed_and_leased_by_a_dead_worker(bureau)
    tick_done(redis_url)
    wait_for(lambda: f"<{message.message_id}>" in [mail["Message-ID"] for mail in smtp_server.received])


def owed_and_leased_by_a_dead_worker(bureau):
    with db.transaction() as session:
        outbox.owe(session, session.get_one(Person, bureau.head.id), outbox.MAIL, key="test:mail", now=at(14, 8),
                   subject="【待办】一件公文", body="请办理。", link="/matters/1", matter_id=None)
    return outbox.claim(at(14, 8), "a worker that was killed")
