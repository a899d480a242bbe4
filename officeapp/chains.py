"""Lines that are only appended, each sealed by a hash over what it says and the hash before it (design.md §4)."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column


class Chained:
    """What every line of a chain carries; the table names in SEALED what else is sealed."""

    SEALED: tuple[str, ...]
    LOCK: int  # PostgreSQL's advisory lock: one writer at a time, or the chain would fork

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-2)
    at: Mapped[datetime] = mapped_column(sort_order=-1)
    previous: Mapped[str] = mapped_column(String(64), default="", sort_order=1)
    hash: Mapped[str] = mapped_column(String(64), sort_order=1)


def append(session: Session, line: Chained) -> None:
    """Seal the line behind the newest one of its table."""
    table = type(line)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(table.LOCK)))
    last = session.scalar(select(table.hash).order_by(table.id.desc()).limit(1))
    line.previous = last or ""
    line.hash = seal(line, table)
    session.add(line)
    session.flush()


def seal(line: Any, table: type[Chained]) -> str:
    """SHA-256 over everything that the line, or its row, says and the hash before it."""
    return digest({name: getattr(line, name) for name in (*table.SEALED, "previous")}, line.at)


def digest(said: dict[str, Any], at: datetime) -> str:
    """SHA-256 over what was said at a moment."""
    said["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong in a line of a chain")
