"""Who is told what, in which words. The only writer of messages (design.md §6).

An e-mail names the matter, its stage, its date and its link, never its text (DB-6).
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from officeapp import calendars, office_hours, outbox, recipients, roles, workdays
from officeapp.clock import ZONE
from officeapp.matters import CYCLE, Deadline, Matter
from officeapp.options import options
from officeapp.outbox import MAIL, NOTICE, Message
from officeapp.people import Person
from officeapp.procedures.clauses import Facts, settle
from officeapp.procedures.grammar import Holder, Procedure, Rung
from officeapp.recipients import Recipient
from officeapp.seals import Seal
from officeapp.wording import (
    about,
    counted_to,
    course_words,
    due_words,
    is_late,
    limit_of,
    makes_haste,
    moment_words,
    name_of,
    render,
    sort_of,
    stamp,
    stopped,
    until_words,
)

AUDITORS = (Holder("bureau", "审计管理员", "audit_admin"),)
KEEPERS = (Holder("bureau", "办公室主任", "office_director"), Holder("bureau", "系统管理员", "system_admin"))

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reminder:
    """One rung of one limit that speaks: to whom, who holds the matter now, a sentence for each role it found empty.

    `sent` is the numbered document that goes out with it; its holders are who must answer it.
    """

    matter: Matter
    deadline: Deadline
    rung: Rung
    told: Sequence[Recipient]
    holders: Sequence[Person] = ()
    empty: Sequence[str] = ()
    period: str = ""
    sent: Matter | None = None


def task_opened(session: Session, matter: Matter, told: list[Recipient], *, now: datetime,
                from_name: str, move_title: str) -> None:
    """A matter has come to these desks: a notice, and a mail when it is urgent."""
    said = {"sender": from_name, "move": move_title}
    line = f"{from_name}转来（{move_title}），请办理。期限：{due_words(matter)}。"
    _tell_desks(session, matter, told, "task", "待办", line, said, now)


def returned(session: Session, matter: Matter, told: list[Recipient], *, now: datetime,
             from_name: str, move_title: str, note: str) -> None:
    """A matter has come back: the reason stands in the notice, never in the mail."""
    line = f"{from_name}退回（{move_title}）：{note}"
    _tell_desks(session, matter, told, "returned", "退回", line, {"sender": from_name, "move": move_title}, now)


def withdrawn(session: Session, matter: Matter, told: list[Recipient], *, now: datetime, from_name: str) -> None:
    """A matter has been taken back from these desks before they acted."""
    line = f"{from_name}已撤回，您不用再办。"
    _tell_desks(session, matter, told, "withdrawn", "撤回", line, {"sender": from_name}, now)


def fallen_away(session: Session, matter: Matter, told: list[Recipient], why: str, *, now: datetime) -> None:
    """What belonged to another matter has ended with it: a notice, never a mail, for there is nothing to do."""
    _tell_desks(session, matter, told, "fallen_away", "免办", f"{why}，本件随之终止，您不用再办。", {}, now)


def informed(session: Session, matter: Matter, told: Iterable[Recipient], *, now: datetime, from_name: str,
             move_title: str) -> None:
    """Those whom a move's clause sends it to besides its desks: there is nothing for them to do (DB-4)."""
    line = f"{from_name}已办理“{move_title}”，请知悉。{until_words(matter)}"
    _tell_all(session, told, f"informed:{matter.id}:v{matter.version}", f"【抄送】{name_of(matter)}", line, "",
              f"/matters/{matter.id}", matter.id, now)


def recorded_for(session: Session, matter: Matter, signer: Person, *, now: datetime, from_name: str, box: str,
                 note: str, basis: str) -> None:
    """Somebody recorded a signature that was given on paper: its signer is told what was recorded (FW-3)."""
    words = f"“{note}”" if note else "（未录意见）"
    on_what = f"，依据：{basis}" if basis else ""
    line = f"{from_name}代录了您在“{box}”栏的签字：{words}{on_what}。如与事实不符，请立即告知办公室。"
    key = f"recorded:{matter.id}:{matter.stage}:v{matter.version}"
    subject = f"【代录告知】{name_of(matter)}（{box}）"
    tell(session, Recipient(signer), key, subject, line, "", f"/matters/{matter.id}", matter.id, now)


def due_changed(session: Session, matter: Matter, told: list[Recipient], *, now: datetime,
                before: datetime, after: datetime, unit: str, reason: str) -> None:
    """One due date of a matter has moved (another grade, another calendar); each new date is told once."""
    was, will = moment_words(before, unit), moment_words(after, unit)
    line = f"办理期限由{was}调整为{will}：{reason}"
    stamp = f"{before.astimezone(ZONE):%Y-%m-%dT%H%M}:{after.astimezone(ZONE):%Y-%m-%dT%H%M}"
    said = {"before": was, "due": will, "reason": reason}
    _tell_desks(session, matter, told, f"due_changed:{stamp}", "期限调整", line, said, now)


def reminded(session: Session, reminders: Sequence[Reminder], *, now: datetime) -> None:
    """Rungs of ladders, to each person by notice and, with an address, by mail; each once per due date.

    Where a role was empty, the office director and the system administrators hear of it.
    """
    outbox.owe_all(session, (letter for each in reminders for letter in _reminder(session, each, now)))
    faults = [each for each in reminders if each.empty]
    keepers = _holding(session, KEEPERS, now) if faults else []
    outbox.owe_all(session, (letter for each in faults for letter in _no_recipient(session, each, keepers, now)))


def _reminder(session: Session, said: Reminder, now: datetime) -> Iterator[dict[str, Any]]:
    matter, deadline, rung = said.matter, said.deadline, said.rung
    until = counted_to(deadline, now)
    light = workdays.light(calendars.current(session), deadline.due_at, deadline.unit, until).words
    state = f"已{light}" if light.startswith("超期") else light
    late = f"{name_of(matter)} {limit_of(matter, deadline)}{state}"
    due = moment_words(deadline.due_at, deadline.unit)
    facts = about(matter) | {
        "limit": limit_of(matter, deadline), "state": state, "due": due, "rung": rung.title,
        "clause": rung.clause.cite, "holder": "、".join(p.name for p in said.holders) or "（暂无）",
    }
    key = ":".join(filter(None, (rung.key, str(matter.id), deadline.scope, stamp(deadline), said.period)))
    sent = said.sent
    # A document must be answered whatever becomes of the limit that it tells of.
    waits = _waits(session, matter, deadline, now) | ({"due": _course_of(sent)} if sent else {})
    over = is_late(deadline, now)
    subject = (f"【{sent.rules.noun}】{sent.number}：{late if over else name_of(matter)}" if sent
               else f"【{sort_of(rung)}】{late}")
    facts |= {"document": sent.number, "answer_by": course_words(sent), "late": over} if sent else {}
    asked = ("请签收、答复。", "请知悉，并督促办理。") if sent else ("请抓紧办理。", "请予督促办理。")
    for recipient in said.told:
        own = recipient.is_among(said.holders)
        shown = sent if sent and own else matter  # who only hears of the document may not be let in to it
        line = f"{rung.title}。期限：{due}。{asked[not own]}"
        body = render("document" if sent else "reminder", facts | {"own": own})
        yield from _letters(recipient, key, subject, line, body, f"/matters/{shown.id}", shown.id, now, **waits)


def _no_recipient(session: Session, said: Reminder, keepers: Sequence[Recipient],
                  now: datetime) -> Iterator[dict[str, Any]]:
    matter, deadline, rung, sentence = said.matter, said.deadline, said.rung, "".join(said.empty)
    # An administrator may not read documents, so neither title nor number is named.
    subject = f"【提醒无人接收】{rung.title}（事项编号{matter.id}）"
    body = render("no_recipient", {"matter_id": matter.id, "rung": rung.title, "sentence": sentence})
    key = f"no_recipient:{rung.key}:{matter.id}:{deadline.scope}:{stamp(deadline)}"
    if not keepers:
        log.error("nobody to remind, and nobody to tell of it", extra={"matter": matter.id})
    # Never in a digest, where titles stand.
    waits = _waits(session, matter, deadline, now) | {"held": False}
    for keeper in keepers:
        yield from _letters(keeper, key, subject, sentence, body, "/people", matter.id, now, **waits)


def urged(session: Session, matter: Matter, told: Sequence[Recipient], *, now: datetime, from_name: str,
          note: str) -> None:
    """A supervisor urges by hand: a notice and a mail at once, each day's urging told once (DB-10)."""
    due, day = due_words(matter), now.astimezone(ZONE).date().isoformat()
    line = f"{from_name}催办：{stopped(note) or '请抓紧办理。'}期限：{due}。"
    body, key = render("urged", about(matter) | {"sender": from_name}), f"urged:{matter.id}:{matter.stage}:{day}"
    subject = f"【催办】{name_of(matter)} 请抓紧办理"
    _tell_all(session, told, key, subject, line, body, f"/matters/{matter.id}", matter.id, now)


def prompted(session: Session, matter: Matter, told: Sequence[Recipient], *, now: datetime) -> None:
    """The calendar has opened it for a unit: its writers are told what and by when (JH-1)."""
    deadline = next(d for d in matter.deadlines if d.scope == CYCLE)
    line = f"请于{due_words(matter)}前报送。"
    body, waits = render("prompted", about(matter)), _waits(session, matter, deadline, now)
    _tell_all(session, told, f"prompted:{matter.id}", f"【报送提示】{name_of(matter)}", line, body,
              f"/matters/{matter.id}", matter.id, now, **waits)


def not_prompted(session: Session, rules: Procedure, unit: Row, period: str, sentence: str, *, now: datetime) -> None:
    """A unit could not be asked because nobody would write for it: who can mend it hears of it once."""
    subject = f"【无人报送】{unit.name}{rules.noun}"
    body = render("not_prompted", {"unit": unit.name, "noun": rules.noun, "sentence": sentence})
    keepers = _holding(session, (*KEEPERS, rules.gathering.collector), now)
    _tell_all(session, keepers, f"not_prompted:{rules.kind}:{unit.id}:{period}", subject, sentence, body, "/people",
              None, now)


def not_gathered(session: Session, rules: Procedure, period: str, sentence: str, *, now: datetime) -> None:
    """Units have been asked for what nobody gathers: who can mend it hears of it once a month."""
    body = render("not_gathered", {"noun": rules.noun, "sentence": sentence})
    _tell_all(session, _holding(session, KEEPERS, now), f"not_gathered:{rules.kind}:{period}",
              f"【无人汇总】{rules.noun}", sentence, body, "/people", None, now)


def moot(session: Session, messages: Iterable[Message]) -> set[int]:
    """Reminders of a date that is met, moved, paused or dropped by now: they would only confuse."""
    query = (select(Message.id).join(Deadline, Deadline.id == Message.deadline_id)
             .where(Message.id.in_([message.id for message in messages]),
                    or_(Deadline.state != "open", Deadline.due_at != Message.due_at)))
    return set(session.scalars(query))


def digest(session: Session, person: Person, key: str, lines: list[dict[str, str]], *, now: datetime) -> None:
    """One mail that lists a person's reminders of a day; their notices are there already."""
    late = sum("已超期" in line["subject"] for line in lines)
    subject = f"【每日提醒】{len(lines)}件事项临期、到期或超期" + (f"，其中超期{late}件" if late else "")
    outbox.owe(session, person, MAIL, key=key, subject=subject, body=render("digest", {"lines": lines}), link="/",
               matter_id=None, now=now)


def sealed(session: Session, seal: Seal, *, now: datetime) -> None:
    """The day's newest seal to the auditors: their mailbox is the copy that nobody at our database can reach."""
    day = f"{now.astimezone(ZONE):%Y-%m-%d}"
    body = render("sealed", {"n": seal.n, "hash": seal.hash, "at": moment_words(seal.at, "hour")})
    subject = f"【记录封存】第{seal.n}号 {seal.hash[:12]}"
    for person in (recipient.person for recipient in _holding(session, AUDITORS, now)):
        if person.email:
            outbox.owe(session, person, MAIL, key=f"sealed:{day}:person{person.id}:{MAIL}", subject=subject, body=body,
                       link="/audit/seals", matter_id=None, now=now)


def letter_text(message: Message, base_url: str, bureau: str) -> str:
    """The whole mail: salutation, body, full address, sign-off."""
    said = {"name": message.name, "body": message.body.strip(), "address": base_url + message.link, "bureau": bureau}
    return render("letter", said)


def _tell_desks(session: Session, matter: Matter, told: list[Recipient], what: str, sort: str, line: str,
                said: dict[str, Any], now: datetime) -> None:
    subject = f"【{sort}】{name_of(matter)}（{matter.place.title}）"
    key = f"{what}:{matter.id}:{matter.stage}:v{matter.version}"
    body = render(what.partition(":")[0], about(matter) | said) if said and makes_haste(matter) else ""
    _tell_all(session, told, key, subject, line, body, f"/matters/{matter.id}", matter.id, now)


def is_rushed(matter: Matter, deadline: Deadline) -> bool:
    """Whether a reminder of this limit leaves at once, outside office hours too."""
    cycle = settle(matter.rules.cycle, Facts(values=matter.values))
    return deadline.bypass_hours or bool(cycle and (cycle.bypass_hours or cycle.mails_at_once))


def _waits(session: Session, matter: Matter, deadline: Deadline, now: datetime) -> dict[str, Any]:
    """How a reminder's mail waits: not at all, for office hours, or for the day's digest."""
    due = {"due": (deadline.id, deadline.due_at)}
    if is_rushed(matter, deadline):
        return due
    at = office_hours.leaves_at(calendars.current(session), now)
    return due | {"leaves_at": at, "held": bool(options(session)["digest"])}


def _course_of(sent: Matter) -> tuple[int, datetime]:
    """The limit of a document's own course, with which its mails stand and fall."""
    course = next(each for each in sent.deadlines if each.scope == CYCLE)
    return course.id, course.due_at


def tell(session: Session, recipient: Recipient, *said: Any, **waits: Any) -> None:
    """A notice, and a mail where there is a body for one: key, subject, line, body, link, matter's id, now."""
    _tell_all(session, [recipient], *said, **waits)


def _tell_all(session: Session, told: Iterable[Recipient], *said: Any, **waits: Any) -> None:
    """The same to each of them."""
    outbox.owe_all(session, (letter for recipient in told for letter in _letters(recipient, *said, **waits)))


def _letters(recipient: Recipient, key: str, subject: str, line: str, body: str, link: str, matter_id: int | None,
             now: datetime, **waits: Any) -> Iterator[dict[str, Any]]:
    """A notice, and a mail if there is a body for one and an address; who stands in reads for whom."""
    person, whom = recipient.person, recipient.stands_for
    common = {"subject": subject + (f"（代{whom}办理）" if whom else ""), "link": link, "matter_id": matter_id,
              "now": now}
    yield outbox.letter(person, NOTICE, key=f"{key}:person{person.id}:{NOTICE}", body=line, **common)
    if body and person.email:
        yield outbox.letter(person, MAIL, key=f"{key}:person{person.id}:{MAIL}", body=body, **common, **waits)


def _holding(session: Session, holders: Iterable[Holder], now: datetime) -> list[Recipient]:
    found = []
    for holder in holders:
        try:
            found += roles.holders(session, holder, drafter_id=0, unit_id=0)
        except roles.NoHolder:
            continue  # the others still hear of it
    return recipients.addressed(session, found, now)
