"""A receiver with its troubles: busy, refusing, hanging, dying at every point of a letter, gone and back.

Like any mailbox it keeps one letter of each Message-ID and drops the twin.
"""

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.services import free_port

# 451, 554, no answer, dead amid DATA; and taken, but the sender never hears of it: too late, or not at all
TROUBLES = ("busy", "rejects", "hangs", "cut", "hangs_after", "silent")
GONE = "mail server gone"
HANG = 1  # seconds: longer than a hurried sender waits


@dataclass
class Mailbox:
    """What has arrived, by Message-ID; `trouble` is how it behaves now, `met` how often that was met."""

    refused: frozenset[str] = frozenset()  # answered 550
    port: int = field(default_factory=free_port)
    kept: dict[str, EmailMessage] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)  # taken, and the sender was told so
    twins: int = 0
    needless: int = 0  # twins of letters whose sender had been told
    met: Counter[str] = field(default_factory=Counter)
    trouble: str = ""
    controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def open(self) -> None:
        if self.controller is None:
            self.controller = _Post(self, hostname="127.0.0.1", port=self.port)
            self.controller.start()

    def close(self) -> None:
        """Gone, with every connection under way."""
        controller, self.controller = self.controller, None
        if controller is not None:
            controller.stop()

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if address in self.refused:
            self.met["unknown recipient"] += 1
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        trouble = self.trouble
        self.met[trouble or "taken"] += 1
        if trouble == "busy":
            return "451 4.3.0 try again later"
        if trouble == "rejects":
            return "554 5.7.1 rejected for the moment"
        if trouble == "hangs":
            await asyncio.sleep(HANG)
            return "421 4.3.2 closing"
        name = self._keep(envelope.content)
        if trouble == "hangs_after":
            await asyncio.sleep(HANG)
        elif trouble == "silent":
            server.transport.abort()
        else:
            self.told.add(name)
        return "250 OK"

    def _keep(self, content: bytes) -> str:
        letter = message_from_bytes(content, policy=policy.default)
        with _lock:
            if letter["Message-ID"] in self.kept:
                self.twins += 1
                self.needless += letter["Message-ID"] in self.told
            self.kept[letter["Message-ID"]] = letter
        return letter["Message-ID"]


class _Wire(SMTP):
    """A server that may die while a letter is under way."""

    async def smtp_DATA(self, arg: str) -> None:
        if self.event_handler.trouble != "cut" or not self.envelope.rcpt_tos:
            await super().smtp_DATA(arg)
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        await self._reader.readline()
        self.event_handler.met["cut"] += 1
        self.transport.abort()


class _Post(Controller):
    def factory(self) -> SMTP:
        return _Wire(self.handler, **self.SMTP_kwargs)


_lock = threading.Lock()
