"""What must hold of every matter of a family after each step, held against tests/family_model.py."""

from datetime import datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeapp import matters, signatures
from officeapp.clock import ZONE
from officeapp.matters import Deadline, Event, Matter, Step
from tests.counted_days import DAY
from tests.family_model import Member
from tests.matter_invariants import check_closed, check_history, check_offers


def check_member(session: Session, matter: Matter, member: Member) -> None:
    check_place(matter, member)
    check_history(session, matter)
    assert signatures.altered(session, matter) == []
    check_seats(session, matter, member)
    check_clocks(session, matter, member)
    check_steps(session, matter)
    check_peace(session, matter, member)
    check_offers(session, matter, member)


def check_place(matter: Matter, member: Member) -> None:
    assert (matter.stage, matter.visited, matter.returns) == (member.stage.key, member.visited, member.returns)
    assert (matter.returned_from, matter.values) == (member.returned_from, member.values)
    assert (matter.unit_id, matter.closed) == (member.unit, member.stage.closed)
    assert bool(matter.number) == member.number
    assert matter.drafter_id == member.drafter.id
    assert matter.parent_id == (member.parent.id if member.parent else None)


def check_seats(session: Session, matter: Matter, member: Member) -> None:
    """GEN-1: an open task for each seat that must still act, and somebody behind each."""
    tasks = matters.open_tasks(session, matter.id)
    assert {task.stage for task in tasks} <= {matter.stage}
    assert sorted(task.unit_id or 0 for task in tasks) == sorted(seat.unit or 0 for seat in member.desk)
    assert all(task.person_id or task.post_id for task in tasks)
    assert bool(matter.holder) == bool(tasks) == (not matter.closed)


def check_clocks(session: Session, matter: Matter, member: Member) -> None:
    """Exactly the clocks that its stage runs, each ending on the day that was counted apart."""
    running = matters.deadlines_of(session, matter.id, "open", "paused")
    foretold = {scope: clock for scope, clock in member.clocks if clock.state in ("open", "paused")}
    assert sorted(d.scope for d in running) == sorted(foretold)
    for deadline in running:
        clock = foretold[deadline.scope]
        assert (deadline.state, deadline.due_at) == (clock.state, midnight_after(clock.due)), deadline.scope
    assert matter.due_at == midnight_after(member.nearest)
    assert matter.paused == any(clock.state == "paused" for clock in foretold.values())
    met = bool(member.cycle) and member.cycle.state == "met"
    assert bool(matter.met_at) == met and (not met or matter.met_due == midnight_after(member.cycle.due))
    cycles = sum(scope == "cycle" for scope in foretold)
    assert matter.closed or cycles == (matter.place.clock in ("runs", "pauses"))


def midnight_after(day):
    return datetime.combine(day + DAY, time(), ZONE) if day else None


def check_steps(session: Session, matter: Matter) -> None:
    """A rung fires once for one due day, and only of a running limit something is still to come."""
    columns = (Step.deadline_id, Step.rung, Deadline.due_at)
    fired = (select(*columns, func.count()).join(Deadline, Deadline.id == Step.deadline_id)
             .where(Step.matter_id == matter.id, Step.state == "fired", Step.due_version == Deadline.version)
             .group_by(*columns))
    assert all(times == 1 for *_, times in session.execute(fired))
    waiting = (select(Deadline.state, Step.due_version == Deadline.version).join(Step, Step.deadline_id == Deadline.id)
               .where(Step.matter_id == matter.id, Step.state == "pending"))
    assert all(state == "open" and current for state, current in session.execute(waiting))


def check_peace(session: Session, matter: Matter, member: Member) -> None:
    """Versions only rise; of what is closed nothing is written any more."""
    events = session.scalar(select(func.count()).where(Event.matter_id == matter.id, Event.what != "begot"))
    seen, told = getattr(member, "seen", (0, 0))
    assert matter.version >= seen
    if getattr(member, "ended", False):
        assert (matter.version, events) == (seen, told)
    member.seen, member.ended = (matter.version, events), matter.closed
    if matter.closed:
        check_closed(session, matter)
