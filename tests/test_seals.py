"""Seals over the whole record: what is cut off its end, or gone as a whole, is missed all the same (design.md §4)."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app import create_app
from officeapp import admin_events, audit, db, login_events, sealing, seals
from officeapp.audit import ADMINISTRATORS, SEALS, Tally
from officeapp.login_events import Whence, Whose
from officeapp.matters import Event, seal
from officeapp.people import Person
from officeapp.seals import SETTLED
from tests import conftest
from tests.people import administrator
from tests.procedures.walking import Walk
from tests.reminding import mails
from tests.services import settings_of
from tests.test_audit import by_hand

HOUR = timedelta(hours=1)


@pytest.fixture
def record(either_database, now):
    """Two matters and two acts, sealed an hour later; then a third of each, settled two hours later."""
    office = conftest.seeded()
    first, second = (_told(office, now) for _ in range(2))
    _act(now, "林晓"), _act(now, "王建国")
    affix(now + HOUR)
    third = _told(office, now + HOUR)
    _act(now + HOUR, "高明")
    return SimpleNamespace(office=office, first=first, second=second, third=third, later=now + HOUR,
                           after=now + 2 * HOUR)


def _told(office, now):
    walk = Walk("lucheng-2019", office.drafter, now, grade="ordinary")
    walk.go(office.drafter, "submit")
    return walk.id


def _act(now, whom):
    with db.transaction() as session:
        admin_events.record(session, None, "password_reset", whom, now=now)


def affix(now):
    with db.transaction() as session:
        return seals.affix(session, now)


def faults(copied=None):
    with db.reading() as session:
        return list(audit.verify(session, Tally(), copied))


def newest():
    with db.reading() as session:
        return seals.newest(session)


def gone(matter_id):
    """Statements that leave nothing of a matter, as somebody who knows the tables would."""
    steps = f"DELETE FROM step WHERE matter_id = {matter_id}"
    others = [f"DELETE FROM {table} WHERE matter_id = {matter_id}"
              for table in ("deadline", "task", "message", "event", "text_version")]
    return [steps, *others, f"DELETE FROM matter WHERE id = {matter_id}"]


def test_a_seal_counts_what_is_settled_and_the_next_one_goes_on_from_there(record):
    first, second = newest(), affix(record.after)
    assert first.counts == {"event": 4, "admin_event": 2, "login_event": 0} and first.ends["event"] == 4
    assert second.counts == {"event": 2, "admin_event": 1, "login_event": 0} and (first.n, second.n) == (1, 2)
    assert second.previous == first.hash and affix(record.after) is None
    assert faults() == []


def test_a_line_that_may_still_be_under_way_is_not_sealed(record):
    assert affix(record.later + SETTLED - timedelta(seconds=1)) is None
    half = affix(record.later + SETTLED)  # opened half an hour ago, sent on ten minutes later
    assert half.counts["event"] == half.counts["admin_event"] == affix(record.after).counts["event"] == 1


def test_a_whole_matter_that_is_gone_with_all_its_lines_is_missed(record):
    by_hand(*gone(record.second))
    [fault] = faults()
    assert fault.matter_id == SEALS
    assert fault.sentence == "封存第 1 号：办理记录流水号 1 至 4，当时 4 行，现在少了 2 行。"


def test_a_login_that_is_taken_out_of_the_end_is_missed(record):
    with db.transaction() as session:
        login_events.record(session, "refused", Whose(None, ""), Whence("10.0.0.1", "Chrome"), now=record.later)
    affix(record.after)
    by_hand("DELETE FROM login_event")
    assert [fault.sentence for fault in faults()] == ["封存第 2 号：登录记录流水号 1 至 1，当时 1 行，现在少了 1 行。"]


def test_the_newest_act_of_an_administrator_is_missed_though_no_line_follows_it(record):
    affix(record.after)
    by_hand("DELETE FROM admin_event WHERE id = 3")
    [fault] = faults()
    assert (fault.matter_id, fault.line) == (SEALS, 2)
    assert "管理和导出操作流水号 3 至 3，当时 1 行，现在少了 1 行" in fault.words


def test_a_chain_written_anew_from_its_last_line_is_found(record):
    """Its own hashes agree; the seal remembers others."""
    with db.reading() as session:
        line = session.scalar(select(Event).where(Event.matter_id == record.first, Event.seq == 2))
        line.clause = "另一条"
        forged = seal(line)
    by_hand(f"UPDATE event SET clause = '另一条', hash = '{forged}' WHERE matter_id = {record.first} AND seq = 2")
    [fault] = faults()
    assert (fault.matter_id, fault.line) == (SEALS, 1) and "不是当时的记录" in fault.words


def test_a_seal_that_was_changed_or_taken_out_is_found(record):
    affix(record.after)
    by_hand("UPDATE seal SET digest = 'x' WHERE n = 1")
    assert [fault[:2] for fault in faults()] == [(SEALS, 1)]
    by_hand("DELETE FROM seal WHERE n = 1")
    assert [fault[:2] for fault in faults()] == [(SEALS, 2)]


def test_who_writes_the_seals_anew_as_well_is_found_by_the_copy_kept_elsewhere(record):
    """The record alone is whole again: this is why the seals are mailed to the auditor."""
    copied = {1: newest().hash[:12]}
    by_hand(*gone(record.second), "DELETE FROM seal WHERE n = 1")
    affix(record.after)
    assert faults() == []
    [fault] = faults(copied)
    assert fault.sentence == "封存第 1 号：与抄存的校验值不同，从头重写过。"
    assert [fault.words for fault in faults({2: "abc"})] == ["抄存过这一号，现在已不在。"]
    assert faults({1: newest().hash}) == []


def test_every_working_day_the_auditor_gets_the_newest_seal_by_mail_once(record):
    auditor = administrator(record.office, "audit_admin")
    with db.transaction() as session:
        session.get_one(Person, auditor.id).email = "auditor@bureau.test"
    assert sealing.run(record.after.replace(hour=6)) == 0 and mails_of_seals() == []  # before the office opens
    assert sealing.run(record.after) == 1
    sealing.run(record.after + SETTLED)
    [mail] = mails_of_seals()
    assert mail.address == "auditor@bureau.test" and mail.key.startswith("sealed:2026-11-02:person")
    assert f"--seal 2:{newest().hash}" in mail.body and "《" not in mail.body


def mails_of_seals():
    return [mail for mail in mails() if mail.key.startswith("sealed:")]


def test_a_seal_takes_no_more_than_a_handful_of_lines_at_a_time(record, monkeypatch):
    monkeypatch.setattr(seals, "MOST", 1)
    assert sealing.run(record.after) == 2
    with db.reading() as session:
        assert [s.counts["event"] for s in session.scalars(select(seals.Seal).order_by(seals.Seal.n))] == [4, 1, 1]
    assert faults() == []


def test_the_command_holds_a_copied_seal_against_the_record(record, either_database, tmp_path):
    runner = create_app(settings_of({"DATABASE_URL": either_database, "DATA_DIR": str(tmp_path)})).test_cli_runner()
    copied = f"1:{newest().hash}"
    whole = runner.invoke(args=["audit", "verify", "--seal", copied])
    assert whole.exit_code == 0 and "1 次封存" in whole.output and "未发现改动" in whole.output, whole.output
    by_hand("DELETE FROM admin_event WHERE id >= 2")
    found = runner.invoke(args=["audit", "verify", "--seal", copied])
    assert found.exit_code == 1 and "封存第 1 号：管理和导出操作流水号 1 至 2，当时 2 行，现在少了 1 行" in found.output
    wrong = runner.invoke(args=["audit", "verify", "--seal", "1"])
    assert wrong.exit_code == 1 and "封存应写成“号:校验值”" in wrong.output


def test_what_is_missing_from_the_newest_minutes_is_told_by_the_matter_itself(record):
    """The seal has not come to it yet; the state does not follow from the lines that are left."""
    by_hand(f"DELETE FROM event WHERE matter_id = {record.third} AND seq = 2")
    [fault] = faults()
    assert fault.matter_id == record.third and fault.matter_id != ADMINISTRATORS and "环节" in fault.words
