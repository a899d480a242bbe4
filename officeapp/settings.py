"""What the environment says, read once and frozen; a fault is a sentence that says how to mend it.

Nothing else reads os.environ. Demonstration mode (DEMO=1, the default) has an
answer for everything; in earnest (DEMO=0) whatever must be decided has to be given.
"""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from officeapp.outside_logins import Ldap, Oidc, ldap_of, oidc_of
from officeapp.variables import SECRET_LENGTH, TIMEZONE, VARIABLES, OfficeHours, SettingsError

ROOT = Path(__file__).resolve().parent.parent
SOCKET_PATH_LIMIT = 100  # AF_UNIX allows 107 bytes on Linux and 103 on macOS.


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
    web_processes: int
    log_format: str
    log_level: str
    metrics_token: str | None
    oidc: Oidc | None
    ldap: Ldap | None

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
            bind=env.read("BIND", "127.0.0.1" if env.demo else "0.0.0.0"),  # nosec B104 # in earnest, behind the proxy; BIND narrows it
            port=port,
            data_dir=data_dir,
            base_url=env.decided("BASE_URL", f"http://127.0.0.1:{port}"),
            trusted_proxies=env.read("TRUSTED_PROXIES", "0"),
            web_processes=env.read("WEB_PROCESSES", "2"),
            log_format=env.read("LOG_FORMAT", "text" if env.demo else "json"),
            log_level=env.read("LOG_LEVEL", "WARNING" if env.demo else "INFO"),
            metrics_token=env.read("METRICS_TOKEN"),
            oidc=oidc_of(env),
            ldap=ldap_of(env),
        )

    @property
    def redis_socket(self) -> Path:
        """Where the embedded server listens: short enough for AF_UNIX, the same in every terminal."""
        path = self.data_dir / "redis.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
            return path
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path("/tmp") / f"officeapp-{os.getuid()}" / f"{name}.sock"  # nosec B108 # the folder is made for its owner alone and checked

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
