"""What a sweep costs: the same due steps among ever more matters, ten times as many, and those that send documents.

CPU milliseconds a step (on PostgreSQL with its server's), how many steps a second that makes and how many there were
by the clock of a machine that may have other work, statements. A second sweep right after must write nothing.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle, islice

from sqlalchemy import event, insert, select, text

from officeapp import clock, db, deadlines, timing
from officeapp.matters import CYCLE, Deadline, Matter, Step
from officeapp.procedures.grammar import Rung
from tools import bench

WRITES = ("INSERT", "UPDATE", "DELETE")


class Statements:
    """Counts what is asked of the database, and what of it writes."""

    def __init__(self) -> None:
        self.all = self.writes = self.turn = 0
        event.listen(db.engine(), "before_cursor_execute", self._note)

    def _note(self, connection, cursor, statement, parameters, context, many) -> None:
        self.all += 1
        self.writes += statement.lstrip().startswith(WRITES)

    def sweep(self, words: str, kind: str, most: int, *, sends: bool = False, least: int = 0) -> float:
        """Make up to so many steps of a kind due and sweep twice; CPU milliseconds a step."""
        self.turn += 1
        made = make_due(kind, most, str(self.turn), sends)
        bench.note_backends()
        spent, lasted, fired = self._once()
        rate = f"{1000 * fired / spent:6.0f} steps a CPU second, {fired / lasted:5.0f} by the clock"
        asked = f"{self.all:6} statements, {self.writes:5} write"
        again = self._once()[0]
        bad = fired != made or self.writes or 1000 / spent * fired < least
        print(f"  {words:<42}{fired:6} steps {spent / fired:6.2f} ms CPU each {rate} {asked}; again {again:.0f} ms, "
              f"{self.writes} write{'   <-- bad' if bad else ''}", flush=True)
        return spent / fired

    def _once(self) -> tuple[float, float, int]:
        """CPU milliseconds, seconds by the clock, steps fired."""
        self.all = self.writes = 0
        server, spent, began = bench.server_ms(), time.process_time(), time.monotonic()
        swept = deadlines.sweep(clock.now())
        lasted = time.monotonic() - began
        return (time.process_time() - spent) * 1000 + bench.server_ms() - server, lasted, swept.fired


def make_due(kind: str, most: int, period: str, sends: bool) -> int:
    """One step for each of the first open matters of a kind, due a minute ago, of all rungs in turn; how many."""
    query = (select(Deadline, Matter).join(Matter, Matter.id == Deadline.matter_id)
             .where(Deadline.state == "open", Deadline.scope == CYCLE, Matter.closed.is_(False), Matter.kind == kind)
             .order_by(Deadline.id))
    with db.transaction() as session:
        found = session.execute(query).all()
        session.execute(insert(Step), rows := list(islice(_steps(found, period, sends), most)))
    return len(rows)


def _steps(found: list, period: str, sends: bool) -> Iterator[dict]:
    at, turn = clock.now() - timedelta(minutes=1), cycle(range(100))
    for deadline, matter in found:
        rungs = [rung for rung in timing.ladder_of(matter, deadline) if bool(rung.opens) is sends]
        if rungs:
            yield _step(deadline, rungs[next(turn) % len(rungs)], at, period)


def _step(deadline: Deadline, rung: Rung, at: datetime, period: str) -> dict:
    return {"matter_id": deadline.matter_id, "deadline_id": deadline.id, "rung": rung.key, "fire_at": at,
            "due_version": deadline.version, "period": period, "state": "pending"}


def plan() -> None:
    """How what is due is found."""
    asked = str(deadlines.due(clock.now()).compile(db.engine(), compile_kwargs={"literal_binds": True}))
    word = "EXPLAIN QUERY PLAN " if db.engine().dialect.name == "sqlite" else "EXPLAIN "
    with db.engine().connect() as connection:
        for row in connection.execute(text(word + asked.replace(":", r"\:"))):
            print(f"    {row[-1]}")
