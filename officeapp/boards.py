"""One kind's board: columns of cards, read in a fixed number of statements however many cards there are.

A column belongs to the bureau's current rulebook. A matter that began under
another rulebook stands in the column of the same title, else in an extra one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from officeapp import calendars, workdays
from officeapp.matters import Event, Matter, Task
from officeapp.options import options
from officeapp.people import Actor, Unit
from officeapp.procedures import book
from officeapp.procedures.grammar import Procedure
from officeapp.visibility import visible_to
from officeapp.workdays import Light

PAGE = 50  # cards of a column at first and at each further step
MANY = 300  # events after which the whole board is sent instead of its changed columns
NO_LIGHT = Light("none", "")
SIGNED_LATER = exists(select(1).where(Task.matter_id == Matter.id, Task.state == "open", Task.purpose == "sign_later"))
SHOWN = (Matter.id, Matter.version, Matter.title, Matter.number, Matter.grade, Matter.unit_id, Matter.holder,
         Matter.due_at, Matter.due_unit, Matter.paused, Matter.returns, Matter.paper,
         SIGNED_LATER.label("signed_later"))


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says. `late` also counts what an hour's limit has passed today."""

    id: int
    version: int
    title: str
    number: str
    grade: str
    grade_label: str
    unit: str
    holder: str
    light: Light
    late: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `after` continues it: the cursor of its last card, "" at the end."""

    key: str
    title: str
    total: int
    overdue: int
    cards: tuple[Card, ...] = ()
    after: str = ""


@dataclass(frozen=True)
class Filters:
    """What the address bar asks for."""

    unit: int | None = None
    grade: str = ""
    overdue: bool = False
    q: str = ""

    @property
    def any(self) -> bool:
        return bool(self.unit or self.grade or self.overdue or self.q)


@dataclass(frozen=True, slots=True)
class Place:
    """Where matters lie: a stage of one rulebook and edition."""

    rulebook: str
    edition: int
    stage: str


@dataclass
class Lane:
    """A column before its cards: which places it gathers and how many lie there."""

    key: str
    title: str
    places: list[Place] = field(default_factory=list)
    total: int = 0
    overdue: int = 0


def current_rules(session: Session, kind: str) -> Procedure:
    """The rulebook that the bureau has chosen for a kind; its columns are the board's."""
    return book.current(kind, options(session).get(f"rulebook.{kind}"))


def column_key(current: Procedure, rules: Procedure, stage: str) -> str:
    """The key of the column where matters of a stage stand; "" for a closed stage."""
    place = rules.stage(stage)
    if place.closed:
        return ""
    title = place.board_column
    home = next(p for p in (current, *_kin(current)) if title in p.columns)
    key = next(s.key for s in home.stages if s.board_column == title)
    taken = home is not current and any(s.key == key for s in current.stages)
    return f"{key}-{home.rulebook}" if taken else key


def columns_of(session: Session, actor: Actor, current: Procedure, filters: Filters, now: datetime,
               only: Collection[str] | None = None) -> list[Column]:
    """The board's columns with their first cards; with `only`, cards for those columns alone."""
    lanes = _lanes(session, actor, current, filters, now)
    wanted = [lane for lane in lanes if lane.total and (only is None or lane.key in only)]
    cards = _cards(session, actor, current, filters, wanted, now)
    return [_column(lane, cards.get(lane.key, [])) for lane in lanes]


def column_after(session: Session, actor: Actor, current: Procedure, filters: Filters, key: str, after: str,
                 now: datetime) -> Column | None:
    """One column from a cursor on; None if the board has no such column."""
    lane = next((x for x in _lanes(session, actor, current, filters, now) if x.key == key), None)
    if lane is None:
        return None
    return _column(lane, _cards(session, actor, current, filters, [lane], now, after).get(key, []))


def totals(session: Session, actor: Actor, kind: str, now: datetime) -> tuple[int, int]:
    """How many open matters of a kind this person sees, and how many of them are overdue."""
    query = select(func.count(), func.coalesce(func.sum(case((is_late(now), 1), else_=0)), 0))
    row = session.execute(query.where(*_shown(actor, kind))).one()
    return row[0], row[1]


def stamp(session: Session, kind: str) -> int:
    """The newest event of a kind: one step in an index, whatever the size."""
    newest = select(Event.id).where(Event.kind == kind).order_by(Event.id.desc()).limit(1)
    return session.scalar(newest) or 0


def changed_columns(session: Session, current: Procedure, since: int) -> set[str] | None:
    """Keys of the columns that events after `since` touched; None when nearly all may have changed."""
    query = (select(Matter.rulebook, Matter.edition, Matter.stage, Event.source, Event.target)
             .join(Matter, Matter.id == Event.matter_id)
             .where(Event.kind == current.kind, Event.id > since).order_by(Event.id).limit(MANY + 1))
    rows = session.execute(query).all()
    if len(rows) > MANY:
        return None
    found = {(row.rulebook, row.edition, stage) for row in rows for stage in row[2:] if stage}
    keys = (column_key(current, book.procedure(current.kind, r, e), stage) for r, e, stage in found)
    return {key for key in keys if key}


def is_late(now: datetime) -> ColumnElement[bool]:
    return Matter.due_at <= now


def unit_names(session: Session) -> dict[int, str]:
    """The bureau's units by id, in organisation order, each with its short name."""
    query = select(Unit.id, Unit.short, Unit.name).where(Unit.kind != "outside").order_by(Unit.position, Unit.id)
    return {row.id: row.short or row.name for row in session.execute(query)}


def grade_choices(rules: Procedure) -> tuple[tuple[str, str], ...]:
    grade = rules.field(rules.grade_field)
    return grade.choices if grade else ()


def _kin(current: Procedure) -> list[Procedure]:
    return [p for p in book.PROCEDURES if p.kind == current.kind]


def _shown(actor: Actor, kind: str, filters: Filters | None = None, now: datetime | None = None) -> list:
    found = [Matter.kind == kind, Matter.closed.is_(False), visible_to(actor)]
    if filters is None:
        return found
    if filters.unit:
        found.append(Matter.unit_id == filters.unit)
    if filters.grade:
        found.append(Matter.grade == filters.grade)
    if filters.overdue:
        found.append(is_late(now))
    if filters.q:
        found.append(or_(Matter.title.contains(filters.q, autoescape=True),
                         Matter.number.contains(filters.q, autoescape=True)))
    return found


def _lanes(session: Session, actor: Actor, current: Procedure, filters: Filters, now: datetime) -> list[Lane]:
    place = (Matter.rulebook, Matter.edition, Matter.stage)
    query = select(*place, func.count(), func.sum(case((is_late(now), 1), else_=0)))
    rows = session.execute(query.where(*_shown(actor, current.kind, filters, now)).group_by(*place))
    lanes = {lane.key: lane for lane in _own_lanes(current)}
    for rulebook, edition, stage, total, overdue in rows:
        rules = book.procedure(current.kind, rulebook, edition)
        key = column_key(current, rules, stage)
        lane = lanes.setdefault(key, Lane(key, rules.stage(stage).board_column))
        lane.places.append(Place(rulebook, edition, stage))
        lane.total += total
        lane.overdue += overdue
    return list(lanes.values())


def _own_lanes(current: Procedure) -> Iterable[Lane]:
    for title in current.columns:
        yield Lane(next(s.key for s in current.stages if s.board_column == title), title)


def _cards(session: Session, actor: Actor, current: Procedure, filters: Filters, lanes: list[Lane], now: datetime,
           after: str = "") -> dict[str, list[tuple[Card, str]]]:
    """Cards with their cursors by column: one statement, each column one limited part of it."""
    if not lanes:
        return {}
    shown = _shown(actor, current.kind, filters, now) + _beyond(after)
    parts = [
        select(literal(lane.key).label("lane"), *SHOWN).where(*shown, _lies_in(lane.places))
        .order_by(Matter.due_at.asc().nulls_last(), Matter.id).limit(PAGE + 1).subquery()
        for lane in lanes
    ]
    rows = list(session.execute(union_all(*(select(part) for part in parts))))
    rows.sort(key=lambda row: (row.due_at is None, row.due_at or now, row.id))
    make = _maker(session, current, now)
    found: dict[str, list[tuple[Card, str]]] = {}
    for row in rows:
        found.setdefault(row.lane, []).append((make(row), f"{row.due_at.isoformat() if row.due_at else ''}~{row.id}"))
    return found


def _lies_in(places: list[Place]) -> ColumnElement[bool]:
    # A single stage alone lets ix_matter_board give the order; OR would sort.
    if len(places) == 1:
        only = places[0]
        return and_(Matter.stage == only.stage, Matter.rulebook == only.rulebook, Matter.edition == only.edition)
    return or_(*(and_(Matter.stage == p.stage, Matter.rulebook == p.rulebook, Matter.edition == p.edition)
                 for p in places))


def _beyond(after: str) -> list[ColumnElement[bool]]:
    """The condition that continues after a cursor; ValueError for one that we never gave."""
    if not after:
        return []
    due, _, last = after.partition("~")
    if not due:
        return [Matter.due_at.is_(None), Matter.id > int(last)]
    at = datetime.fromisoformat(due)
    return [or_(Matter.due_at > at, and_(Matter.due_at == at, Matter.id > int(last)), Matter.due_at.is_(None))]


def _maker(session: Session, current: Procedure, now: datetime):
    """A function from row to card; the calendar, the threshold and the names are read once."""
    calendar, soon = calendars.current(session), options(session)["soon_days"]
    units, grades = unit_names(session), dict(grade_choices(current))

    def make(row: Any) -> Card:
        light = NO_LIGHT if row.due_at is None and not row.paused else workdays.light(
            calendar, row.due_at, row.due_unit or "day", now, soon=soon, paused=row.paused)
        late = row.due_at is not None and row.due_at <= now
        return Card(row.id, row.version, row.title, row.number, row.grade, grades.get(row.grade, "").removesuffix("件"),
                    units.get(row.unit_id, ""), row.holder, light, late, _notes(row))

    return make


def _notes(row: Any) -> tuple[str, ...]:
    """Only what is unusual."""
    returned = f"退回{row.returns}次" if row.returns else ""
    return tuple(filter(None, (returned, row.paper, "补签未完" if row.signed_later else "")))


def _column(lane: Lane, cards: list[tuple[Card, str]]) -> Column:
    shown = cards[:PAGE]
    more = shown[-1][1] if len(cards) > PAGE else ""
    return Column(lane.key, lane.title, lane.total, lane.overdue, tuple(card for card, _ in shown), more)
