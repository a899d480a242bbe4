"""Messages: owed once, claimed by one, sent with no transaction open, settled; design.md §6."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import select, update

from jobs import deliver, ticks
from officeapp import clock, db, mail, notices, outbox, schedule
from officeapp.mail import Letter, Permanent
from officeapp.outbox import LEASE, MAIL, NOTICE, Message
from officeapp.people import Person
from tests import conftest, services
from tests.reminding import at

NOON = at(25, 12)


@pytest.fixture
def post(tmp_path, smtp_server):
    """Settings that send to the test's SMTP server."""
    return replace(services.settings_of({"DATA_DIR": str(tmp_path / "var")}), smtp_url=smtp_server.url)


def owe(person, number=1, channel=MAIL, subject="【到期提醒】一件公文", now=None):
    with db.transaction() as session:
        addressee = session.get_one(Person, person.id)
        return outbox.owe(session, addressee, channel, key=f"test:{number}:{channel}", subject=subject, body="请办理。",
                          link="/matters/42", matter_id=None, now=now or clock.now())


def stored(message_id):
    with db.reading() as session:
        return session.get_one(Message, message_id)


def hasten(message_id):
    """Let the pause before the next attempt be over."""
    with db.transaction() as session:
        session.execute(update(Message).where(Message.id == message_id).values(next_at=clock.now()))


def test_a_message_is_owed_once_by_its_readable_key(either_database):
    bureau = conftest.seeded()
    first = owe(bureau.head)
    assert first is not None
    assert owe(bureau.head, subject="另一个") is None
    assert stored(first).subject == "【到期提醒】一件公文"


def test_a_rolled_back_transaction_owes_nothing_and_rings_no_bell(bureau, monkeypatch):
    rung = []
    monkeypatch.setattr(outbox, "_bell", rung.extend)
    with pytest.raises(RuntimeError), db.transaction() as session:
        outbox.owe(session, session.get_one(Person, bureau.head.id), MAIL, key="test:1", subject="", body="", link="",
                   matter_id=None, now=NOON)
        raise RuntimeError
    assert not rung and not outbox.overdue_ids(NOON)
    message_id = owe(bureau.head, now=NOON)
    assert rung == [message_id] == outbox.overdue_ids(NOON)


def test_the_bell_rings_only_after_the_commit_not_after_a_savepoint(bureau, monkeypatch):
    seen = []
    monkeypatch.setattr(outbox, "_bell", lambda ids: seen.append([stored(i).state for i in ids]))
    with db.transaction() as session:
        with session.begin_nested():
            head = session.get_one(Person, bureau.head.id)
            outbox.owe(session, head, MAIL, key="test:1", subject="", body="", link="", matter_id=None, now=NOON)
        assert seen == []
    assert seen == [["pending"]]


def test_a_savepoint_taken_back_silences_only_its_own_mails(bureau, monkeypatch):
    rung = []
    monkeypatch.setattr(outbox, "_bell", rung.extend)
    with db.transaction() as session:
        head = session.get_one(Person, bureau.head.id)
        said = {"subject": "", "body": "", "link": "", "matter_id": None, "now": NOON}
        kept = outbox.owe(session, head, MAIL, key="test:kept", **said)
        with suppress(LookupError), session.begin_nested():
            outbox.owe(session, head, MAIL, key="test:taken back", **said)
            raise LookupError
    assert kept in rung, "it would wait for the sweep"
    assert outbox.overdue_ids(NOON) == [kept]


def test_a_claimed_mail_goes_to_one_worker_until_its_lease_ends(either_database):
    bureau = conftest.seeded()
    ids = [owe(bureau.head, n, now=NOON) for n in range(3)]
    assert [m.id for m in outbox.claim(NOON, "a", 2)] == ids[:2]
    assert [m.id for m in outbox.claim(NOON, "b")] == ids[2:]
    assert outbox.claim(NOON, "c") == []
    again = outbox.claim(NOON + LEASE, "c")
    assert {m.id for m in again} == set(ids) and {m.attempts for m in again} == {2}


def test_workers_that_claim_at_the_same_time_never_share_a_mail(either_database):
    bureau = conftest.seeded()
    ids = [owe(bureau.head, n, now=NOON) for n in range(20)]
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(lambda n: outbox.claim(NOON, f"worker {n}", 5), range(8)))
    assert sorted(m.id for batch in batches for m in batch) == ids


def test_a_worker_whose_lease_has_passed_on_settles_nothing(bureau):
    message_id = owe(bureau.head, now=NOON)
    [late] = outbox.claim(NOON, "slow")
    [mine] = outbox.claim(NOON + LEASE, "quick")
    assert outbox.settle(NOON + LEASE, "slow", late) == "lost"
    assert stored(message_id).state == "leased"
    assert outbox.settle(NOON + LEASE, "quick", mine) == "sent"


def test_a_mail_reaches_a_real_server_whole(bureau, post, smtp_server):
    message_id = owe(bureau.head)
    assert deliver.deliver(post) == Counter(sent=1)
    [mail_] = smtp_server.received
    assert mail_["Subject"] == "【到期提醒】一件公文"
    assert mail_["To"] == "王建国 <head@bureau.test>"
    assert mail_["From"] == "临江区综合行政执法局 <officeapp@localhost>"
    assert mail_["Message-ID"] == f"<{stored(message_id).message_id}>"
    assert mail_["Auto-Submitted"] == "auto-generated"
    assert abs(mail_["Date"].datetime - clock.now()) < timedelta(minutes=1)
    text = mail_.get_content()
    assert text.startswith("王建国：") and "http://127.0.0.1:8000/matters/42" in text
    assert stored(message_id).state == "sent"
    assert deliver.deliver(post) == Counter()


def test_a_refused_recipient_is_dead_at_once_visible_and_does_not_stop_the_others(bureau, post, smtp_server):
    smtp_server.refused = {"head@bureau.test"}
    refused, fine = owe(bureau.head, 1), owe(bureau.drafter, 2)
    assert deliver.deliver(post) == Counter(dead=1, sent=1)
    with db.reading() as session:
        [shown] = outbox.page(session, ("dead",))
    assert (shown.id, shown.state, shown.attempts) == (refused, "dead", 1)
    assert "550 5.1.1 no such user" in shown.error
    assert stored(fine).state == "sent"
    assert deliver.deliver(post) == Counter()


def test_a_dead_mail_can_be_sent_again_to_the_address_mended_since(bureau, post, smtp_server):
    smtp_server.refused = {"head@bureau.test"}
    message_id = owe(bureau.head)
    deliver.deliver(post)
    with db.transaction() as session:
        session.get_one(Person, bureau.head.id).email = "wang@bureau.test"
        assert outbox.revive(session, message_id, clock.now())
    assert deliver.deliver(post) == Counter(sent=1)
    assert smtp_server.received[0]["To"].addresses[0].addr_spec == "wang@bureau.test"
    with db.transaction() as session:
        assert not outbox.revive(session, message_id, clock.now())


def test_a_busy_server_is_asked_again_later_and_gets_the_mail_once(bureau, post, smtp_server):
    smtp_server.busy = 1
    message_id = owe(bureau.head)
    assert deliver.deliver(post) == Counter(pending=1)
    waiting = stored(message_id)
    assert waiting.state == "pending" and "451" in waiting.error
    assert timedelta(seconds=50) < waiting.next_at - clock.now() <= timedelta(minutes=1)
    assert deliver.deliver(post) == Counter()
    hasten(message_id)
    assert deliver.deliver(post) == Counter(sent=1)
    assert len(smtp_server.received) == 1


@pytest.mark.parametrize("where", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_takes_two_letters_a_connection_gets_all_by_several(bureau, post, smtp_server, where):
    smtp_server.patience, smtp_server.closes_at = 2, where
    ids = [owe(bureau.head, n) for n in range(5)]
    assert deliver.deliver(post) == Counter(sent=5)
    assert {stored(message_id).attempts for message_id in ids} == {1} and len(smtp_server.received) == 5


def test_a_server_that_closes_every_connection_is_asked_again_later(bureau, post, smtp_server):
    smtp_server.patience, smtp_server.closes_at = -1, "MAIL"
    message_id = owe(bureau.head)
    assert deliver.deliver(post) == Counter(pending=1)
    assert "421" in stored(message_id).error


def test_the_pauses_grow_from_a_minute_to_six_hours_and_end():
    pauses = [outbox.pause_after(attempt) for attempt in range(1, outbox.ATTEMPTS)]
    assert pauses[:4] == [timedelta(minutes=n) for n in (1, 2, 4, 8)]
    assert pauses[-1] == timedelta(hours=6)


def test_a_long_backlog_goes_on_at_the_next_beat(bureau, post, smtp_server, monkeypatch):
    ids = [owe(bureau.head, n) for n in range(12)]
    monkeypatch.setattr(deliver, "LONGEST", 0.0001)
    first = deliver.deliver(post)["sent"]
    assert first in (0, 10)
    monkeypatch.setattr(deliver, "LONGEST", 300)
    assert first + deliver.deliver(post)["sent"] == len(ids) == len(smtp_server.received)


def test_after_its_last_attempt_a_mail_is_dead(bureau, post, smtp_server):
    smtp_server.busy = 1
    message_id = owe(bureau.head)
    with db.transaction() as session:
        session.execute(update(Message).values(attempts=outbox.ATTEMPTS - 1))
    assert deliver.deliver(post) == Counter(dead=1)
    assert stored(message_id).state == "dead"


def test_a_mail_that_breaks_its_worker_each_time_is_given_up_visibly(either_database):
    message_id, then = owe(conftest.seeded().head, now=NOON), NOON
    for attempt in range(outbox.ATTEMPTS):
        [claimed] = outbox.claim(then, f"worker {attempt}")
        then += LEASE
    assert outbox.claim(then, "the next") == []
    kept = stored(message_id)
    assert (kept.state, kept.attempts, kept.lease_by) == ("dead", outbox.ATTEMPTS, None) and "重发" in kept.error


def test_a_letter_that_cannot_be_written_keeps_no_other(bureau, post, monkeypatch):
    broken, fine = owe(bureau.head, 1, subject="坏"), owe(bureau.drafter, 2)
    real = notices.letter_text
    monkeypatch.setattr(notices, "letter_text", lambda m, *rest: fail(m) if m.subject == "坏" else real(m, *rest))
    assert deliver.deliver(post) == Counter(pending=1, sent=1)
    assert stored(broken).error == "邮件不能生成：RuntimeError" and stored(fine).state == "sent"


def test_an_unreachable_server_costs_one_timeout_and_loses_nothing(bureau, post):
    nobody = replace(post, smtp_url=f"smtp://127.0.0.1:{services.free_port()}")
    ids = [owe(bureau.head, n) for n in range(12)]
    assert deliver.deliver(nobody) == Counter(pending=10)
    assert {stored(i).state for i in ids} == {"pending"}
    for i in ids:
        hasten(i)
    assert deliver.deliver(post) == Counter(sent=12)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_account_and_password_of_the_smtp_url_are_used_percent_decoded(bureau, post):
    known = []

    def check(server, session, envelope, mechanism, data):
        known.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss/word", handled=False)

    box = services.Post(port=services.free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port, authenticator=check, auth_required=True,
                            auth_require_tls=False)
    controller.start()
    try:
        message_id = owe(bureau.head)
        wrong = replace(post, smtp_url=f"smtp://oa:wrong@127.0.0.1:{box.port}")
        assert deliver.deliver(wrong) == Counter(pending=1)
        assert "535" in stored(message_id).error and "wrong" not in stored(message_id).error
        hasten(message_id)
        no_ascii = replace(post, smtp_url=f"smtp://oa:%E5%AF%86@127.0.0.1:{box.port}")
        assert deliver.deliver(no_ascii) == Counter(pending=1)
        hasten(message_id)
        right = replace(post, smtp_url=f"smtp://oa:p%40ss%2Fword@127.0.0.1:{box.port}")
        assert deliver.deliver(right) == Counter(sent=1)
    finally:
        controller.stop()
    assert (b"oa", b"p@ss/word") in known


def test_a_crash_between_the_servers_250_and_our_settling_sends_the_same_message_id_again(bureau, post, smtp_server):
    message_id = owe(bureau.head)
    claimed = outbox.claim(clock.now(), "crashing")
    with mail.open_mailer(post) as mailer:
        for message in claimed:
            mailer.send(Letter(message.name, message.address, message.subject, "", message.message_id, clock.now()))
    # The worker dies here; its lease runs out.
    with db.transaction() as session:
        session.execute(update(Message).values(lease_until=clock.now()))
    assert deliver.deliver(post) == Counter(sent=1)
    assert len(smtp_server.received) == 2
    assert {m["Message-ID"] for m in smtp_server.received} == {f"<{stored(message_id).message_id}>"}


def test_no_header_can_be_smuggled_in_through_a_title_or_a_name(bureau, post, smtp_server):
    with db.transaction() as session:
        session.get_one(Person, bureau.head.id).name = "王\r\nBcc: spy@elsewhere.test"
    owe(bureau.head, subject="关于某事\r\nBcc: spy@elsewhere.test\n\n正文")
    assert deliver.deliver(post) == Counter(sent=1)
    [received] = smtp_server.received
    assert "Bcc" not in received
    assert received["Subject"] == "关于某事 Bcc: spy@elsewhere.test 正文"
    assert [a.addr_spec for a in received["To"].addresses] == ["head@bureau.test"]


@pytest.mark.parametrize("address", ["", "nobody", "a@b.test, c@d.test", "a@b.test\r\nBcc: c@d.test", "a b@c.test"])
def test_what_is_no_address_is_never_sent(address):
    letter = Letter("王建国", address, "题", "文", "1@officeapp.local", NOON)
    with pytest.raises(Permanent, match="电子邮件地址有误"):
        mail.compose(letter, "oa@bureau.test", "局")


def test_without_a_server_letters_are_kept_in_the_local_folder_each_once(bureau, post):
    local = replace(post, smtp_url=None)
    owe(bureau.head, 1), owe(bureau.drafter, 2)
    deliver.deliver(local)
    with db.transaction() as session:
        session.execute(update(Message).values(state="pending"))
    assert deliver.deliver(local) == Counter(sent=2)
    kept = mail.kept(mail.folder_of(local))
    assert {letter.name for letter in kept} == {"王建国", "林晓"}
    assert kept[0].subject == "【到期提醒】一件公文" and "请办理。" in kept[0].text


def test_a_notice_is_there_at_once_unread_first_and_read_by_its_owner_only(bureau):
    first, second = owe(bureau.head, 1, NOTICE), owe(bureau.head, 2, NOTICE)
    with db.transaction() as session:
        assert session.scalar(outbox.unread(bureau.head.id)) == 2
        assert outbox.mark_read(session, bureau.drafter.id, NOON, second) == ""
        assert outbox.mark_read(session, bureau.head.id, NOON, second) == "/matters/42"
        assert [m.id for m in outbox.notices_of(session, bureau.head.id)] == [first, second]
        outbox.mark_read(session, bureau.head.id, NOON)
        assert session.scalar(outbox.unread(bureau.head.id)) == 0
    assert outbox.overdue_ids(clock.now()) == []


def test_a_dead_redis_does_not_stop_anybody_and_the_sweep_sends(bureau, post, smtp_server, monkeypatch):
    outbox.set_bell(deliver.bell(replace(post, redis_url="redis://127.0.0.1:1/0")))
    try:
        owe(bureau.head)
    finally:
        outbox.set_bell(None)
    assert len(outbox.overdue_ids(clock.now())) == 1
    assert deliver.deliver(post) == Counter(sent=1)


def test_a_periodic_job_runs_once_per_slot_and_makes_up_for_missed_slots_once(either_database):
    minute = timedelta(minutes=1)
    assert schedule.take("job", minute, NOON)
    assert not schedule.take("job", minute, NOON + timedelta(seconds=59))
    assert schedule.take("job", minute, NOON + minute)
    assert schedule.take("job", minute, NOON + timedelta(days=3, seconds=10))
    assert not schedule.take("job", minute, NOON + timedelta(days=3, seconds=59))
    assert schedule.take("job", minute, NOON + timedelta(days=3, seconds=60))
    assert schedule.last_run("job") is None  # a job that was taken has not yet run
    schedule.ran("job", NOON)
    assert schedule.last_run("job") == NOON


def test_a_clock_set_back_does_not_silence_a_periodic_job(database):
    assert schedule.take("job", timedelta(minutes=1), NOON + timedelta(days=200))
    assert schedule.take("job", timedelta(minutes=1), NOON)
    assert not schedule.take("job", timedelta(minutes=1), NOON)


def test_the_fault_of_one_periodic_job_does_not_keep_the_others(database):
    ran = []
    jobs = tuple(ticks.Job(name, timedelta(minutes=1), run) for name, run in (("bad", fail), ("good", ran.append)))
    with pytest.raises(ExceptionGroup):
        ticks.run_due(NOON, jobs)
    assert ran == [NOON]
    assert ticks.run_due(NOON, jobs) == []


def fail(now):
    raise RuntimeError("broken")


def test_every_mail_text_can_be_rendered_and_says_that_nobody_reads_answers():
    message = Message(name="王建国", body="请办理。", link="/matters/42")
    text = notices.letter_text(message, "http://oa.test", "临江区综合行政执法局")
    assert "http://oa.test/matters/42" in text and "请勿回复" in text


def test_keys_are_readable(bureau):
    owe(bureau.head)
    with db.reading() as session:
        assert session.scalars(select(Message.key)).all() == ["test:1:mail"]
