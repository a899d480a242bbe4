"""What another calendar does to open deadlines: dry run first, then events (design.md §5)."""

from collections.abc import Iterator
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
    return [shift for _, _, shift in _shifts(session, proposed, now or clock.now())]


def apply(session: Session, adopted: Calendar, actor: Actor | None, now: datetime) -> list[Shift]:
    """Recount every open deadline; each that moves becomes an event old → new on its matter."""
    moved = []
    for deadline, matter, shift in list(_shifts(session, adopted, now)):
        timing.recount(session, matter, deadline, adopted, now)
        matters.record(
            session,
            matter,
            "recounted",
            at=now,
            actor_id=actor.id if actor else None,
            source=matter.stage,
            target=matter.stage,
            clause=deadline.clause,
            note=f"工作日历第{adopted.version}版启用，重新计算时限。",
            data={
                "scope": deadline.scope,
                "before": shift.before.isoformat(),
                "after": shift.after.isoformat(),
                "calendar": adopted.version,
            },
        )
        notices.due_changed(
            session,
            matter,
            desks.assignees(session, matter.id),
            now=now,
            before=shift.before,
            reason=f"工作日历第{adopted.version}版启用",
        )
        moved.append(shift)
    return moved


def _shifts(session: Session, calendar: Calendar, now: datetime) -> Iterator[tuple[Deadline, Matter, Shift]]:
    for deadline, matter in timing.open_deadlines(session):
        due = timing.due_of(deadline, calendar, now)
        settled = deadline.provisional and not due.provisional
        if deadline.state == "open" and (due.at != deadline.due_at or settled):
            yield (
                deadline,
                matter,
                Shift(matter.id, matter.title, deadline.scope, deadline.due_at, due.at, due.provisional),
            )
