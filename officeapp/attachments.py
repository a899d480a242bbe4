"""Attachments: what is accepted, and where it is kept.

Contents lie outside the web root under <root>/attachments/ab/cd/<sha256>, once
however often they were uploaded; a row says to which matter they belong.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import ForeignKey, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp import db
from officeapp.db import Base
from officeapp.secrecy import INVISIBLE, secrecy_marks_in_name
from officeapp.sniffing import CHUNK, MIMES, Unreadable, kind_of, marks_inside, refuse_cut

LABELS = {"attachment": "附件", "scan": "扫描件", "legal_opinion": "合法性审查意见"}
KINDS = tuple(LABELS)
LIMIT = 50 * 1024 * 1024  # bytes
IN_MEMORY = 4 * 1024 * 1024  # larger uploads wait in an unnamed temporary file
NAME_BYTES = 200  # UTF-8; file systems hold 255, and a browser may add 「(1)」

_EXTENSIONS = {**{kind: kind for kind in MIMES}, "jpeg": "jpg"}
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.I)  # Windows opens a device instead
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SECRET = (
    "发现密级标志。本系统为非涉密系统，严禁处理涉密信息：文件未予接收，也未留存，"  # nosec B105 # a sentence, no password
    "请立即停止上传，按纸质涉密文件规定办理，并报告办公室保密员。"
)


class Unacceptable(Exception):
    """Why a file was refused and what to do, as a Chinese sentence for the page.

    rule is "C01" when a secrecy mark was found: log who, when and the rule, never the name.
    """

    def __init__(self, sentence: str, rule: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.rule = rule


@dataclass(frozen=True)
class Accepted:
    """An upload that passed every check; file is open at any position, size in bytes."""

    name: str
    mime: str
    extension: str
    size: int
    sha256: str
    file: BinaryIO


class Attachment(Base):
    """One file of one matter; removing it hides the row and keeps the contents."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]
    mime: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    uploader_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


def accept(stream: BinaryIO, filename: str, *, limit: int = LIMIT) -> Accepted:
    """Check an upload by name, size and content; Unacceptable says what to do instead.

    Nothing with a name is written: what is refused leaves no trace (domain 6.5, rule C01).
    """
    name = clean_name(filename)
    if secrecy_marks_in_name(filename) or secrecy_marks_in_name(name):
        raise Unacceptable(_SECRET, rule="C01")
    extension = _allowed_extension(name)
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 the caller closes what was accepted
    try:
        size, sha256 = _copy(stream, file, limit)
        _check_content(file, size, name, extension)
    except BaseException:
        file.close()
        raise
    return Accepted(name, MIMES[extension], extension, size, sha256, file)


def clean_name(filename: str) -> str:
    """A file name without path, control or reserved characters, at most 200 bytes; Chinese is kept."""
    name = INVISIBLE.sub("", re.split(r"[/\\]", filename)[-1])
    name = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "", name)
    name = re.sub(r"\s+", " ", re.sub(r'[<>:"|?*]', "_", name)).strip(" .")
    name = _RESERVED.sub(lambda device: f"_{device[0]}", name, count=1) if _RESERVED.match(name) else name
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    room = NAME_BYTES - len((dot + extension).encode())
    stem = stem.encode()[: max(room, 0)].decode(errors="ignore").rstrip(" .") or "附件"
    return (stem + dot + extension).encode()[:NAME_BYTES].decode(errors="ignore")


@contextmanager
def beside(accepted: Accepted, root: Path) -> Iterator[Path]:
    """The contents in a file beside the store, which is gone at the end unless `place` has shelved it.

    Enter it before a transaction begins, for a large file takes its time; what the transaction
    refuses then leaves neither a row nor a file.
    """
    folder = Path(root) / "attachments"
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".")
    waiting = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            _pour(accepted.file, target)
        yield waiting
    finally:
        waiting.unlink(missing_ok=True)


def is_writable(root: Path) -> bool:
    """Whether the store takes a file now: neither read-only, nor full, nor away."""
    try:
        folder = Path(root) / "attachments"
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"1")
            trial.flush()
    except OSError:
        return False
    return True


def place(waiting: Path, accepted: Accepted, root: Path) -> Path:
    """Put what waits beside the store under its hash: a rename, the last thing of a transaction."""
    path = _path_of(root, accepted.sha256)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    os.replace(waiting, path)
    _sync_folder(path.parent)
    return path


def shelve(accepted: Accepted, root: Path) -> Path:
    """Write the contents under their hash and return the path; nothing happens if they are there."""
    path = _path_of(root, accepted.sha256)
    if path.exists() and path.stat().st_size == accepted.size:
        return path
    with beside(accepted, root) as waiting:
        return place(waiting, accepted, root)


def store(
    session: Session, accepted: Accepted, matter_id: int, uploader_id: int, kind: str, now: datetime, root: Path
) -> Attachment:
    """Shelve the contents if they are not shelved yet and add the row, flushed."""
    shelve(accepted, root)  # nosec B403 # our own function, not the module
    return add(session, accepted, matter_id, uploader_id, kind, now)


def add(
    session: Session, accepted: Accepted, matter_id: int, uploader_id: int, kind: str, now: datetime
) -> Attachment:
    """The row alone, flushed. The matter's row must be locked already: this one refers to it."""
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {KINDS}, not {kind!r}")
    attachment = Attachment(
        matter_id=matter_id,
        kind=kind,
        name=accepted.name,
        size=accepted.size,
        mime=accepted.mime,
        sha256=accepted.sha256,
        uploader_id=uploader_id,
        at=now,
    )
    session.add(attachment)
    session.flush()
    return attachment


_PRESENT = (select(Attachment).where(Attachment.matter_id == bindparam("matter"), Attachment.removed_at.is_(None))
            .order_by(Attachment.id))
_KINDS = _PRESENT.with_only_columns(Attachment.kind)


def attachments_of(session: Session, matter_id: int, kind: str | None = None) -> list[Attachment]:
    """A matter's files that were not removed, oldest first."""
    return [file for file in session.scalars(_PRESENT, {"matter": matter_id}) if kind in (None, file.kind)]


def kinds_of(session: Session, matter_id: int) -> list[str]:
    """The kinds of those files."""
    return list(db.rows(session, _KINDS, matter=matter_id).scalars())


def open_path(root: Path, sha256: str) -> Path:
    """Where the contents lie; ValueError unless it is a hash, FileNotFoundError when they are gone."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hex")
    path = _path_of(root, sha256)
    if not path.is_file():
        raise FileNotFoundError(path)
    return path


def _allowed_extension(name: str) -> str:
    extension = _EXTENSIONS.get(name.rpartition(".")[2].lower()) if "." in name else None
    if extension is None:
        raise Unacceptable("附件只收 docx、pdf、xlsx、jpg、png、ofd 六种格式，请另存为其中一种后再上传。")
    return extension


def _copy(stream: BinaryIO, file: BinaryIO, limit: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise Unacceptable(f"文件超过{_in_words(limit)}，请压缩图片、拆分文件或转成 PDF 后再上传。")
        digest.update(chunk)
        file.write(chunk)
    if not size:
        raise Unacceptable("文件是空的，请打开原文件确认有内容、保存后再上传。")
    return size, digest.hexdigest()


def _check_content(file: BinaryIO, size: int, name: str, extension: str) -> None:
    try:
        kind = kind_of(file, size)
        if kind != extension:
            raise Unacceptable(_disagreement(extension, kind))
        refuse_cut(file, size, kind)
        marks = marks_inside(file, kind)
    except Unreadable as refusal:
        raise Unacceptable(str(refusal)) from refusal
    if marks:
        raise Unacceptable(_SECRET, rule="C01")


def _disagreement(extension: str, kind: str) -> str:
    if kind:
        return f"文件名是 .{extension}，内容却是 {kind} 格式，请改成 .{kind} 或重新导出后再上传。"
    return f"文件名是 .{extension}，内容却不是这种格式，请用原来的软件打开、另存为 .{extension} 后再上传。"


def _in_words(size: int) -> str:
    return f"{size // 1024**2}MB" if size >= 1024**2 else f"{size}字节"


def _path_of(root: Path, sha256: str) -> Path:
    return Path(root) / "attachments" / sha256[:2] / sha256[2:4] / sha256


def _pour(source: BinaryIO, target: BinaryIO) -> None:
    source.seek(0)
    while chunk := source.read(CHUNK):
        target.write(chunk)
    target.flush()
    os.fsync(target.fileno())


def _sync_folder(folder: Path) -> None:
    # The rename itself is lost with the power unless the folder is flushed too.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
