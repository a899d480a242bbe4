"""Data for tools.bench: the demonstration bureau with as many open cards and closed matters as wanted."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app import create_app
from officeapp import calendars, db
from officeapp.demo import load
from officeapp.matters import Deadline, Event, Matter, Task, seal
from officeapp.settings import Settings
from officeapp.states import STATE
from tools.bench_archive import after_copies

KIND = "outgoing_document"
NOW = "2026-03-05T10:00+08:00"


def house(url: str, folder: str | Path) -> Flask:
    """The application on a prepared database, at the moment that every bench takes for now."""
    return create_app(Settings.from_env({"DATA_DIR": str(folder), "DATABASE_URL": url, "DEMO_NOW": NOW}))


def found(now: datetime, root: Path) -> None:
    """The bureau and its 200 told documents, in an empty prepared database; files below `root`."""
    with db.transaction() as session:
        calendars.ensure_seeded(session, now)
    load.load(now, root)


def open_cards(total: int, kind: str = KIND) -> int:
    """Copy open matters of a kind until about `total` lie evenly in the columns; how many there are now."""
    with db.transaction() as session:
        by_stage = _by_stage(session, kind)
        first = (session.scalar(select(func.max(Matter.id))) or 0) + 1
        wanted = total // len(by_stage)
        pairs = list(_pairs(by_stage, wanted, first))
        if pairs:
            _write(session, pairs)
    return sum(max(len(rows), wanted) for rows in by_stage.values())


def _by_stage(session: Session, kind: str) -> dict[str, list[dict]]:
    rows = session.execute(select(Matter.__table__).where(Matter.kind == kind, Matter.closed.is_(False))).mappings()
    found: dict[str, list[dict]] = {}
    for row in rows:
        found.setdefault(row["stage"], []).append(dict(row))
    return found


def _pairs(by_stage: dict[str, list[dict]], wanted: int, new_id: int) -> Iterator[tuple[int, dict]]:
    """(id of the model, new row) for every copy."""
    for rows in by_stage.values():
        for n in range(wanted - len(rows)):
            model = rows[n % len(rows)]
            yield model["id"], model | {"id": new_id, "title": f"{model['title']}（{new_id}）"}
            new_id += 1


def _write(session: Session, pairs: list[tuple[int, dict]]) -> None:
    models = {old for old, _ in pairs}
    session.execute(insert(Matter), [row for _, row in pairs])
    after_copies(session.connection(), Matter)
    session.execute(insert(Event), [_event(row) for _, row in pairs])
    open_tasks = select(Task.__table__).where(Task.state == "open")
    running = select(Deadline.__table__).where(Deadline.state.in_(("open", "paused")))
    for table, query in ((Task, open_tasks), (Deadline, running)):
        rows = [dict(row) for row in session.execute(query.where(table.matter_id.in_(models))).mappings()]
        copies = [copy for old, new in pairs for copy in _hung(rows, old, new["id"])]
        if copies:
            session.execute(insert(table), copies)


def _hung(rows: list[dict], old: int, new: int) -> list[dict]:
    """The rows that hang on one matter, for another."""
    mine = (row for row in rows if row["matter_id"] == old)
    return [{k: v for k, v in row.items() if k != "id"} | {"matter_id": new} for row in mine]


def _event(row: dict) -> dict:
    event = Event(matter_id=row["id"], kind=row["kind"], seq=1, at=row["opened_at"], what="opened", move="", source="",
                  target=row["stage"], actor_id=row["drafter_id"], principal_id=None, note="", clause="", previous="",
                  data={"after": {name: row[name] for name in STATE if name != "drafter_id"}})
    event.hash = seal(event)
    return {c.key: getattr(event, c.key) for c in Event.__table__.columns if c.key != "id"}
