"""Everything overdue or due today across kinds, by unit: the board of those who supervise (DB-10, LX-5).

Who may see every matter supervises the whole bureau; anybody else the units he is in charge of or belongs to. A figure
and the list behind it ask the same question (`overdue_lists`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    ScalarSelect,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    text,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import NULLTYPE

from officeapp import calendars, db, lateness, workdays
from officeapp.clock import ZONE
from officeapp.lateness import Column
from officeapp.matters import BEING_REVISED, Matter
from officeapp.people import Actor, Holding, Person, Portfolio, Post, Unit
from officeapp.procedures import book
from officeapp.visibility import UNIT, Reach, ground, hidden, in_charge, reach_of, supervised
from officeapp.workdays import Calendar, Light

CELL = 6  # matters shown in one cell
OPEN = Matter.closed.is_(False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address bar asks for; `portfolio` is a deputy's post, `ladder` the other columns."""

    kind: str = ""
    grade: str = ""
    portfolio: int | None = None
    ladder: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One matter in a cell; `level` says what was done about its being late, "" for nothing yet."""

    id: int
    title: str
    line: str
    light: Light
    level: str


@dataclass
class Lane:
    """One unit: its figures, a cell for each column, and how many there are in each."""

    unit_id: int
    unit: str
    short: str = ""
    open: int = 0
    late: int = 0
    today: int = 0
    returned: int = 0
    met: int = 0
    in_time: int = 0
    cells: list[list[Item]] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)

    @property
    def rate(self) -> str:
        """Share finished in time this month, "" when nothing was finished."""
        return f"{self.in_time / self.met:.1%}".replace(".0%", "%") if self.met else ""


class Placed(NamedTuple):
    """A matter and the column it stands in; `late` and `today` are the figures of these names."""

    id: int
    unit_id: int
    column: int
    late: bool
    today: bool


def columns(wanted: Wanted) -> tuple[Column, ...]:
    return lateness.by_ladder() if wanted.ladder else lateness.BY_DAYS


def lanes(session: Session, actor: Actor, wanted: Wanted, now: datetime) -> list[Lane]:
    """Every unit that has open matters or finished some this month, in organisation order. Five statements."""
    found = {row.id: Lane(row.id, row.name, row.short or row.name) for row in db.rows(session, _UNITS)}
    for unit, name, n, in_time in db.rows(session, _tallies(reach_of(actor), wanted, now)):
        lane = found[unit]
        setattr(lane, name, getattr(lane, name) + n)
        lane.in_time += in_time
    _fill(session, found, placed(session, conditions(actor, wanted), wanted, now), wanted, now)
    return [lane for lane in found.values() if lane.open or lane.met]


def whole(found: Sequence[Lane]) -> Lane:
    """All units together."""
    total = Lane(0, "全局")
    for name in ("open", "late", "today", "returned", "met", "in_time"):
        setattr(total, name, sum(getattr(lane, name) for lane in found))
    return total


def deputies(session: Session) -> list[Row]:
    """The deputies who are in charge of units: post_id and name."""
    return list(db.rows(session, _DEPUTIES))


def unit_name(session: Session, unit_id: int) -> str:
    return session.scalar(select(Unit.name).where(Unit.id == unit_id)) or "没有的单位"


_UNITS = select(Unit.id, Unit.name, Unit.short).order_by(Unit.position, Unit.id)
_DEPUTIES = (select(Post.id.label("post_id"), Person.name).distinct().join(Portfolio, Portfolio.post_id == Post.id)
             .join(Holding, Holding.post_id == Post.id).join(Person, Person.id == Holding.person_id)
             .where(Person.active).order_by(Post.id))


def conditions(actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What this person supervises, narrowed to what was asked for."""
    return [*in_charge(actor), *_narrowed(wanted)]


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = []
    if wanted.kind:
        found.append(Matter.kind == wanted.kind)
    if wanted.grade:
        found.append(Matter.grade == wanted.grade)
    if wanted.portfolio:
        found.append(Matter.unit_id.in_(select(Portfolio.unit_id).where(Portfolio.post_id == wanted.portfolio)))
    return found


# In these very words partial indexes of the few serve them, however many matters lie open.
RETURNED = and_(OPEN, text(BEING_REVISED))
IN_TIME = or_(Matter.met_at.is_(None), Matter.met_at <= Matter.met_due)  # what had no limit was not late


def finished(since: datetime) -> ColumnElement[bool]:
    """What was completed since then: closed, and neither called off nor excused. The one meaning of 办结."""
    return and_(Matter.closed_at >= since, Matter.stage.not_in(sorted(book.dropped_ends())))


def month(now: datetime) -> datetime:
    """The midnight that began this month."""
    return now.astimezone(ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _tallies(reach: Reach, wanted: Wanted, now: datetime) -> CompoundSelect:
    """(unit, figure, how many to add to it, how many of them in time)."""
    narrowed, in_time = _narrowed(wanted), func.sum(case((IN_TIME, 1), else_=0))
    these = [(name, [those, *narrowed]) for name, those in (("open", OPEN), ("returned", RETURNED))]

    def lying(those: list) -> ScalarSelect:
        return select(func.count()).select_from(Matter).where(Matter.unit_id == Unit.id, *those).scalar_subquery()

    # A hundred thousand lie open. They are counted unit by unit in an index, without asking of each whether it may be
    # seen; then the few that may not are taken off.
    on_ground = (select(Unit.id, literal(name), lying(those), literal(0)).where(*ground(reach, Unit.id))
                 for name, those in these)
    taken_off = (select(UNIT, literal(name), -func.count(), literal(0)).where(*those, *hidden(reach)).group_by(UNIT)
                 for name, those in these)
    met = (select(Matter.unit_id, literal("met"), func.count(), in_time).group_by(Matter.unit_id)
           .where(finished(month(now)), *supervised(reach), *narrowed))
    return union_all(*on_ground, *taken_off, met)


def placed(session: Session, shown: list, wanted: Wanted, now: datetime) -> list[Placed]:
    """Every matter on the board with its column, the longest overdue first."""
    calendar = calendars.current(session)
    tonight = lateness.horizon(calendar, now, 0)
    rows, levels = _standing(session, shown, wanted, lateness.soon(calendar, now) if wanted.ladder else None, tonight)
    floors, known, found = lateness.floors(calendar, now), {}, []
    for key, unit, raw in rows:
        if raw not in known:  # limits in days end at the same midnights
            at = db.moment(raw)
            known[raw] = lateness.column(floors, at), at <= now, now < at <= tonight, at <= tonight
        column, late, today, here = known[raw]
        column = levels.get(key, 0) if wanted.ladder else column
        if here or column:  # what is not due yet stands here only once it was reminded
            found.append(Placed(key, unit, column, late, today))
    return found


def _standing(session: Session, shown: list, wanted: Wanted, soon: ColumnElement[bool] | None,
              tonight: datetime) -> tuple[Iterable[tuple], dict[int, int]]:
    """(id, unit, due as the driver gives it) of what is due by tonight, or `soon`; then also how far up each is."""
    due = Matter.due_at <= tonight if soon is None else soon
    query = select(Matter.id, Matter.unit_id, type_coerce(Matter.due_at, NULLTYPE)).where(OPEN, due, *shown)
    query = query.order_by(Matter.due_at, Matter.id)
    if not wanted.ladder:
        return db.rows(session, query), {}
    rows = db.rows(session, lateness.with_rungs(query)).all()
    return dict.fromkeys(row[:3] for row in rows), lateness.highest((row[0], *row[3:]) for row in rows)


def _fill(session: Session, found: dict[int, Lane], rows: list[Placed], wanted: Wanted, now: datetime) -> None:
    width = len(columns(wanted))
    chosen: dict[int, tuple[Lane, int]] = {}
    for lane in found.values():
        lane.cells, lane.totals = [[] for _ in range(width)], [0] * width
    for row in rows:
        lane = found[row.unit_id]
        lane.late += row.late
        lane.today += row.today
        lane.totals[row.column] += 1
        if lane.totals[row.column] <= CELL:
            chosen[row.id] = lane, row.column
    calendar, items = calendars.current(session), _items(session, list(chosen))
    for key, (lane, column) in chosen.items():
        lane.cells[column].append(_item(calendar, *items[key], now, lane))


_SAID = lateness.with_rungs(
    select(Matter.id, Matter.title, Matter.number, Matter.holder, Matter.due_at, Matter.due_unit)
    .where(Matter.id.in_(bindparam("ids", expanding=True))))


def _items(session: Session, ids: list[int]) -> dict[int, tuple[Row, int]]:
    """What the cells say: the matter's words and its level."""
    rows = db.rows(session, _SAID, ids=ids).all() if ids else []
    levels = lateness.highest((row[0], *row[6:]) for row in rows)
    return {row.id: (row, levels.get(row.id, 0)) for row in rows}


def _item(calendar: Calendar, row: Row, level: int, now: datetime, lane: Lane) -> Item:
    # One unit on this board, whatever the limit is counted in: the columns speak of working days.
    days = calendar.workdays_between(workdays.ending_day(row.due_at), workdays.local_day(now))
    light = workdays.light(calendar, row.due_at, "workday" if days > 0 else row.due_unit or "day", now)
    here = not row.holder or row.holder.startswith(f"{lane.short} ·")
    line = " · ".join(filter(None, (row.number, row.holder if here else f"现由{row.holder}办理")))
    return Item(row.id, row.title, line, light, lateness.done_words(level))
