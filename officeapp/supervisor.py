"""Everything on this machine under one roof: starts in order, restarts what falls, leaves no process.

Redis (unless REDIS_URL names one) → worker → timetable → web; stopped in reverse.
Children run in sessions of their own, so that Ctrl-C in a terminal reaches us alone
and a worker may finish its job; the kernel ends them when we are killed outright.
"""

import fcntl
import http.client
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from officeapp.processes import CannotStart, Child, wait_until
from officeapp.redis_server import embedded_redis, end_leftover
from officeapp.settings import Settings

START_LIMIT = 60


@dataclass
class Supervisor:
    """Runs the children of one data folder until a signal asks it to stop."""

    settings: Settings
    env: dict[str, str]
    children: list[Child]
    stopping: bool = False
    lock: IO | None = field(default=None, repr=False)

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

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self.stopping = True

    def _prepare(self) -> None:
        prepare = Child("准备数据库", [*_python("flask"), "--app", "app", "prepare"])
        prepare.start(self.env)
        wait_until(lambda: self.stopping or not prepare.running())
        prepare.stop()
        if not self.stopping and prepare.process.returncode:
            raise CannotStart("数据库没有准备好，未启动；原因见上。")

    def _start_all(self) -> None:
        if not self.settings.redis_url:
            end_leftover(self.settings.redis_socket)
        for child in self.children:
            if not self.stopping:
                self._start(child)
        if not self.stopping:
            print(f"已启动：{self.settings.base_url}（按 Ctrl-C 停止）", flush=True)

    def _start(self, child: Child) -> None:
        child.start(self.env)
        wait_until(lambda: self.stopping or not child.running() or child.ready(), START_LIMIT)
        if not self.stopping and not (child.running() and child.ready()):
            logs = self.settings.data_dir
            raise CannotStart(f"{child.name}没有启动成功：原因见上面的输出和 {logs} 中的日志。")

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
        """In reverse order: the worker still needs Redis to settle its last job."""
        if self.stopping:
            print("正在停止……", flush=True)
        for child in reversed(self.children):
            child.stop()
        if self.stopping:
            print("已全部停止，数据已保存。", flush=True)


def supervise(settings: Settings, started_at: datetime) -> int:
    """Run everything of this installation until Ctrl-C; started_at is the machine's time, aware."""
    try:
        children = _children(settings)
    except CannotStart as fault:
        print(fault, file=sys.stderr)
        return 1
    return Supervisor(settings, settings.environment(started_at), children).run()


def _children(settings: Settings) -> list[Child]:
    embedded = [] if settings.redis_url else [embedded_redis(settings)]
    web = [*_python("gunicorn"), "app:create_app()"]
    return embedded + [
        Child("后台任务", _python("jobs.worker"), grace=30),
        Child("定时表", _python("jobs.timetable")),
        Child("网页服务", web, ready=lambda: _healthy(settings)),
    ]


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _healthy(settings: Settings) -> bool:
    host = "127.0.0.1" if settings.bind == "0.0.0.0" else settings.bind  # nosec B104 # compared, not bound
    connection = http.client.HTTPConnection(host, settings.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _check_port(settings: Settings) -> None:
    # The web server of a killed predecessor may need a moment to end.
    if not wait_until(lambda: _port_is_free(settings), 2):
        raise CannotStart(
            f"端口 {settings.port} 已被占用或不能使用：请停止占用它的程序，"
            f"或另选一个端口，例如 PORT={settings.port % 65000 + 1} make run。"
        )


def _port_is_free(settings: Settings) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.bind, settings.port))
        except OSError:
            return False
        return True


def _lock(data_dir: Path) -> IO:
    handle = open(data_dir / "lock", "a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart(
            f"本系统已在运行（数据文件夹 {data_dir}）：请先在原来的窗口按 Ctrl-C 停止。"
        ) from None
    return handle
