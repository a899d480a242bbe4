"""封存: how much the record held at a moment, so that what is cut off its end is missed (design.md §4).

A chain shows what was changed or taken out amid its lines; of its newest lines, or of a whole matter, it knows
nothing once they are gone. Each seal counts all new lines of the record in the order they were written and hashes
their hashes together with the seal before. The newest, copied elsewhere (it is mailed to the auditor), holds the whole
record before it fast against somebody who may write everything in the database.
"""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import JSON, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp.admin_events import AdminEvent
from officeapp.db import Base
from officeapp.login_events import LoginEvent
from officeapp.matters import Event

BOOKS: dict[str, tuple[str, Any]] = {
    "event": ("办理记录", Event), "admin_event": ("管理和导出操作", AdminEvent),
    "login_event": ("登录记录", LoginEvent)}
# An id is given when a line is written and seen when its transaction ends: by then that is long over.
SETTLED = timedelta(minutes=30)
MOST = 20_000  # lines of a book under one seal: the first of an old record must not hold up its writers
BATCH = 500  # lines held at a time


class Seal(Base):
    """All lines of each book up to an id (`ends`); `counts` are those since the seal before."""

    __tablename__ = "seal"
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    ends: Mapped[dict[str, int]] = mapped_column(JSON)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64), default="")
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class Broken:
    """A seal that the record no longer bears out, in words."""

    n: int
    words: str


def newest(session: Session) -> Seal | None:
    return session.scalar(select(Seal).order_by(Seal.n.desc()).limit(1))


def affix(session: Session, now: datetime) -> Seal | None:
    """Seal what has been written since the last seal and is settled; None when that is nothing."""
    last = newest(session) or NONE
    ends = {book: _settled(session, table, last.ends.get(book, 0), now) for book, (_, table) in BOOKS.items()}
    if ends == last.ends | {book: 0 for book in BOOKS if book not in last.ends}:
        return None
    found = {book: _digest_of(_lines(session, book, last.ends.get(book, 0), end)) for book, end in ends.items()}
    seal = Seal(n=last.n + 1, at=now, ends=ends, counts={book: count for book, (count, _) in found.items()},
                digest=_joined(found), previous=last.hash)
    seal.hash = hash_of(seal)
    session.add(seal)
    session.flush()
    return seal


def hash_of(seal: Seal) -> str:
    """SHA-256 over everything a seal says and the hash before it."""
    said = {"n": seal.n, "at": seal.at.astimezone(UTC).isoformat(timespec="microseconds"), "ends": seal.ends,
            "counts": seal.counts, "digest": seal.digest, "previous": seal.previous}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def broken(session: Session, copied: Mapping[int, str]) -> Iterator[Broken]:
    """Seals that the record does not bear out, or that are not what was copied of them elsewhere (number → hash)."""
    seals = session.scalars(select(Seal).order_by(Seal.n)).all()
    found = {book: _by_seal(session, book, [seal.ends.get(book, 0) for seal in seals]) for book in BOOKS}
    previous = NONE
    for index, seal in enumerate(seals):
        words = _fault_of(seal, previous, {book: found[book].get(index, NOTHING) for book in seal.ends})
        if words:
            yield Broken(seal.n, words)
        previous = seal
    known = {seal.n: seal.hash for seal in seals}
    for n, hash_ in copied.items():
        if not known.get(n, "").startswith(hash_):
            yield Broken(n, "与抄存的校验值不同，从头重写过。" if n in known else "抄存过这一号，现在已不在。")


def _fault_of(seal: Seal, previous: Seal, found: Mapping[str, tuple[int, str]]) -> str:
    if seal.hash != hash_of(seal) or (seal.n, seal.previous) != (previous.n + 1, previous.hash):
        return "封存记录本身被改动过，或者前面的封存被删去。"
    for book, (now, _) in found.items():
        then = seal.counts[book]
        if then != now:
            change = f"少了 {then - now} 行" if then > now else f"多了 {now - then} 行"
            return f"{_between(book, previous, seal)}，当时 {then} 行，现在{change}。"
    if seal.digest != _joined(found):
        places = "、".join(_between(book, previous, seal) for book in found if seal.counts[book])
        return f"{places}之间，有记录不是当时的记录。"
    return ""


def _between(book: str, previous: Seal, seal: Seal) -> str:
    return f"{BOOKS[book][0]}流水号 {previous.ends.get(book, 0) + 1} 至 {seal.ends[book]}"


def _settled(session: Session, table: Any, after: int, now: datetime) -> int:
    """The highest id below which nothing can appear any more; `after` when there is none."""
    next_ = select(table.id, table.at).where(table.id > after).order_by(table.id).limit(MOST).subquery()
    young = session.scalar(select(func.min(next_.c.id)).where(next_.c.at > now - SETTLED))
    query = select(func.max(next_.c.id))
    return session.scalar(query if young is None else query.where(next_.c.id < young)) or after


def _lines(session: Session, book: str, after: int, last: int) -> Iterator[tuple[int, str]]:
    table = BOOKS[book][1]
    query = select(table.id, table.hash).where(table.id > after, table.id <= last).order_by(table.id)
    yield from session.execute(query, execution_options={"yield_per": BATCH})


def _by_seal(session: Session, book: str, ends: list[int]) -> dict[int, tuple[int, str]]:
    """Count and digest of a book's lines under each seal, by its place among the seals; one walk."""
    lines = _lines(session, book, 0, ends[-1]) if ends else ()
    return {index: _digest_of(some) for index, some in groupby(lines, key=lambda line: bisect_left(ends, line[0]))}


def _digest_of(lines: Iterator[tuple[int, str]]) -> tuple[int, str]:
    count, digest = 0, hashlib.sha256()
    for id_, hash_ in lines:
        count += 1
        digest.update(f"{id_}:{hash_} ".encode())
    return count, digest.hexdigest()


def _joined(found: Mapping[str, tuple[int, str]]) -> str:
    return hashlib.sha256(json.dumps({book: digest for book, (_, digest) in found.items()},
                                     sort_keys=True).encode()).hexdigest()


NONE = Seal(n=0, ends={}, counts={}, hash="")
NOTHING = _digest_of(iter(()))
