"""What another calendar does to open deadlines: dry run first, then events (design.md §5)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from officeapp import clock, desks, matters, notices, timing
from officeapp.matters import Deadline, Matter
from officeapp.people import Actor
from officeapp.workdays import Calendar


@dataclass(frozen=True)
class Shift:
    """One open deadline that the calendar would move."""

    matter_id: int
    title: str
    scope: str
    before: datetime
    after: datetime
    provisional: bool


def preview(session: Session, proposed: Calendar, now: datetime | None = None) -> list[Shift]:
    """The deadlines that would move, nothing written."""
    moment = now or clock.now()
    found = (_shift(deadline, matter, proposed, moment) for deadline, matter in timing.open_deadlines(session))
    return [shift for shift in found if shift]


def apply(session: Session, adopted: Calendar, actor: Actor | None, now: datetime) -> list[Shift]:
    """Recount every open deadline; each that moves becomes an event old → new on its matter."""
    ids = sorted({shift.matter_id for shift in preview(session, adopted, now)})
    session.expire_all()  # what was only previewed may have moved on before its lock
    return [shift for matter_id in ids for shift in _adopt(session, matter_id, adopted, actor, now)]


def _adopt(session: Session, matter_id: int, adopted: Calendar, actor: Actor | None, now: datetime) -> list[Shift]:
    matter, moved = matters.lock(session, matter_id), []
    for deadline in matters.deadlines_of(session, matter_id, "open"):
        shift = _shift(deadline, matter, adopted, now)
        if shift:
            timing.recount(session, matter, deadline, adopted, now)
            _record(session, matter, deadline, shift, adopted, actor, now)
            moved.append(shift)
    return moved


def _record(session: Session, matter: Matter, deadline: Deadline, shift: Shift, adopted: Calendar,
            actor: Actor | None, now: datetime) -> None:
    reason = f"工作日历第{adopted.version}版启用"
    matters.record(
        session, matter, "recounted", at=now, actor_id=actor.id if actor else None, source=matter.stage,
        target=matter.stage, clause=deadline.clause, note=f"{reason}，重新计算时限。",
        data={"scope": deadline.scope, "before": shift.before.isoformat(), "after": shift.after.isoformat(),
              "calendar": adopted.version},
    )
    notices.due_changed(session, matter, desks.told(session, matter, now), now=now, before=shift.before,
                        after=shift.after, unit=deadline.unit, reason=reason)


def _shift(deadline: Deadline, matter: Matter, calendar: Calendar, now: datetime) -> Shift | None:
    if deadline.state != "open":
        return None
    due = timing.due_of(deadline, calendar, now)
    settled = deadline.provisional and not due.provisional
    if due.at == deadline.due_at and not settled:
        return None
    return Shift(matter.id, matter.title, deadline.scope, deadline.due_at, due.at, due.provisional)
