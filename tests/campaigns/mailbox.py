"""A receiver with its troubles: busy, hanging, taking a letter without saying so, gone and back.

Like any mailbox it keeps one letter of each Message-ID and drops the twin.
"""

import asyncio
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from tests.services import free_port

TROUBLES = ("busy", "hangs", "hangs_after", "silent")
HANG = 1  # seconds: longer than a hurried sender waits


@dataclass
class Mailbox:
    """What has arrived, by Message-ID; `trouble` is how it behaves now."""

    refused: frozenset[str] = frozenset()  # answered 550
    port: int = field(default_factory=free_port)
    kept: dict[str, EmailMessage] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)  # taken, and the sender was told so
    twins: int = 0
    needless: int = 0  # twins of letters whose sender had been told
    turned_away: int = 0
    trouble: str = ""
    controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def open(self) -> None:
        if self.controller is None:
            self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
            self.controller.start()

    def close(self) -> None:
        """Gone, with every connection under way."""
        controller, self.controller = self.controller, None
        if controller is not None:
            controller.stop()

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if address in self.refused:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        trouble = self.trouble
        if trouble == "busy":
            self.turned_away += 1
            return "451 4.3.0 try again later"
        if trouble == "hangs":
            self.turned_away += 1
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


_lock = threading.Lock()
