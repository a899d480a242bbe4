"""The matters behind a figure or a cell of the overdue board: asked as the board counts them, so as many."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, literal, not_, select, true
from sqlalchemy.orm import Session

from officeapp import db, overdue
from officeapp.boards import ORDER
from officeapp.matters import Matter
from officeapp.overdue import IN_TIME, OPEN, RETURNED, Wanted
from officeapp.people import Actor
from officeapp.todo import COLUMNS, Line

PAGE = 100
FIGURES = {"late": "超期", "today": "今日到期", "open": "在办", "returned": "退回修改中", "met": "本月办结",
           "in_time": "本月按期办结", "missed": "本月逾期办结"}
# With the limit of the whole course in place of the nearest one, the moment it was closed, and whether in time.
COLUMNS_FINISHED = (*(Matter.met_due if column is Matter.due_at else column for column in COLUMNS), Matter.closed_at,
                    literal(""), literal(""), IN_TIME)
FINISHED = {"met": true(), "in_time": IN_TIME, "missed": not_(IN_TIME)}


@dataclass(frozen=True)
class Asked:
    """Which list: a figure's name or a column's key, of one unit or of all (None)."""

    figure: str = ""
    column: str = ""
    unit: int | None = None


@dataclass(frozen=True)
class Listing:
    """How many there are, and a page of them."""

    total: int
    lines: list[Line]


def of(session: Session, actor: Actor, wanted: Wanted, asked: Asked, now: datetime, page: int = 1) -> Listing:
    """The page'th hundred. LookupError for a figure or column that the board has not."""
    keys = [column.key for column in overdue.columns(wanted)]
    if asked.figure not in FIGURES and (asked.figure or asked.column not in keys):
        raise LookupError(asked)
    shown = overdue.conditions(actor, wanted)
    if asked.unit is not None:
        shown.append(Matter.unit_id == asked.unit)
    first = PAGE * (page - 1)
    if asked.figure in ("open", "returned"):
        shown.append(OPEN if asked.figure == "open" else RETURNED)
        return _paged(session, select(*COLUMNS, Matter.opened_at).where(*shown),
                      ORDER, first)
    if asked.figure in FINISHED:
        met = select(*COLUMNS_FINISHED).where(overdue.finished(overdue.month(now)), FINISHED[asked.figure], *shown)
        return _paged(session, met, (Matter.closed_at.desc(), Matter.id), first)
    rows = [row for row in overdue.placed(session, shown, wanted, now)
            if (getattr(row, asked.figure) if asked.figure else keys[row.column] == asked.column)]
    return Listing(len(rows), _lines(session, [row.id for row in rows[first:first + PAGE]]))


def _paged(session: Session, query: Select, order: tuple, first: int) -> Listing:
    total = session.scalar(query.with_only_columns(func.count()))
    return Listing(total, [Line(*row) for row in db.rows(session, query.order_by(*order).offset(first).limit(PAGE))])


def _lines(session: Session, ids: list[int]) -> list[Line]:
    rows = db.rows(session, select(*COLUMNS, Matter.opened_at).where(Matter.id.in_(ids))) if ids else ()
    found = {row.id: Line(*row) for row in rows}
    return [found[key] for key in ids]
