"""Everything overdue or due today across kinds: by unit, and by how many working days late."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, case, func, select, text
from sqlalchemy.orm import Session

from officeapp import calendars, workdays
from officeapp.boards import is_late
from officeapp.clock import ZONE
from officeapp.matters import CYCLE_MET, Deadline, Matter
from officeapp.people import Actor, Holding, Person, Portfolio, Post, Unit
from officeapp.visibility import visible_to
from officeapp.workdays import Light

BUCKETS = ("今日到期", "超期 1–2 个工作日", "超期 3–5 个工作日", "超期 6–10 个工作日", "超期 10 个工作日以上")
LAST_OF = (2, 5, 10)  # working days late at most, for the buckets after the first
CELL = 6  # matters shown in one cell
LIMIT = 3000  # matters read


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address bar asks for; `portfolio` is a deputy's post."""

    kind: str = ""
    grade: str = ""
    portfolio: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One matter in a cell."""

    id: int
    title: str
    line: str
    light: Light


@dataclass
class Lane:
    """One unit: its figures and a cell for each bucket. `more` counts what a cell does not show."""

    unit_id: int
    unit: str
    open: int = 0
    late: int = 0
    today: int = 0
    returned: int = 0
    met: int = 0
    in_time: int = 0
    cells: list[list[Item]] = field(default_factory=lambda: [[] for _ in BUCKETS])
    more: list[int] = field(default_factory=lambda: [0] * len(BUCKETS))

    @property
    def rate(self) -> str:
        """Share finished in time this month, "" when nothing was finished."""
        return f"{self.in_time / self.met:.1%}".replace(".0%", "%") if self.met else ""


def lanes(session: Session, actor: Actor, wanted: Wanted, now: datetime) -> list[Lane]:
    """Every unit that has open matters or finished some this month, in organisation order."""
    shown = _shown(actor, wanted)
    found = {row.id: Lane(row.id, row.name) for row in session.execute(_units())}
    for row in session.execute(_open(shown, now)):
        lane = found[row.unit_id]
        lane.open, lane.late, lane.today, lane.returned = row.open, row.late, row.today, row.returned
    for row in session.execute(_finished(shown, now)):
        found[row.unit_id].met, found[row.unit_id].in_time = row.met, row.in_time
    _fill(session, found, shown, now)
    return [lane for lane in found.values() if lane.open or lane.met]


def whole(found: Sequence[Lane]) -> Lane:
    """All units together."""
    total = Lane(0, "全局")
    for name in ("open", "late", "today", "returned", "met", "in_time"):
        setattr(total, name, sum(getattr(lane, name) for lane in found))
    return total


def deputies(session: Session) -> list[Row]:
    """The deputies who are in charge of units: post_id and name."""
    query = (select(Post.id.label("post_id"), Person.name).distinct().join(Portfolio, Portfolio.post_id == Post.id)
             .join(Holding, Holding.post_id == Post.id).join(Person, Person.id == Holding.person_id)
             .where(Person.active).order_by(Post.id))
    return list(session.execute(query))


def _units():
    return select(Unit.id, Unit.name).order_by(Unit.position, Unit.id)


def _shown(actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [visible_to(actor)]
    if wanted.kind:
        found.append(Matter.kind == wanted.kind)
    if wanted.grade:
        found.append(Matter.grade == wanted.grade)
    if wanted.portfolio:
        charge = select(Portfolio.unit_id).where(Portfolio.post_id == wanted.portfolio)
        found.append(Matter.unit_id.in_(charge))
    return found


def _tonight(now: datetime) -> datetime:
    """The midnight that ends today: what is due by then is due today."""
    return now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _open(shown: list, now: datetime):
    due_today = and_(Matter.due_at > now, Matter.due_at <= _tonight(now))
    return (select(Matter.unit_id, func.count().label("open"), _sum(is_late(now), "late"), _sum(due_today, "today"),
                   _sum(Matter.returned_from != "", "returned"))
            .where(Matter.closed.is_(False), *shown).group_by(Matter.unit_id))


def _finished(shown: list, now: datetime):
    """Cycles finished this month, and how many of them in time."""
    first = now.astimezone(ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (select(Matter.unit_id, func.count().label("met"), _sum(Deadline.met_at <= Deadline.due_at, "in_time"))
            .join(Deadline, Deadline.matter_id == Matter.id)
            .where(text(CYCLE_MET), Deadline.met_at >= first, *shown)
            .group_by(Matter.unit_id))


def _sum(condition: ColumnElement[bool], name: str):
    return func.sum(case((condition, 1), else_=0)).label(name)


def _fill(session: Session, found: dict[int, Lane], shown: list, now: datetime) -> None:
    due = and_(Matter.closed.is_(False), Matter.due_at <= _tonight(now))
    query = (select(Matter.id, Matter.title, Matter.number, Matter.unit_id, Matter.holder, Matter.due_at,
                    Matter.due_unit).where(due, *shown).order_by(Matter.due_at, Matter.id).limit(LIMIT))
    calendar = calendars.current(session)
    for row in session.execute(query):
        lane, at = found[row.unit_id], _bucket(calendar, row.due_at, now)
        if len(lane.cells[at]) < CELL:
            lane.cells[at].append(_item(calendar, row, now))
        else:
            lane.more[at] += 1


def _bucket(calendar: workdays.Calendar, due_at: datetime, now: datetime) -> int:
    """0 for due today, then by working days since the last day of the limit."""
    today, last = workdays.local_day(now), workdays.ending_day(due_at)
    if today <= last:
        return 0
    days = calendar.workdays_between(last, today)
    return 1 + sum(days > most for most in LAST_OF)


def _item(calendar: workdays.Calendar, row: Row, now: datetime) -> Item:
    # One unit on this board, whatever the limit is counted in: the columns speak of working days.
    days = calendar.workdays_between(workdays.ending_day(row.due_at), workdays.local_day(now))
    light = workdays.light(calendar, row.due_at, "workday" if days > 0 else row.due_unit or "day", now)
    return Item(row.id, row.title, " · ".join(filter(None, (row.number, row.holder, light.words))), light)
