"""The killing campaign: moves and their mails while everything that runs is struck down.

Two web servers, two workers, the timetable, Redis, PostgreSQL, the mail server. `python -m tests.campaigns.killing
--engine postgresql --moves 1000 --seed 7` repeats one: which blow falls when comes from the seed. Writers go on until
all their moves are acknowledged; then everything is left in peace until the outbox is empty, what was refused is sent
again as a clerk would, and journals, history, outbox and mailbox are held against each other.
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
from sqlalchemy.exc import DBAPIError

from officeapp import clock, db, engine, options, outbox, people
from officeapp.outbox import MAIL, Message
from officeapp.people import Person
from officeapp.processes import Child
from officeapp.redis_server import embedded_redis
from officeapp.settings import VARIABLES, Settings
from tests import conftest, databases
from tests.campaigns import writing
from tests.campaigns.mailbox import GONE, TROUBLES, Mailbox
from tests.campaigns.postgres import STRIKES, Server
from tests.campaigns.reckoning import Reckoning, reckon
from tests.desks import PASSWORD
from tests.reminding import VALUES
from tests.services import free_port, settings_of

BEGINS = "2026-11-25T09:00:00+08:00"  # a Wednesday, in office hours
LATE = datetime(2026, 11, 17, 9, 0, tzinfo=clock.ZONE)  # five days, over by then
REFUSED = frozenset({"officer@bureau.test"})
WRITERS = ("engine", "engine", "engine", "web", "web")
BLOWS = ("worker", "worker", "horse", "both", "timetable", "web", "web worker", "Redis", "writer", *TROUBLES, GONE)
MOVING, REMINDED = 12, 40  # matters
MOVES_A_BLOW = 5
QUIET = 120  # seconds for the outbox to empty


class Campaign:
    """One data folder with everything that runs in it."""

    def __init__(self, folder: Path, server: Server | None, url: str, seed: int) -> None:
        self.ports = free_port(), free_port()
        self.server, self.possible = server, BLOWS + (STRIKES if server else ())
        self.box = Mailbox(REFUSED)
        self.environ = {
            "DATABASE_URL": url, "DATA_DIR": str(folder / "var"), "SMTP_URL": self.box.url,
            "BASE_URL": self.bases[0], "DEMO_NOW": BEGINS, "OFFICE_HOURS": "00:00-23:59",
        }
        self.settings: Settings = settings_of(self.environ)
        self.folder, self.dice, self.blows = folder, random.Random(seed), Counter()
        self.children: dict[str, Child] = {}
        self.journals: list[Path] = []
        self.repairs: list[tuple[float, str]] = []
        self.revived, self.seconds = 0, 0.0
        self.started_at = ""

    @property
    def bases(self) -> list[str]:
        """The addresses of the two web servers."""
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def start(self, writers: tuple[str, ...] = WRITERS) -> None:
        """Everything up, the writers last."""
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.box.open()
        self.children = {"PostgreSQL": self.server} if self.server else {}
        self.children |= {
            "Redis": embedded_redis(self.settings),
            "worker 1": _child("tests.campaigns.hurried", "worker"),
            "worker 2": _child("tests.campaigns.hurried", "worker"),
            "timetable": _child("tests.campaigns.hurried", "timetable"),
            "web 1": web_server(self.ports[0]), "web 2": web_server(self.ports[1]),
        }
        for n, way in enumerate(writers):
            journal = self.folder / f"journal-{n}"
            self.journals.append(journal)
            self.children[f"writer {n}"] = _child("tests.campaigns.writing", *self._way(way, n), str(journal))
        for child in self.children.values():
            if not child.running():
                self._start(child)

    def _way(self, way: str, n: int) -> tuple[str, str]:
        """How a writer writes, and its name; each begins at another web server and turns to the next when it fails."""
        bases = self.bases[n % 2:] + self.bases[:n % 2]
        return ",".join(bases) if way == "web" else way, f"w{n}"

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

    def rage(self, moves: int, moves_a_blow: int) -> None:
        """One blow for so many moves, each kind before any comes twice, until that many moves are acknowledged and
        no kind is left out; then the writers are told that it is enough.
        """
        order: list[str] = []
        end, due = time.monotonic() + 120 + 2 * moves, 0
        while (done := writing.all_done(self.folder)) < moves or set(self.blows) != set(self.possible):
            assert time.monotonic() < end, "the writers do not get on"
            if done >= due:
                order = order or self.dice.sample(self.possible, len(self.possible))
                self._strike(order.pop())
                due = done + moves_a_blow
            self._mend_for(self.dice.uniform(0.1, 0.5))
        (self.folder / writing.ENOUGH).touch()
        while self.writing():
            assert time.monotonic() < end, "the writers do not end"
            self._mend_for(0.1)

    def writing(self) -> bool:
        """Whether a writer still has moves to make."""
        return any(self._unfinished(name) for name in self.children if name.startswith("writer"))

    def _unfinished(self, name: str) -> bool:
        process = self.children[name].process
        return process is None or process.poll() != 0

    def _strike(self, blow: str) -> None:
        self.blows[blow] += 1
        if blow in TROUBLES or blow == GONE:
            self._trouble(blow)
        elif blow in STRIKES:
            self.server.strike(blow, self.dice)
        elif blow in ("worker", "horse", "both"):
            self._kill_worker(self._one_of("worker"), blow)
        elif blow == "web worker":
            self._kill_below(self._one_of("web"))
        elif blow == "web":
            _kill(self._one_of("web").process.pid)
        elif blow == "writer":
            name = f"writer {self.dice.randrange(len(self.journals))}"
            if self._unfinished(name):
                _kill(self.children[name].process.pid)
        else:
            _kill(self.children[blow].process.pid)

    def _one_of(self, pair: str) -> Child:
        return self.children[f"{pair} {self.dice.choice((1, 2))}"]

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

    def _mend_for(self, seconds: float) -> None:
        calm = time.monotonic() + seconds
        while time.monotonic() < calm:
            self._mend()
            time.sleep(0.05)

    def _mend(self) -> None:
        """What fell is started again, as the supervisor does; what was wrong with the mail server passes."""
        for name, child in self.children.items():
            if child.process.poll() is not None and not (name.startswith("writer") and child.process.poll() == 0):
                self._start(child)
        due = [repair for repair in self.repairs if repair[0] <= time.monotonic()]
        for repair in due:
            self.repairs.remove(repair)
            if repair[1] == GONE:
                self.box.open()
            elif self.box.trouble == repair[1]:
                self.box.trouble = ""

    def settle(self) -> None:
        """Peace, until nothing is owed any more; then 重发 of what was refused, until that has gone too."""
        self.box.trouble = ""
        self.box.open()
        self.repairs.clear()
        self._rest()
        self.revived = revive()
        self._rest()

    def _rest(self) -> None:
        end = time.monotonic() + QUIET
        while time.monotonic() < end and self._owing():
            self._mend_for(0.2)

    def _owing(self) -> int:
        waiting = Message.state.in_(("pending", "leased", "held"))
        try:
            with db.reading() as session:
                return session.scalar(select(func.count()).select_from(Message).where(Message.channel == MAIL, waiting))
        except DBAPIError:
            return 1  # the database is not up again

    def stop(self) -> None:
        for child in reversed(self.children.values()):
            child.grace = 0
            child.stop()
        self.box.close()

    def lines(self) -> list[dict]:
        return [line for journal in self.journals for line in writing.read(journal)]


def _child(*words: str) -> Child:
    return Child(words[-1], [sys.executable, "-m", *words])


def web_server(port: int) -> Child:
    """A gunicorn of its own on that port."""
    how = "gunicorn --no-control-socket --worker-class gthread --workers 1 --threads 4 --log-level critical"
    return _child(*how.split(), f"--bind=127.0.0.1:{port}", "app:create_app()")


def revive() -> int:
    """重发 of every dead mail whose recipient exists; how many."""
    dead = select(Message.id).where(Message.state == "dead", Message.address.not_in(REFUSED))
    with db.transaction() as session:
        return sum(outbox.revive(session, message_id, clock.now()) for message_id in session.scalars(dead).all())


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


def run(engine_name: str, moves: int, seed: int, moves_a_blow: int = MOVES_A_BLOW,
        writers: tuple[str, ...] = WRITERS) -> tuple[Reckoning, Campaign]:
    """One whole campaign and its reckoning."""
    with tempfile.TemporaryDirectory(prefix="killing-") as place:
        folder = Path(place)
        server = Server() if engine_name == "postgresql" else None
        url = server.prepare() if server else databases.fresh_sqlite(folder)
        campaign = Campaign(folder, server, url, seed)
        began = clock.machine_now()
        campaign.started_at = began.isoformat()
        clock.set_offset(campaign.settings.clock_offset(began))
        try:
            prepare()
            campaign.start(writers)
            campaign.rage(moves, moves_a_blow)
            campaign.settle()
            found = reckon(campaign.lines(), campaign.box, clock.now())
        finally:
            campaign.stop()
            clock.set_offset(timedelta(0))
        campaign.seconds = (clock.machine_now() - began).total_seconds()
        return found, campaign


def tell(found: Reckoning, campaign: Campaign) -> str:
    """The figures, line by line."""
    return "\n".join((
        f"blows {campaign.blows.total()} in {campaign.seconds:.0f} s: {_counted(campaign.blows)}",
        f"letters as the mail server met them: {_counted(campaign.box.met)}",
        f"moves {found.moves} (answer lost {found.in_doubt}, stale {found.stale}), lines {found.events} "
        f"under {found.seals} seals, reminders {found.reminders}",
        f"mails owed {found.owed}: sent {found.sent} ({campaign.revived} of them by 重发), dead with a reason "
        f"{found.dead}, told in a digest {found.digested}; attempts {found.attempts}",
        f"received {found.received} by Message-ID, twins dropped {found.twins} ({found.needless} after the receiver "
        "had said 250)",
        f"lost {len(found.lost)}, twice {len(found.twice)}, other faults {len(found.faults)}",
        *found.lost[:20], *found.twice[:20], *found.faults[:20],
    ))


def _counted(what: Counter[str]) -> str:
    return ", ".join(f"{kind} {times}" for kind, times in sorted(what.items()))


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--moves", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=7)
    chosen = asked.parse_args()
    found, campaign = run(chosen.engine, chosen.moves, chosen.seed)
    print(f"{chosen.engine}, seed {chosen.seed}")
    print(tell(found, campaign))
    return 0 if found.clean and found.moves >= chosen.moves else 1


if __name__ == "__main__":
    sys.exit(main())
