"""A child process that is started in a session of its own and ended with all it started."""

import ctypes
import os
import signal
import subprocess  # nosec B404 # starts our own programs only
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from officeapp.settings import ROOT

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
BACKOFF_LIMIT = 30
HEALTHY_AFTER = 60


class CannotStart(Exception):
    """Why nothing was started; the message is one Chinese sentence with the mend."""


@dataclass
class Child:
    """One process that is kept running; grace is the seconds it may take to end."""

    name: str
    argv: list[str]
    ready: Callable[[], bool] = lambda: True
    grace: float = 10
    process: subprocess.Popen | None = None
    failures: int = 0
    started: float = 0
    restart_at: float = 0

    def start(self, env: dict[str, str]) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # nosec B603 # no shell, arguments of ours
            self.argv, env=env, cwd=ROOT, start_new_session=True, preexec_fn=_die_with(os.getpid())
        )

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """End it: politely, after its grace impatiently, at last by force with all it started."""
        if self.process is None:
            return
        for grace in (self.grace, 2):
            if self.running():
                self.process.terminate()
                wait_until(lambda: not self.running(), grace)
        _kill_session(self.process.pid)
        self.process.wait()

    def fell(self) -> float:
        """Note an unwanted end; the seconds to wait before the next start (1, 2, 4 … 30)."""
        if time.monotonic() - self.started > HEALTHY_AFTER:
            self.failures = 0
        self.failures += 1
        return min(2 ** (self.failures - 1), BACKOFF_LIMIT)


def _die_with(parent: int) -> Callable[[], None]:
    def ask_kernel() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    return ask_kernel


def wait_until(done: Callable[[], bool], seconds: float = float("inf")) -> bool:
    """Look again every 50 ms; whether it was done within the seconds."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def _kill_session(leader: int) -> None:
    # A work horse moves to a group of its own, but it never leaves the session.
    for pid in _processes():
        try:
            if os.getsid(pid) == leader:
                os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def _processes() -> list[int]:
    proc = Path("/proc")
    return [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()] if proc.is_dir() else []
