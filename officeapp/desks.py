"""Whose desk a matter lies on: tasks made, acted on, passed along (GEN-1 件件有专人负责)."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeapp import delegations, matters, people, recipients, roles
from officeapp.attachments import attachments_of
from officeapp.clock import ZONE
from officeapp.decisions import Refused
from officeapp.matters import Matter, Task
from officeapp.options import options
from officeapp.people import Actor, Assignee, Person
from officeapp.procedures.clauses import Facts, settle
from officeapp.procedures.grammar import Holder, Move, MoveKind, Stage
from officeapp.recipients import Addressee, Recipient

CURRENT = "current"  # a rung's word for whoever holds the matter


@dataclass(frozen=True)
class Paper:
    """A signature given on paper, recorded by a clerk (FW-3): who, which day, on whose word, and for whom."""

    signer_id: int
    on: date
    instruction: str = ""
    scan_id: int | None = None
    for_id: int | None = None

    @property
    def principal_id(self) -> int:
        """Whose signature it is, whoever's hand wrote it."""
        return self.for_id or self.signer_id

    def as_data(self) -> dict[str, Any]:
        said = {"signer_id": self.signer_id, "on": self.on.isoformat(), "instruction": self.instruction,
                "scan_id": self.scan_id}
        return said | ({"for_id": self.for_id} if self.for_id else {})


def seat(session: Session, matter: Matter, stage: Stage, now: datetime) -> None:
    """Clear the old desk and make the tasks of a stage. Refused when a role is empty."""
    clear(session, matter.id, now)
    for turn, assignee in enumerate(_wanted(session, matter, stage)):
        waits = stage.how == "in_turn" and turn > 0
        matter.tasks.append(Task(
            matter_id=matter.id, stage=stage.key, purpose="act", person_id=assignee.person_id,
            post_id=assignee.post_id, unit_id=assignee.unit_id, turn=turn, state="waiting" if waits else "open",
            opened_at=now))
        session.add(matter.tasks[-1])


def reseat(session: Session, matter: Matter, now: datetime) -> None:
    """After the form changed (another grade, another signer): make the tasks anew if they differ."""
    wanted = _wanted(session, matter, matter.place)
    tasks = matters.open_tasks(session, matter.id)
    if {(t.person_id, t.post_id) for t in tasks} - {(a.person_id, a.post_id) for a in wanted}:
        seat(session, matter, matter.place, now)
        name_holders(session, matter, now)


def clear(session: Session, matter_id: int, now: datetime) -> None:
    """Nobody need act any more where the matter lay."""
    for task in matters.open_tasks(session, matter_id):
        task.state, task.done_at = "dropped", now


def act(session: Session, matter: Matter, move: Move, actor: Actor, paper: Paper | None, now: datetime) -> bool:
    """Mark the actor's task done. True when the stage is complete and the matter may go."""
    tasks = matters.open_tasks(session, matter.id)
    mine = tasks_of(session, matter, people.actor(session, paper.principal_id) if paper else actor)
    if move.contributes and len(mine) == len(tasks):
        return False  # a word from the only desk: it must still take the matter on
    if move.kind not in (MoveKind.WITHDRAW, MoveKind.VOID):
        for task in mine:  # who holds two of the joint posts signs once
            task.state, task.done_at, task.done_by = "done", now, actor.hand
            task.on_behalf_of = paper.principal_id if paper else actor.on_behalf_of
    if move.kind is not MoveKind.FORWARD or matter.place.how in ("one", "lead") and not move.contributes:
        return True
    left = [t for t in tasks if t not in mine]
    _next_turn(left, now)
    matter.sent_by, matter.sent_from = None, ""
    return not left and not move.contributes


def tasks_of(session: Session, matter: Matter, signer: Actor) -> list[Task]:
    """The open tasks that this person may do where the matter lies."""
    return [t for t in matters.open_tasks(session, matter.id) if t.state == "open" and t.purpose == "act"
            and (t.person_id == signer.id or t.post_id in signer.post_ids)]


def refuse_paper(session: Session, matter: Matter, paper: Paper, now: datetime) -> None:
    """The signer must be one whose turn it is, the day neither future nor before who signed last."""
    clause = matter.place.clause
    signers = people.incumbents(session, assignees(session, matter.id))
    if paper.principal_id not in [p.id for p in signers] or not _stood_in(session, paper):
        names = "、".join(p.name for p in signers)
        raise Refused(f"这一栏应由{names}签字，请选择正确的签字人。", clause, fields={"signer": "签字人不对。"})
    today, since = now.astimezone(ZONE).date(), _signed_since(session, matter)
    if not since <= paper.on <= today:
        raise Refused(f"签字日期应在{since}（起草或前一环节签字）到{today}（今天）之间。", clause,
                      fields={"on": "日期不对。"})
    if paper.scan_id and paper.scan_id not in [a.id for a in attachments_of(session, matter.id, "scan")]:
        raise Refused("签字页的扫描件不在本件的附件里，请重新上传后再办。", clause, fields={"scan": "找不到扫描件。"})


def _stood_in(session: Session, paper: Paper) -> bool:
    """Whether the signer signed for himself, or stood in for the other some time on that day."""
    if not paper.for_id:
        return True
    since = datetime.combine(paper.on, time(), ZONE)
    return delegations.stood(session, paper.for_id, paper.signer_id, since, since + timedelta(days=1, microseconds=-1))


def _signed_since(session: Session, matter: Matter) -> date:
    """The last day signed on paper so far, else the day it was opened: signatures follow each other."""
    signed = (e.data["paper"]["on"] for e in matters.history(session, matter.id) if "paper" in e.data)
    return max([matter.opened_at.astimezone(ZONE).date(), *map(date.fromisoformat, signed)])


def assignees(session: Session, matter_id: int) -> list[Assignee]:
    """Who must act now, in turn order."""
    tasks = (t for t in matters.open_tasks(session, matter_id) if t.state == "open" and t.purpose == "act")
    return [Assignee(t.person_id, t.post_id) for t in tasks]


def told(session: Session, matter: Matter, now: datetime) -> list[Recipient]:
    """The people who must act now, then whoever stands in for one of them."""
    with session.no_autoflush:  # who fills a post does not hang on what has changed of the matter
        return recipients.addressed(session, assignees(session, matter.id), now)


def name_holders(session: Session, matter: Matter, now: datetime) -> list[Recipient]:
    """Put on the card who must act now; whom to tell of it."""
    there = told(session, matter, now)
    matter.holder = _words([each.person for each in there if not each.principals])
    return there


def _words(found: list[Addressee]) -> str:
    """「办公室 · 陈文书」 for the card, at most two names; of several units 「王建国（市容科）、赵琳（应急科）」."""
    if not found:
        return ""
    first, units = found[0], {person.unit for person in found}
    if len(units) == 1:
        more = f"等{len(found)}人" if len(found) > 2 else ""
        return f"{first.unit} · {'、'.join(person.name for person in found[:2])}{more}"
    if len(found) > 2:
        return f"{first.name}（{first.unit}）等{len(found)}人"
    return "、".join(f"{person.name}（{person.unit}）" for person in found)


def _wanted(session: Session, matter: Matter, stage: Stage) -> list[Assignee]:
    facts = Facts(stage=stage.key, values=matter.values, options=options(session))
    holder = settle(stage.holder, facts)
    each = holder if isinstance(holder, tuple) else (holder,)
    found, empty = [], []
    with session.no_autoflush:  # who fills a post does not hang on what has changed of the matter
        for h in each:
            try:
                found += _of(session, matter, h)
            except roles.NoHolder as fault:
                empty.append((h, str(fault)))
    missed = [sentence for h, sentence in empty if not h.optional or not found]
    if missed or not found:
        raise Refused(missed[0] if missed else f"「{stage.title}」环节还没有办理人，请先确定责任人。", stage.clause)
    return list(dict.fromkeys(found))


def _of(session: Session, matter: Matter, holder: Holder) -> list[Assignee]:
    return roles.holders(session, holder, drafter_id=matter.drafter_id, unit_id=matter.unit_id, values=matter.values)


def people_told(session: Session, matter: Matter, to: Iterable[Holder],
                now: datetime) -> tuple[list[Recipient], list[str]]:
    """Whom a rung of a ladder reaches, stand-ins included, each once; a sentence for each role that nobody fills."""
    return RollCall(session, now).told(matter, to)


class RollCall:
    """Who fills which roles at one moment: however many matters ask in a transaction, nothing is looked up twice."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self._filled: dict[Hashable, list[Assignee] | roles.NoHolder] = {}
        self._behind = cache(lambda *wanted: people.incumbents(session, wanted))
        self._recipients = cache(lambda *folk: recipients.of(session, folk, now))

    def told(self, matter: Matter, to: Iterable[Holder]) -> tuple[list[Recipient], list[str]]:
        """What people_told says."""
        persons: dict[int, Person] = {}
        empty = []
        for holder in to:
            try:
                persons |= {person.id: person for person in self._people_of(matter, holder)}
            except roles.NoHolder as fault:
                empty.append(str(fault))
        return self._recipients(*persons.values()), empty

    def holding(self, matter: Matter) -> list[Person]:
        """The people on whose desk the matter lies."""
        return self._behind(*assignees(self.session, matter.id))

    def _people_of(self, matter: Matter, holder: Holder) -> list[Person]:
        found = self.holding(matter) if holder.rule == CURRENT else self._behind(*self._fill(matter, holder))
        if not found:
            raise roles.NoHolder(f"“{matter.place.title}”环节的{holder.title}无人在岗。请在“单位人员”里设置后再办。")
        return found

    def _fill(self, matter: Matter, holder: Holder) -> list[Assignee]:
        of = {"drafter_id": matter.drafter_id, "unit_id": matter.unit_id, "values": matter.values}
        key = holder, roles.hangs_on(holder, **of)
        if key not in self._filled:
            try:
                self._filled[key] = roles.holders(self.session, holder, **of)
            except roles.NoHolder as fault:
                self._filled[key] = fault
        if isinstance(self._filled[key], roles.NoHolder):
            raise self._filled[key]
        return self._filled[key]


def _next_turn(left: list[Task], now: datetime) -> None:
    if left and all(t.state == "waiting" for t in left):
        left[0].state, left[0].opened_at = "open", now


def signers(session: Session, matter_id: int) -> list[Person]:
    """The people who may have signed on paper where the matter lies."""
    return people.incumbents(session, assignees(session, matter_id))


def stand_ins(session: Session, matter: Matter, now: datetime) -> list[tuple[Person, Person]]:
    """Who may have signed there in a signer's place since the last signature, and for whom."""
    since = datetime.combine(_signed_since(session, matter), time(), ZONE)
    return recipients.stand_ins(session, signers(session, matter.id), since, now)


def mark_seen(session: Session, matter_id: int, actor: Actor, now: datetime) -> None:
    """The first time a holder opens the page: 未读 becomes 已读."""
    query = select(Task).where(Task.matter_id == matter_id, Task.state == "open", Task.seen_at.is_(None))
    for task in session.scalars(query):
        if task.person_id == actor.id or task.post_id in actor.post_ids:
            task.seen_at = now
