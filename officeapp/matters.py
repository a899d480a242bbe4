"""Matters and what hangs on them: tasks, events, deadlines, steps."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    select,
    text,
    tuple_,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from officeapp import chains, db
from officeapp.db import Base, index_of_some
from officeapp.people import Person, Unit
from officeapp.procedures import book
from officeapp.procedures.grammar import Procedure, Stage

CYCLE = "cycle"  # the scope of the limit of the whole course
# Few rows are so; a statement that says it in these very words is served by an index of those few.
OWED_LATER = "task.state = 'open' AND task.purpose = 'sign_later'"
BY_CALENDAR = "parent_id IS NULL AND period <> ''"
BEING_REVISED = "matter.returned_from <> ''"  # sent back and not yet sent on again (退回修改中)


class Matter(Base):
    """One 事项. Written by the engine alone; `stage` repeats what the last event says."""

    __tablename__ = "matter"
    __table_args__ = (
        Index("ix_matter_board", "kind", "closed", "stage", "due_at", "id"),
        # Of open matters and of children alone: the planner must never weigh ten years' closed ones against them.
        # With all that figures ask for, so that counting reads no matter itself: of all units, and of one.
        index_of_some("ix_matter_due", "closed IS false", "due_at", "unit_id", "kind", "grade"),
        index_of_some("ix_matter_unit", "closed IS false", "unit_id", "due_at", "kind", "grade"),
        index_of_some("ix_matter_returned", f"closed IS false AND {BEING_REVISED}", "unit_id", "kind", "grade"),
        index_of_some("ix_matter_closed_at", "closed_at IS NOT NULL", "closed_at", "unit_id", "kind", "grade", "stage",
                      "met_at", "met_due"),
        index_of_some("ix_matter_parent", "period <> ''", "parent_id", "kind", "period", unique=True),
        # One a unit and month, of what the calendar opens.
        index_of_some("ix_matter_month", BY_CALENDAR, "kind", "unit_id", "period", unique=True),
        index_of_some("ix_matter_children", "parent_id IS NOT NULL", "parent_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    rulebook: Mapped[str] = mapped_column(String(40))
    edition: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(300))
    grade: Mapped[str] = mapped_column(String(20), default="")
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    stage: Mapped[str] = mapped_column(String(40))
    visited: Mapped[list[str]] = mapped_column(JSON, default=list)
    returned_from: Mapped[str] = mapped_column(String(40), default="")
    returned_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)  # may still withdraw
    sent_from: Mapped[str] = mapped_column(String(40), default="")
    returns: Mapped[int] = mapped_column(default=0)
    drafter_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    number: Mapped[str] = mapped_column(String(60), default="")
    text_hash: Mapped[str] = mapped_column(String(64), default="")
    frozen_hash: Mapped[str] = mapped_column(String(64), default="")
    proof_hash: Mapped[str] = mapped_column(String(64), default="")
    text_length: Mapped[int] = mapped_column(default=0)
    holder: Mapped[str] = mapped_column(String(120), default="")  # words for the card
    paper: Mapped[str] = mapped_column(String(60), default="")  # 「纸质·某某代录」 of the last hop
    due_at: Mapped[datetime | None] = mapped_column(default=None)  # the nearest open deadline
    due_unit: Mapped[str] = mapped_column(String(10), default="")
    paused: Mapped[bool] = mapped_column(default=False)
    met_at: Mapped[datetime | None] = mapped_column(default=None)  # when the limit of the whole course was met,
    met_due: Mapped[datetime | None] = mapped_column(default=None)  # and when it was due: counted without its row
    closed: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    stage_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("matter.id"), default=None)  # what it came from
    period: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))  # owed for: 2026-12
    # To read only: what a flush works out for what hangs together costs it half as much again.
    drafter: Mapped[Person] = relationship(foreign_keys=[drafter_id], lazy="raise", viewonly=True)
    unit: Mapped[Unit] = relationship(lazy="raise", viewonly=True)
    # Read once a session and kept in step by desks and timing: one move asks for them a dozen times.
    tasks: Mapped[list["Task"]] = relationship(order_by="Task.turn, Task.id", viewonly=True)
    deadlines: Mapped[list["Deadline"]] = relationship(order_by="Deadline.id", viewonly=True)

    @property
    def rules(self) -> Procedure:
        """The procedure and edition this matter began under."""
        return book.procedure(self.kind, self.rulebook, self.edition)

    @property
    def place(self) -> Stage:
        return self.rules.stage(self.stage)


class Involved(Base):
    """A unit that takes part in a matter besides the one that handles it (协办、发出单位)."""

    __tablename__ = "matter_unit"
    __table_args__ = (Index("ix_matter_unit_unit", "unit_id", "matter_id"),)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)


class Task(Base):
    """One person or post that must act at one stage. state: waiting | open | done | dropped."""

    __tablename__ = "task"
    __table_args__ = (
        # What lies on a desk is counted in these alone, in the order in which it is the same matter.
        Index("ix_task_person", "state", "person_id", "purpose", "matter_id"),
        Index("ix_task_post", "state", "post_id", "purpose", "matter_id"),
        Index("ix_task_matter", "matter_id", "state"),
        Index("ix_task_done_by", "done_by", "matter_id"),
        Index("ix_task_on_behalf_of", "on_behalf_of", "matter_id"),
        index_of_some("ix_task_signed_later", OWED_LATER, "matter_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    stage: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(12), default="act")  # act | read (待阅) | sign_later (补签)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), default=None)  # for whom, where several act
    turn: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="open")
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime | None] = mapped_column(default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    done_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    on_behalf_of: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)


SIGNED_LATER = select(Task.matter_id).where(text(OWED_LATER), Task.matter_id > 0)  # a range, else SQLite reads all open


class Event(Base):
    """One line of the history: append-only, chained to the matter's line before."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("matter_id", "seq"),
        Index("ix_event_kind", "kind", "id"),
        Index("ix_event_actor", "actor_id", "matter_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    kind: Mapped[str] = mapped_column(String(40))  # the matter's kind: the boards' poll reads it
    seq: Mapped[int]
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(20))
    move: Mapped[str] = mapped_column(String(80), default="")
    source: Mapped[str] = mapped_column(String(40), default="")
    target: Mapped[str] = mapped_column(String(40), default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    principal_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    clause: Mapped[str] = mapped_column(String(200), default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    previous: Mapped[str] = mapped_column(String(64), default="")
    hash: Mapped[str] = mapped_column(String(64))


class Deadline(Base):
    """One running limit: scope "cycle" or a stage's key. state: open | paused | met | cancelled."""

    __tablename__ = "deadline"
    __table_args__ = (Index("ix_deadline_matter", "matter_id", "state"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    scope: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(default=1)
    start: Mapped[datetime]
    n: Mapped[int]
    unit: Mapped[str] = mapped_column(String(10))
    asked_on: Mapped[date | None] = mapped_column(default=None)  # unit "date": the day itself
    roll: Mapped[bool] = mapped_column(default=False)
    bypass_hours: Mapped[bool] = mapped_column(default=False)
    clause: Mapped[str] = mapped_column(String(200))
    due_at: Mapped[datetime]
    original_due_at: Mapped[datetime]
    provisional: Mapped[bool] = mapped_column(default=False)
    calendar_version: Mapped[int] = mapped_column(default=0)
    pauses: Mapped[list[list[str | None]]] = mapped_column(JSON, default=list)  # [[from, to or null], …] ISO UTC
    state: Mapped[str] = mapped_column(String(10), default="open")
    met_at: Mapped[datetime | None] = mapped_column(default=None)


class Step(Base):
    """One reminder owed for one due date. state: pending | fired | merged | cancelled."""

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("deadline_id", "rung", "due_version", "period"),
        Index("ix_step_due", "state", "fire_at"),
        Index("ix_step_matter", "matter_id", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"))
    rung: Mapped[str] = mapped_column(String(40))
    due_version: Mapped[int]
    period: Mapped[str] = mapped_column(String(10), default="")
    fire_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="pending")
    settled_at: Mapped[datetime | None] = mapped_column(default=None)


def find(session: Session, matter_id: int) -> Matter | None:
    return session.get(Matter, matter_id)


# What this session read before it had the lock may be stale by now.
_FRESH = {"populate_existing": True}
_LOCKED = select(Matter).where(Matter.id == bindparam("matter")).with_for_update().execution_options(**_FRESH)
HUNG = {
    "tasks": select(Task).where(Task.matter_id == bindparam("matter")).order_by(Task.turn, Task.id),
    "deadlines": select(Deadline).where(Deadline.matter_id == bindparam("matter")).order_by(Deadline.id),
}


def lock(session: Session, matter_id: int) -> Matter | None:
    """The matter with its row locked until the transaction ends (SQLite: the whole database is)."""
    matter = session.scalar(_LOCKED, {"matter": matter_id})
    for name, query in HUNG.items() if matter else ():  # selectinload would build its statements each time
        found = session.scalars(query, {"matter": matter_id}, execution_options=_FRESH)
        set_committed_value(matter, name, list(found))
    return matter


def open_tasks(session: Session, matter_id: int) -> list[Task]:
    """Tasks still open or waiting their turn, in turn order."""
    return [task for task in session.get_one(Matter, matter_id).tasks if task.state in ("open", "waiting")]


def history(session: Session, matter_id: int) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.matter_id == matter_id).order_by(Event.seq)))


def deadlines_of(session: Session, matter_id: int, *states: str) -> list[Deadline]:
    found = session.get_one(Matter, matter_id).deadlines
    return [deadline for deadline in found if not states or deadline.state in states]


_ENDS = (select(Event.matter_id, func.max(Event.seq)).group_by(Event.matter_id)
         .where(Event.matter_id.in_(bindparam("matters", expanding=True))))
_LAST = select(Event.matter_id, Event.seq, Event.hash).where(tuple_(Event.matter_id, Event.seq).in_(_ENDS))
_APPENDED = insert(Event.__table__).inline()  # nobody asks for its id
_UNSAID = {"move": "", "source": "", "target": "", "actor_id": None, "principal_id": None, "note": "", "clause": "",
           "data": {}}
Line = dict[str, Any]


def record(session: Session, matter: Matter, what: str, **said: Any) -> None:
    """Append one event to the matter's history (design.md §4), made of what line_of takes."""
    record_all(session, [line_of(matter, what, **said)])


def line_of(matter: Matter, what: str, *, at: datetime, polled: bool = True, **columns: Any) -> Line:
    """An event without its place in the chain; the boards' poll will see it if `polled`."""
    kind = matter.kind if polled else ""
    return {**_UNSAID, "matter_id": matter.id, "kind": kind, "at": at, "what": what, **columns}


def record_all(session: Session, lines: Sequence[Line]) -> None:
    """Append events, each chained by hash to its matter's last; what has changed of the matters is written too."""
    session.flush()
    ids = list({line["matter_id"] for line in lines})
    ends = {matter: (seq, last) for matter, seq, last in db.rows(session, _LAST, matters=ids)}
    for line in lines:
        seq, line["previous"] = ends.get(line["matter_id"], (0, ""))
        line["seq"] = seq + 1
        line["hash"] = _sealed(line)
        ends[line["matter_id"]] = line["seq"], line["hash"]
    if lines:
        session.connection().execute(_APPENDED, lines)


SEALED = ("matter_id", "kind", "seq", "what", "move", "source", "target", "actor_id", "principal_id",
          "note", "clause", "data", "previous")


def seal(event: Event) -> str:
    """SHA-256 over everything the event says and the hash before it."""
    return _sealed({name: getattr(event, name) for name in (*SEALED, "at")})


def _sealed(line: Line) -> str:
    return chains.digest({name: line[name] or None for name in SEALED}, line["at"])
