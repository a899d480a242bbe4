"""What has changed on a board since somebody last looked: the answer to its poll."""

from sqlalchemy import Integer, and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from officeapp import boards, db
from officeapp.matters import Event, Matter
from officeapp.numerals import small_int
from officeapp.procedures import book
from officeapp.procedures.grammar import Procedure

MANY = 300  # events after which the whole board is sent instead of its changed columns
NEAR = 200  # how far below the newest a transaction may still be committing
_TOP = select(func.max(Event.id).label("newest")).where(Event.kind == bindparam("kind")).subquery()
_NEAR = (select(func.count()).where(Event.kind == bindparam("kind"), Event.id > _TOP.c.newest - NEAR)
         .correlate(_TOP).scalar_subquery())
_NEWEST = select(_TOP.c.newest, _NEAR.label("near"))


def stamp(session: Session, kind: str) -> str:
    """The newest event of a kind, and how many lie just below it: a few steps in an index, whatever the size.

    On PostgreSQL an event may be committed after one with a higher id; the count tells.
    """
    return _stamp(*db.rows(session, _NEWEST, kind=kind).one())


def _stamp(newest: int | None, near: int) -> str:
    return f"{newest or 0}-{near}"


# When an event below the stamp was committed late, those near it are looked at again.
_SEEN, _BELOW = bindparam("newest", type_=Integer), bindparam("near", type_=Integer)
_NOW_NEAR = (select(func.count()).where(Event.kind == bindparam("kind"), Event.id > _SEEN - NEAR, Event.id <= _SEEN)
             .scalar_subquery())
_LATER = and_(Event.kind == bindparam("kind"), Event.id > case((_NOW_NEAR == _BELOW, _SEEN), else_=_SEEN - NEAR))
_NOW = _NEWEST.cte("seen").prefix_with("MATERIALIZED")  # counted once, not for each event
_SINCE = (select(_NOW, Matter.rulebook, Matter.edition, Matter.stage, Event.source, Event.target)
          .select_from(_NOW).outerjoin(Event, _LATER).outerjoin(Matter, Matter.id == Event.matter_id)
          .order_by(Event.id).limit(MANY + 1))


def changed_columns(session: Session, current: Procedure, since: str) -> tuple[str, set[str] | None]:
    """The stamp as it is now, and the keys of the columns that events after an earlier one touched.

    None when nearly all may have changed.
    """
    newest, near = (small_int(part) for part in (*since.split("-"), "", "")[:2])
    if newest is None or near is None:  # no stamp of ours
        return stamp(session, current.kind), None
    rows = db.rows(session, _SINCE, kind=current.kind, newest=newest, near=near).all()
    seen = _stamp(*rows[0][:2])
    if len(rows) > MANY:
        return seen, None
    found = {(rulebook, edition, stage) for _, _, rulebook, edition, *stages in rows for stage in stages if stage}
    keys = (boards.column_key(current, book.procedure(current.kind, r, e), stage) for r, e, stage in found)
    return seen, {key for key in keys if key}
