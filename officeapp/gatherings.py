"""月度汇总: who owes one for a month, who has sent it, the text of all together, the year's figures (JH-1, TL12).

Reads only. A month is its first day; `period` its words in the database, 「2026-11」.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from officeapp import people, roles, workdays
from officeapp.matters import CYCLE, Deadline, Event, Matter
from officeapp.people import Actor, Unit
from officeapp.procedures import book
from officeapp.procedures.grammar import Gathering, MoveKind, Procedure
from officeapp.visibility import reach_of, visible_to
from officeapp.workdays import Calendar

STATES = {"absent": "没有发起", "owed": "未报", "late": "逾期未报", "rework": "退回重报中", "sent": "已报送",
          "filed": "已汇总", "excused": "免报"}
OUTSTANDING = ("owed", "late", "rework")


@dataclass(frozen=True)
class Sheet:
    """One unit's for one month. `row` None: it could not be opened. `in_time` None: not sent yet, or not owed."""

    unit_id: int
    unit: str
    row: Row | None
    state: str
    in_time: bool | None = None

    @property
    def is_in(self) -> bool:
        return self.state in ("sent", "filed")


@dataclass(frozen=True)
class Figures:
    """What one unit did in a year: sent in time, sent late, not sent though due, sent back, excused."""

    unit: str
    in_time: int
    late: int
    missing: int
    returned: int
    excused: int


@dataclass(frozen=True)
class Chapter:
    """One unit's part of the text of a month: (heading, text) each."""

    unit: str
    parts: tuple[tuple[str, str], ...]


def month_of(period: str) -> date | None:
    """「2026-11」 as its first day; None for anything else."""
    try:
        return date.fromisoformat(f"{period}-01") if len(period) == 7 else None
    except ValueError:
        return None


def period_of(month: date) -> str:
    return f"{month:%Y-%m}"


def words(template: str, month: date, unit: str = "") -> str:
    """A title: {unit}, {month} 「2026年12月」, {next} 「2027年1月」, or 「12月」 within the same year."""
    following = workdays.add_months(month, 1)
    year = f"{following.year}年" if following.year != month.year else ""
    return template.format(unit=unit, month=f"{month.year}年{month.month}月", next=f"{year}{following.month}月")


def due_day(calendar: Calendar, gathering: Gathering, month: date) -> date:
    return workdays.monthly_day(calendar, month.year, month.month, gathering.day)


def opens_on(calendar: Calendar, gathering: Gathering, month: date) -> date:
    """So many working days before it is due."""
    day = due_day(calendar, gathering, month)
    for _ in range(gathering.lead):
        day = calendar.previous_workday(day)
    return day


def units_owing(session: Session, gathering: Gathering) -> list[Row]:
    """The units of which one is asked, in the bureau's order: id, name."""
    query = select(Unit.id, Unit.name).where(Unit.active, Unit.kind.in_(gathering.units))
    return list(session.execute(query.order_by(Unit.position, Unit.id)))


def periods(session: Session, kind: str) -> list[str]:
    """The months for which any was opened, the newest first."""
    query = select(Matter.period).where(Matter.kind == kind, Matter.period != "").distinct()
    return list(session.scalars(query.order_by(Matter.period.desc())))


def year_of(session: Session, actor: Actor, rules: Procedure, year: int) -> list[Row]:
    """Every one of a year that this person may see, in the bureau's order of units; one statement."""
    columns = (Matter.id, Matter.unit_id, Unit.name.label("unit"), Matter.period, Matter.rulebook, Matter.edition,
               Matter.stage, Matter.holder, Matter.returns, Matter.closed, Matter.due_at, Matter.due_unit,
               Deadline.due_at.label("owed_at"), Deadline.met_at, Deadline.state.label("course"))
    cycle = and_(Deadline.matter_id == Matter.id, Deadline.scope == CYCLE)
    query = (select(*columns).join(Unit, Unit.id == Matter.unit_id).join(Deadline, cycle)
             .where(Matter.kind == rules.kind, Matter.period.between(f"{year}-01", f"{year}-12"), visible_to(actor)))
    return list(session.execute(query.order_by(Unit.position, Unit.id, Matter.period)))


def sheets(session: Session, actor: Actor, rules: Procedure, rows: Iterable[Row], month: date,
           now: datetime) -> list[Sheet]:
    """Of a month: what was opened, and the units of which this person should know that theirs could not be."""
    found = [_sheet(row, rules, now) for row in rows if row.period == period_of(month)]
    known, reach = {sheet.unit_id for sheet in found}, reach_of(actor)
    whole = reach.all or rules.kind in reach.gathered
    absent = [Sheet(unit.id, unit.name, None, "absent") for unit in units_owing(session, rules.gathering)
              if unit.id not in known and (whole or unit.id in reach.units)]
    return found + absent


def _sheet(row: Row, rules: Procedure, now: datetime) -> Sheet:
    in_time = row.met_at <= row.owed_at if row.course == "met" else None
    return Sheet(row.unit_id, row.unit, row, _state(row, book.procedure(rules.kind, row.rulebook, row.edition), now),
                 in_time)


def _state(row: Row, rules: Procedure, now: datetime) -> str:
    """By its course's limit, met when it was first sent, and by whose desk it lies on."""
    if row.stage in {move.target for move in rules.moves if move.kind is MoveKind.VOID}:
        return "excused"
    if row.course != "met":
        return "late" if row.owed_at <= now else "owed"
    if row.closed:
        return "filed"
    return "sent" if rules.stage(row.stage).holder == rules.gathering.collector else "rework"


def figures(rules: Procedure, rows: Iterable[Row], now: datetime) -> list[Figures]:
    """Of each unit over the rows of a year, in their order."""
    by_unit: dict[str, list[tuple[Sheet, int]]] = {}
    for row in rows:
        by_unit.setdefault(row.unit, []).append((_sheet(row, rules, now), row.returns))
    return [_figures(unit, told) for unit, told in by_unit.items()]


def _figures(unit: str, told: list[tuple[Sheet, int]]) -> Figures:
    owed = [sheet for sheet, _ in told if sheet.state != "excused"]
    return Figures(unit, sum(sheet.in_time is True for sheet in owed), sum(sheet.in_time is False for sheet in owed),
                   sum(sheet.state == "late" for sheet in owed), sum(returns for _, returns in told),
                   len(told) - len(owed))


def urged_since(session: Session, found: Iterable[Sheet], since: datetime) -> set[int]:
    """Of these the matters that somebody urged since then, where they still lie."""
    ids = [sheet.row.id for sheet in found if sheet.state in OUTSTANDING]
    query = select(Event.matter_id).join(Matter, Matter.id == Event.matter_id).where(
        Event.matter_id.in_(ids), Event.what == "urged", Event.at >= since, Event.source == Matter.stage)
    return set(session.scalars(query)) if ids else set()


def collectors(session: Session, gathering: Gathering) -> list[str]:
    """Who gathers them; nobody is a fault that the page says."""
    try:
        found = roles.holders(session, gathering.collector, drafter_id=0, unit_id=0)
    except roles.NoHolder:
        return []
    return [person.name for person in people.incumbents(session, found)]


def chapters(session: Session, actor: Actor, rules: Procedure, found: Iterable[Sheet]) -> list[Chapter]:
    """The text of all that are in and that this person may see, in the order of the units."""
    units = {sheet.row.id: sheet.unit for sheet in found if sheet.is_in}
    query = select(Matter.id, Matter.values).where(Matter.id.in_(units), visible_to(actor))
    values = dict(session.execute(query).all()) if units else {}
    return [Chapter(unit, tuple((rules.field(key).label, values[n].get(key) or "") for key in rules.gathering.parts))
            for n, unit in units.items() if n in values]
