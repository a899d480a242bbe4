"""The killing campaign: moves and their mails while worker, timetable, web, Redis and mail server are struck down.

`python -m tests.campaigns.killing --engine sqlite --moves 1000 --seed 7` repeats one: which blow falls when comes
from the seed. Writers go on until all their moves are acknowledged; then everything is left in peace until the
outbox is empty, and journals, history, outbox and mailbox are held against each other.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import psutil
from sqlalchemy import func, select, update

from officeapp import clock, db, engine, options, people
from officeapp.outbox import MAIL, Message
from officeapp.people import Person
from officeapp.processes import Child
from officeapp.redis_server import embedded_redis
from officeapp.settings import VARIABLES, Settings
from tests import conftest, databases
from tests.campaigns import writing
from tests.campaigns.mailbox import TROUBLES, Mailbox
from tests.campaigns.reckoning import Reckoning, reckon
from tests.desks import PASSWORD
from tests.reminding import VALUES
from tests.services import free_port, settings_of

BEGINS = "2026-11-25T09:00:00+08:00"  # a Wednesday, in office hours
LATE = datetime(2026, 11, 17, 9, 0, tzinfo=clock.ZONE)  # five days, over by then
REFUSED = frozenset({"officer@bureau.test"})
WRITERS = ("engine", "engine", "engine", "web", "web")
BLOWS = ("worker", "worker", "horse", "both", "timetable", "web", "web worker", "Redis", "writer",
         *TROUBLES, "mail server gone")
MOVING, REMINDED = 12, 40  # matters
MOVES_A_BLOW = 6
QUIET = 120  # seconds for the outbox to empty


class Campaign:
    """One data folder with everything that runs in it."""

    def __init__(self, folder: Path, url: str, seed: int) -> None:
        port = free_port()
        self.box = Mailbox(REFUSED)
        self.environ = {
            "DATABASE_URL": url, "DATA_DIR": str(folder / "var"), "SMTP_URL": self.box.url, "PORT": str(port),
            "BASE_URL": f"http://127.0.0.1:{port}", "DEMO_NOW": BEGINS, "OFFICE_HOURS": "00:00-23:59",
        }
        self.settings: Settings = settings_of(self.environ)
        self.folder, self.dice, self.blows = folder, random.Random(seed), Counter()
        self.children: dict[str, Child] = {}
        self.journals: list[Path] = []
        self.repairs: list[tuple[float, str]] = []
        self.started_at = ""

    def start(self, moves: int) -> None:
        """Everything up, the writers last."""
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.box.open()
        web = "gunicorn --no-control-socket --worker-class gthread --workers 2 --threads 4 --log-level critical"
        bind = f"--bind=127.0.0.1:{self.settings.port}"
        self.children = {
            "Redis": embedded_redis(self.settings),
            "worker 1": _child("tests.campaigns.hurried", "worker"),
            "worker 2": _child("tests.campaigns.hurried", "worker"),
            "timetable": _child("tests.campaigns.hurried", "timetable"),
            "web": _child(*web.split(), bind, "app:create_app()"),
        }
        for n, way in enumerate(WRITERS):
            journal = self.folder / f"journal-{n}"
            self.journals.append(journal)
            self.children[f"writer {n}"] = _child("tests.campaigns.writing", way, f"w{n}", str(moves), str(journal))
        for child in self.children.values():
            self._start(child)

    def _start(self, child: Child) -> None:
        ours = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        started = self.environ | {"DEMO_STARTED_AT": self.started_at, "TZ": "Asia/Shanghai"}
        with Path(self.folder / "log").open("a") as log:
            saved = os.dup(1), os.dup(2)
            os.dup2(log.fileno(), 1), os.dup2(log.fileno(), 2)
            try:
                child.start(ours | started)
            finally:
                os.dup2(saved[0], 1), os.dup2(saved[1], 2)
                os.close(saved[0]), os.close(saved[1])

    def rage(self, moves_a_blow: int, limit: float) -> None:
        """Blow after blow, each kind before any comes twice, one for so many moves, until the writers are done."""
        order: list[str] = []
        end, due = time.monotonic() + limit, 0
        while self.writing():
            assert time.monotonic() < end, "the writers do not get on"
            if writing.all_done(self.folder) >= due:
                order = order or self.dice.sample(BLOWS, len(BLOWS))
                self._strike(order.pop())
                due += moves_a_blow
            calm = time.monotonic() + self.dice.uniform(0.2, 0.8)
            while time.monotonic() < calm:
                self._mend()
                time.sleep(0.05)

    def writing(self) -> bool:
        """Whether a writer still has moves to make."""
        return any(self._unfinished(name) for name in self.children if name.startswith("writer"))

    def _unfinished(self, name: str) -> bool:
        process = self.children[name].process
        return process is None or process.poll() != 0

    def _strike(self, blow: str) -> None:
        self.blows[blow] += 1
        if blow in TROUBLES or blow == "mail server gone":
            self._trouble(blow)
        elif blow in ("worker", "horse", "both"):
            self._kill_worker(self.children[self.dice.choice(("worker 1", "worker 2"))], blow)
        elif blow == "web worker":
            self._kill_below(self.children["web"])
        elif blow == "writer":
            name = f"writer {self.dice.randrange(len(WRITERS))}"
            if self._unfinished(name):
                _kill(self.children[name].process.pid)
        else:
            _kill(self.children[blow].process.pid)

    def _trouble(self, kind: str) -> None:
        if kind in TROUBLES:
            self.box.trouble = kind
        else:
            self.box.close()
        self.repairs.append((time.monotonic() + self.dice.uniform(0.5, 2), kind))

    def _kill_worker(self, worker: Child, blow: str) -> None:
        """The parent alone (its horse runs on), the horse alone, or both."""
        if blow in ("horse", "both"):
            self._kill_below(worker)
        if blow in ("worker", "both"):
            _kill(worker.process.pid)

    def _kill_below(self, child: Child) -> None:
        try:
            below = psutil.Process(child.process.pid).children()
        except psutil.Error:
            below = []
        if below:
            _kill(self.dice.choice(below).pid)

    def _mend(self) -> None:
        """What fell is started again, as the supervisor does; what was wrong with the mail server passes."""
        for name, child in self.children.items():
            if child.process.poll() is not None and not (name.startswith("writer") and child.process.poll() == 0):
                self._start(child)
        due = [repair for repair in self.repairs if repair[0] <= time.monotonic()]
        for repair in due:
            self.repairs.remove(repair)
            if repair[1] == "mail server gone":
                self.box.open()
            elif self.box.trouble == repair[1]:
                self.box.trouble = ""

    def settle(self) -> None:
        """Peace, until nothing is owed any more or the time is up."""
        self.box.trouble = ""
        self.box.open()
        self.repairs.clear()
        end = time.monotonic() + QUIET
        while time.monotonic() < end and self._owing():
            self._mend()
            time.sleep(0.2)

    def _owing(self) -> int:
        waiting = Message.state.in_(("pending", "leased", "held"))
        with db.reading() as session:
            return session.scalar(select(func.count()).select_from(Message).where(Message.channel == MAIL, waiting))

    def stop(self) -> None:
        for child in reversed(self.children.values()):
            child.grace = 0
            child.stop()
        self.box.close()

    def lines(self) -> list[dict]:
        return [line for journal in self.journals for line in writing.read(journal)]


def _child(*words: str) -> Child:
    return Child(words[-1], [sys.executable, "-m", *words])


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def prepare() -> None:
    """The bureau, matters that will be moved to and fro, and matters whose reminders are due."""
    bureau = conftest.seeded()
    hashed = people.hash_password(PASSWORD)
    with db.transaction() as session:
        options.choose(session, "important_grades_online", True)
        session.execute(update(Person).values(password_hash=hashed))
    for n in range(MOVING):
        drafter = bureau.officer if n % 3 == 2 else bureau.drafter
        _open(drafter, f"{writing.MOVING}{n}", "urgent", clock.now())
    for n in range(REMINDED):
        matter = _open(bureau.drafter, f"催办{n}", "ordinary", LATE)
        with db.transaction() as session:
            engine.move(session, matter.id, "submit", bureau.drafter, version=matter.version, now=LATE)


def _open(drafter, title: str, grade: str, now: datetime):
    values = VALUES | {"title": title, "grade": grade}
    with db.transaction() as session:
        return engine.open_matter(session, "outgoing_document", drafter, values, body="请认真落实。", now=now)


def run(engine_name: str, moves: int, seed: int) -> tuple[Reckoning, Counter[str], float]:
    """One whole campaign: its reckoning, the blows by kind, the seconds it took."""
    with tempfile.TemporaryDirectory(prefix="killing-") as place:
        folder = Path(place)
        url = databases.fresh_sqlite(folder) if engine_name == "sqlite" else databases.fresh_postgresql()
        campaign = Campaign(folder, url, seed)
        began = clock.machine_now()
        campaign.started_at = began.isoformat()
        clock.set_offset(campaign.settings.clock_offset(began))
        try:
            prepare()
            campaign.start(moves)
            campaign.rage(MOVES_A_BLOW, limit=120 + 2 * moves)
            campaign.settle()
        finally:
            campaign.stop()
            now = clock.now()
            clock.set_offset(timedelta(0))
        seconds = (clock.machine_now() - began).total_seconds()
        return reckon(campaign.lines(), campaign.box, now), campaign.blows, seconds


def tell(found: Reckoning, blows: Counter[str], seconds: float) -> str:
    """The figures, line by line."""
    struck = "，".join(f"{kind} {times}" for kind, times in sorted(blows.items()))
    return "\n".join((
        f"blows {blows.total()} in {seconds:.0f} s: {struck}",
        f"moves {found.moves} (answer lost {found.in_doubt}, stale {found.stale}), events {found.events}, "
        f"reminders {found.reminders}",
        f"mails owed {found.owed}: sent {found.sent}, dead with a reason {found.dead}, told in a digest "
        f"{found.digested}; attempts {found.attempts}; received {found.received} by Message-ID, "
        f"twins dropped {found.twins} ({found.needless} after the receiver had said 250)",
        f"lost {len(found.lost)}, twice {len(found.twice)}, other faults {len(found.faults)}",
        *found.lost[:20], *found.twice[:20], *found.faults[:20],
    ))


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--moves", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=7)
    chosen = asked.parse_args()
    found, blows, seconds = run(chosen.engine, chosen.moves, chosen.seed)
    print(f"{chosen.engine}, seed {chosen.seed}")
    print(tell(found, blows, seconds))
    return 0 if found.clean and found.moves >= chosen.moves else 1


if __name__ == "__main__":
    sys.exit(main())
