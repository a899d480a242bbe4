"""What comes of a matter: a report each month, numbered documents up the ladder, and what ends with it.

Rules DB-7, DB-10, LX-5, TL5. Called by the engine, the sweep and the supervisors' verbs; who may begin what is
declared in the procedures.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeapp import decisions, desks, manuscripts, matters, notices, people, refusals, roles, timing
from officeapp.clock import ZONE
from officeapp.courses import course_of, due_day
from officeapp.decisions import Refused
from officeapp.documents import notice_text
from officeapp.matters import Deadline, Event, Matter, Step
from officeapp.notices import Reminder
from officeapp.openings import open_matter
from officeapp.people import Actor
from officeapp.procedures import book
from officeapp.procedures.clauses import Facts, settle
from officeapp.procedures.grammar import Holder, Limit, Move, Offshoot, Rung
from officeapp.states import changes, stored_state
from officeapp.wording import is_late
from officeapp.workdays import add_months, ending_day

ISSUER = Holder("bureau", "办公室主任", "office_director")


REACHING_UP = {(rules.kind, move.key) for rules in book.PROCEDURES for move in rules.moves
               if move.on_parent or move.extends}
KEYS_UP = {key for _, key in REACHING_UP}


def lock_first(session: Session, matter_id: int, move_key: str) -> None:
    """What a move will change besides its own matter, locked before that: whoever ends a matter locks it first too."""
    if move_key not in KEYS_UP:  # as most are not: nothing is asked
        return
    found = session.execute(select(Matter.kind, Matter.parent_id).where(Matter.id == matter_id)).first()
    if found and (found.kind, move_key) in REACHING_UP:
        matters.lock(session, found.parent_id)


def children(session: Session, matter_id: int) -> list[Matter]:
    """The matters that came of this one, in the order they began."""
    return list(session.scalars(select(Matter).where(Matter.parent_id == matter_id).order_by(Matter.id)))


def open_to(session: Session, matter: Matter, actor: Actor, now: datetime) -> list[Offshoot]:
    """What this person may begin from the matter now."""
    return [each for each in matter.rules.offshoots if refusal(session, matter, each, actor, now) is None]


def refusal(session: Session, matter: Matter, offshoot: Offshoot, actor: Actor, now: datetime) -> Refused | None:
    """Why this person may not begin it now; None if nothing forbids it."""
    if matter.closed and not offshoot.after_closing:
        return refusals.closed(matter)
    if actor.is_admin or offshoot.who and not any(_plays(actor, holder, matter) for holder in offshoot.who):
        who = "、".join(holder.title for holder in offshoot.who) or "业务人员"
        return Refused(f"「{offshoot.title}」由{who}办理。", offshoot.clause, 403)
    if actor.delegate and not desks.tasks_of(session, matter, actor):
        return Refused(f"本件现在不在{actor.name}手上，不能代为办理「{offshoot.title}」。", offshoot.clause, 403)
    if offshoot.stages and matter.stage not in offshoot.stages:
        return Refused(f"「{matter.place.title}」环节不能「{offshoot.title}」。", offshoot.clause)
    facts = replace(decisions.facts_of(matter, {}), today=now.astimezone(ZONE).date().isoformat())
    if offshoot.when and not offshoot.when(facts):
        return Refused(f"「{offshoot.title}」只能在{offshoot.when.title}办理。", offshoot.clause)
    most = _at_most(matter, offshoot)
    if most and _extended(session, matter):
        return Refused(f"本件已经延长过一次（不超过{most.n}日），不能再延。", most.clause)
    twin = offshoot.once and session.scalar(select(Matter.id).where(
        Matter.parent_id == matter.id, Matter.kind == offshoot.kind, Matter.closed.is_(False)))
    return Refused(f"已有一件{offshoot.title}正在办理，办结后才能再提。", offshoot.clause) if twin else None


def offered(session: Session, matter: Matter, kind: str, actor: Actor, now: datetime) -> Offshoot:
    """The declared offshoot of that kind; Refused when there is none or this person may not begin it."""
    offshoot = next((each for each in matter.rules.offshoots if each.kind == kind), None)
    if offshoot is None:
        raise Refused("规程里没有从本件办理这一事项的规定，请刷新页面后重试。", matter.place.clause)
    refused = refusal(session, matter, offshoot, actor, now)
    if refused:
        raise refused
    return offshoot


def refuse_too_late(matter: Matter, offshoot: Offshoot, values: Mapping[str, Any]) -> None:
    """An extension may not ask for more days than its clause allows, counted from the first due day (TL16)."""
    asked = next((values.get(move.extends) for move in book.current(offshoot.kind).moves if move.extends), None)
    course, most = course_of(matter), _at_most(matter, offshoot)
    if not (most and asked and course):
        return
    last = ending_day(course.original_due_at) + timedelta(days=most.n)
    if str(asked) > last.isoformat():
        raise Refused(f"延长不超过{most.n}日，最迟到{last}，请改正。", most.clause)


def _at_most(matter: Matter, offshoot: Offshoot) -> Limit | None:
    return settle(offshoot.at_most, Facts(values=matter.values))


def _extended(session: Session, matter: Matter) -> bool:
    """Whether its day has been put off once."""
    return bool(session.scalar(select(Event.id).where(Event.matter_id == matter.id, Event.what == "extended").limit(1)))


def carried(matter: Matter, offshoot: Offshoot) -> dict[str, Any]:
    """What the new form takes over from the matter: a field's value, or its title, name or due day."""
    return _taken(matter, offshoot.carries)


def suggested(matter: Matter, offshoot: Offshoot) -> dict[str, Any]:
    """What the new form begins with."""
    return _taken(matter, offshoot.suggests + offshoot.carries)


def _taken(matter: Matter, pairs: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    facts = {"@title": matter.title, "@name": f"{matter.number}《{matter.title}》", "@due": due_day(matter)}
    return {own: facts.get(source, matter.values.get(source)) for own, source in pairs}


def _plays(actor: Actor, holder: Holder, matter: Matter) -> bool:
    return roles.plays(actor, holder, drafter_id=matter.drafter_id, unit_id=matter.unit_id, values=matter.values)


def owe_report(session: Session, matter: Matter, now: datetime) -> Matter | None:
    """The next month's report, due the same day of the next month since tracking began (DB-7, TL5).

    None while the one before is not due yet. LookupError, Refused: nobody could be found to write it.
    """
    kind = matter.place.monthly
    owed = session.scalars(select(Matter.period).where(Matter.parent_id == matter.id, Matter.kind == kind)).all()
    today = now.astimezone(ZONE).date()
    if any(date.fromisoformat(day) > today for day in owed):
        return None
    day = add_months(_tracked_since(session, matter), len(owed) + 1)
    writer = _first(session, people.incumbents(session, desks.assignees(session, matter.id)), matter)
    title = f"{matter.title[:100]}：{day.year}年{day.month}月进展"
    return open_matter(session, kind, writer, {"title": title, "due_on": day.isoformat()}, now=now, parent=matter,
                       period=day.isoformat(), because=f"{matter.place.title}期间按月报告")


def _tracked_since(session: Session, matter: Matter) -> date:
    entered = (select(func.min(Event.at)).where(Event.matter_id == matter.id, Event.what == "moved",
                                                Event.target == matter.stage))
    return session.scalar(entered).astimezone(ZONE).date()


def send_document(session: Session, matter: Matter, deadline: Deadline, rung: Rung, now: datetime, *,
                  by: Actor | None = None, reason: str = "") -> Matter:
    """The numbered document of one rung: what was due, when, on what basis, what was done before (DB-10)."""
    late = "未按期办理" if is_late(deadline, now) else ""
    values = {"title": f"关于“{matter.title[:100]}”{late}的{book.current(rung.opens).noun}"[:200],
              "content": notice_text(session, matter, deadline, rung, now, reason)}
    issuer = by or _first(session, _issuers(session), matter)
    return open_matter(session, rung.opens, issuer, values, now=now, parent=matter, standing=values,
                       because="" if by else f"{rung.title}（系统按时限自动发出）")


def set_off(session: Session, matter: Matter, rung: Rung, now: datetime, reason: str, *,
            by: Actor | None = None) -> Matter | None:
    """A rung's document at once and its people told; the sweep sends it no more for this due day.

    None: it has been sent for this day, or no limit runs that it could belong to. NoHolder: nobody could issue it.
    """
    deadline = course_of(matter)
    if deadline is None or not _mark_fired(session, matter, deadline, rung, now):
        return None
    sent = send_document(session, matter, deadline, rung, now, by=by, reason=reason)
    told, empty = desks.people_told(session, matter, rung.to, now)
    holders = people.incumbents(session, desks.assignees(session, sent.id))
    said = Reminder(matter, deadline, rung, told, holders, empty, f"hand{sent.id}", sent)
    notices.reminded(session, [said], now=now)
    return sent


def send_at_once(session: Session, matter: Matter, move: Move, reason: str, now: datetime) -> None:
    """A step of the ladder that does not wait for its day (LX-7: a refusal is sent up). Refused: nobody issues it."""
    rung = next(each for each in matter.rules.ladder if each.key == move.sets_off)
    try:
        sent = set_off(session, matter, rung, now, f"{move.title}：{reason}")
    except roles.NoHolder as fault:
        raise Refused(str(fault), rung.clause) from None
    if sent:
        matters.record(session, matter, "escalated", at=now, source=matter.stage, target=matter.stage,
                       note=f"{rung.title}（{sent.number}）：{move.title}", clause=rung.clause.cite,
                       data={"rung": rung.key, "document": sent.id})


def _mark_fired(session: Session, matter: Matter, deadline: Deadline, rung: Rung, now: datetime) -> bool:
    same = select(Step).where(Step.deadline_id == deadline.id, Step.rung == rung.key,
                              Step.due_version == deadline.version)
    step = session.scalar(same)
    if step is not None and step.state == "fired" and _was_sent(session, step):
        return False
    step = step or Step(matter_id=matter.id, deadline_id=deadline.id, rung=rung.key, due_version=deadline.version,
                        fire_at=now)
    step.state, step.settled_at = "fired", now
    session.add(step)
    return True


def _was_sent(session: Session, step: Step) -> bool:
    """Whether the rung's document went out: a rung that fired while nobody could issue it sent none."""
    told = select(Event.data).where(Event.matter_id == step.matter_id, Event.at == step.settled_at,
                                    Event.what.in_(("reminded", "escalated")))
    return any(said["rung"] == step.rung and "document" in said for said in session.scalars(told))


def extend(session: Session, matter: Matter, request: Matter, asked: Move, actor: Actor, now: datetime) -> None:
    """Another due day for what the request came from, its own form changed with it; the first day is kept (DB-4)."""
    allowed = next((each for each in matter.rules.offshoots if each.kind == request.kind), None)
    if allowed:
        refuse_too_late(matter, allowed, request.values)
    before, due = stored_state(matter), due_day(matter)
    limit, day = settle(matter.rules.cycle, Facts(values=matter.values)), request.values[asked.extends]
    if limit.until:
        matter.values = {**matter.values, limit.until: day}
        manuscripts.save(session, matter, actor, None, now)  # the form has changed, and so has its fingerprint
    moved = timing.extend(session, matter, date.fromisoformat(day), now)
    matter.version += 1
    if moved:
        notices.due_changed(session, matter, desks.told(session, matter, now), now=now, before=moved[0],
                            after=moved[1], unit="date", reason="延期已批准")
    matters.record(session, matter, "extended", at=now, actor_id=actor.hand, principal_id=actor.on_behalf_of,
                   source=matter.stage, target=matter.stage, note=request.values.get("reason") or "",
                   clause=asked.clause.cite, data={"after": changes(before, stored_state(matter)), "child": request.id,
                         "due": [due, due_day(matter)]})


def _issuers(session: Session) -> list[people.Person]:
    return people.incumbents(session, roles.holders(session, ISSUER, drafter_id=0, unit_id=0))


def _first(session: Session, found: list[people.Person], matter: Matter) -> Actor:
    actor = people.actor(session, found[0].id) if found else None
    if actor is None:
        raise roles.NoHolder(f"“{matter.place.title}”环节无人在岗，请在“单位人员”里设置后再办。")
    return actor


def end_with(session: Session, matter: Matter, now: datetime) -> None:
    """What belongs to a matter alone is not owed any more once that is done."""
    for child in children(session, matter.id):
        # Its writer may be moving it at this moment: what is ended is what it has become by then.
        if child.rules.ends_with_parent and not child.closed and not matters.lock(session, child.id).closed:
            _end(session, child, f"{matter.rules.noun}已{matter.place.title}", now)


def _end(session: Session, child: Matter, why: str, now: datetime) -> None:
    before, source, told = stored_state(child), child.stage, desks.told(session, child, now)
    desks.clear(session, child.id, now)
    child.stage, child.stage_at, child.holder = child.rules.ends_with_parent, now, ""
    child.visited = [*child.visited, child.stage]
    child.closed, child.closed_at = True, now
    child.version += 1
    timing.stop(session, child, now)
    matters.record(session, child, "ended", at=now, source=source, target=child.stage, note=why,
                   clause=child.place.clause.cite, data={"after": changes(before, stored_state(child))})
    notices.fallen_away(session, child, told, why, now=now)
