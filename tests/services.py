"""Real services for tests: a Redis server, an SMTP server, an RQ worker."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from redis import Redis
from rq import Queue

from jobs import deliver
from officeapp import settings as settings_module
from officeapp.redis_server import embedded_redis
from officeapp.settings import Settings


@dataclass
class Post:
    """What an SMTP server has received, and what it shall refuse."""

    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)  # answered 550
    busy: int = 0  # so many letters are answered 451
    patience: int = 0  # so many letters a connection; then it is closed with 421, at `closes_at`; 0: no end
    closes_at: str = "MAIL"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def _tired(self, session, at: str) -> bool:
        return bool(self.patience) and at == self.closes_at and getattr(session, "letters", 0) >= self.patience

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:
        if self._tired(session, "MAIL"):
            return "421 4.7.0 too many letters, closing"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self._tired(session, "RCPT"):
            return "421 4.7.0 too many letters, closing"
        if address in self.refused:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        if self._tired(session, "DATA"):
            return "421 4.7.0 too many letters, closing"
        if self.busy:
            self.busy -= 1
            return "451 4.3.0 try again later"
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))
        session.letters = getattr(session, "letters", 0) + 1
        return "250 OK"


@pytest.fixture
def smtp_server() -> Iterator[Post]:
    """A real SMTP server on a free port."""
    post = Post(port=free_port())
    controller = Controller(post, hostname="127.0.0.1", port=post.port)
    controller.start()
    yield post
    controller.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The address of a real server of our own, for the whole run."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = embedded_redis(settings_of({"DATA_DIR": folder}))
        server.start(dict(os.environ))
        wait_for(server.ready)
        yield f"unix://{folder}/redis.sock"
        server.stop()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of an emptied Redis."""
    Redis.from_url(redis_server).flushall()
    return redis_server


@pytest.fixture
def house(database, redis_url, smtp_server, tmp_path):
    """Starts job processes whose clock begins at a given moment; all are ended with the test."""
    running = []

    def start(moment, *modules):
        environ = {"DATABASE_URL": database, "REDIS_URL": redis_url, "SMTP_URL": smtp_server.url,
                   "DATA_DIR": str(tmp_path / "var"), "DEMO_NOW": moment, "BASE_URL": "http://oa.test"}
        running.extend(start_job_process(module, environ) for module in modules)

    def stop():
        said = [end(process) for process in reversed(running)]
        running.clear()
        return "".join(said)

    start.stop = stop
    yield start
    stop()


def tick_done(redis_url):
    """Have a running worker do one tick; returns when it is done."""
    job = Queue(deliver.QUEUE, connection=Redis.from_url(redis_url)).enqueue("jobs.ticks.tick")
    wait_for(lambda: job.get_status(refresh=True) in ("finished", "failed"))
    assert job.get_status(refresh=True) == "finished", job.latest_result().exc_string


def settings_of(environ: dict[str, str]) -> Settings:
    """Settings of a demonstration with only these variables set."""
    return Settings.from_env(environ)


def start_job_process(module: str, environ: dict[str, str], *words: str) -> subprocess.Popen:
    """`python -m module` from the project's root, in an environment with only these variables of ours added."""
    ours = set(settings_module.VARIABLES)
    bare = {name: value for name, value in os.environ.items() if name not in ours}
    command, root = [sys.executable, "-m", module, *words], Path(__file__).parent.parent
    return subprocess.Popen(command, env=bare | environ, cwd=root,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def end(process: subprocess.Popen) -> str:
    """Ask it to stop; what it said."""
    process.terminate()
    try:
        return process.communicate(timeout=20)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[0]


def wait_for(done, seconds: float = 20) -> None:
    """Look again until it is done; fails after so many seconds."""
    limit = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < limit, f"not done within {seconds} s"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
