"""One kind's board: columns of cards, read in a fixed number of statements however many cards there are.

A column belongs to the bureau's current rulebook. A matter that began under
another rulebook stands in the column of the same title, else in an extra one.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import Session

from officeapp import calendars, workdays
from officeapp.matters import Matter, Task
from officeapp.numerals import small_int
from officeapp.options import options
from officeapp.people import Actor, Unit
from officeapp.procedures import book
from officeapp.procedures.grammar import Procedure
from officeapp.visibility import Reach, reach_of, within
from officeapp.workdays import Light

PAGE = 50  # cards of a column at first and at each further step
NO_LIGHT = Light("none", "")
NOW = bindparam("now")
PLACE = (Matter.rulebook, Matter.edition, Matter.stage)
ORDER = (Matter.due_at.asc().nulls_last(), Matter.id)
SHOWN = (Matter.id, Matter.version, Matter.title, Matter.number, Matter.grade, Matter.unit_id, Matter.holder,
         Matter.due_at, Matter.due_unit, Matter.paused, Matter.returns, Matter.paper)


class Card(NamedTuple):
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
    notes: tuple[str, ...]


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


class Place(NamedTuple):
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
    rows, make = _rows(session, actor, current, filters, wanted, now), _maker(session, current, now)
    return [_column(lane, rows.get(lane.key, []), make) for lane in lanes]


def column_after(session: Session, actor: Actor, current: Procedure, filters: Filters, key: str, after: str,
                 now: datetime) -> Column | None:
    """One column from a cursor on; None if the board has no such column."""
    lane = next((x for x in _lanes(session, actor, current, filters, now) if x.key == key), None)
    if lane is None:
        return None
    rows = _rows(session, actor, current, filters, [lane], now, after)
    return _column(lane, rows.get(key, []), _maker(session, current, now))


def totals(session: Session, actor: Actor, kind: str, now: datetime) -> tuple[int, int]:
    """How many open matters of a kind this person sees, and how many of them are overdue."""
    rows = session.execute(_counting(reach_of(actor), kind, Filters()), {"now": now}).all()
    return sum(row.total for row in rows), sum(row.overdue for row in rows)


def is_late(now: datetime | BindParameter) -> ColumnElement[bool]:
    return Matter.due_at <= now


_UNITS = select(Unit.id, Unit.short, Unit.name).where(Unit.kind != "outside").order_by(Unit.position, Unit.id)


def unit_names(session: Session) -> dict[int, str]:
    """The bureau's units by id, in organisation order, each with its short name."""
    if "units" not in session.info:
        session.info["units"] = {key: short or name for key, short, name in session.execute(_UNITS)}
    return session.info["units"]


def grade_choices(rules: Procedure) -> tuple[tuple[str, str], ...]:
    grade = rules.field(rules.grade_field)
    return grade.choices if grade else ()


def _kin(current: Procedure) -> list[Procedure]:
    return [p for p in book.PROCEDURES if p.kind == current.kind]


def _shown(reach: Reach, kind: str, filters: Filters) -> list[ColumnElement[bool]]:
    found = [Matter.kind == kind, Matter.closed.is_(False), within(reach)]
    if filters.unit:
        found.append(Matter.unit_id == filters.unit)
    if filters.grade:
        found.append(Matter.grade == filters.grade)
    if filters.overdue:
        found.append(is_late(NOW))
    if filters.q:
        found.append(or_(Matter.title.contains(filters.q, autoescape=True),
                         Matter.number.contains(filters.q, autoescape=True)))
    return found


# Building these costs more than asking them, so each is built once for a reach and the filters.
@lru_cache(maxsize=500)
def _counting(reach: Reach, kind: str, filters: Filters) -> Select:
    """How many matters lie in each place, and how many of them are overdue at :now."""
    late = func.sum(case((is_late(NOW), 1), else_=0)).label("overdue")
    return select(*PLACE, func.count().label("total"), late).where(*_shown(reach, kind, filters)).group_by(*PLACE)


@lru_cache(maxsize=500)
def _showing(reach: Reach, kind: str, filters: Filters, after: str, crowded: bool) -> Select:
    """The cards of :stages; in a crowded place only the first, and one more that tells that there are more."""
    shown = (*_shown(reach, kind, filters), *_beyond(after), Matter.stage.in_(bindparam("stages", expanding=True)))
    owed = exists(select(1).where(Task.matter_id == Matter.id, Task.state == "open", Task.purpose == "sign_later"))
    query = select(*PLACE, *SHOWN, owed).where(*shown).order_by(*ORDER)
    if not crowded:
        return query
    nth = func.row_number().over(partition_by=PLACE, order_by=ORDER).label("n")
    lined = select(Matter.id, nth).where(*shown).subquery()
    return query.where(Matter.id.in_(select(lined.c.id).where(lined.c.n <= PAGE + 1)))


def _lanes(session: Session, actor: Actor, current: Procedure, filters: Filters, now: datetime) -> list[Lane]:
    lanes = {lane.key: lane for lane in _own_lanes(current)}
    rows = session.execute(_counting(reach_of(actor), current.kind, filters), {"now": now})
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


def _rows(session: Session, actor: Actor, current: Procedure, filters: Filters, lanes: list[Lane],
          now: datetime, after: str = "") -> dict[str, list[Row]]:
    """The rows of these columns' first cards, by column, in one statement."""
    home = {place: lane.key for lane in lanes for place in lane.places}
    asked = {"stages": [place.stage for place in home], "now": now}
    crowded = any(lane.total > PAGE for lane in lanes)
    found: dict[str, list[Row]] = {}
    if home:
        for row in session.execute(_showing(reach_of(actor), current.kind, filters, after, crowded), asked):
            found.setdefault(home.get(row[:3], ""), []).append(row)
    return found


def _beyond(after: str) -> list[ColumnElement[bool]]:
    """The condition that continues after a cursor; ValueError for one that we never gave."""
    if not after:
        return []
    due, _, text = after.partition("~")
    last, at = small_int(text), datetime.fromisoformat(due) if due else None
    if last is None or (at and (at.tzinfo is None or not 1 < at.year < 9999)):
        raise ValueError(after)
    if at is None:
        return [Matter.due_at.is_(None), Matter.id > last]
    return [or_(Matter.due_at > at, and_(Matter.due_at == at, Matter.id > last), Matter.due_at.is_(None))]


def _maker(session: Session, current: Procedure, now: datetime) -> Callable[[Row], Card]:
    """A function from row to card; the calendar, the threshold and the names are read once."""
    calendar, soon = calendars.current(session), options(session)["soon_days"]
    units, grades = unit_names(session), {key: label.removesuffix("件") for key, label in grade_choices(current)}

    @cache  # limits in days end at the same midnights
    def light_of(due_at: datetime | None, unit: str, paused: bool) -> tuple[Light, bool]:
        if due_at is None and not paused:
            return NO_LIGHT, False
        light = workdays.light(calendar, due_at or now, unit or "day", now, soon=soon, paused=paused)
        return light, due_at is not None and due_at <= now and not paused

    def make(row: Row) -> Card:
        _, _, _, key, version, title, number, grade, unit, holder, *due, returns, paper, owed = row
        return Card(key, version, title, number, grade, grades.get(grade, ""), units.get(unit, ""), holder,
                    *light_of(*due), _notes(returns, paper, owed))

    return make


def _notes(returns: int, paper: str, owed: bool) -> tuple[str, ...]:
    """Only what is unusual."""
    if not (returns or paper or owed):
        return ()
    return tuple(filter(None, (f"退回{returns}次" if returns else "", paper, "补签未完" if owed else "")))


def _column(lane: Lane, rows: list[Row], make: Callable[[Row], Card]) -> Column:
    after = _cursor(rows[PAGE - 1]) if len(rows) > PAGE else ""
    return Column(lane.key, lane.title, lane.total, lane.overdue, tuple(map(make, rows[:PAGE])), after)


def _cursor(row: Row) -> str:
    return f"{row.due_at.isoformat() if row.due_at else ''}~{row.id}"
