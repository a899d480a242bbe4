"""What the calendar owes today: reminders and escalation (design.md §5, TL1–TL3, TL11)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, literal, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, aliased

from officeapp import db, decisions, desks, matters, notices, offshoots, people, roles, timing
from officeapp.matters import Deadline, Matter, Step
from officeapp.procedures.grammar import Rung
from officeapp.recipients import Recipient

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
    """Fire every step that is due, one transaction per matter; the oldest first."""
    swept = Swept()
    for matter_id in due_matters(now):
        try:
            with db.transaction() as session:
                swept += remind(session, matter_id, now)
        except (SQLAlchemyError, LookupError, ValueError):
            # One broken matter must not silence the reminders of all others.
            log.exception("matter %s: its reminders failed and stay due", matter_id)
            swept += Swept(failed=1)
    return swept


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


def expected(session: Session, now: datetime, until: datetime, *, after: int | None = None,
             limit: int = 50) -> list[Expected]:
    """What the steps up to a moment will tell, the earliest first, after the step of that id; nothing is sent."""
    query = (select(Step, Deadline, Matter).join(Deadline, Deadline.id == Step.deadline_id)
             .join(Matter, Matter.id == Step.matter_id)
             .where(Step.state == "pending", Step.fire_at < until, Matter.closed.is_(False), Deadline.state == "open",
                    Step.due_version == Deadline.version, ~_overtaken(now)))
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
    return Expected(step, deadline, matter, rung, told, empty)


def due_matters(now: datetime) -> Sequence[int]:
    """Matters with a step that is due, the longest due first."""
    with db.reading() as session:
        return list(dict.fromkeys(session.scalars(due(now))))


def due(now: datetime) -> Select[tuple[int]]:
    """The matter of each due step, read along the index of what is pending: nothing else of ten years is looked at."""
    query = select(Step.matter_id).where(Step.state == "pending", Step.fire_at <= now)
    return query.order_by(Step.fire_at, Step.id)


def remind(session: Session, matter_id: int, now: datetime) -> Swept:
    """Settle the due steps of one matter in the caller's transaction."""
    matter = matters.lock(session, matter_id)
    query = select(Step, Deadline).join(Deadline, Deadline.id == Step.deadline_id).where(
        Step.matter_id == matter_id, Step.state == "pending").order_by(Step.fire_at, Step.id)
    owed: dict[Deadline, list[Step]] = {}
    swept = Swept()
    for step, deadline in session.execute(query).all():
        if _is_moot(matter, deadline, step):
            swept += _settle(step, "cancelled", now)
        elif step.fire_at <= now:
            owed.setdefault(deadline, []).append(step)
    for deadline, steps in owed.items():
        swept += _fire_highest(session, matter, deadline, steps, now)
    return swept


def _is_moot(matter: Matter, deadline: Deadline, step: Step) -> bool:
    return matter.closed or deadline.state != "open" or step.due_version != deadline.version


def _fire_highest(session: Session, matter: Matter, deadline: Deadline, steps: list[Step], now: datetime) -> Swept:
    """After an outage one reminder says it all; those it overtook are 合并."""
    ladder = {rung.key: rung for rung in timing.ladder_of(matter, deadline)}
    order = list(ladder)
    *overtaken, highest = sorted(steps, key=lambda step: (step.fire_at, order.index(step.rung)))
    _fire(session, matter, deadline, ladder[highest.rung], highest, now)
    swept = _settle(highest, "fired", now)
    for step in overtaken:
        swept += _settle(step, "merged", now)
    return swept


def _fire(session: Session, matter: Matter, deadline: Deadline, rung: Rung, step: Step, now: datetime) -> None:
    current = people.incumbents(session, desks.assignees(session, matter.id))
    told, empty = desks.people_told(session, matter, rung.to, now)
    notices.reminded(session, matter, deadline, rung, told, current, period=step.period, now=now)
    sent = _document(session, matter, deadline, rung, empty, now) if rung.opens else None
    if empty:
        notices.no_recipient(session, matter, deadline, rung, "".join(empty), now=now)
    _record(session, matter, deadline, rung, told, empty, sent, now)


def _document(session: Session, matter: Matter, deadline: Deadline, rung: Rung, empty: list[str],
              now: datetime) -> Matter | None:
    """The rung's numbered document; where nobody could issue or receive it, that is said among the empty roles."""
    try:
        with session.begin_nested():
            return offshoots.send_document(session, matter, deadline, rung, now)
    except (decisions.Refused, roles.NoHolder) as fault:
        empty.append(f"{rung.title}没有发出：{fault}")
        return None


def _record(session: Session, matter: Matter, deadline: Deadline, rung: Rung, told: list[Recipient],
            empty: list[str], sent: Matter | None, now: datetime) -> None:
    said = [f"{rung.title}（{sent.number}）" if sent else rung.title]
    if told:
        said.append("已提醒" + "、".join(recipient.name for recipient in told))
    if empty:
        said.append("有岗位无人接收，已报办公室主任和系统管理员")
    matters.record(
        session, matter, "reminded", at=now, note="，".join(said), clause=rung.clause.cite,
        data={"rung": rung.key, "scope": deadline.scope, "due_version": deadline.version,
              "persons": [recipient.person.id for recipient in told],
              "empty": empty} | ({"document": sent.id} if sent else {}),
    )


def _settle(step: Step, state: str, now: datetime) -> Swept:
    step.state, step.settled_at = state, now
    return Swept(**{state: 1})
