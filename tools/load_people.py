"""What 50 people do at once, for locust: log in, read boards, desks and documents, move cards, while their pages poll.

Run by tools.load, which writes their accounts into LOAD_ACCOUNTS, one a line.
"""

import os
import random
import re
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

import gevent
from locust import FastHttpUser, between, task

from officeapp.demo_accounts import PASSWORD
from tools import load_forms

BOARD = "/boards/outgoing-document"
POLL_EVERY = 15  # seconds, as templates/boards/_poll.html says
NAMES = cycle(Path(os.environ["LOAD_ACCOUNTS"]).read_text().split())
MOVED, REFUSED = (200,), (403, 409, 422)  # made; somebody was faster, or the rules want something first


class Official(FastHttpUser):
    """One person with a board open and one to three seconds between two clicks."""

    wait_time = between(1, 3)

    def on_start(self) -> None:
        form = {"account": next(NAMES), "password": PASSWORD, "csrf_token": _token(self.read("/login", "login page"))}
        with self.client.post("/login", data=form, allow_redirects=False, name="log in", catch_response=True) as answer:
            _expect(answer, (303,))
        self.since, self.token, self.mine = "", "", []
        self.look_at_desk()
        self.look_at_board()
        self.polling = gevent.spawn(self.poll)

    def on_stop(self) -> None:
        self.polling.kill()

    def poll(self) -> None:
        while True:
            gevent.sleep(POLL_EVERY)
            with self.client.get(f"{BOARD}/changes?since={self.since}", headers={"HX-Request": "true"}, name="poll",
                                 catch_response=True) as answer:
                _expect(answer, (200, 204))
                self.since = _stamp(answer.text) or self.since

    @task(4)
    def look_at_desk(self) -> None:
        page = self.read("/", "my desk")
        self.token = _token(page)
        self.mine = re.findall(r'href="/matters/(\d+)"', page) or self.mine

    @task(4)
    def look_at_board(self) -> None:
        page = self.read(BOARD, "board")
        self.since, self.cards = _stamp(page), re.findall(r'data-matter="(\d+)"', page)

    @task(4)
    def read_a_matter(self) -> None:
        if self.cards:
            self.read(f"/matters/{random.choice(self.cards)}", "matter page")  # nosec B311 # a dice, no secret

    @task(1)
    def look_at_what_is_late(self) -> None:
        self.read("/boards/overdue", "overdue board")

    @task(1)
    def look_for_something(self) -> None:
        self.read("/search?q=市容", "search")

    @task(1)
    def read_notices(self) -> None:
        self.read("/notices", "notices")

    @task(6)
    def move_a_card(self) -> None:
        """What the page offers for one of the own matters, dropped on the board; where it has a form, filled in."""
        if not self.mine:
            return
        matter = f"/matters/{random.choice(self.mine)}/moves"  # nosec B311 # a dice, no secret
        with self.client.get(matter, headers={"Accept": "application/json"}, name="what may be done",
                             catch_response=True) as answer:
            _expect(answer, (200,))
            offered = answer.json() if answer.status_code == 200 else {"columns": {}}
        ways = list(offered["columns"].values())
        if ways:
            way = random.choice(ways)  # nosec B311 # a dice, no secret
            plain = {"move": way["move"], "version": offered["version"], "note": "同意。"}
            asked = list(plain.items()) if way["move"] else load_forms.filled(self.dialog(way["url"]))
            if asked:
                self.make(matter, asked, "move" if way["move"] else "move with a form")

    def dialog(self, path: str) -> str:
        with self.client.get(path, headers=self.on_board(), name="a move's form", catch_response=True) as answer:
            _expect(answer, (200,) + REFUSED)
            return answer.text or "<p>"

    def make(self, matter: str, asked: list[tuple[str, str]], name: str) -> None:
        headers = self.on_board() | {"Content-Type": "application/x-www-form-urlencoded"}
        with self.client.post(matter, data=urlencode([*asked, ("since", self.since)]), headers=headers, name=name,
                              catch_response=True) as answer:
            _expect(answer, MOVED + REFUSED)
            if answer.status_code in REFUSED:
                answer.request_meta["name"] = f"{name} refused {answer.status_code}"
            self.since = _stamp(answer.text) or self.since

    def on_board(self) -> dict[str, str]:
        return {"HX-Request": "true", "HX-Current-URL": f"{self.host}{BOARD}", "X-CSRFToken": self.token}

    def read(self, path: str, name: str) -> str:
        with self.client.get(path, name=name, catch_response=True) as answer:
            _expect(answer, (200,))
            return answer.text or ""


def _expect(answer, codes: tuple[int, ...]) -> None:
    if answer.status_code in codes:
        answer.success()
    else:
        answer.failure(f"{answer.status_code}")


def _token(page: str) -> str:
    found = re.search(r'X-CSRFToken": "([^"]+)"', page)
    return found[1] if found else ""


def _stamp(page: str | None) -> str:
    found = re.search(r'data-stamp="([^"]+)"', page or "")
    return found[1] if found else ""
