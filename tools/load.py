"""`make load`: 50 people at once for five minutes, against everything that `make run` starts and one worker more.

PostgreSQL with a million matters by default, on loopback. Any answer besides the expected ones is an error, and
ends this with 1. Prints what locust counted, what the web processes used of the processor, and their memory.
"""

import argparse
import csv
import os
import subprocess  # nosec B404 # starts our own programs only
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from sqlalchemy import select

from officeapp import calendars, clock, db, outbox, processes, schema
from officeapp.demo import load as demo
from officeapp.people import Holding, Person, Post
from officeapp.processes import Child
from officeapp.settings import Settings
from tests import databases
from tests.services import free_port
from tools import bench_archive, bench_data

OPEN = 500
MB = 1024 * 1024


def prepare(folder: Path, matters: int) -> list[str]:
    """The bureau in the configured database; accounts of those who handle documents."""
    outbox.set_bell(None)
    schema.upgrade()
    with db.transaction() as session:
        calendars.ensure_seeded(session, clock.now())
    demo.load(clock.now(), folder)
    bench_data.open_cards(OPEN)
    bench_archive.grow(matters)
    admins = select(Holding.person_id).join(Post, Post.id == Holding.post_id).where(Post.kind.like("%_admin"))
    with db.reading() as session:
        return list(session.scalars(select(Person.account).where(Person.active, Person.password_hash != "",  # nosec B105 # an empty one is looked for
                                                                 Person.id.not_in(admins)).order_by(Person.id)))


@contextmanager
def running(env: dict[str, str], url: str) -> Iterator[psutil.Process]:
    """Everything under its supervisor, and a second worker beside it."""
    house = Child("officeapp", [sys.executable, "app.py"], grace=40)
    worker = Child("second worker", [sys.executable, "-m", "jobs.worker"], grace=30)
    house.start(env)
    try:
        if not processes.wait_until(lambda: _answers(url), 120):
            raise SystemExit("officeapp did not start")
        worker.start(env)
        yield psutil.Process(house.process.pid)
    finally:
        worker.stop()
        house.stop()


def _answers(url: str) -> bool:
    asked = [sys.executable, "-c", f"import urllib.request; urllib.request.urlopen('{url}/healthz', timeout=2)"]
    return subprocess.run(asked, capture_output=True).returncode == 0  # nosec B603 # no shell, arguments of ours


def web_processes(house: psutil.Process) -> list[psutil.Process]:
    """gunicorn's workers, without their master, once all have been forked."""
    master = next(each for each in house.children() if any("gunicorn" in word for word in each.cmdline()))
    wanted = Settings.from_env().web_processes
    if not processes.wait_until(lambda: len(master.children()) == wanted, 60):
        raise SystemExit(f"{len(master.children())} of {wanted} web processes started")
    return master.children()


def people_at_work(folder: Path, url: str, people: int, seconds: int) -> tuple[list[dict[str, str]], int]:
    """Let locust do it; what it counted by kind, and its exit status."""
    asked = [sys.executable, "-m", "locust", "-f", "tools/load_people.py", "--headless", "--only-summary",
             "-u", str(people), "-r", "5", "-t", f"{seconds}s", "--host", url, "--csv", str(folder / "load"),
             "--exit-code-on-error", "1", "--loglevel", "WARNING"]
    env = os.environ | {"LOAD_ACCOUNTS": str(folder / "accounts"), "PYTHONPATH": "."}
    with (folder / "locust.log").open("w") as log:
        status = subprocess.run(asked, env=env, stdout=log, stderr=log).returncode  # nosec B603 # no shell, arguments of ours
    with (folder / "load_stats.csv").open() as file:
        return list(csv.DictReader(file)), status


def report(counted: list[dict[str, str]]) -> None:
    print(f"  {'':<22}{'requests':>9}{'errors':>8}{'/s':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}  ms")
    for row in counted:
        times = "".join(f"{float(row[key] or 0):8.0f}" for key in ("50%", "95%", "99%", "100%"))
        print(f"  {row['Name']:<22}{row['Request Count']:>9}{row['Failure Count']:>8}"
              f"{float(row['Requests/s']):8.1f}{times}")


def memory(web: list[psutil.Process]) -> str:
    seen = [each.memory_full_info() for each in web]
    return ", ".join(f"RSS {m.rss / MB:.0f} MB (its share {m.pss / MB:.0f}, its own {m.uss / MB:.0f})" for m in seen)


def measure(folder: Path, people: int, seconds: int, matters: int) -> int:
    url = databases.empty_postgresql()
    db.configure(url)
    accounts = prepare(folder, matters)
    (folder / "accounts").write_text("\n".join(accounts))
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    env = os.environ | {"DATABASE_URL": url, "DATA_DIR": str(folder), "PORT": str(port), "DEMO": "1"}
    db.engine().dispose()
    with running(env, address) as house:
        web = web_processes(house)
        print(f"{people} people, {len(accounts)} accounts, {seconds} s, {matters:,} matters, {len(web)} web processes, "
              f"load average {os.getloadavg()[0]:.1f} before")
        print(f"  memory before: {memory(web)}")
        began, used = time.monotonic(), sum(_cpu(each) for each in web)
        counted, status = people_at_work(folder, address, people, seconds)
        spent, lasted = sum(_cpu(each) for each in web) - used, time.monotonic() - began
        report(counted)
        served = int(counted[-1]["Request Count"])
        print(f"  web processes: {spent / max(served, 1) * 1000:.1f} ms CPU a request, "
              f"{spent / lasted * 100:.0f} % of one core; load average {os.getloadavg()[0]:.1f}")
        print(f"  memory after: {memory(web)}; restarted: {web_processes(house) != web}")
    return status


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--people", type=int, default=50)
    ask.add_argument("--seconds", type=int, default=300)
    ask.add_argument("--matters", type=int, default=1_000_000)
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="officeapp-load-") as name:
        return measure(Path(name), asked.people, asked.seconds, asked.matters)


if __name__ == "__main__":
    sys.exit(main())
