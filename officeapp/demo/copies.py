"""Closed documents by the hundred thousand, for measuring: copies of told ones, written in bulk."""

import random
from datetime import timedelta

from sqlalchemy import func, insert, select

from officeapp import db
from officeapp.matters import Event, Matter, Task, seal
from officeapp.states import STATE

BATCH = 2000


def multiply(count: int, rng: random.Random) -> None:
    """`count` further archived matters, each with one task and one event, spread over ten years."""
    while count > 0:
        _write(min(BATCH, count), rng)
        count -= BATCH


def _write(count: int, rng: random.Random) -> None:
    with db.transaction() as session:
        models = session.execute(select(Matter.__table__).where(Matter.closed.is_(True)).limit(60)).mappings().all()
        first = (session.scalar(select(func.max(Matter.id))) or 0) + 1
        rows = [_aged(dict(rng.choice(models)), first + n, rng) for n in range(count)]
        session.execute(insert(Matter), rows)
        session.execute(insert(Task), [_task(row) for row in rows])
        session.execute(insert(Event), [_event(row) for row in rows])


def _aged(row: dict, new_id: int, rng: random.Random) -> dict:
    back = timedelta(days=rng.randint(30, 3650))
    row |= {"id": new_id, "number": "", "title": f"{row['title']}（{new_id}）"}
    aged = ("opened_at", "stage_at", "closed_at", "met_at", "met_due")
    return row | {name: row[name] and row[name] - back for name in aged}


def _task(row: dict) -> dict:
    return {
        "matter_id": row["id"],
        "stage": row["stage"],
        "person_id": row["drafter_id"],
        "post_id": None,
        "state": "done",
        "opened_at": row["opened_at"],
        "done_at": row["closed_at"],
        "done_by": row["drafter_id"],
    }


def _event(row: dict) -> dict:
    event = Event(
        matter_id=row["id"],
        kind=row["kind"],
        seq=1,
        at=row["closed_at"],
        what="opened",
        move="",
        source="",
        target=row["stage"],
        actor_id=row["drafter_id"],
        principal_id=None,
        note="",
        clause="",
        previous="",
        data={"after": {name: row[name] for name in STATE}},
    )
    return {c.key: getattr(event, c.key) for c in Event.__table__.columns if c.key not in ("id", "hash")} | {
        "hash": seal(event)
    }
