"""What has changed on a board since somebody last looked: the answer to its poll."""

from sqlalchemy import Integer, bindparam, case, func, select
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
_NEWEST = select(_TOP.c.newest, _NEAR)


def stamp(session: Session, kind: str) -> str:
    """The newest event of a kind, and how many lie just below it: a few steps in an index, whatever the size.

    On PostgreSQL an event may be committed after one with a higher id; the count tells.
    """
    newest, near = db.rows(session, _NEWEST, kind=kind).one()
    return f"{newest or 0}-{near}"


# When an event below the stamp was committed late, those near it are looked at again.
_SEEN, _BELOW = bindparam("newest", type_=Integer), bindparam("near", type_=Integer)
_NOW_NEAR = (select(func.count()).where(Event.kind == bindparam("kind"), Event.id > _SEEN - NEAR, Event.id <= _SEEN)
             .scalar_subquery())
_SINCE = (select(Matter.rulebook, Matter.edition, Matter.stage, Event.source, Event.target)
          .join(Matter, Matter.id == Event.matter_id)
          .where(Event.kind == bindparam("kind"),
                 Event.id > case((_NOW_NEAR == _BELOW, _SEEN), else_=_SEEN - NEAR))
          .order_by(Event.id).limit(MANY + 1))


def changed_columns(session: Session, current: Procedure, since: str) -> set[str] | None:
    """Keys of the columns that events after a stamp touched; None when nearly all may have changed."""
    newest, near = (small_int(part) for part in (*since.split("-"), "", "")[:2])
    if newest is None or near is None:  # no stamp of ours
        return None
    rows = db.rows(session, _SINCE, kind=current.kind, newest=newest, near=near).all()
    if len(rows) > MANY:
        return None
    found = {(row.rulebook, row.edition, stage) for row in rows for stage in row[2:] if stage}
    keys = (boards.column_key(current, book.procedure(current.kind, r, e), stage) for r, e, stage in found)
    return {key for key in keys if key}
