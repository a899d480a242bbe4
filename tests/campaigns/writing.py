"""One writer of a campaign: moves matters to and fro, by the engine or by the web, and keeps a journal.

`python -m tests.campaigns.writing <engine|addresses> <name> <journal>`; killed and started again, it goes on where its
journal ends, until a file says that it is enough. Each move carries a note of its own, by which it is found in the
history.
"""

import json
import random
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app import create_app
from officeapp import clock, db, engine, matters, people
from officeapp.decisions import Refused, Stale
from officeapp.matters import Matter
from officeapp.people import Actor, Person
from officeapp.procedures.grammar import MoveKind
from officeapp.settings import Settings
from tests.desks import PASSWORD

MOVING = "往返"  # begins the title of the matters that are moved
ENOUGH = "enough"  # a file beside the journals
DONE = json.dumps({"outcome": "done"}).strip("{}")
PAUSE = 0.25  # seconds on average between two moves of one writer
# unit → who drafts, who reviews
PAIRS = {"市容管理科": ("drafter", "head"), "南门中队": ("officer", "captain")}


class Journal:
    """Lines of {note, matter, move, outcome}: written before a move is tried and when its outcome is known."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self.lines = read(path)

    def next_note(self) -> str:
        return f"{self.name}-{len(self.lines)}"

    def write(self, **line: object) -> None:
        self.lines.append(line)
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")


def all_done(folder: Path) -> int:
    """Moves acknowledged to any writer of this campaign."""
    return sum(path.read_text().count(DONE) for path in folder.glob("journal-*"))


def read(path: Path) -> list[dict]:
    """The journal's lines; one cut off by a kill is none."""
    whole = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in whole if line.endswith("}")]


class Browser:
    """One person at one of several web servers; None for an answer that never came, and the next server is asked."""

    def __init__(self, bases: list[str], account: str) -> None:
        self.bases, self.account, self.token, self.page = bases, account, "", ""
        self.http = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), _Stay())

    def move(self, matter_id: int, key: str, version: int, note: str) -> int | None:
        if not self.token and not self.enter():
            return None
        form = {"csrf_token": self.token, "move": key, "version": version, "note": note}
        answer = self.ask(f"/matters/{matter_id}/moves", form)
        if answer in (400, 401, 302):  # not logged in any more
            self.token = ""
        return answer

    def enter(self) -> bool:
        self.ask("/login")
        if self.ask("/login", {"csrf_token": self.token, "account": self.account, "password": PASSWORD}) != 303:
            self.token = ""
            return False
        return self.ask("/account") == 200

    def ask(self, path: str, form: dict | None = None) -> int | None:
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self.http.open(self.bases[0] + path, data, timeout=10) as answer:
                self.page = answer.read().decode()
                found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.page)
                self.token = found[1] if found else self.token
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code
        except (OSError, HTTPException):
            self.bases = [*self.bases[1:], self.bases[0]]
            return None


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def by_engine(actor, matter: Matter, key: str, note: str) -> str:
    """In doubt when the database went away: the commit may have been the last thing it did."""
    try:
        with db.transaction() as session:
            engine.move(session, matter.id, key, actor, version=matter.version, note=note, now=clock.now())
    except Stale:
        return "stale"
    except Refused:
        return "refused"
    except DBAPIError:
        return "unknown"
    return "done"


def by_web(browser: Browser, matter: Matter, key: str, note: str) -> str:
    """Sent again until it is answered; after an answer lost, 409 may mean that it was made."""
    doubt = False
    for _ in range(200):
        answer = browser.move(matter.id, key, matter.version, note)
        if answer == 303:
            return "done"
        if answer == 409:
            return "unknown" if doubt else "stale"
        if answer in (403, 404, 422):
            return "unknown" if doubt else "refused"
        doubt = True
        time.sleep(0.1)
    return "unknown"


def write(way: str, name: str, path: Path) -> None:
    """Make moves until it is enough."""
    create_app(Settings.from_env())  # clock, database and doorbell, as the web has them
    journal, dice, browsers = Journal(path, name), random.Random(name), {}
    while not path.with_name(ENOUGH).exists():
        try:
            actor, matter, key = _choose(dice)
        except DBAPIError:
            time.sleep(0.2)  # the database is away
            continue
        note = journal.next_note()
        journal.write(note=note, matter=matter.id, move=key, outcome="tried")
        if way == "engine":
            outcome = by_engine(actor, matter, key, note)
        else:
            browser = browsers.setdefault(actor.id, Browser(way.split(","), actor.account))
            outcome = by_web(browser, matter, key, note)
        journal.write(note=note, matter=matter.id, move=key, outcome=outcome)
        time.sleep(dice.uniform(0, 2 * PAUSE))


def _choose(dice: random.Random) -> tuple[Actor, Matter, str]:
    """A matter, the move that is due at it, and who makes it."""
    with db.reading() as session:
        moving = session.scalars(select(Matter.id).where(Matter.title.startswith(MOVING)).order_by(Matter.id)).all()
        matter = matters.find(session, dice.choice(moving))
        key, account = _next(matter, session.get_one(Person, matter.drafter_id).account)
        return people.actor(session, session.scalar(select(Person.id).where(Person.account == account))), matter, key


def _next(matter: Matter, drafter: str) -> tuple[str, str]:
    """The move that is due at this matter, and whose it is."""
    head = next(head for own, head in PAIRS.values() if own == drafter)
    forward = matter.stage == matter.rules.start.key
    kind = MoveKind.FORWARD if forward else MoveKind.RETURN
    move = next(m for m in matter.rules.moves_from(matter.stage) if m.kind is kind)
    return move.key, drafter if forward else head


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
