"""One kind's board: columns of cards. The whole board is read as slips by one statement, and counted here.

A column belongs to the bureau's current rulebook. A matter that began under
another rulebook stands in the column of the same title, else in an extra one.
"""

from bisect import bisect
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from officeapp import calendars, db, workdays
from officeapp.db import Moment
from officeapp.matters import SIGNED_LATER, Matter
from officeapp.numerals import small_int
from officeapp.options import options
from officeapp.people import Actor, Unit
from officeapp.procedures import book
from officeapp.procedures.grammar import Procedure
from officeapp.visibility import Reach, outline, within
from officeapp.workdays import Light

PAGE = 50  # cards of a column at first and at each further step
NO_LIGHT = Light("none", "")
NOW = bindparam("now", type_=Moment)
EVER = datetime.min.replace(tzinfo=UTC)
# No index gives this order: SQLite would walk one of every kind's open matters for it instead of sorting a few.
ORDER = (Matter.due_at.is_(None), Matter.due_at, Matter.id)
# One row of a board, as the driver gives it: a hundred cards are due at the same few midnights, each is read once.
SHOWN = (Matter.rulebook, Matter.edition, Matter.stage, Matter.id, Matter.version, Matter.due_at, Matter.due_unit,
         Matter.paused, Matter.id.in_(SIGNED_LATER))
Entry = tuple[str, int, str, int, int, Any, str, int, int]
ID, DUE, OWED = 3, 5, 8


class Standing(NamedTuple):
    """How a matter stands with its limit: `passed` also when its clock is stopped, and then not `late`."""

    light: Light
    late: bool
    passed: bool


class Slip(NamedTuple):
    """A card before it is written out: all that decides how it looks. cards.py turns it into words.

    `version` stands for everything that only the engine changes; `owed` says that somebody has still to sign
    later (补签).
    """

    id: int
    version: int
    owed: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `after` continues it: the cursor of its last card, "" at the end."""

    key: str
    title: str
    total: int
    overdue: int
    slips: tuple[Slip, ...] = ()
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


@dataclass
class Lane:
    """A column before its first cards are taken: everything in it as the statement gave it, most pressing first."""

    key: str
    title: str
    rows: list[Entry] = field(default_factory=list)


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
    key = home.columns[title]
    taken = home is not current and any(s.key == key for s in current.stages)
    return f"{key}-{home.rulebook}" if taken else key


def columns_of(session: Session, actor: Actor, current: Procedure, filters: Filters, now: datetime,
               only: Collection[str] | None = None) -> list[Column]:
    """The board's columns with their first cards; with `only`, cards for those columns alone."""
    lanes, standing = _lanes(session, actor, current, filters, now), _standings(session, now)
    return [_column(lane, lane.rows if only is None or lane.key in only else [], standing) for lane in lanes]


def column_after(session: Session, actor: Actor, current: Procedure, filters: Filters, key: str, after: str,
                 now: datetime) -> Column | None:
    """One column from a cursor on; None if the board has no such column, ValueError for a cursor not of ours."""
    passed = _cursor_rank(after)
    lane = next((x for x in _lanes(session, actor, current, filters, now) if x.key == key), None)
    return lane and _column(lane, [row for row in lane.rows if _rank(row) > passed], _standings(session, now))


def totals(session: Session, actor: Actor, kind: str, now: datetime) -> tuple[int, int]:
    """How many open matters of a kind this person sees, and how many of them are overdue."""
    reach, given = outline(actor)
    return tuple(db.rows(session, _counting(reach, kind, Filters()), now=now, **given).one())


def is_late(now: datetime | BindParameter) -> ColumnElement[bool]:
    return Matter.due_at <= now


_UNITS = select(Unit.id, Unit.short, Unit.name).where(Unit.kind != "outside").order_by(Unit.position, Unit.id)


def unit_names(session: Session) -> dict[int, str]:
    """The bureau's units by id, in organisation order, each with its short name."""
    if "units" not in session.info:
        session.info["units"] = {key: short or name for key, short, name in db.rows(session, _UNITS)}
    return session.info["units"]


def grade_choices(rules: Procedure) -> tuple[tuple[str, str], ...]:
    """The grades, each in the few words that fit a tag: what stands in brackets is for the form."""
    grade = rules.field(rules.grade_field)
    return tuple((key, grade_words(label)) for key, label in grade.choices) if grade else ()


def grade_words(label: str) -> str:
    return label.partition("（")[0]


def _kin(current: Procedure) -> list[Procedure]:
    return [p for p in book.PROCEDURES if p.kind == current.kind]


def _shown(reach: Reach, kind: str, filters: Filters) -> list[ColumnElement[bool]]:
    found = [Matter.kind == kind, Matter.closed.is_(False), within(reach, kind)]
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


# Building these costs more than asking them, so each is built once for the outline of a reach and the filters.
@lru_cache(maxsize=200)
def _counting(reach: Reach, kind: str, filters: Filters) -> Select:
    """How many there are, and how many of them are overdue at :now."""
    late = func.coalesce(func.sum(case((is_late(NOW), 1), else_=0)), 0)
    return select(func.count(), late).where(*_shown(reach, kind, filters))


@lru_cache(maxsize=200)
def _showing(reach: Reach, kind: str, filters: Filters) -> Select:
    return select(*SHOWN).where(*_shown(reach, kind, filters)).order_by(*ORDER)


def _lanes(session: Session, actor: Actor, current: Procedure, filters: Filters, now: datetime) -> list[Lane]:
    """Every column with all that this person sees in it."""
    lanes = {key: Lane(key, title) for title, key in current.columns.items()}
    home: dict[tuple[str, int, str], list[Entry]] = {}
    reach, given = outline(actor)
    for row in db.tuples(session, _showing(reach, current.kind, filters), now=now, **given):
        place = row[0], row[1], row[2]
        if place not in home:
            home[place] = _lane_of(lanes, current, *place).rows
        home[place].append(row)
    return list(lanes.values())


def _lane_of(lanes: dict[str, Lane], current: Procedure, rulebook: str, edition: int, stage: str) -> Lane:
    """Where the matters of a place stand; an extra column for what the current rulebook does not know."""
    rules = book.procedure(current.kind, rulebook, edition)
    key = column_key(current, rules, stage)
    return lanes.setdefault(key, Lane(key, rules.stage(stage).board_column))


def _rank(row: Entry) -> tuple[bool, datetime, int]:
    """Where a card stands in its column: by due date, those without one last."""
    due_at = db.moment(row[DUE])
    return due_at is None, due_at or EVER, row[ID]


def _cursor_rank(after: str) -> tuple[bool, datetime, int]:
    """The rank of the card that a cursor names; "" is before all. ValueError for one that we never gave."""
    if not after:
        return False, EVER, 0
    due, _, text = after.partition("~")
    last, at = small_int(text), datetime.fromisoformat(due) if due else None
    if last is None or (at and (at.tzinfo is None or not 1 < at.year < 9999)):
        raise ValueError(after)
    return at is None, at or EVER, last


def _standings(session: Session, now: datetime) -> Callable[[Any, str, int], Standing]:
    """(due, unit, paused) as the driver gives them → how that stands now; each is worked out once."""
    calendar, soon = calendars.current(session), options(session)["soon_days"]

    @cache  # limits in days end at the same midnights
    def standing(due: Any, unit: str, paused: int) -> Standing:
        due_at = db.moment(due)
        if due_at is None and not paused:
            return Standing(NO_LIGHT, False, False)
        light = workdays.light(calendar, due_at or now, unit or "day", now, soon=soon, paused=bool(paused))
        passed = due_at is not None and due_at <= now
        return Standing(light, passed and not paused, passed)

    return standing


def _column(lane: Lane, rows: Sequence[Entry], standing: Callable[[Any, str, int], Standing]) -> Column:
    """The first cards of a lane's rows. The most pressing come first, so the overdue ones end where the rest begin."""
    late = bisect(lane.rows, False, key=lambda row: not standing(*row[DUE:OWED]).passed)
    after = _cursor(rows[PAGE - 1]) if len(rows) > PAGE else ""
    slips = [Slip(key, version, owed, standing(due, unit, paused))
             for _, _, _, key, version, due, unit, paused, owed in rows[:PAGE]]
    return Column(lane.key, lane.title, len(lane.rows), late, tuple(slips), after)


def _cursor(row: Entry) -> str:
    due_at = db.moment(row[DUE])
    return f"{due_at.isoformat() if due_at else ''}~{row[ID]}"
