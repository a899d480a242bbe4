"""How long a refused login takes, by what is wrong with it: `python -m tools.login_timing [sqlite|postgresql] [N]`.

The kinds take turns in random order, so that what else the machine does falls on all alike. Medians over N tries
each, of the whole answer and of its computing; a stranger on the network sees the first, blurred.
"""

import random
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from officeapp import clock, db, logins, people
from officeapp.options import choose
from officeapp.people import Person
from tests import conftest, databases, desks

KINDS = {"no such account": "nobody", "wrong password": "head", "another's wrong password": "director",
         "disabled": "captain", "no password yet": "officer", "locked": "lawyer", "locked, no such account": "ghost"}


def prepared(engine: str, folder: Path):
    """A browser before an office whose accounts are of every kind, none of them ever locked by this."""
    url = databases.fresh_sqlite(folder) if engine == "sqlite" else databases.fresh_postgresql()
    office = conftest.seeded()
    app = desks.doors(url, folder)(office.drafter).application
    app.extensions["limiter"].pop().enabled = False
    hashed = people.hash_password("right")
    with db.transaction() as session:
        choose(session, "login_tries", 10**9)
        for key in ("head", "director", "captain", "officer", "lawyer"):
            person = session.get_one(Person, getattr(office, key).id)
            person.password_hash, person.active = "" if key == "officer" else hashed, key != "captain"
        session.add_all(logins.WrongTry(account=KINDS[kind], tries=0, last_at=clock.now(),
                                        locked_until=clock.now() + timedelta(days=1))
                        for kind in KINDS if kind.startswith("locked"))
    return app.test_client()


def main() -> None:
    engine, tries = (sys.argv[1:2] or ["sqlite"])[0], int((sys.argv[2:3] or ["200"])[0])
    found = {kind: ([], []) for kind in KINDS}
    with tempfile.TemporaryDirectory(prefix="timing-") as folder:
        measure(prepared(engine, Path(folder)), found, tries)
    for kind, (whole, computing) in found.items():
        low, middle, high = statistics.quantiles(whole, n=4)
        cpu = statistics.median(computing)
        print(f"{kind:25}{middle:8.2f} ms (quartiles {low:.2f}–{high:.2f}), computing {cpu:.2f}")


def measure(browser, found: dict, tries: int) -> None:
    """Log in wrongly so many times with each kind of account, after five turns that only warm up."""
    for turn in range(-5, tries):
        for kind in random.sample(list(KINDS), len(KINDS)):  # nosec B311 # an order, no secret
            began, computing = time.perf_counter(), time.process_time()
            answer = browser.post("/login", data={"account": KINDS[kind], "password": "wrong"})  # nosec B105 # none
            if turn >= 0:
                found[kind][0].append((time.perf_counter() - began) * 1000)
                found[kind][1].append((time.process_time() - computing) * 1000)
            assert answer.status_code == (429 if kind.startswith("locked") else 422)  # nosec B101 # a measuring tool


if __name__ == "__main__":
    main()
