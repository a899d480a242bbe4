"""One archive with everything that must not be lost: the database as of one moment and the attachments it names.

Taken while the system works: SQLite's own backup gives the moment; contents are kept by hash and never
overwritten, so that whatever the snapshot names is there afterwards. PostgreSQL has its own tools (运维手册).
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import make_url

from officeapp import attachments, db

DATABASE, MANIFEST = "database.sqlite3", "manifest.json"
FORMAT = 1
CHUNK = 1 << 20  # bytes
_MEMBER = re.compile(r"manifest\.json|database\.sqlite3|attachments/([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{60}")


class Unfit(Exception):
    """Why nothing was written or put in place: a sentence for whoever keeps the machine."""


@dataclass
class Manifest:
    """What the archive holds: rows by table, SHA-256 and bytes of each file, attachments that were missing."""

    made_at: str
    format: int = FORMAT
    rows: dict[str, int] = field(default_factory=dict)
    files: dict[str, tuple[str, int]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def attachments(self) -> int:
        return sum(name.startswith("attachments/") for name in self.files)


def take(target: Path, url: str, root: Path, now: datetime) -> Manifest:
    """Write the archive (.tar.gz, for its owner alone); the attachments lie under root."""
    source = database_file(url)
    if target.exists():
        raise Unfit(f"{target} 已经存在。请换一个文件名，不覆盖以前的备份。")
    manifest = Manifest(made_at=now.isoformat(timespec="seconds"))
    with _unfinished(target) as (draft, folder):
        snapshot = folder / DATABASE
        _copy_database(source, snapshot)
        manifest.rows = rows_of(snapshot)
        with tarfile.open(fileobj=draft, mode="w:gz", compresslevel=3) as archive:
            _add(archive, manifest, DATABASE, snapshot)
            for sha256 in _named(snapshot):
                _add_attachment(archive, manifest, root, sha256)
            (folder / MANIFEST).write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), "utf-8")
            archive.add(folder / MANIFEST, MANIFEST)
    return manifest


def restore(archive: Path, url: str, root: Path) -> Manifest:
    """Put an archive in place where nothing is yet, after every hash and count in it has been checked."""
    target = database_file(url)
    _refuse_occupied(target, root)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".restore-") as draft:
        folder = Path(draft)
        (folder / "attachments").mkdir(mode=0o750)
        manifest = _unpack(archive, folder)
        _refuse_unsound(folder / DATABASE, manifest)
        os.replace(folder / "attachments", root / "attachments")  # at most an empty folder is there
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / DATABASE, target)  # last: without it nothing starts on half a restore
    return manifest


def database_file(url: str) -> Path:
    """The file of an SQLite URL; Unfit for PostgreSQL, which has its own tools."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database:
        raise Unfit("本系统现在使用 PostgreSQL：数据库请用 pg_dump 备份、pg_restore 恢复，附件目录另行复制，"
                    "步骤见《运维手册》“备份和恢复”。")
    return Path(parts.database)


def rows_of(database: Path) -> dict[str, int]:
    """How many rows each table of an SQLite file has."""
    with closing(sqlite3.connect(database)) as connection:
        names = [name for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # nosec B608 # names read from the schema itself


@contextmanager
def _unfinished(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """An archive that bears its name only once it is whole and on the disk, and a folder that goes away."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
        draft = Path(scratch) / "archive"
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            yield file, Path(scratch)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)


def _copy_database(source: Path, snapshot: Path) -> None:
    if not source.exists():
        raise Unfit(f"没有数据库文件 {source}。请核对 DATABASE_URL 和 DATA_DIR。")
    connection = db.engine().raw_connection()
    try:
        with closing(sqlite3.connect(snapshot)) as copy:
            connection.driver_connection.backup(copy)
    finally:
        connection.close()


def _named(snapshot: Path) -> list[str]:
    """The hashes of all attachments ever added: a removed one stays part of the record."""
    with closing(sqlite3.connect(snapshot)) as connection:
        return [row[0] for row in connection.execute("SELECT DISTINCT sha256 FROM attachment ORDER BY sha256")]


def _add_attachment(archive: tarfile.TarFile, manifest: Manifest, root: Path, sha256: str) -> None:
    try:
        path = attachments.open_path(root, sha256)
    except (FileNotFoundError, ValueError):
        manifest.missing.append(sha256)
        return
    name = path.relative_to(root).as_posix()
    _add(archive, manifest, name, path)
    if manifest.files[name][0] != sha256:
        raise Unfit(f"附件 {sha256} 的内容已被改动，未作备份。请先从以前的备份恢复这个文件。")


def _add(archive: tarfile.TarFile, manifest: Manifest, name: str, path: Path) -> None:
    archive.add(path, name, recursive=False)
    with path.open("rb") as file:
        manifest.files[name] = hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def _refuse_occupied(target: Path, root: Path) -> None:
    store = root / "attachments"
    for path in (target, *(target.with_name(target.name + end) for end in ("-wal", "-shm"))):
        if path.exists():
            raise Unfit(f"{path} 已经存在。只能恢复到空的数据文件夹：请另设 DATA_DIR，或先移走原有数据。")
    if store.exists() and any(store.iterdir()):
        raise Unfit(f"{store} 里已有附件。只能恢复到空的数据文件夹：请另设 DATA_DIR，或先移走原有数据。")


def _unpack(archive: Path, folder: Path) -> Manifest:
    """Everything in the archive under folder, each file as long and with the hash that the manifest says."""
    found: dict[str, tuple[str, int]] = {}
    try:
        with tarfile.open(archive, "r:gz") as stored:
            for member in stored:
                if not member.isreg() or not _MEMBER.fullmatch(member.name):
                    raise Unfit(f"备份文件里有不属于本系统的内容：{member.name}。未恢复。")
                found[member.name] = _extract(stored, member, folder / member.name)
    except (tarfile.TarError, EOFError, OSError) as fault:
        raise Unfit("备份文件不完整，或者不是本系统的备份，未恢复。") from fault
    found.pop(MANIFEST, None)
    manifest = _read_manifest(folder / MANIFEST)
    if found != manifest.files:
        wrong = sorted(name for name in {*found, *manifest.files} if found.get(name) != manifest.files.get(name))
        raise Unfit(f"备份文件与其清单不符，未恢复：{'、'.join(wrong[:5])}{'等' if len(wrong) > 5 else ''}。")
    return manifest


def _read_manifest(path: Path) -> Manifest:
    try:
        said = json.loads(path.read_text("utf-8"))
        said["files"] = {name: tuple(each) for name, each in said["files"].items()}
        manifest = Manifest(**said)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
        raise Unfit("备份文件里没有完整的清单，未恢复。") from fault
    if manifest.format != FORMAT or DATABASE not in manifest.files:
        raise Unfit("这个备份是别的版本的格式，未恢复。请用当时的版本恢复，再升级。")
    return manifest


def _extract(stored: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> tuple[str, int]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    digest, size = hashlib.sha256(), 0
    with stored.extractfile(member) as source, path.open("xb") as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest(), size


def _refuse_unsound(database: Path, manifest: Manifest) -> None:
    with closing(sqlite3.connect(database)) as connection:
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if sound != "ok" or rows_of(database) != manifest.rows:
        raise Unfit("备份里的数据库不完整，或者行数与清单不符，未恢复。")
