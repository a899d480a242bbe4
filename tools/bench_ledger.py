"""What a ledger's export costs a row, and how much memory ten times as many rows want."""

import multiprocessing
import re
import time
from multiprocessing.queues import Queue
from pathlib import Path
from typing import NamedTuple

from officeapp import db
from tools import bench, bench_archive, bench_data

SIZES = (10_000, 100_000)
KIND = "supervision_order"
SPAWN = multiprocessing.get_context("spawn")


class Export(NamedTuple):
    """CPU seconds, bytes, and MB that the process ever held: before and after."""

    seconds: float
    size: int
    before: float
    peak: float


def measure(url: str, folder: Path, account: str) -> None:
    """Grow the ledger to each size and export it in a process of its own, as Excel and as CSV."""
    models = bench_archive.Sort(f"kind = '{KIND}'")
    peaks: dict[str, list[float]] = {}
    for size in SIZES:
        bench_archive.grow(_others() + size, models)
        db.engine().dispose()
        for form in ("xlsx", "csv"):
            found = _in_a_process(url, folder, account, form)
            peaks.setdefault(form, []).append(found.peak - found.before)
            print(f"  ledger of {size:,} rows as {form:<5} {found.seconds / size * 1e6:6.0f} µs CPU a row, "
                  f"{found.size / 1024 / 1024:6.1f} MB; memory {found.before:.0f} MB before, {found.peak:.0f} MB at "
                  f"most", flush=True)
    for form, (few, many) in peaks.items():
        print(f"  {form}: ten times the rows want {many - few:+.0f} MB{'   <-- bad' if many - few > 10 else ''}")


def _others() -> int:
    """Matters of every other kind."""
    with db.engine().connect() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM matter WHERE kind <> '{KIND}'").scalar()  # nosec B608 # a name of ours


def _in_a_process(url: str, folder: Path, account: str, form: str) -> Export:
    told: Queue = SPAWN.Queue()
    child = SPAWN.Process(target=_export, args=(url, folder, account, form, told))
    child.start()
    found = told.get(timeout=1800)
    child.join()
    return found


def _export(url: str, folder: Path, account: str, form: str, told: Queue) -> None:
    visitor = bench.Visitor(bench_data.house(url, folder), account)
    path = f"/ledgers/{KIND.replace('_', '-')}"
    visitor.get(path)
    visitor.get(f"{path}/export?format={form}&q=没有这样的标题")
    before, began, size = _held(), time.process_time(), 0
    with visitor.client.get(f"{path}/export?format={form}") as answer:
        for chunk in answer.iter_encoded():
            size += len(chunk)
    told.put(Export(time.process_time() - began, size, before, _held()))


def _held() -> float:
    """The most that this process has held so far, in MB."""
    said = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", said)[1]) / 1024
