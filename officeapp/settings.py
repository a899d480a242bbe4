"""What the environment says, read once and frozen; a fault is a sentence that says how to mend it.

Nothing else reads os.environ. Demonstration mode (DEMO=1, the default) has an
answer for everything; in earnest (DEMO=0) whatever must be decided has to be given.
"""

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
TIMEZONE = "Asia/Shanghai"
SECRET_LENGTH = 32
SOCKET_PATH_LIMIT = 100  # AF_UNIX allows 107 bytes on Linux and 103 on macOS.

OfficeHours = tuple[tuple[time, time], ...]


class SettingsError(ValueError):
    """A variable is missing or wrong; the message is one Chinese sentence naming it and the mend."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is decided outside the code.

    redis_url None means the embedded server, smtp_url None the local mail
    folder. office_hours are pairs of local times; data_dir is absolute.
    """

    demo: bool
    demo_now: datetime | None
    demo_started_at: datetime | None
    database_url: str
    redis_url: str | None
    smtp_url: str | None
    mail_from: str
    secret_key: str
    bureau_name: str
    office_hours: OfficeHours
    bind: str
    port: int
    data_dir: Path
    base_url: str
    trusted_proxies: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the environment; raises SettingsError at the first fault."""
        env = _Environment(os.environ if environ is None else environ)
        data_dir = env.read("DATA_DIR", str(ROOT / "var"))
        port = env.read("PORT", "8000")
        return cls(
            demo=env.demo,
            demo_now=_demo_now(env),
            demo_started_at=env.read("DEMO_STARTED_AT"),
            database_url=env.decided("DATABASE_URL", f"sqlite:///{data_dir / 'officeapp.sqlite3'}"),
            redis_url=env.read("REDIS_URL"),
            smtp_url=env.decided("SMTP_URL", "local"),
            mail_from=env.decided("MAIL_FROM", "officeapp@localhost"),
            secret_key=env.decided("SECRET_KEY", _demo_secret(data_dir) if env.demo else ""),
            bureau_name=env.read("BUREAU_NAME", "临江区综合行政执法局"),
            office_hours=env.read("OFFICE_HOURS", "08:30-12:00,14:00-17:30"),
            bind=env.read("BIND", "127.0.0.1" if env.demo else "0.0.0.0"),
            port=port,
            data_dir=data_dir,
            base_url=env.decided("BASE_URL", f"http://127.0.0.1:{port}"),
            trusted_proxies=env.read("TRUSTED_PROXIES", "0"),
        )

    @property
    def redis_socket(self) -> Path:
        """Where the embedded server listens: short enough for AF_UNIX, the same in every terminal."""
        path = self.data_dir / "redis.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
            return path
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path("/tmp") / f"officeapp-{os.getuid()}" / f"{name}.sock"

    @property
    def redis_address(self) -> str:
        """The URL that clients connect to, embedded or not."""
        return self.redis_url or f"unix://{self.redis_socket}"

    def clock_offset(self, machine_now: datetime) -> timedelta:
        """How far our clock runs ahead of the machine's; the same in every process of one start."""
        if self.demo_now is None:
            return timedelta(0)
        return self.demo_now - (self.demo_started_at or machine_now)

    def environment(self, started_at: datetime) -> dict[str, str]:
        """The whole environment for a child process of a start at started_at (aware)."""
        ours = {
            "TZ": TIMEZONE,
            "DATA_DIR": str(self.data_dir),
            "DEMO_STARTED_AT": started_at.isoformat(),
            "PYTHONUNBUFFERED": "1",
        }
        return {**os.environ, **ours}


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: how its text is read, and the sentence when it cannot be."""

    parse: Callable[[str], Any]
    rule: str
    example: str
    secret: bool = False

    def read(self, name: str, text: str) -> Any:
        try:
            return self.parse(text)
        except (ValueError, OSError):
            value = "" if self.secret else f"（现为「{text}」）"
            raise SettingsError(
                f"环境变量 {name} 有误{value}：{self.rule}，例如 {name}={self.example}。"
            ) from None


class _Environment:
    def __init__(self, environ: Mapping[str, str]):
        self.environ = environ
        self.demo = self.read("DEMO", "1")

    def read(self, name: str, default: str = "") -> Any:
        text = self.environ.get(name, "").strip() or default
        return VARIABLES[name].read(name, text) if text else None

    def decided(self, name: str, demo_default: str) -> Any:
        if not self.demo and not self.environ.get(name, "").strip():
            variable = VARIABLES[name]
            raise SettingsError(
                f"缺少环境变量 {name}：正式运行（DEMO=0）必须设置，{variable.rule}，"
                f"例如 {name}={variable.example}。"
            )
        return self.read(name, demo_default)


def _demo_now(env: _Environment) -> datetime | None:
    moment = env.read("DEMO_NOW")
    if moment is not None and not env.demo:
        raise SettingsError("环境变量 DEMO_NOW 只能在演示时使用：正式运行（DEMO=0）请删除这个变量。")
    return moment


def _demo_secret(data_dir: Path) -> str:
    path = data_dir / "secret_key"
    if not path.exists():
        _write_once(path, secrets.token_hex(SECRET_LENGTH))
    return path.read_text().strip()


def _write_once(path: Path, text: str) -> None:
    # Several processes may start together: linking a finished file lets exactly one of them win.
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as draft:
        draft.write(text)
    try:
        os.link(draft.name, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft.name)


def _flag(text: str) -> bool:
    return {"1": True, "0": False}[text] if text in ("0", "1") else _refuse()


def _refuse() -> Any:
    raise ValueError


def _port(text: str) -> int:
    return int(text) if text.isdecimal() and 0 < int(text) < 65536 else _refuse()


def _count(text: str) -> int:
    return int(text) if text.isascii() and len(text) == 1 and text.isdigit() else _refuse()


def _ipv4(text: str) -> str:
    return str(IPv4Address(text))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(TIMEZONE))


def _folder(text: str) -> Path:
    path = Path(text).expanduser().resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path if os.access(path, os.W_OK | os.X_OK) else _refuse()


def _database_url(text: str) -> str:
    url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", text)
    return url if re.match(r"(postgresql\+psycopg://[^/]*/.|sqlite:///.)", url) else _refuse()


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        parts = urlsplit(text)
        whole = parts.scheme in schemes and (parts.netloc or parts.path)
        return text if whole else _refuse()

    return parse


def _smtp_url(text: str) -> str | None:
    return None if text == "local" else _url("smtp", "smtps", "smtp+starttls")(text)


def _mail_address(text: str) -> str:
    return text if re.fullmatch(r"[^@\s]+@[^@\s]+", text) else _refuse()


def _secret(text: str) -> str:
    return text if len(text) >= SECRET_LENGTH else _refuse()


def _base_url(text: str) -> str:
    return _url("http", "https")(text).rstrip("/")


def _office_hours(text: str) -> OfficeHours:
    spans = tuple(_span(part) for part in text.split(","))
    flat = [moment for span in spans for moment in span]
    return spans if flat == sorted(set(flat)) else _refuse()


def _span(text: str) -> tuple[time, time]:
    start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    return start, end


_MOMENT = Variable(_moment, "须为带时区的日期和时间", "2026-02-13T09:00+08:00")

VARIABLES = {
    "DEMO": Variable(_flag, "演示填1，正式运行填0", "0"),
    "DEMO_NOW": _MOMENT,
    "DEMO_STARTED_AT": _MOMENT,
    "DATABASE_URL": Variable(
        _database_url,
        "须为PostgreSQL或SQLite数据库的地址",
        "postgresql://officeapp:密码@数据库主机/officeapp",
        secret=True,
    ),
    "REDIS_URL": Variable(
        _url("redis", "rediss", "unix"), "须为Redis的地址", "redis://主机:6379/0", secret=True
    ),
    "SMTP_URL": Variable(
        _smtp_url,
        "须为发信服务器的地址（确实只写入本机文件夹的，填local）",
        "smtp+starttls://用户:密码@邮件主机:587",
        secret=True,
    ),
    "MAIL_FROM": Variable(_mail_address, "须为一个电子邮件地址", "oa@example.gov.cn"),
    "SECRET_KEY": Variable(
        _secret, f"须为不少于{SECRET_LENGTH}个字符的随机字符串", "$(openssl rand -hex 32)", secret=True
    ),
    "BUREAU_NAME": Variable(str, "须为本单位名称", "临江区综合行政执法局"),
    "OFFICE_HOURS": Variable(
        _office_hours, "须为先后相接而不重叠的时段，用逗号隔开", "08:30-12:00,14:00-17:30"
    ),
    "BIND": Variable(_ipv4, "须为本机的一个IPv4地址", "0.0.0.0"),
    "PORT": Variable(_port, "须为1至65535之间的整数", "8000"),
    "DATA_DIR": Variable(_folder, "须为本用户可以写入的文件夹", "var"),
    "BASE_URL": Variable(_base_url, "须为用户打开本系统所用的网址", "https://oa.example.gov.cn"),
    "TRUSTED_PROXIES": Variable(_count, "须为本系统前面反向代理的层数（0至9），没有的填0", "1"),
}
