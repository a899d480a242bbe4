"""The record is walked: what was changed, removed, inserted or reordered by hand is found and named (design.md §4)."""

import tracemalloc
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select, text

from officeapp import admin_events, audit, db, schema
from officeapp.audit import CHANGED, DISJOINED, UNREADABLE, Fault, Tally
from officeapp.matters import Event, Matter, seal
from officeapp.states import STATE
from tests import conftest
from tests.procedures.walking import Walk


@pytest.fixture
def record(either_database, now):
    """Two matters of four lines each and two acts of administrators."""
    office = conftest.seeded()
    first, second = (_told(office, now) for _ in range(2))
    with db.transaction() as session:
        for name in ("林晓", "王建国", "高明"):
            admin_events.record(session, None, "password_reset", name, now=now)
    return SimpleNamespace(office=office, first=first, second=second, now=now)


def _told(office, now):
    walk = Walk("lucheng-2019", office.drafter, now, grade="ordinary")
    walk.go(office.drafter, "submit")
    walk.go(office.head, "unit_review_return_to_drafting", "请补充依据。")
    walk.go(office.drafter, "submit")
    return walk.id


def faults():
    with db.reading() as session:
        return list(audit.verify(session, Tally()))


def by_hand(*statements):
    """What somebody with the database's password could do: the triggers are put aside first."""
    dialect = db.engine().dialect.name
    with db.engine().execution_options(write=True).begin() as connection:
        for table in schema.APPEND_ONLY:
            if dialect == "sqlite":
                for verb in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            else:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            assert connection.execute(text(statement)).rowcount


def test_an_untouched_record_is_whole_and_counted(record):
    tally = Tally()
    with db.reading() as session:
        assert list(audit.verify(session, tally)) == []
    assert (tally.matters, tally.lines, tally.acts) == (2, 8, 3)


@pytest.mark.parametrize("column", ["note = '同意。'", "at = '2026-11-03 09:00:00'", "actor_id = 1", "clause = ''",
                                    "what = 'edited'", "data = '{\"after\": {}}'"])
def test_a_changed_line_is_named(record, column):
    by_hand(f"UPDATE event SET {column} WHERE matter_id = {record.second} AND seq = 3")
    assert Fault(record.second, 3, CHANGED) in faults()
    assert all(fault.matter_id == record.second for fault in faults())


def test_a_changed_line_that_was_sealed_again_breaks_the_next_one(record):
    with db.reading() as session:
        line = session.scalar(select(Event).where(Event.matter_id == record.first, Event.seq == 3))
        line.note = "同意。"
        forged = seal(line)
    by_hand(f"UPDATE event SET note = '同意。', hash = '{forged}' WHERE matter_id = {record.first} AND seq = 3")
    assert faults() == [Fault(record.first, 4, DISJOINED)]


def test_a_removed_line_is_named(record):
    by_hand(f"DELETE FROM event WHERE matter_id = {record.first} AND seq = 2")
    assert Fault(record.first, 3, "前面的第 2 行不见了。") in faults()


def test_a_removed_last_line_is_told_by_the_matters_state(record):
    by_hand(f"DELETE FROM event WHERE matter_id = {record.first} AND seq = 4")
    [fault] = faults()
    assert (fault.matter_id, fault.line) == (record.first, 0) and "环节、版本号" in fault.words


def test_a_matter_without_any_line_is_named(record):
    by_hand(f"DELETE FROM event WHERE matter_id = {record.first}")
    assert faults() == [Fault(record.first, 0, "办理历程一行也没有，被删去了。")]


def test_an_inserted_line_is_named(record):
    columns = "matter_id, kind, at, what, move, source, target, actor_id, principal_id, note, clause, data, previous"
    by_hand(
        f"UPDATE event SET seq = 5 WHERE matter_id = {record.first} AND seq = 4",
        f"INSERT INTO event (seq, hash, {columns}) SELECT 4, '{'0' * 64}', {columns} FROM event "
        f"WHERE matter_id = {record.first} AND seq = 3",
    )
    found = faults()
    assert Fault(record.first, 4, CHANGED) in found and Fault(record.first, 4, DISJOINED) in found
    assert Fault(record.first, 5, CHANGED) in found


def test_reordered_lines_are_named(record):
    by_hand(*(f"UPDATE event SET seq = {to} WHERE matter_id = {record.first} AND seq = {seq}"
              for seq, to in ((2, 99), (3, 2), (99, 3))))
    found = {(fault.line, fault.words) for fault in faults()}
    assert {(2, CHANGED), (3, CHANGED), (2, DISJOINED), (3, DISJOINED), (4, DISJOINED)} <= found


@pytest.mark.parametrize(("change", "named"), [
    ("title = '另一个标题'", "标题"), ("stage = 'signing'", "环节"), ("number = '临综法发〔2026〕9号'", "文号"),
    ("frozen_hash = 'x'", "定稿校验值"), ("returns = 0", "退回次数"), ("closed = NOT closed", "办结"),
])
def test_a_state_changed_behind_the_engine_is_told_by_its_name_and_not_by_its_words(record, change, named):
    by_hand(f"UPDATE matter SET {change} WHERE id = {record.second}")
    assert faults() == [Fault(record.second, 0, f"现在的{named}与办理历程推得的不一致，有人绕过办理直接改了数据库。")]


def test_what_cannot_be_read_at_all_is_narrowed_down_to_its_matter(database, now):
    office = conftest.seeded()
    first, second = _told(office, now), _told(office, now)
    by_hand(f"UPDATE event SET data = '改' WHERE matter_id = {first} AND seq = 2",
            f"UPDATE event SET note = '改' WHERE matter_id = {second} AND seq = 2")
    assert faults() == [Fault(first, 0, UNREADABLE), Fault(second, 2, CHANGED)]


@pytest.mark.parametrize(("statement", "found"), [
    ("UPDATE admin_event SET whom = '别人' WHERE id = 2", Fault(0, 2, CHANGED)),
    ("DELETE FROM admin_event WHERE id = 2", Fault(0, 3, DISJOINED)),
])
def test_the_administrators_lines_are_walked_too(record, statement, found):
    by_hand(statement)
    assert faults() == [found]


def test_files_that_are_gone_or_changed_are_named(record, tmp_path):
    by_hand("INSERT INTO attachment (matter_id, kind, name, size, mime, sha256, uploader_id, at) VALUES "
            + ", ".join(f"({record.first}, 'attachment', 'a.pdf', 1, 'application/pdf', '{mark * 64}', 1, "
                        "'2026-11-02 01:00:00')" for mark in "ab"))
    (tmp_path / "attachments" / "aa" / "aa").mkdir(parents=True)
    (tmp_path / "attachments" / "aa" / "aa" / ("a" * 64)).write_text("另一个内容")
    tally = Tally()
    with db.reading() as session:
        changed, gone = audit.verify_files(session, tmp_path, tally)
    assert "内容被改动过" in changed and "已不在存储中" in gone and tally.files == 2


def texts_changed():
    tally = Tally()
    with db.reading() as session:
        return list(audit.verify_texts(session, tally)), tally.texts


@pytest.mark.parametrize("statement", [
    "UPDATE text_version SET body = '另一篇。' WHERE matter_id = {0}", "DELETE FROM text_version WHERE matter_id = {0}",
    "INSERT INTO attachment (matter_id, kind, name, size, mime, sha256, uploader_id, at) VALUES ({0}, 'attachment', "
    "'a.pdf', 1, 'application/pdf', 'x', 1, '2026-11-02 01:00:00')",
])
def test_a_text_or_a_list_of_files_changed_by_hand_is_named_by_its_matter(record, statement):
    assert texts_changed() == ([], 2)
    by_hand(statement.format(record.second))
    sentence = f"事项 {record.second} 的文稿：正文、稿纸或附件与办理历程里的校验值不符，被改动过。"
    assert texts_changed() == ([sentence], 2)


def test_memory_does_not_grow_with_the_record(database, now):
    """Ten thousand more lines in no more memory than a few batches take."""
    conftest.seeded()
    peaks = []
    for count in (1_000, 5_000):
        _copy(count, now)
        tracemalloc.start()
        assert faults() == []
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0], f"bytes at the peak: {peaks}"


def _copy(count, now):
    """So many matters with two lines each, written in bulk."""
    with db.transaction() as session:
        first = (session.scalar(select(Matter.id).order_by(Matter.id.desc()).limit(1)) or 0) + 1
        state = {"stage": "drafting", "version": 1, "title": "通知", "grade": "", "values": {}, "number": "",
                 "text_hash": "", "frozen_hash": "", "proof_hash": "", "visited": [], "returned_from": "",
                 "returns": 0, "sent_from": "", "closed": False, "paused": False, "drafter_id": 1}
        assert set(state) == set(STATE)
        rows = [state | {"id": first + n, "kind": "outgoing_document", "rulebook": "lucheng-2019", "edition": 1,
                         "unit_id": 1, "opened_at": now, "stage_at": now} for n in range(count)]
        session.execute(insert(Matter), rows)
        lines = [line for row in rows for line in _lines(row["id"], state, now)]
        session.execute(insert(Event), lines)


def _lines(matter_id, state, now):
    previous = ""
    for seq, after in ((1, state), (2, {})):
        said = {"matter_id": matter_id, "kind": "outgoing_document", "seq": seq, "at": now, "what": "opened",
                "move": "", "source": "", "target": "", "actor_id": 1, "principal_id": None, "note": "", "clause": "",
                "data": {"after": after}, "previous": previous}
        previous = seal(Event(**said))
        yield said | {"hash": previous}
