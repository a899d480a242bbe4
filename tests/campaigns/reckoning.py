"""What a campaign left behind, held against the writers' journals and the receiver's mailbox."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeapp import audit, db, outbox
from officeapp.audit import Tally
from officeapp.matters import Event, Matter, Step
from officeapp.outbox import Message
from tests.campaigns.mailbox import Mailbox

SUBJECT = r"【(待办|退回|撤回|临期提醒|到期提醒|超期催办)】《(.+?)》"


@dataclass
class Reckoning:
    """The figures; every fault is a sentence."""

    moves: int = 0
    in_doubt: int = 0
    stale: int = 0
    owed: int = 0
    sent: int = 0
    dead: int = 0
    digested: int = 0
    received: int = 0
    twins: int = 0
    needless: int = 0
    reminders: int = 0
    events: int = 0
    seals: int = 0
    attempts: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.twice or self.faults)


def reckon(lines: Iterable[dict], box: Mailbox, now, reviewers: int = 1) -> Reckoning:
    """Count everything once more from the outside; so many people hold the reviewing desk."""
    found = Reckoning(received=len(box.kept), twins=box.twins, needless=box.needless)
    with db.reading() as session:
        events = session.scalars(select(Event).order_by(Event.matter_id, Event.seq)).all()
        mails = session.scalars(select(Message).where(Message.channel == outbox.MAIL)).all()
        titles = dict(session.execute(select(Matter.id, Matter.title)).all())
        _moves(found, list(lines), events)
        _pending_steps(found, session, now)
    _record(found)
    _letters(found, events, mails, titles, box, reviewers)
    _outbox(found, mails, box)
    return found


def _moves(found: Reckoning, lines: list[dict], events: list[Event]) -> None:
    made = Counter(event.note for event in events if event.what == "moved")
    last = {line["note"]: line for line in lines}
    for note, line in last.items():
        outcome, times = line["outcome"], made.pop(note, 0)
        found.moves += times
        found.in_doubt += outcome in ("tried", "unknown")
        found.stale += outcome == "stale"
        if outcome == "done" and times == 0:
            found.lost.append(f"move {note} was acknowledged and is not in the history")
        if times > 1 or (times and outcome in ("stale", "refused")):
            found.twice.append(f"move {note} ({outcome}) stands {times} times in the history")
    made.pop("", None)  # the campaign's own preparation
    found.faults += [f"nobody made move {note}" for note in made]


def _record(found: Reckoning) -> None:
    """What `flask audit verify` says: every chain, every state that it tells, every seal."""
    tally = Tally()
    with db.reading() as session:
        found.faults += [fault.sentence for fault in audit.verify(session, tally)]
    found.events, found.seals = tally.lines, tally.seals


def _pending_steps(found: Reckoning, session: Session, now) -> None:
    late = session.scalars(select(Step).where(Step.state == "pending", Step.fire_at <= now)).all()
    found.lost += [f"reminder {step.rung} of matter {step.matter_id} never fired" for step in late]


def _letters(found: Reckoning, events: list[Event], mails: list[Message], titles: dict[int, str],
             box: Mailbox, reviewers: int) -> None:
    """Each move owes one letter to each at the desk it concerns, each reminder one to each of its persons.

    By matter and sort, as the reader sees them.
    """
    owed: Counter[tuple[str, str]] = Counter()
    for event in events:
        title = titles[event.matter_id]
        if event.what == "moved" and event.note:
            sort = "撤回" if event.move.endswith("withdraw") else "退回" if event.target == "drafting" else "待办"
            owed[title, sort] += 1 if sort == "退回" else reviewers
        elif event.what == "reminded":
            owed[title, "提醒"] += len(event.data["persons"])
            found.reminders += 1
    dead = Counter(key for mail in mails if mail.state == "dead" for key in _told(mail.subject, mail.body))
    came = Counter(key for each in box.kept.values() for key in _told(each["Subject"], each.get_content()))
    for key in owed.keys() | came.keys():
        missing = owed[key] - came[key] - dead[key]
        if missing > 0:
            found.lost.append(f"{missing} letters {key}: owed {owed[key]}, arrived {came[key]}, dead {dead[key]}")
        elif missing < 0:
            found.twice.append(f"{-missing} letters {key}: owed {owed[key]}, arrived {came[key]}, dead {dead[key]}")


def _told(subject: str, text: str) -> list[tuple[str, str]]:
    """Title and sort of what a letter tells: one thing, or every line of a digest."""
    told = re.findall(SUBJECT, text) if subject.startswith("【每日提醒】") else re.findall(SUBJECT, subject)
    return [(title, sort if sort in ("待办", "退回", "撤回") else "提醒") for sort, title in told]


def _outbox(found: Reckoning, mails: list[Message], box: Mailbox) -> None:
    found.owed, found.attempts = len(mails), sum(mail.attempts for mail in mails)
    keys = {mail.key for mail in mails}
    known = {f"<{mail.message_id}>": mail for mail in mails}
    for name, mail in known.items():
        found.sent += mail.state == "sent"
        found.dead += mail.state == "dead"
        if mail.state == "sent" and name not in box.kept:
            found.lost.append(f"mail {mail.key} is marked sent and never arrived")
        if mail.state == "dead" and (not mail.error or name in box.kept):
            found.faults.append(f"mail {mail.key} is dead: {mail.error or 'without a reason'}")
        found.digested += mail.state == "digested"
        if mail.state == "digested" and mail.digest not in keys:
            found.lost.append(f"mail {mail.key} went into a digest that is none: {mail.digest}")
        if mail.state not in ("sent", "dead", "digested"):
            found.lost.append(f"mail {mail.key} is still {mail.state}: {mail.error}")
    found.faults += [f"nobody owed letter {name}" for name in box.kept.keys() - known.keys()]
