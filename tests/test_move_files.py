"""Files that come with a move: who may bring them, how large, what stays of them, what the history says (FW-3, C01)."""

import io
import logging
import threading

import pytest

from officeapp import clock, db, logs, matters, options
from officeapp.attachments import Accepted, attachments_of
from tests.conftest import seeded
from tests.desks import FORM, doors, moved, opened, stored

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


@pytest.fixture
def matter_id(bureau):
    """At the drafting unit's head, who signs on paper; the drafter or the clerk records it."""
    found = opened(bureau.drafter, FORM)
    moved(found, "submit", bureau.drafter)
    return found


def record(client, matter_id, signer, content=PDF, name="签批页.pdf", **more):
    data = {"version": 2, "move": "unit_pass", "asked": "1", "medium": "paper", "signer": signer.id,
            "on": clock.today().isoformat(), "note": "同意送审。", "scan": (io.BytesIO(content), name)} | more
    return client.post(f"/matters/{matter_id}/moves", data=data, content_type="multipart/form-data")


def kept(folder):
    return [path for path in folder.glob("attachments/**/*") if path.is_file()]


def told(matter_id):
    with db.reading() as session:
        return [(e.what, e.note) for e in matters.history(session, matter_id)]


def test_a_scan_brought_by_a_move_is_kept_once_and_told_like_an_upload(bureau, enter, matter_id, tmp_path):
    assert record(enter(bureau.clerk), matter_id, bureau.head).status_code == 303
    assert told(matter_id)[-2:] == [("attached", "扫描件：签批页.pdf"), ("moved", "同意送审。")]
    assert [path.read_bytes() for path in kept(tmp_path)] == [PDF] and stored(matter_id).stage == "vetting"
    page = enter(bureau.clerk).get(f"/matters/{matter_id}").text
    assert "添加附件" in page and "扫描件：签批页.pdf" in page


def test_a_mere_readers_move_is_refused_before_its_file_is_looked_at(bureau, enter, matter_id, tmp_path):
    answer = record(enter(bureau.colleague), matter_id, bureau.head, b"MZ", "程序.exe")
    assert answer.status_code == 403 and "您现在不是这一环节的办理人" in answer.text and "附件只收" not in answer.text
    record(enter(bureau.colleague), matter_id, bureau.head)
    assert kept(tmp_path) == []


def test_a_stale_move_is_refused_before_its_file_is_looked_at(bureau, enter, matter_id, tmp_path):
    answer = record(enter(bureau.clerk), matter_id, bureau.head, b"MZ", "程序.exe", version=1)
    assert answer.status_code == 409 and "附件只收" not in answer.text and kept(tmp_path) == []


def test_a_refused_move_leaves_no_file_no_row_and_no_event(bureau, enter, matter_id, tmp_path):
    answer = record(enter(bureau.clerk), matter_id, bureau.head, on="2099-01-01")
    assert answer.status_code == 422 and "签字日期应在" in answer.text
    assert kept(tmp_path) == [] and told(matter_id)[-1][0] == "moved"
    with db.reading() as session:
        assert attachments_of(session, matter_id) == []


def test_the_bureaus_own_limit_holds_for_moves_too(bureau, enter, matter_id, tmp_path):
    with db.transaction() as session:
        options.choose(session, "attachment_limit_mb", 1)
    answer = record(enter(bureau.clerk), matter_id, bureau.head, PDF + b" " * 1024 * 1024)
    assert answer.status_code == 422 and "文件超过1MB" in answer.text and kept(tmp_path) == []


def test_c01_a_marked_scan_is_refused_and_its_name_is_not_logged(bureau, enter, matter_id, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        answer = record(enter(bureau.clerk), matter_id, bureau.head, name="机密★一年 名单.pdf")
    assert answer.status_code == 422 and "严禁处理涉密信息" in answer.text and kept(tmp_path) == []
    said = "".join(logs.formatter("text").format(record) for record in caplog.records)
    assert "rule=C01" in said and f"person={bureau.clerk.id}" in said and "名单" not in said


@pytest.mark.parametrize("day", ["today", "2099-01-01"])
def test_the_upload_is_closed_whether_the_move_is_made_or_refused(bureau, enter, matter_id, monkeypatch, day):
    seen = []
    build = Accepted.__init__
    monkeypatch.setattr(Accepted, "__init__", lambda self, *args: (build(self, *args), seen.append(self.file))[0])
    record(enter(bureau.clerk), matter_id, bureau.head, **({} if day == "today" else {"on": day}))
    assert len(seen) == 1 and seen[0].closed


def test_two_paper_signatures_with_scans_at_once_never_wait_for_each_other(either_database, tmp_path):
    """Two rows that refer to the matter, then two locks on it: PostgreSQL would end one of them with an error."""
    bureau = seeded()
    enter = doors(either_database, tmp_path)
    clients = enter(bureau.clerk), enter(bureau.drafter)
    for client in clients:
        client.application.config["PROPAGATE_EXCEPTIONS"] = False
    for _ in range(6):
        matter_id = opened(bureau.drafter, FORM)
        moved(matter_id, "submit", bureau.drafter)
        assert sorted(at_once(clients, matter_id, bureau.head)) == [303, 409]
        with db.reading() as session:
            assert len(attachments_of(session, matter_id, "scan")) == 1


def at_once(clients, matter_id, signer):
    codes, gate = [], threading.Barrier(len(clients))

    def work(client, content):
        gate.wait()
        codes.append(record(client, matter_id, signer, content, f"{len(content)}.pdf").status_code)

    threads = [threading.Thread(target=work, args=(client, PDF + b" " * n)) for n, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes
