"""台账: every matter of a kind that its reader may see, a line each, with what the record tells of it (DB-11, LX-5).

Read in batches by id, so that an export of any length needs no more memory than a page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from officeapp.boards import is_late
from officeapp.clock import ZONE
from officeapp.matters import CYCLE, Deadline, Event, Matter
from officeapp.people import Actor
from officeapp.procedures import book
from officeapp.procedures.grammar import Procedure
from officeapp.visibility import visible_to

BATCH = 500
_REPORT = aliased(Matter)
URGED = ("reminded", "contacted", "escalated", "urged")
MOOT = {rules.ends_with_parent for rules in book.PROCEDURES if rules.ends_with_parent}
DROPPED = Matter.stage.in_(sorted(book.dropped_ends()))
COLUMNS = (Matter.id, Matter.rulebook, Matter.edition, Matter.number, Matter.title, Matter.values, Matter.stage,
           Matter.unit_id, Matter.holder, Matter.returns, Matter.opened_at, Matter.closed, Matter.closed_at,
           Matter.drafter_id)


@dataclass(frozen=True)
class Asked:
    """What the address bar asks for: a year of opening, a handling unit, a state, words."""

    kind: str
    year: int | None = None
    unit: int | None = None
    state: str = ""
    q: str = ""


@dataclass(frozen=True)
class Sums:
    """The last line of a ledger."""

    total: int = 0
    open: int = 0
    late: int = 0
    dropped: int = 0
    returns: int = 0

    @property
    def done(self) -> int:
        return self.total - self.open - self.dropped


@dataclass(frozen=True)
class Line:
    """One matter: its row, its course's limit, how often it was urged, its months' reports filed and not sent."""

    row: Row
    rules: Procedure
    urged: int = 0
    reports: int = 0
    missing: tuple[str, ...] = ()  # the days on which they were due
    due_at: datetime | None = None
    original_due_at: datetime | None = None
    met_at: datetime | None = None


def lines(session: Session, actor: Actor, asked: Asked, now: datetime, *, before: int | None = None,
          most: int | None = None) -> Iterator[Line]:
    """Newest first, after the one of that id; `most` stops early. Each batch costs five statements."""
    left = most
    while left is None or left > 0:
        size = BATCH if left is None else min(BATCH, left)
        rows = session.execute(_page(actor, asked, now, before).limit(size)).all()
        yield from _told(session, asked.kind, rows, now)
        if len(rows) < size:
            return
        before, left = rows[-1].id, None if left is None else left - size


def sums(session: Session, actor: Actor, asked: Asked, now: datetime) -> Sums:
    overdue = and_(Matter.closed.is_(False), late(now))
    counted = (func.count(), _count(Matter.closed.is_(False)), _count(overdue), _count(DROPPED),
               func.coalesce(func.sum(Matter.returns), 0))
    return Sums(*session.execute(select(*counted).where(*_shown(actor, asked, now))).one())


def states(rules: Procedure) -> dict[str, str]:
    """What a ledger may be asked for; 「撤销」 only where a kind has it."""
    dropped = book.dropped_words(rules)
    return {"open": "在办", "late": "超期在办", "closed": "已办结"} | ({"dropped": dropped} if dropped else {})


def years(session: Session, kind: str) -> list[int]:
    """The years in which one was begun, newest first."""
    first, last = session.execute(select(func.min(Matter.opened_at), func.max(Matter.opened_at))
                                  .where(Matter.kind == kind)).one()
    if first is None:
        return []
    return list(range(last.astimezone(ZONE).year, first.astimezone(ZONE).year - 1, -1))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _page(actor: Actor, asked: Asked, now: datetime, before: int | None) -> Select:
    query = select(*COLUMNS).where(*_shown(actor, asked, now)).order_by(Matter.id.desc())
    return query.where(Matter.id < before) if before else query


def _shown(actor: Actor, asked: Asked, now: datetime) -> list[ColumnElement[bool]]:
    found = [Matter.kind == asked.kind, visible_to(actor)]
    if asked.year:
        bounds = [datetime(year, 1, 1, tzinfo=ZONE).astimezone(UTC) for year in (asked.year, asked.year + 1)]
        found += [Matter.opened_at >= bounds[0], Matter.opened_at < bounds[1]]
    if asked.unit:
        found.append(Matter.unit_id == asked.unit)
    if asked.state == "closed":
        found.append(and_(Matter.closed, not_(DROPPED)))
    elif asked.state == "dropped":
        found.append(DROPPED)
    elif asked.state:
        found.append(Matter.closed.is_(False))
    if asked.state == "late":
        found.append(late(now))
    if asked.q:
        found.append(or_(Matter.title.contains(asked.q, autoescape=True),
                         Matter.number.contains(asked.q, autoescape=True)))
    return found


def _filed(session: Session, ids: list[int]) -> dict[int, int]:
    """How many monthly reports of each have passed their review."""
    query = select(Matter.parent_id, func.count()).where(
        Matter.parent_id.in_(ids), Matter.period != "", Matter.closed, Matter.stage.not_in(MOOT))
    return dict(session.execute(query.group_by(Matter.parent_id)).all())


def late(now: datetime) -> ColumnElement[bool]:
    """Past its nearest limit, or owing a monthly report, which 缺报 names."""
    return or_(is_late(now), Matter.id.in_(_owed(now).with_only_columns(_REPORT.parent_id)))


def _owed(now: datetime) -> Select:
    """(parent, due day) of the monthly reports that have not been sent in time and not yet (DB-7)."""
    return (select(_REPORT.parent_id, _REPORT.period).join(Deadline, Deadline.matter_id == _REPORT.id)
            .where(_REPORT.parent_id.is_not(None), _REPORT.period != "", _REPORT.closed.is_(False),
                   Deadline.scope == CYCLE, Deadline.state == "open", Deadline.due_at <= now))


def _missing(session: Session, ids: list[int], now: datetime) -> dict[int, tuple[str, ...]]:
    """The due days of the monthly reports of each that have not been sent (DB-7)."""
    query = _owed(now).where(_REPORT.parent_id.in_(ids)).order_by(_REPORT.period)
    found: dict[int, tuple[str, ...]] = {}
    for parent, day in session.execute(query):
        found[parent] = (*found.get(parent, ()), day)
    return found


def _told(session: Session, kind: str, rows: list[Row], now: datetime) -> Iterator[Line]:
    ids = [row.id for row in rows]
    if not ids:
        return
    urged = dict(session.execute(select(Event.matter_id, func.count()).where(
        Event.matter_id.in_(ids), Event.what.in_(URGED)).group_by(Event.matter_id)).all())
    filed, missing = _filed(session, ids), _missing(session, ids, now)
    limits = {limit.matter_id: limit for limit in session.execute(
        select(Deadline.matter_id, Deadline.due_at, Deadline.original_due_at, Deadline.met_at)
        .where(Deadline.matter_id.in_(ids), Deadline.scope == CYCLE, Deadline.state != "cancelled")
        .order_by(Deadline.id))}
    for row in rows:
        limit = limits.get(row.id)
        yield Line(row, book.procedure(kind, row.rulebook, row.edition), urged.get(row.id, 0), filed.get(row.id, 0),
                   missing.get(row.id, ()), *(limit[1:] if limit else ()))
