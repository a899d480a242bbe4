"""When ordinary mails leave, and the one digest a person and working day (design.md §5)."""

from dataclasses import replace
from datetime import UTC

import pytest
from sqlalchemy import update

from jobs import deliver
from officeapp import calendars, clock, db, deadlines, digests, grants, office_hours, options
from officeapp.matters import Deadline
from officeapp.outbox import Message, claim
from officeapp.people import Person
from tests import conftest, services
from tests.reminding import VALUES, at, at_unit_review, mails, moved

BASE = "http://oa.test"


@pytest.fixture
def calendar(bureau):
    with db.reading() as session:
        return calendars.current(session)


def swept(moment):
    """One beat of the timetable: the sweep whole, then the digests."""
    deadlines.sweep(moment)
    return digests.gather(moment, BASE, moment)


def told():
    return [mail for mail in mails() if mail.key.startswith("digest:")]


@pytest.mark.parametrize("asked, leaves", [
    (at(14, 8, 29), at(14, 8, 30)),  # a worked Saturday
    (at(14, 8, 30), at(14, 8, 30)),
    (at(14, 11, 59), at(14, 11, 59)),
    (at(14, 12), at(14, 14)),
    (at(14, 17, 30), at(24, 8, 30)),  # the Spring Festival lies between
    (at(18, 10), at(24, 8, 30)),
    (at(14, 1).astimezone(UTC), at(14, 8, 30)),
])
def test_an_ordinary_mail_leaves_in_office_hours_on_a_working_day(calendar, asked, leaves):
    assert office_hours.leaves_at(calendar, asked) == leaves


def test_a_reminder_swept_at_night_leaves_in_the_morning_and_a_rushed_one_at_once(bureau):
    with db.transaction() as session:
        options.choose(session, "digest", False)
    at_unit_review(bureau)
    at_unit_review(bureau, grade="urgent")
    deadlines.sweep(at(24, 22))
    waits = {mail.subject[:6]: mail.next_at for mail in mails() if "提醒" in mail.key or "发文周期" in mail.subject}
    ordinary = [m.next_at for m in mails() if m.matter_id == 1]
    rushed = [m.next_at for m in mails() if m.matter_id == 2 and "超期" in m.subject]
    assert ordinary == [at(25, 8, 30)] and rushed and set(rushed) == {at(24, 22)}, waits
    assert 1 not in {m.matter_id for m in claim(at(25, 8, 29), "early")}


def test_a_person_gets_one_digest_a_day_that_names_each_matter_its_stage_date_and_link(either_database):
    bureau = conftest.seeded()
    first, second = at_unit_review(bureau), at_unit_review(bureau, title="关于另一件事的通知")
    assert swept(at(24)) == 1
    [digest] = told()
    assert digest.address == "head@bureau.test" and digest.subject == "【每日提醒】2件事项临期、到期或超期"
    for matter, title in ((first, VALUES["title"]), (second, "关于另一件事的通知")):
        assert f"【到期提醒】《{title}》" in digest.body and f"{BASE}/matters/{matter.id}" in digest.body
    assert digest.body.count("现处环节：科室核稿") == 2 and digest.body.count("办理期限：2026年2月24日") == 2
    held = [mail for mail in mails() if mail is not digest and mail.id != digest.id]
    assert {(mail.state, mail.digest) for mail in held} == {("digested", digest.key)}
    assert [m.id for m in claim(at(24, 9, 1), "worker")] == [digest.id]


def test_what_comes_after_the_days_digest_waits_for_the_next_working_days(bureau):
    at_unit_review(bureau)
    swept(at(24))
    with db.transaction() as session:
        session.execute(update(Message).where(Message.state == "digested").values(state="held", digest=None))
    swept(at(24, 10))
    [held] = [mail for mail in mails() if mail.state == "held"]
    assert held.next_at == at(25, 8, 30) and len(told()) == 1
    swept(at(25, 8, 31))
    assert [mail.key[:17] for mail in told()] == ["digest:2026-02-24", "digest:2026-02-25"]


def test_a_digest_waits_for_the_whole_sweep_and_for_the_office_to_open(bureau):
    at_unit_review(bureau)
    deadlines.sweep(at(24))
    assert digests.gather(at(24, 9, 1), BASE, at(23)) == 0
    assert digests.gather(at(24, 12, 30), BASE, at(24, 12)) == 0
    assert digests.gather(at(24, 14), BASE, at(24, 13, 59)) == 1


def test_a_matter_closed_before_the_digest_is_not_in_it(bureau):
    matter = at_unit_review(bureau)
    deadlines.sweep(at(24))
    moved(matter, "unit_review_void", bureau.head, at(24, 9, 30), note="已以便函代替")
    digests.gather(at(24, 10), BASE, at(24, 10))
    assert told() == [] and [mail.state for mail in mails()] == ["cancelled"]


def test_what_was_done_or_given_another_date_before_the_digest_is_not_in_it(bureau):
    """A stage's limit is met by sending the matter on; the cycle's has moved with the grade (design.md §5)."""
    done, moved_on, still = (at_unit_review(bureau, title=title) for title in ("已送走的", "改了等级的", "仍未办的"))
    deadlines.sweep(at(24))
    with db.transaction() as session:
        session.execute(update(Deadline).where(Deadline.matter_id == done.id).values(state="met"))
        session.execute(update(Deadline).where(Deadline.matter_id == moved_on.id).values(due_at=at(27, 0)))
    digests.gather(at(24, 10), BASE, at(24, 10))
    [digest] = told()
    assert digest.subject == "【每日提醒】1件事项临期、到期或超期" and "仍未办的" in digest.body
    states = {mail.matter_id: mail.state for mail in mails() if mail.matter_id}
    assert states == {done.id: "cancelled", moved_on.id: "cancelled", still.id: "digested"}


def test_who_no_longer_stands_in_is_told_no_title(bureau):
    with db.transaction() as session:
        granted = grants.grant(session, bureau.head.id, bureau.officer.id, at(11).date(), at(28).date(), "出差",
                               by=bureau.head, now=at(11)).id
    at_unit_review(bureau)
    deadlines.sweep(at(24, 22))
    with db.transaction() as session:
        grants.end(session, granted, by=bureau.head, now=at(25, 8))
    digests.gather(at(25, 9), BASE, at(25, 9))
    assert "head@bureau.test" in [mail.address for mail in told()]
    assert "officer@bureau.test" not in [mail.address for mail in told()]
    assert {mail.state for mail in mails() if mail.address == "officer@bureau.test"} == {"cancelled"}


def test_a_waiting_mail_whose_date_was_met_is_called_off_before_it_leaves(bureau, tmp_path, smtp_server):
    """Swept at night, or kept back by a mail server that was away: nobody is urged to do what is done."""
    with db.transaction() as session:
        options.choose(session, "digest", False)
    done, still = at_unit_review(bureau), at_unit_review(bureau, title="仍未办的")
    deadlines.sweep(at(23, 22))
    deadlines.sweep(at(24, 22))
    moved(done, "unit_review_void", bureau.head, at(25, 8), note="已以便函代替")
    post = replace(services.settings_of({"DATA_DIR": str(tmp_path / "var")}), smtp_url=smtp_server.url)
    with db.transaction() as session:
        session.execute(update(Message).where(Message.state == "pending").values(next_at=at(1)))
    outcomes = deliver.deliver(post)
    assert outcomes["sent"] == outcomes["cancelled"] == len(smtp_server.received) > 0
    assert all("仍未办的" in mail["Subject"] for mail in smtp_server.received)
    assert {mail.state for mail in mails() if mail.matter_id == done.id} == {"cancelled"}
    assert {mail.state for mail in mails() if mail.matter_id == still.id} == {"sent"}


def test_turned_off_meanwhile_each_held_mail_leaves_alone(bureau):
    at_unit_review(bureau)
    deadlines.sweep(at(24))
    with db.transaction() as session:
        options.choose(session, "digest", False)
    digests.gather(at(24, 10), BASE, at(24, 10))
    assert told() == [] and [mail.state for mail in mails()] == ["pending"]


def test_who_has_lost_the_address_leaves_a_dead_mail_with_its_reason(bureau):
    at_unit_review(bureau)
    deadlines.sweep(at(24))
    with db.transaction() as session:
        session.execute(update(Person).values(email=""))
    digests.gather(at(24, 10), BASE, at(24, 10))
    assert [(mail.state, mail.error) for mail in mails()] == [("dead", "本人已停用或者没有电子邮件地址")]


def test_the_hours_are_those_of_the_setting(bureau, calendar):
    before = clock.hours()
    clock.set_hours(((at(1, 9).time(), at(1, 16).time()),))
    try:
        assert office_hours.leaves_at(calendar, at(14, 8, 45)) == at(14, 9)
        assert office_hours.leaves_at(calendar, at(14, 12, 30)) == at(14, 12, 30)
    finally:
        clock.set_hours(before)
