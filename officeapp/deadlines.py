"""What the calendar owes today: reminders and escalation (design.md §5, TL1–TL3, TL11)."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, bindparam, exists, literal, select, tuple_, update
from sqlalchemy.orm import Session, aliased, selectinload

from officeapp import db, decisions, desks, matters, notices, offshoots, roles, timing, wording
from officeapp.matters import Deadline, Line, Matter, Step
from officeapp.notices import Reminder
from officeapp.procedures import book
from officeapp.procedures.grammar import Rung
from officeapp.recipients import Recipient

TOGETHER = 500  # matters in one transaction
ISSUING = {rung.key for rules in book.PROCEDURES for rung in (*rules.ladder, *rules.stage_ladder) if rung.opens}
_PENDING = (select(Step.id, Step.deadline_id, Step.rung, Step.due_version, Step.period, Step.fire_at)
            .where(Step.matter_id.in_(bindparam("matters", expanding=True)), Step.state == "pending")
            .order_by(Step.fire_at, Step.id))

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Swept:
    """How many steps one sweep settled; failed counts matters left for the next sweep."""

    fired: int = 0
    merged: int = 0
    cancelled: int = 0
    failed: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(self.fired + other.fired, self.merged + other.merged,
                     self.cancelled + other.cancelled, self.failed + other.failed)


def sweep(now: datetime) -> Swept:
    """Fire every step that is due, the oldest first; what a crash breaks off is fired by the next sweep, once."""
    return sum((_sweep(some, now) for some in _some_at_a_time(now)), Swept())


def _sweep(ids: Sequence[int], now: datetime) -> Swept:
    """Some matters in one transaction; those that somebody is changing just now, or that fail together, alone."""
    try:
        with db.transaction() as session:
            found = _lock(session, ids, wait=len(ids) == 1)
            swept = remind_all(session, found, now)
        left = set(ids).difference(matter.id for matter in found) if len(ids) > 1 else ()
    except Exception:  # whatever it is: one broken matter must not silence the reminders of all others
        if len(ids) == 1:
            log.exception("matter %s: its reminders failed and stay due", ids[0])
            return Swept(failed=1)
        swept, left = Swept(), ids
    return sum((_sweep([matter_id], now) for matter_id in left), swept)


def _lock(session: Session, ids: Sequence[int], *, wait: bool) -> Sequence[Matter]:
    """These matters whole and locked; without `wait` only those that nobody holds: many locks never wait for one."""
    query = select(Matter).where(Matter.id.in_(ids)).order_by(Matter.id).with_for_update(skip_locked=not wait)
    whole = selectinload(Matter.tasks), selectinload(Matter.deadlines)
    return session.scalars(query.options(*whole).execution_options(populate_existing=True)).all()


def _some_at_a_time(now: datetime) -> Iterator[Sequence[int]]:
    """Matters with a step that is due, the longest due first.

    Whose rung sends a document comes alone: the row of its numbers must not stay locked while others are told.
    """
    with db.reading() as session:
        rows = session.execute(due(now)).all()
    alone = {matter_id for matter_id, rung in rows if rung in ISSUING}
    together = [matter_id for matter_id in dict.fromkeys(row.matter_id for row in rows) if matter_id not in alone]
    yield from (together[n:n + TOGETHER] for n in range(0, len(together), TOGETHER))
    yield from ([matter_id] for matter_id in dict.fromkeys(row.matter_id for row in rows) if matter_id in alone)


@dataclass(frozen=True)
class Expected:
    """One reminder to come: whom it will tell as things stand, stand-ins included, and sentences of empty roles.

    rung None: the rules know no such reminder, so every sweep will fail at it.
    """

    step: Step
    deadline: Deadline
    matter: Matter
    rung: Rung | None
    told: list[Recipient]
    empty: list[str]


def expected(session: Session, now: datetime, until: datetime, *, since: datetime | None = None,
             after: int | None = None, limit: int = 50) -> list[Expected]:
    """What the steps up to a moment will tell, the earliest first, after the step of that id; nothing is sent.

    Everything that is still owed, or only what comes due `since` a moment.
    """
    query = (select(Step, Deadline, Matter).join(Deadline, Deadline.id == Step.deadline_id)
             .join(Matter, Matter.id == Step.matter_id)
             .where(Step.state == "pending", Step.fire_at < until, Matter.closed.is_(False), Deadline.state == "open",
                    Step.due_version == Deadline.version, ~_overtaken(now)))
    if since:
        query = query.where(Step.fire_at >= since)
    last = session.get(Step, after) if after else None
    if last:
        query = query.where(tuple_(Step.fire_at, Step.id) > tuple_(literal(last.fire_at, Step.fire_at.type), last.id))
    rows = session.execute(query.order_by(Step.fire_at, Step.id).limit(limit)).all()
    return [_expect(session, step, deadline, matter, now) for step, deadline, matter in rows]


def _overtaken(now: datetime) -> ColumnElement[bool]:
    """Of what an outage kept back the highest alone will be sent."""
    later = aliased(Step)
    return exists().where(later.deadline_id == Step.deadline_id, later.due_version == Step.due_version,
                          later.state == "pending", later.fire_at <= now,
                          tuple_(later.fire_at, later.id) > tuple_(Step.fire_at, Step.id))


def _expect(session: Session, step: Step, deadline: Deadline, matter: Matter, now: datetime) -> Expected:
    rung = next((rung for rung in timing.ladder_of(matter, deadline) if rung.key == step.rung), None)
    if rung is None:
        unknown = "办理规程里没有这一级提醒，到点也发不出。请系统管理员查看后台任务的日志。"
        return Expected(step, deadline, matter, None, [], [unknown])
    told, empty = desks.people_told(session, matter, rung.to, max(step.fire_at, now))
    return Expected(step, deadline, matter, wording.as_it_falls(rung, deadline, step.fire_at), told, empty)


def due(now: datetime) -> Select[tuple[int, str]]:
    """Matter and rung of each due step, read along the index of what is pending: nothing else of ten years is seen."""
    query = select(Step.matter_id, Step.rung).where(Step.state == "pending", Step.fire_at <= now)
    return query.order_by(Step.fire_at, Step.id)


def remind(session: Session, matter_id: int, now: datetime) -> Swept:
    """Settle the due steps of one matter in the caller's transaction."""
    return remind_all(session, _lock(session, [matter_id], wait=True), now)


def remind_all(session: Session, found: Sequence[Matter], now: datetime) -> Swept:
    """Settle the due steps of these locked matters, in as many statements for one as for hundreds."""
    hung = {deadline.id: (matter, deadline) for matter in found for deadline in matter.deadlines}
    owed: dict[int, list[Row]] = {}
    settled: dict[str, list[int]] = {"fired": [], "merged": [], "cancelled": []}
    for step in db.rows(session, _PENDING, matters=[matter.id for matter in found]):
        if _is_moot(*hung[step.deadline_id], step):
            settled["cancelled"].append(step.id)
        elif step.fire_at <= now:
            owed.setdefault(step.deadline_id, []).append(step)
    speaking = []
    for deadline_id, steps in owed.items():
        rung, highest = _highest(*hung[deadline_id], steps)
        speaking.append((*hung[deadline_id], rung, highest.period))
        settled["fired"].append(highest.id)
        settled["merged"] += [step.id for step in steps if step is not highest]
    _tell(session, speaking, now)
    return _settle(session, settled, now)


def _is_moot(matter: Matter, deadline: Deadline, step: Row) -> bool:
    return matter.closed or deadline.state != "open" or step.due_version != deadline.version


def _highest(matter: Matter, deadline: Deadline, steps: list[Row]) -> tuple[Rung, Row]:
    """After an outage one reminder says it all; those it overtook are 合并."""
    ladder = {rung.key: rung for rung in timing.ladder_of(matter, deadline)}
    order = list(ladder)
    highest = max(steps, key=lambda step: (step.fire_at, order.index(step.rung)))
    return wording.as_it_falls(ladder[highest.rung], deadline, highest.fire_at), highest


def _tell(session: Session, speaking: list[tuple[Matter, Deadline, Rung, str]], now: datetime) -> None:
    """Each rung to its people, with its document if it sends one, and into its matter's history."""
    roll, reminders, lines = desks.RollCall(session, now), [], []
    for matter, deadline, rung, period in speaking:
        told, empty = roll.told(matter, rung.to)
        sent = _document(session, matter, deadline, rung, empty, now) if rung.opens else None
        reminders.append(Reminder(matter, deadline, rung, told, roll.holding(sent or matter), empty, period, sent))
        lines.append(_line(reminders[-1], now))
    notices.reminded(session, reminders, now=now)
    matters.record_all(session, lines)


def _document(session: Session, matter: Matter, deadline: Deadline, rung: Rung, empty: list[str],
              now: datetime) -> Matter | None:
    """The rung's numbered document; where nobody could issue or receive it, that is said among the empty roles."""
    try:
        with session.begin_nested():
            return offshoots.send_document(session, matter, deadline, rung, now)
    except (decisions.Refused, roles.NoHolder) as fault:
        empty.append(f"{rung.title}没有发出：{fault}")
        return None


def _line(said: Reminder, now: datetime) -> Line:
    sent = said.sent
    words = [f"{said.rung.title}（{sent.number}）" if sent else said.rung.title]
    if said.told:
        words.append("已提醒" + "、".join(recipient.name for recipient in said.told))
    if said.empty:
        words.append("有岗位无人接收，已报办公室主任和系统管理员")
    return matters.line_of(
        said.matter, "reminded", at=now, note="，".join(words), clause=said.rung.clause.cite,
        data={"rung": said.rung.key, "scope": said.deadline.scope, "due_version": said.deadline.version,
              "persons": [recipient.person.id for recipient in said.told],
              "empty": said.empty} | ({"document": sent.id} if sent else {}),
    )


def _settle(session: Session, settled: dict[str, list[int]], now: datetime) -> Swept:
    for state, ids in settled.items():
        if ids:
            session.execute(update(Step).where(Step.id.in_(ids)).values(state=state, settled_at=now))
    return Swept(**{state: len(ids) for state, ids in settled.items()})
