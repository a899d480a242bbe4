"""`make bench`: what the pages cost, as ratios of CPU time, with their numbers of queries.

R  the least the same cards can cost: plain SQL on the driver for what the reader sees, and the cards' own template
   in plain Jinja2, in this process; the very cards of the page, without the page around them
H  a bare Flask hello; H+c the same with one row committed

A cold board is one whose every card has changed since it was last shown, a warm one is shown again. On PostgreSQL
the servers' CPU time is counted in. It measures and marks; it never fails.
"""

import argparse
import gc
import re
import subprocess  # nosec B404 # starts our own programs only
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update
from sqlalchemy.exc import SQLAlchemyError

from app import create_app
from officeapp import boards, calendars, clock, db, outbox, people
from officeapp.demo_accounts import PASSWORD
from officeapp.matters import Event, Matter
from officeapp.people import Person
from officeapp.settings import Settings
from officeapp.visibility import reach_of
from tests import databases
from tools import bench_archive, bench_data, bench_plain
from tools.bench_moves import BOARD, Drops, stamp_in

TIMES = 40
NOW = "2026-03-05T10:00+08:00"
KIND = "outgoing_document"
FAR, NEAR = "wumin", "linxiao"  # who sees everything, and who sees what the unit and the own part allow

@dataclass
class Cost:
    """CPU milliseconds and queries of one request, and how many bytes its answer had."""

    ms: float
    queries: int
    size: int = 0


class Meter:
    """Counts what one thing costs on the configured database."""

    def __init__(self) -> None:
        self.queries = 0
        event.listen(db.engine(), "before_cursor_execute", self._count)

    def _count(self, connection, cursor, statement, parameters, context, many) -> None:
        self.queries += statement[:5] != "BEGIN"

    def of(self, do: Callable[[], object], times: int = TIMES, before: Callable[[], object] = lambda: None) -> Cost:
        """The least of `times` runs, after one that is not counted: what else the machine does only adds to it."""
        spent, queries, size = [], 0, 0
        gc.collect()
        for n in range(times + 1):
            before()
            self.queries, server, began = 0, server_ms(), time.process_time()
            answer = do()
            spent += [(time.process_time() - began) * 1000 + server_ms() - server] if n else []
            queries, size = self.queries, len(answer.data) if hasattr(answer, "data") else 0
        return Cost(min(spent), queries, size)


def _remote() -> bool:
    return db.engine().dialect.name == "postgresql"


def server_ms() -> float:
    """CPU milliseconds of PostgreSQL's backends so far, as the kernel's scheduler counts them."""
    ran = (Path(f"/proc/{process.pid}/schedstat").read_text().split()[0] for process in BACKENDS)
    return sum(map(int, ran)) / 1e6


BACKENDS: list[psutil.Process] = []


def note_backends() -> None:
    """Whose time counts. Processes that help a single query are gone before they can be asked, so none shall."""
    if _remote():
        with db.engine().begin() as connection:
            connection.exec_driver_sql(f'ALTER DATABASE "{db.engine().url.database}" '
                                       "SET max_parallel_workers_per_gather = 0")
        db.engine().dispose()
        with db.engine().connect() as connection:
            pids = connection.exec_driver_sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
                                                   "AND backend_type = 'client backend'")
            found = [psutil.Process(pid) for (pid,) in pids if psutil.pid_exists(pid)]
            # A server elsewhere has numbers that mean other processes here.
            BACKENDS[:] = [process for process in found if "postgres" in process.name()]


class Visitor:
    """One logged-in person."""

    def __init__(self, app: Flask, account: str) -> None:
        self.client: FlaskClient = app.test_client()
        token = _token(self.client.get("/login").text)
        form = {"account": account, "password": PASSWORD, "csrf_token": token}
        assert self.client.post("/login", data=form).status_code == 303, account  # nosec B101 # a tool's own check

    def get(self, path: str, status: int = 200):
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code)  # nosec B101 # a tool's own check
        return answer

    def look(self, path: str, status: int = 200) -> Callable[[], object]:
        return lambda: self.get(path, status)


def _token(page: str) -> str:
    return re.search(r'X-CSRFToken": "([^"]+)"', page)[1]


def touch_all() -> None:
    """Every open card changes, so that nothing remembered of any card still holds."""
    with db.transaction() as session:
        session.execute(update(Matter).where(Matter.closed.is_(False)).values(version=Matter.version + 1))


def move_cost(meter: Meter, visitor: Visitor) -> Cost:
    """Moves from a board, each answered with the columns that it changed."""
    def send(path: str, form: dict[str, str], headers: dict[str, str]) -> str:
        answer = visitor.client.post(path, data=form, headers=headers)
        assert answer.status_code == 200, (answer.status_code, answer.text[:500])  # nosec B101 # a tool's own check
        return answer.text

    drops = Drops(visitor.get(BOARD).text, send)
    return meter.of(drops.drop, before=drops.ready)


def longest_matter() -> int:
    """The told document with the longest history."""
    query = select(Event.matter_id).where(Event.matter_id <= 200).order_by(Event.seq.desc(), Event.matter_id).limit(1)
    with db.reading() as session:
        return session.scalar(query)


def line(words: str, cost: Cost, ratios: str = "", bad: bool = False) -> None:
    size = f"{cost.size / 1024:7.1f} kB" if cost.size else " " * 10
    mark = "   <-- bad" if bad else ""
    print(f"  {words:<48} {cost.ms:8.2f} ms {cost.queries:4} q {size}  {ratios}{mark}", flush=True)


def plain_board(visitor: Visitor, account: str) -> Callable[[], str]:
    """R for one reader; what it draws is what the page has."""
    with db.reading() as session:
        person = session.scalar(select(Person.id).where(Person.account == account))
        reach, rules = reach_of(people.actor(session, person)), boards.current_rules(session, KIND)
        calendar, bureau = calendars.current(session), visitor.client.application.config["OFFICE"].bureau_name
    shown, given = bench_plain.driven(boards._showing(reach, KIND, boards.Filters()))
    grades = {key: label.removesuffix("件") for key, label in boards.grade_choices(rules)}
    draw = partial(bench_plain.board, shown, given, calendar, grades, f"{bureau}关于")
    mine, page = cards_in(draw()), cards_in(visitor.get(BOARD).text)
    assert mine == page, (account, len(mine ^ page))  # nosec B101 # a tool's own check
    return draw


def cards_in(text: str) -> set[str]:
    """Every card of a page; the house takes the space before its end away."""
    return set(re.findall(r"<article.*?</article>", text.replace("\n</article>", "</article>"), re.DOTALL))


def costs_of_boards(meter: Meter, visitors: dict[str, Visitor], words: str) -> None:
    for account, visitor in visitors.items():
        draw = plain_board(visitor, account)
        r, html = meter.of(draw), draw()
        r.size = len(html.encode())
        line(f"R, {words}, {account}", r, f"{html.count('<article')} cards")
        for state, before, most in (("cold", touch_all, 2), ("warm", lambda: None, 0.7)):
            cost = meter.of(visitor.look(BOARD), before=before)
            line(f"board {words}, {account}, {state}", cost, f"{cost.ms / r.ms:5.2f} R",
                 cost.ms > most * r.ms or cost.queries > 12)


def others(meter: Meter, visitors: dict[str, Visitor], words: str) -> None:
    """Polls, lists, pages and moves against hello."""
    bare = bench_plain.hello()
    h, hc = meter.of(lambda: bare.get("/")), meter.of(lambda: bare.post("/"))
    line("H, a bare hello", h)
    line("H+c, the same with a commit", hc)
    far = visitors[FAR]
    poll = f"{BOARD}/changes?since={stamp_in(far.get(BOARD).text)}"
    cost = meter.of(far.look(poll, 204))
    line(f"unchanged poll, {words}", cost, f"{cost.ms / h.ms:5.1f} H", cost.queries > 3)
    pages = {"my desk": "/", "matter page": f"/matters/{longest_matter()}", "overdue board": "/boards/overdue"}
    for name, path in pages.items():
        for account, visitor in visitors.items():
            if visitor.client.get(path).status_code == 200:
                cost = meter.of(visitor.look(path))
                line(f"{name}, {words}, {account}", cost, f"{cost.ms / h.ms:5.1f} H")
    cost = move_cost(meter, far)
    line(f"move from the board, {words}", cost, f"{cost.ms / hc.ms:5.1f} H+c", cost.queries > 25)


def first_view(visitor: Visitor) -> None:
    """What a browser with an empty cache fetches for the board, without TLS."""
    text = visitor.get(BOARD).text
    linked = re.findall(r'<(?:link rel="(?:stylesheet|icon)" href|script src|img src)="(/[^"]+)"', text)
    asked = {"Accept-Encoding": "gzip, deflate"}
    answers = [visitor.client.get(path.replace("&amp;", "&"), headers=asked) for path in (BOARD, *linked)]
    sent = sum(len(answer.data) for answer in answers)
    bad = "   <-- bad" if sent > 90 * 1024 or len(answers) > 6 else ""
    print(f"  first view of {text.count('<article')} cards: {len(answers)} requests, {sent / 1024:.1f} kB as sent{bad}",
          flush=True)


def measure(url: str, folder: Path, largest: int) -> None:
    settings = Settings.from_env({"DATA_DIR": str(folder), "DATABASE_URL": url, "DEMO_NOW": NOW})
    app = create_app(settings)
    outbox.set_bell(None)
    bench_data.found(clock.now(), folder)
    cards = bench_data.open_cards(200)
    visitors = {account: Visitor(app, account) for account in (FAR, NEAR)}
    gc.collect()
    gc.freeze()  # as gunicorn.conf.py does for what is loaded at start
    meter = Meter()
    note_backends()
    costs_of_boards(meter, visitors, f"{cards} open")
    others(meter, visitors, f"{cards} open")
    first_view(visitors[NEAR])
    for total in sorted({1_000, largest}):
        bench_archive.grow(total)
        note_backends()
        costs_of_boards(meter, visitors, f"{cards} open of {total:,}")
    cards = bench_data.open_cards(500)
    costs_of_boards(meter, visitors, f"{cards} open of {largest:,}")
    others(meter, visitors, f"{cards} open of {largest:,}")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--largest", type=int, default=20_000, help="matters in the largest database")
    ask.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="officeapp-bench-") as name:
        folder = Path(name)
        if asked.only != "postgresql":
            print("SQLite")
            measure(databases.fresh_sqlite(folder), folder, asked.largest)
        if asked.only != "sqlite":
            print("PostgreSQL")
            try:
                url = databases.fresh_postgresql()
            except (OSError, RuntimeError, subprocess.SubprocessError, SQLAlchemyError) as fault:
                print(f"  not available: {fault}")
            else:
                measure(url, folder, asked.largest)


if __name__ == "__main__":
    main()
