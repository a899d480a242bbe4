"""The only place that knows SMTP. Without a server, letters are kept in a local folder.

A letter that may go through later raises Temporary, one that never will Permanent.
"""

import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from officeapp.clock import ZONE
from officeapp.settings import Settings

TIMEOUT = 10
CLOSING = 421  # RFC 5321 3.8: about to close, whatever was asked
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class Undelivered(Exception):
    """Why a letter did not go; the message is a Chinese sentence."""


class Temporary(Undelivered):
    """Not delivered now; a later attempt may succeed."""


class Unreachable(Temporary):
    """The server itself cannot be reached: no other letter would go either."""


class Closed(Temporary):
    """The server closes the connection (421) and has not taken the letter: a new one may be welcome."""


class Permanent(Undelivered):
    """Never deliverable as it stands: refused recipient or content, or an address that is none."""


@dataclass(frozen=True)
class Letter:
    """One mail. message_id without angle brackets; date aware."""

    name: str
    address: str
    subject: str
    text: str
    message_id: str
    date: datetime


class Mailer(Protocol):
    def send(self, letter: Letter) -> None:
        """Hand the letter over; raises Temporary or Permanent."""


@dataclass
class Folder:
    """Keeps every letter as one .eml file; a letter sent twice is kept once."""

    path: Path
    sender: str
    sender_name: str

    def send(self, letter: Letter) -> None:
        message = compose(letter, self.sender, self.sender_name)
        kept = self.path / f"{re.sub(r'[^A-Za-z0-9-]', '-', letter.message_id)}.eml"
        draft = kept.with_suffix(".part")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(message.as_bytes())
            os.replace(draft, kept)
        except OSError as fault:
            raise Temporary(f"邮件文件夹不能写入：{_one_line(str(fault))}") from fault


@dataclass
class Server:
    """One SMTP server; the connection is kept for a whole batch."""

    url: str
    sender: str
    sender_name: str
    wire: smtplib.SMTP | None = field(default=None, repr=False)

    def send(self, letter: Letter) -> None:
        """A server that closes a connection it has had enough of (421) gets the letter by a new one, at once."""
        message, used = compose(letter, self.sender, self.sender_name), self.wire is not None
        try:
            self._hand_over(message)
        except Closed:
            if not used:
                raise
            self._hand_over(message)

    def _hand_over(self, message: EmailMessage) -> None:
        self.wire = self.wire or _connect(urlsplit(self.url))
        try:
            self.wire.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            code, words = next(iter(refused.recipients.values()))
            raise self._refused(code, words) from refused
        except smtplib.SMTPDataError as refused:
            raise self._refused(refused.smtp_code, refused.smtp_error) from refused
        except smtplib.SMTPNotSupportedError as fault:
            raise Permanent(f"邮件服务器不支持这个收件地址：{fault}") from fault
        except (smtplib.SMTPException, OSError) as fault:
            # The server or our sender's name is at fault, not this letter: it may go once they are mended.
            self.hang_up()
            kind = Closed if getattr(fault, "smtp_code", 0) == CLOSING else Temporary
            raise kind(f"邮件服务器没有收下：{_one_line(str(fault))}") from fault

    def _refused(self, code: int, words: bytes | str) -> Undelivered:
        if code == CLOSING:
            self.hang_up()
            return Closed(str(_fault_of(code, words)))
        return _fault_of(code, words)

    def hang_up(self) -> None:
        wire, self.wire = self.wire, None
        if wire is None:
            return
        try:
            wire.quit()
        except (smtplib.SMTPException, OSError):
            wire.close()


@contextmanager
def open_mailer(settings: Settings) -> Iterator[Mailer]:
    """The configured way out, for one batch: an SMTP server, or the folder mail/ under the data folder."""
    if settings.smtp_url is None:
        yield Folder(folder_of(settings), settings.mail_from, settings.bureau_name)
        return
    server = Server(settings.smtp_url, settings.mail_from, settings.bureau_name)
    try:
        yield server
    finally:
        server.hang_up()


def try_out(settings: Settings) -> None:
    """The dialogue with the server up to its sender's name, and no letter; raises Temporary or Permanent."""
    wire = _connect(urlsplit(settings.smtp_url))
    try:
        wire.ehlo_or_helo_if_needed()
        code, words = wire.mail(settings.mail_from)
        if code != 250:
            raise _fault_of(code, words)
        wire.rset()
        wire.quit()
    except (smtplib.SMTPException, OSError) as fault:
        raise Temporary(f"邮件服务器没有应答：{_one_line(str(fault))}") from fault
    finally:
        wire.close()


def folder_of(settings: Settings) -> Path:
    """Where letters are kept when there is no server."""
    return settings.data_dir / "mail"


def compose(letter: Letter, sender: str, sender_name: str) -> EmailMessage:
    """The letter as RFC 5322 text; no header can be smuggled in through a title or a name."""
    message = EmailMessage(policy=policy.SMTP)
    try:
        message["From"] = Address(_one_line(sender_name), addr_spec=sender)
        message["To"] = Address(_one_line(letter.name), addr_spec=letter.address)
    except (ValueError, IndexError, UnicodeError) as fault:
        raise Permanent(f"电子邮件地址有误：“{_one_line(letter.address)}”") from fault
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(letter.date.astimezone(ZONE))
    message["Message-ID"] = f"<{letter.message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    # Some relays still mangle 8-bit lines; base64 passes everywhere.
    message.set_content(letter.text, cte="base64")
    return message


def kept(folder: Path, limit: int = 200) -> list[Letter]:
    """The letters of a local folder, newest first."""
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return [_read(path) for path in files[:limit]]


def _read(path: Path) -> Letter:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    to = message["To"].addresses[0]
    return Letter(to.display_name, to.addr_spec, message["Subject"], message.get_content(),
                  message["Message-ID"].strip("<>"), message["Date"].datetime)


def _connect(url: SplitResult) -> smtplib.SMTP:
    try:
        return _logged_in(url)
    except (smtplib.SMTPException, OSError, ValueError) as fault:  # smtplib takes ASCII passwords only
        raise Unreachable(f"邮件服务器连接不上：{_one_line(str(fault))}") from fault


def _logged_in(url: SplitResult) -> smtplib.SMTP:
    host, port = url.hostname or "localhost", url.port or PORTS[url.scheme]
    secure = ssl.create_default_context()
    if url.scheme == "smtps":
        wire: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=secure)
    else:
        wire = smtplib.SMTP(host, port, timeout=TIMEOUT)
    if url.scheme == "smtp+starttls" or "starttls" in url.query:
        wire.starttls(context=secure)
    if url.username:
        wire.login(unquote(url.username), unquote(url.password or ""))
    return wire


def _fault_of(code: int, words: bytes | str) -> Undelivered:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    kind = Permanent if code >= 500 else Temporary
    return kind(_one_line(f"邮件服务器拒收：{code} {text}"))


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
