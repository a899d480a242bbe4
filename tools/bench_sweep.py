"""What a sweep costs: as many due steps among few matters and among a million; a second sweep writes nothing.

`python -m tools.bench_sweep` prints CPU milliseconds (on PostgreSQL with its server's), steps a second by the clock,
statements, and how the database finds what is due.
"""

import argparse
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event, insert, select, text

from app import create_app
from officeapp import clock, db, deadlines, outbox, timing
from officeapp.matters import Deadline, Matter, Step
from officeapp.settings import Settings
from tests import databases
from tools import bench, bench_archive, bench_data

DUE = 1000
SMALL = 10_000
WRITES = ("INSERT", "UPDATE", "DELETE")


class Statements:
    """Counts what is asked of the database, and what of it writes."""

    def __init__(self) -> None:
        self.all = self.writes = 0
        event.listen(db.engine(), "before_cursor_execute", self._note)

    def _note(self, connection, cursor, statement, parameters, context, many) -> None:
        self.all += 1
        self.writes += statement.lstrip().startswith(WRITES)


def make_due(period: str) -> int:
    """One step for each of up to DUE open matters, due a minute ago; how many there are."""
    at = clock.now() - timedelta(minutes=1)
    query = (select(Deadline, Matter).join(Matter, Matter.id == Deadline.matter_id)
             .where(Deadline.state == "open", Matter.closed.is_(False)).order_by(Deadline.id))
    with db.transaction() as session:
        first = {matter.id: (deadline, matter) for deadline, matter in reversed(session.execute(query).all())}
        rows = [_step(deadline, ladder[0].key, at, period) for deadline, matter in first.values()
                if (ladder := timing.ladder_of(matter, deadline))][:DUE]
        session.execute(insert(Step), rows)
    return len(rows)


def _step(deadline: Deadline, rung: str, at, period: str) -> dict:
    return {"matter_id": deadline.matter_id, "deadline_id": deadline.id, "rung": rung, "fire_at": at,
            "due_version": deadline.version, "period": period, "state": "pending"}


def sweep(count: Statements, words: str) -> None:
    count.all = count.writes = 0
    server, spent, began = bench.server_ms(), time.process_time(), time.monotonic()
    swept = deadlines.sweep(clock.now())
    lasted = time.monotonic() - began
    spent = (time.process_time() - spent) * 1000 + bench.server_ms() - server
    rate = f"{swept.fired / lasted:6.0f} steps/s" if swept.fired else ""
    print(f"  {words:<44} {spent:9.1f} ms CPU  {count.all:6} statements, {count.writes:5} write  "
          f"fired {swept.fired}, failed {swept.failed} {rate}", flush=True)


def plan() -> None:
    """How what is due is found."""
    asked = str(deadlines.due(clock.now()).compile(db.engine(), compile_kwargs={"literal_binds": True}))
    word = "EXPLAIN QUERY PLAN " if db.engine().dialect.name == "sqlite" else "EXPLAIN "
    with db.engine().connect() as connection:
        for row in connection.execute(text(word + asked.replace(":", r"\:"))):
            print(f"    {row[-1]}")


def measure(url: str, folder: Path, largest: int) -> None:
    create_app(Settings.from_env({"DATA_DIR": str(folder), "DATABASE_URL": url, "DEMO_NOW": bench.NOW}))
    outbox.set_bell(None)
    bench_data.found(clock.now(), folder)
    bench_data.open_cards(2 * DUE)
    deadlines.sweep(clock.now())
    count = Statements()
    for n, total in enumerate(sorted({SMALL, largest})):
        bench_archive.grow(total)
        due = make_due(str(n))
        bench.note_backends()
        sweep(count, f"{due} due of {total:,}")
        sweep(count, "again")
    plan()


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--largest", type=int, default=1_000_000, help="matters in the largest database")
    ask.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = ask.parse_args()
    for name, fresh in (("sqlite", databases.fresh_sqlite), ("postgresql", lambda _: databases.fresh_postgresql())):
        if asked.only in (None, name):
            print(name)
            with tempfile.TemporaryDirectory(prefix="officeapp-bench-") as folder:
                measure(fresh(Path(folder)), Path(folder), asked.largest)


if __name__ == "__main__":
    main()
