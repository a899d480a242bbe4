"""The environment variables: how each text is read, and the sentence that names the mend when it cannot be."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

TIMEZONE = "Asia/Shanghai"
SECRET_LENGTH = 32
LOOPBACK = ("127.0.0.1", "localhost", "::1")

OfficeHours = tuple[tuple[time, time], ...]


class SettingsError(ValueError):
    """A variable is missing or wrong; the message is one Chinese sentence naming it and the mend."""


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
    path.mkdir(mode=0o750, parents=True, exist_ok=True)
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


def _safe_url(secure: tuple[str, ...], plain: str) -> Callable[[str], str]:
    """An address whose wire is encrypted; the plain one only on this machine, where no wire is."""
    def parse(text: str) -> str:
        parts = urlsplit(text)
        safe = parts.scheme in secure or (parts.scheme == plain and parts.hostname in LOOPBACK)
        return text.rstrip("/") if safe and parts.hostname else _refuse()

    return parse


def _with_account(text: str) -> str:
    rest = text.replace("{account}", "")
    return text if rest != text and "{" not in rest and "}" not in rest else _refuse()


def _file(text: str) -> Path:
    path = Path(text).expanduser().resolve()
    return path if path.is_file() and os.access(path, os.R_OK) else _refuse()


def _smtp_url(text: str) -> str | None:
    return None if text == "local" else _url("smtp", "smtps", "smtp+starttls")(text)


def _mail_address(text: str) -> str:
    return text if re.fullmatch(r"[^@\s]+@[^@\s]+", text) else _refuse()


def _one_of(*words: str) -> Callable[[str], str]:
    return lambda text: text if text in words else _refuse()


def _processes(text: str) -> int:
    return int(text) if text.isdecimal() and 0 < int(text) <= 64 else _refuse()


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
    "BIND": Variable(_ipv4, "须为本机的一个IPv4地址", "0.0.0.0"),  # nosec B104 # the default is said, not bound
    "PORT": Variable(_port, "须为1至65535之间的整数", "8000"),
    "DATA_DIR": Variable(_folder, "须为本用户可以写入的文件夹", "var"),
    "BASE_URL": Variable(_base_url, "须为用户打开本系统所用的网址", "https://oa.example.gov.cn"),
    "TRUSTED_PROXIES": Variable(_count, "须为本系统前面反向代理的层数（0至9），没有的填0", "1"),
    "WEB_PROCESSES": Variable(_processes, "须为网页进程的个数（1至64），一般等于处理器核数", "4"),
    "LOG_FORMAT": Variable(_one_of("text", "json"), "日志供人看的填text，供日志系统收集的填json", "json"),
    "LOG_LEVEL": Variable(
        _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "须为DEBUG、INFO、WARNING、ERROR之一", "INFO"
    ),
    "METRICS_TOKEN": Variable(
        _secret,
        f"须为不少于{SECRET_LENGTH}个字符的随机字符串，与监控系统里填的一致",
        "$(openssl rand -hex 32)",
        secret=True,
    ),
    "OIDC_ISSUER": Variable(
        _safe_url(("https",), "http"), "须为统一身份认证的签发者网址，以https开头", "https://sso.example.gov.cn/realms/bureau"
    ),
    "OIDC_CLIENT_ID": Variable(str, "须为统一身份认证给本系统的客户端编号", "officeapp"),
    "OIDC_CLIENT_SECRET": Variable(str, "须为统一身份认证给本系统的客户端密钥", "密钥", secret=True),
    "OIDC_CLAIM": Variable(str, "须为携带本系统账号的声明的名称", "preferred_username"),
    "OIDC_TITLE": Variable(str, "须为登录页按钮上的名称", "统一身份认证"),
    "OIDC_ADMINISTRATORS": Variable(_flag, "三员也可从统一身份认证登录的填1，不可的填0", "0"),
    "LDAP_URL": Variable(
        _safe_url(("ldaps", "ldap+starttls"), "ldap"), "须为目录服务器的地址，以ldaps://或ldap+starttls://开头",
        "ldaps://ldap.example.gov.cn"
    ),
    "LDAP_USER_DN": Variable(
        _with_account, "须为人员条目的名称，其中账号的位置写{account}", "uid={account},ou=people,dc=example,dc=cn"
    ),
    "LDAP_BASE": Variable(str, "须为查找人员的起点", "ou=people,dc=example,dc=cn"),
    "LDAP_FILTER": Variable(_with_account, "须为查找人员的条件，其中账号的位置写{account}", "(uid={account})"),
    "LDAP_READER_DN": Variable(str, "须为查找人员所用的目录账户", "cn=reader,dc=example,dc=cn"),
    "LDAP_READER_PASSWORD": Variable(str, "须为查找人员所用目录账户的口令", "口令", secret=True),
    "LDAP_CA_FILE": Variable(_file, "须为签发目录服务器证书的CA证书文件", "/etc/officeapp/ca.pem"),
}
