"""`make bench`, second part: sweeps, the overdue board, searching and ledgers, in a database that grows to ten years.

It measures and marks; it never fails.
"""

import argparse
import subprocess  # nosec B404 # only its error's name
import tempfile
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from officeapp import clock, deadlines, outbox
from tests import databases
from tools import bench, bench_data, bench_ledger, bench_overdue, bench_search
from tools.bench_archive import LATE, RUNNING, grow
from tools.bench_data import KIND
from tools.bench_sweep import Statements, plan

READERS = ("wumin", "wangjianguo")  # who supervises the bureau, and the head of one unit
DUE, MANY, OVERDUE, OPEN, LARGEST = 1_000, 10_000, 5_000, 100_000, 1_100_000
ORDERS, LETTERS = "supervision_order", 200  # steps that send a numbered document each
FASTEST = 500  # steps a second that a sweep of many must reach


def measure(url: str, folder: Path, largest: int) -> None:
    """The same due steps and the same late matters, alone, among many open ones, and among all."""
    app = bench_data.house(url, folder)
    outbox.set_bell(None)
    bench_data.found(clock.now(), folder)
    bench_data.open_cards(DUE * 5 // 4)  # a fifth of them has met its limit
    deadlines.sweep(clock.now())
    visitors = {account: bench.Visitor(app, account) for account in READERS}
    meter, count = bench.Meter(), Statements()
    count.sweep("warming up", KIND, 100)
    costs = [count.sweep(f"among {DUE:,} matters", KIND, DUE)]
    grow(DUE + OVERDUE, LATE)
    few = bench_overdue.costs(meter, visitors)
    grow(min(OPEN, largest), RUNNING)
    costs.append(count.sweep(f"among {min(OPEN, largest):,}", KIND, DUE))
    grow(largest)
    costs.append(count.sweep(f"among {largest:,}", KIND, DUE))
    print(f"  the last costs {costs[-1] / costs[0]:.2f} times the first")
    bench_overdue.compare(few, bench_overdue.costs(meter, visitors), (f"{DUE + OVERDUE:,} in all", f"of {largest:,}"))
    bench_search.measure(meter, visitors, f"{largest:,}")
    bench_data.open_cards(MANY)
    many = count.sweep(f"among {largest:,}", KIND, MANY, least=FASTEST)
    print(f"  a step of {MANY:,} costs {many / costs[-1]:.2f} times one of {DUE:,}")
    bench_data.open_cards(LETTERS, ORDERS)
    count.sweep("each with a numbered document", ORDERS, LETTERS, sends=True)
    plan()
    bench_ledger.measure(url, folder, READERS[0])


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--largest", type=int, default=LARGEST, help="matters in the largest database")
    ask.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = ask.parse_args()
    for name, fresh in (("sqlite", databases.fresh_sqlite), ("postgresql", lambda _: databases.fresh_postgresql())):
        if asked.only in (None, name):
            print(name)
            with tempfile.TemporaryDirectory(prefix="officeapp-bench-") as folder:
                try:
                    url = fresh(Path(folder))
                except (OSError, RuntimeError, subprocess.SubprocessError, SQLAlchemyError) as fault:
                    print(f"  not available: {fault}")
                else:
                    measure(url, Path(folder), asked.largest)


if __name__ == "__main__":
    main()
