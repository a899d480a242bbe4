"""Mails leave here: claim with a lease, send with no transaction open, settle."""

import logging
import os
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from time import monotonic
from uuid import uuid4

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.timeouts import BaseTimeoutException

from jobs import boot
from officeapp import clock, db, mail, notices, outbox
from officeapp.mail import Letter, Mailer
from officeapp.outbox import Message
from officeapp.settings import Settings

QUEUE = "default"
LONGEST = 300  # seconds: half of what a job may take; the next beat goes on
BELL_PATIENCE = 1  # seconds a person's request may wait for Redis

log = logging.getLogger(__name__)


def relay() -> dict[str, int]:
    """The job behind the doorbell: deliver whatever is owed."""
    outcomes = dict(deliver(boot.settings()))
    log.info("job", extra={"job": "relay", "outcome": str(outcomes)})
    return outcomes


def deliver(settings: Settings) -> Counter[str]:
    """Send until nothing is due, five minutes at most.

    Counts of sent, pending (tried again), dead, cancelled (its date was met or has moved), lost (lease passed on).
    """
    worker = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    outcomes: Counter[str] = Counter()
    reachable, end = True, monotonic() + LONGEST
    # What an unreachable server leaves waits for the next beat rather than for a timeout each.
    while reachable and monotonic() < end and (batch := outbox.claim(clock.now(), worker)):
        with mail.open_mailer(settings) as mailer:
            for message in _still_due(batch, worker, outcomes):
                fault = _send(mailer, message, settings) if reachable else mail.Unreachable("邮件服务器连接不上")
                reachable = not isinstance(fault, mail.Unreachable)
                outcomes[_settle(message, worker, fault)] += 1
    return outcomes


def _still_due(batch: list[Message], worker: str, outcomes: Counter[str]) -> list[Message]:
    """The batch without reminders that waited until their date was met or had moved."""
    with db.reading() as session:
        moot = notices.moot(session, batch)
    for message in batch:
        if message.id in moot:
            outcomes[outbox.settle(clock.now(), worker, message, moot=True)] += 1
    return [message for message in batch if message.id not in moot]


def _send(mailer: Mailer, message: Message, settings: Settings) -> mail.Undelivered | None:
    try:
        text = notices.letter_text(message, settings.base_url, settings.bureau_name)
        mailer.send(Letter(message.name, message.address, message.subject, text, message.message_id, clock.now()))
    except mail.Undelivered as fault:
        return fault
    except BaseTimeoutException:
        raise  # RQ ends the job; the leases run out
    except Exception as fault:
        # A letter we cannot write ourselves must not keep the rest of its batch, again at every attempt.
        log.exception("mail cannot be written", extra={"mail": message.id})
        return mail.Temporary(f"邮件不能生成：{type(fault).__name__}")
    return None


def _settle(message: Message, worker: str, fault: mail.Undelivered | None) -> str:
    state = outbox.settle(clock.now(), worker, message, str(fault or ""), lasting=isinstance(fault, mail.Permanent))
    # What the mail server says may hold an address: the row keeps it, the log names the kind of fault.
    said = {"mail": message.id, "person": message.person_id, "matter": message.matter_id, "state": state}
    log.log(logging.WARNING if fault else logging.INFO, "mail",
            extra=said | ({"reason": type(fault).__name__} if fault else {}))
    return state


def bell(settings: Settings) -> Callable[[Sequence[int]], None]:
    """What app.py hands to outbox.set_bell: wakes a worker, and forgives a Redis that is away."""
    redis = Redis.from_url(settings.redis_address, socket_timeout=BELL_PATIENCE, socket_connect_timeout=BELL_PATIENCE)
    queue = Queue(QUEUE, connection=redis)
    silent = False

    def ring(ids: Sequence[int]) -> None:
        nonlocal silent
        try:
            queue.enqueue_call(relay, timeout=600, ttl=60, result_ttl=0, failure_ttl=3600)
            silent = False
        except RedisError as fault:
            # Said once per outage: every mail would otherwise repeat it.
            level, silent = logging.DEBUG if silent else logging.WARNING, True
            log.log(level, "the doorbell is out of order, the sweep will send messages %s", list(ids),
                    extra={"reason": type(fault).__name__})

    return ring
