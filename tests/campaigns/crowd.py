"""Sixteen people at the same twenty cards: two web servers, two workers, one database, one Redis.

`python -m tests.campaigns.crowd --engine postgresql --moves 1000` repeats it. Everybody has a session of the own over
real HTTP and changes the server with every card; each reads a card, waits for the others, and sends what the page
offered, mostly for the same card as everybody. Who was slower must be told so with 409; what was accepted
must stand in the history once, and nothing else.
"""

import argparse
import random
import re
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from officeapp import clock, db, engine, matters, options, people
from officeapp.matters import Matter
from officeapp.people import Holding, Person, Post
from tests import conftest, databases
from tests.campaigns.killing import Campaign
from tests.campaigns.reckoning import Reckoning, reckon
from tests.campaigns.writing import Browser
from tests.desks import PASSWORD
from tests.reminding import VALUES
from tests.services import wait_for

HEADS, DRAFTERS, CARDS = 8, 8, 20
MAILED = 1  # of the heads; beside the bureau's own head of that unit
# moves that keep a card in the round
TURNING = ("submit", "drafting_straight_back", "unit_review_return_to_drafting", "unit_review_withdraw")
BOARD = "/boards/outgoing-document"


@dataclass
class Crowd:
    """What everybody was answered, and the journal of all moves."""

    wanted: int
    cards: list[int]
    answers: list[int | None] = field(default_factory=list)
    lines: list[dict] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    enough: bool = False
    start: threading.Barrier = field(init=False)

    def __post_init__(self) -> None:
        self.start = threading.Barrier(HEADS + DRAFTERS, action=self._count, timeout=120)

    def _count(self) -> None:
        self.enough = self.answers.count(303) >= self.wanted

    def note(self, note: str, status: int | None) -> None:
        self.answers.append(status)
        self.lines.append({"note": note, "outcome": {303: "done", 409: "stale"}.get(status, "refused")})
        if status not in (303, 409):
            self.strange.append(f"move {note} was answered {status}")


def prepare() -> tuple[list[str], list[int]]:
    """Eight who hold one post, eight drafters, twenty drafts: accounts and matters."""
    bureau = conftest.seeded()
    with db.transaction() as session:
        options.choose(session, "important_grades_online", True)
        post = session.scalar(select(Post).where(Post.kind == "unit_head", Post.unit_id == bureau.head.unit_id))
        hashed = people.hash_password(PASSWORD)
        for n in range(HEADS + DRAFTERS):
            person = Person(account=f"p{n:02}", name=f"同事{n:02}", unit_id=bureau.head.unit_id, position=n,
                            email=f"p{n:02}@bureau.test" if n >= HEADS - MAILED else "", password_hash=hashed)
            session.add(person)
            session.flush()
            if n < HEADS:
                session.add(Holding(person_id=person.id, post_id=post.id))
        session.flush()
        accounts = list(session.scalars(select(Person.account).where(Person.account.like("p__")).order_by(Person.id)))
        drafters = [people.actor(session, session.scalar(select(Person.id).where(Person.account == account)))
                    for account in accounts[HEADS:]]
        cards = [engine.open_matter(session, "outgoing_document", drafters[n % DRAFTERS],
                                    VALUES | {"title": f"同一张卡片{n}", "grade": "urgent"}, body="请认真落实。",
                                    now=clock.now()).id for n in range(CARDS)]
    return accounts, cards


def attend(crowd: Crowd, browser: Browser, n: int, seed: int) -> None:
    """One person's turns, until there are enough moves."""
    own, turn = random.Random(f"{seed}:{n}"), 0
    while not crowd.enough:
        turn += 1
        browser.bases = browser.bases[::-1]
        if turn % 5 == 0 and (status := browser.ask(BOARD)) != 200:
            crowd.strange.append(f"the board was answered {status}")
        card = _chosen(crowd, browser, random.Random(f"{seed}:{turn}") if own.random() < 0.7 else own)
        found = _offered(browser, card, own)
        crowd.start.wait()
        if found and not crowd.enough:
            note = f"{browser.account}-{turn}"
            crowd.note(note, browser.move(card, *found, note))


def _chosen(crowd: Crowd, browser: Browser, dice: random.Random) -> int:
    """One of those that wait for this person, or now and then any, perhaps to take it back."""
    browser.ask("/")
    waiting = sorted({int(found) for found in re.findall(r"/matters/(\d+)", browser.page)} & set(crowd.cards))
    return dice.choice(waiting if waiting and dice.random() < 0.8 else crowd.cards)


def _offered(browser: Browser, card: int, dice: random.Random) -> tuple[str, int] | None:
    """A move that the page offers, and the version that it was offered for."""
    browser.ask(f"/matters/{card}/moves")
    keys = re.findall(rf'(?:name="move" value="|/matters/{card}/moves/)(\w+)', browser.page)
    keys = [key for key in dict.fromkeys(keys) if key in TURNING]
    if not keys:
        return None
    key = dice.choice(keys)
    if 'name="version"' not in browser.page:
        browser.ask(f"/matters/{card}/moves/{key}")
    version = re.search(r'name="version" value="(\d+)"', browser.page)
    return (key, int(version[1])) if version else None


def run(engine_name: str, moves: int, seed: int) -> tuple[Crowd, Reckoning, Campaign]:
    """The whole crowd until so many moves were accepted; what the histories say then."""
    with tempfile.TemporaryDirectory(prefix="crowd-") as place:
        folder = Path(place)
        url = databases.fresh_sqlite(folder) if engine_name == "sqlite" else databases.fresh_postgresql()
        site = Campaign(folder, None, url, seed)
        began = clock.machine_now()
        site.started_at = began.isoformat()
        clock.set_offset(site.settings.clock_offset(began))
        accounts, cards = prepare()
        crowd = Crowd(moves, cards)
        try:
            site.start(writers=())
            browsers = [Browser(site.bases, account) for account in accounts]
            wait_for(lambda: all(site_is_up(site, base) for base in site.bases), 60)
            _all_at_once(crowd, browsers, seed)
            site.settle()
            found = reckon(crowd.lines, site.box, clock.now(), reviewers=MAILED + 1)
            found.faults += [*crowd.strange, *_versions()]
        finally:
            site.stop()
            clock.set_offset(timedelta(0))
        site.seconds = (clock.machine_now() - began).total_seconds()
        return crowd, found, site


def site_is_up(site: Campaign, base: str) -> bool:
    return Browser([base], "").ask("/healthz") == 200


def _all_at_once(crowd: Crowd, browsers: list[Browser], seed: int) -> None:
    for browser in browsers:
        assert browser.enter(), f"{browser.account} could not log in"
    threads = [threading.Thread(target=attend, args=(crowd, browser, n, seed)) for n, browser in enumerate(browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _versions() -> list[str]:
    """Sentences about matters whose version did not rise by one with every move."""
    found = []
    with db.reading() as session:
        for matter in session.scalars(select(Matter)):
            told = [event.data["after"]["version"] for event in matters.history(session, matter.id)
                    if "version" in event.data.get("after", {})]
            if told != list(range(1, len(told) + 1)) or told[-1] != matter.version:
                found.append(f"the versions of matter {matter.id} are {told}, it stands at {matter.version}")
    return found


def tell(crowd: Crowd, found: Reckoning, site: Campaign) -> str:
    return "\n".join((
        f"{HEADS + DRAFTERS} people, {CARDS} cards, {site.seconds:.0f} s: accepted {crowd.answers.count(303)}, "
        f"too late (409) {crowd.answers.count(409)}, any other answer {len(crowd.strange)}",
        f"moved events {found.moves}, mails owed {found.owed}, sent {found.sent}, received {found.received}",
        f"lost {len(found.lost)}, twice {len(found.twice)}, other faults {len(found.faults)}",
        *found.lost[:20], *found.twice[:20], *found.faults[:20],
    ))


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--engine", choices=("sqlite", "postgresql"), default="postgresql")
    asked.add_argument("--moves", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=7)
    chosen = asked.parse_args()
    crowd, found, site = run(chosen.engine, chosen.moves, chosen.seed)
    print(f"{chosen.engine}, seed {chosen.seed}")
    print(tell(crowd, found, site))
    return 0 if found.clean and found.moves == crowd.answers.count(303) >= chosen.moves else 1


if __name__ == "__main__":
    sys.exit(main())
