"""The record put to the test: every chain walked, every matter's state told again by its events (design.md §4).

What a line says is sealed by its hash, and its place by the hash before it. A chain's newest lines have nothing
behind them: whether some were cut off is told by the matter's own state and by the seals over the whole record.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from officeapp import attachments, chains, matters, seals, signatures, states
from officeapp.admin_events import AdminEvent
from officeapp.attachments import Attachment
from officeapp.chains import Chained
from officeapp.login_events import LoginEvent
from officeapp.matters import Event, Matter

ADMINISTRATORS, LOGINS, SEALS = 0, -1, -2  # stand where a matter's id would
BOOKS: dict[int, tuple[str, type[Chained]]] = {
    ADMINISTRATORS: ("管理和导出操作记录", AdminEvent), LOGINS: ("登录记录", LoginEvent)}
TEXTS = {"draft": "文稿", "final": "定稿", "proof": "清样"}
BATCH = 500  # matters or lines held at a time
CHUNK = 1 << 20  # bytes of a file read at a time
CHANGED = "内容与当时封存的校验值不符，记下以后被改动过。"
DISJOINED = "与前一行接不上，中间有记录被删去、插入或者调换了次序。"
UNREADABLE = "有内容已不成格式，读不出来，被改动过。"
NAMES = {"stage": "环节", "version": "版本号", "title": "标题", "grade": "等级", "values": "稿纸内容", "number": "文号",
         "text_hash": "正文校验值", "frozen_hash": "定稿校验值", "proof_hash": "清样校验值", "visited": "经过的环节",
         "returned_from": "退回环节", "returns": "退回次数", "sent_from": "送出环节", "closed": "办结",
         "paused": "暂停计时", "drafter_id": "起草人"}


class Fault(NamedTuple):
    """Where and what; line 0 is the matter as a whole. No words of a document: its reader keeps machines."""

    matter_id: int
    line: int
    words: str

    @property
    def sentence(self) -> str:
        if self.matter_id == SEALS:
            return f"封存{f'第 {self.line} 号' if self.line else ''}：{self.words}"
        chain = BOOKS[self.matter_id][0] if self.matter_id in BOOKS else f"事项 {self.matter_id}"
        return f"{chain}{f' 第 {self.line} 行' if self.line else ''}：{self.words}"


@dataclass
class Tally:
    """How much was walked."""

    matters: int = 0
    lines: int = 0
    seals: int = 0
    files: int = 0
    texts: int = 0
    books: Counter[int] = field(default_factory=Counter)  # lines of the books beside the matters

    @property
    def acts(self) -> int:
        return self.books[ADMINISTRATORS]


def verify(session: Session, tally: Tally, copied: Mapping[int, str] | None = None) -> Iterator[Fault]:
    """The faults of every chain and seal, some hundred matters in memory at a time; `copied` are seals kept elsewhere.

    The session must be unused so far.
    """
    _hold_still(session)
    for book in BOOKS:
        yield from _book_faults(session, book, tally)
    yield from _seal_faults(session, tally, copied or {})
    last = 0
    while True:
        ids = session.scalars(select(Matter.id).where(Matter.id > last).order_by(Matter.id).limit(BATCH)).all()
        yield from _legible(session, last, ids, tally)
        if not ids:
            return
        last = ids[-1]


def _hold_still(session: Session) -> None:
    """All that the session reads is of one moment (SQLite's readers have that anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def verify_files(session: Session, root: Path, tally: Tally) -> Iterator[str]:
    """Sentences about attachments whose contents are gone or are not what was uploaded."""
    query = select(Attachment.sha256, func.min(Attachment.matter_id)).group_by(Attachment.sha256)
    for sha256, matter_id in session.execute(query, execution_options={"yield_per": BATCH}):
        tally.files += 1
        try:
            whole = _digest(attachments.open_path(root, sha256)) == sha256
        except (FileNotFoundError, ValueError):
            yield f"事项 {matter_id} 的附件 {sha256[:12]}：内容已不在存储中。"
            continue
        if not whole:
            yield f"事项 {matter_id} 的附件 {sha256[:12]}：内容被改动过。"


def verify_texts(session: Session, tally: Tally) -> Iterator[str]:
    """Sentences about matters whose newest text, form or attachments are not what their history has hashed."""
    last = 0
    while some := session.scalars(select(Matter).where(Matter.id > last).order_by(Matter.id).limit(BATCH)).all():
        for matter in some:
            tally.texts += 1
            yield from (f"事项 {matter.id} 的{TEXTS[role]}：正文、稿纸或附件与办理历程里的校验值不符，被改动过。"
                        for role in signatures.altered(session, matter))
        last = some[-1].id
        session.expunge_all()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _book_faults(session: Session, book: int, tally: Tally) -> Iterator[Fault]:
    table = BOOKS[book][1]
    previous = ""
    try:
        rows = session.execute(select(*table.__table__.columns).order_by(table.id),
                               execution_options={"yield_per": BATCH})
        for line in rows:
            tally.books[book] += 1
            yield from _line_faults(book, line.id, line, previous, partial(chains.seal, table=table))
            previous = line.hash
    except ValueError:
        yield Fault(book, 0, UNREADABLE)


def _seal_faults(session: Session, tally: Tally, copied: Mapping[int, str]) -> Iterator[Fault]:
    tally.seals = session.scalar(select(func.count()).select_from(seals.Seal))
    try:
        yield from (Fault(SEALS, seal.n, seal.words) for seal in seals.broken(session, copied))
    except ValueError:
        yield Fault(SEALS, 0, UNREADABLE)


def _legible(session: Session, after: int, ids: list[int], tally: Tally) -> Iterator[Fault]:
    """The faults of these matters; what cannot even be read is narrowed down to its matter."""
    counted = Tally()
    try:
        found = list(_matters(session, after, ids, counted))
    except ValueError:
        if len(ids) <= 1:
            yield Fault(ids[0] if ids else after + 1, 0, UNREADABLE)
            return
        for before, each in zip([after, *ids], ids, strict=False):
            yield from _legible(session, before, [each], tally)
        return
    tally.matters, tally.lines = tally.matters + len(ids), tally.lines + counted.lines
    yield from found


def _matters(session: Session, after: int, ids: list[int], tally: Tally) -> Iterator[Fault]:
    columns = (getattr(Matter, name) for name in states.STATE)
    stored = {row.id: row for row in session.execute(select(Matter.id, *columns).where(Matter.id.in_(ids)))}
    query = select(*Event.__table__.columns).where(Event.matter_id > after)
    if ids:
        query = query.where(Event.matter_id <= ids[-1])
    lines = session.execute(query.order_by(Event.matter_id, Event.seq), execution_options={"yield_per": BATCH})
    for matter_id, chain in groupby(lines, key=lambda line: line.matter_id):
        yield from _chain_faults(matter_id, chain, stored.pop(matter_id, None), tally)
    yield from (Fault(matter_id, 0, "办理历程一行也没有，被删去了。") for matter_id in stored)


def _chain_faults(matter_id: int, chain: Iterable[Row], stored: Row | None, tally: Tally) -> Iterator[Fault]:
    found: list[Fault] = []
    told = states.replay(_walked(matter_id, chain, found, tally))
    yield from found
    if stored is None:
        yield Fault(matter_id, 0, "办理历程还在，事项本身被删去了。")
        return
    differs = [NAMES.get(name, name) for name in states.STATE if told.get(name) != getattr(stored, name)]
    if differs:
        yield Fault(matter_id, 0, f"现在的{'、'.join(differs)}与办理历程推得的不一致，有人绕过办理直接改了数据库。")


def _walked(matter_id: int, chain: Iterable[Row], found: list[Fault], tally: Tally) -> Iterator[Row]:
    """Pass each line on after holding it against the one before."""
    seq, previous = 0, ""
    for line in chain:
        tally.lines += 1
        if line.seq > seq + 1:
            gap = f"第 {seq + 1} 行" if line.seq == seq + 2 else f"第 {seq + 1} 至 {line.seq - 1} 行"
            found.append(Fault(matter_id, line.seq, f"前面的{gap}不见了。"))
        found += _line_faults(matter_id, line.seq, line, previous, matters.seal)
        seq, previous = line.seq, line.hash
        yield line


def _line_faults(matter_id: int, n: int, line: Any, previous: str, seal: Callable[[Any], str]) -> Iterator[Fault]:
    if line.hash != seal(line):
        yield Fault(matter_id, n, CHANGED)
    if line.previous != previous:
        yield Fault(matter_id, n, DISJOINED)
