"""`python -m tools.bench_served`: CPU time of a request in the server's own process, behind gunicorn as we run it.

H is a bare Flask hello behind the same gunicorn; everything is asked over one connection that is kept, packed as
browsers ask for it. This is what other products' "server CPU per request" may be held against.
"""

import argparse
import gzip
import http.client
import os
import re
import subprocess  # nosec B404 # starts our own server
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import psutil

from app import create_app
from officeapp import clock, outbox
from officeapp.demo_accounts import PASSWORD
from officeapp.settings import Settings
from tests import databases
from tools import bench_data, bench_plain
from tools.bench_moves import BOARD, Drops

NOW = "2026-03-05T10:00+08:00"
HELLO = "tools.bench_plain:served_hello()"
TIMES = 400


class Server:
    """One gunicorn with one worker, and a connection to it."""

    def __init__(self, app: str, port: int, env: dict[str, str]) -> None:
        argv = [sys.executable, "-m", "gunicorn", "--workers=1", f"--bind=127.0.0.1:{port}", app]
        self.process = subprocess.Popen(argv, env=os.environ | env)  # nosec B603 # no shell, our own words
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers: dict[str, str] = {"Accept-Encoding": "gzip"}
        while not self._answers():
            time.sleep(0.2)
        [self.worker] = psutil.Process(self.process.pid).children()

    def _answers(self) -> bool:
        try:
            self.ask("/healthz")
        except OSError:
            self.connection.close()
            return False
        return True

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, bytes, str]:
        """Status, body and the cookie it set."""
        sent = self.headers | headers | ({"Content-Type": "application/x-www-form-urlencoded"} if form else {})
        self.connection.request("POST" if form else "GET", path, urlencode(form) if form else None, sent)
        answer = self.connection.getresponse()
        return answer.status, answer.read(), (answer.getheader("Set-Cookie") or "").partition(";")[0]

    def log_in(self, account: str) -> None:
        _, page, cookie = self.ask("/login", **{"Accept-Encoding": "identity"})
        token = re.search(rb'X-CSRFToken": "([^"]+)"', page)[1].decode()
        form = {"account": account, "password": PASSWORD, "csrf_token": token}
        self.headers["Cookie"] = self.ask("/login", form, Cookie=cookie)[2]

    def cost(self, path: str, times: int = TIMES, form: dict[str, str] | None = None) -> tuple[float, int, int]:
        """CPU milliseconds of one request, its status and the bytes sent."""
        status, body, _ = self.ask(path, form)
        return self.cost_of(lambda: self.ask(path, form), times), status, len(body)

    def cost_of(self, do: Callable[[], object], times: int = TIMES,
                before: Callable[[], object] = lambda: None) -> float:
        """CPU milliseconds of the worker for one of these, after twenty that are not counted."""
        spent = 0.0
        for n in range(-20, times):
            before()
            began = self._spent()
            do()
            spent += self._spent() - began if n >= 0 else 0
        return spent / times

    def _spent(self) -> float:
        """Milliseconds of all its threads, as the kernel's scheduler counts them."""
        threads = Path(f"/proc/{self.worker.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e6


@contextmanager
def served(app: str, port: int, env: dict[str, str]) -> Iterator[Server]:
    server = Server(app, port, env)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait()


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    ask.add_argument("--cards", type=int, default=300)
    ask.add_argument("--port", type=int, default=8765)
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="officeapp-served-") as name:
        folder = Path(name)
        url = databases.fresh_sqlite(folder) if asked.engine == "sqlite" else databases.fresh_postgresql()
        env = {"DATA_DIR": str(folder), "DATABASE_URL": url, "DEMO_NOW": NOW, "PORT": str(asked.port)}
        create_app(Settings.from_env(env))
        outbox.set_bell(None)
        bench_data.found(clock.now(), folder)
        cards = bench_data.open_cards(asked.cards)
        bench_plain.prepare()
        with served(HELLO, asked.port, env) as server:
            h, hc = server.cost("/", TIMES * 3)[0], server.cost("/", form={"say": "hello"})[0]
        print(f"{asked.engine}, {cards} open cards\n  {'H, a bare hello':<24}{h:8.2f} ms\n"
              f"  {'H+c, with a commit':<24}{hc:8.2f} ms")
        with served("app:create_app()", asked.port, env) as server:
            _measure(server, h, hc)


def _measure(server: Server, h: float, hc: float) -> None:
    server.log_in("wumin")
    _, page, cookie = server.ask(BOARD, **{"Accept-Encoding": "identity"})
    server.headers["Cookie"] = cookie or server.headers["Cookie"]  # with the secret of its forms
    drops = Drops(page.decode(), partial(_send, server))
    ms = server.cost_of(drops.drop, before=drops.ready)
    print(f"  {'move and its columns':<24}{ms:8.2f} ms {ms / hc:6.1f} H+c", flush=True)
    pages = {"unchanged poll": f"{BOARD}/changes?since={drops.since}", "board, warm": BOARD, "my desk": "/",
             "matter page": "/matters/13", "overdue board": "/boards/overdue"}
    for title, path in pages.items():
        ms, status, size = server.cost(path)
        print(f"  {title:<24}{ms:8.2f} ms {ms / h:6.1f} H   {status} {size / 1024:6.1f} kB", flush=True)


def _send(server: Server, path: str, form: dict[str, str], headers: dict[str, str]) -> str:
    status, body, _ = server.ask(path, form, **headers)
    assert status == 200, (status, body)  # nosec B101 # a tool's own check
    return gzip.decompress(body).decode()


if __name__ == "__main__":
    main()
