"""The words of the documents that the system issues itself: what was due, when, on what basis, what was done before."""

from collections.abc import Iterator
from datetime import datetime
from itertools import accumulate

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeapp import calendars, matters, workdays
from officeapp.clock import ZONE
from officeapp.matters import Deadline, Event, Matter
from officeapp.people import Person, Unit
from officeapp.procedures.grammar import Rung
from officeapp.wording import counted_to, is_late
from officeapp.workdays import ending_day

DONE_BEFORE = ("reminded", "contacted", "escalated", "urged")
LONGEST_NOTE, ROOM = 200, 2500  # characters: however much was done before, the document's form holds it


def notice_text(session: Session, matter: Matter, deadline: Deadline, rung: Rung, now: datetime, reason: str) -> str:
    """Lines for the 情况 of a 提示单 or 督办通知 (DB-10): plain text, a line each."""
    return "\n".join(_lines(session, matter, deadline, rung, now, reason))


def _lines(session: Session, matter: Matter, deadline: Deadline, rung: Rung, now: datetime,
           reason: str) -> Iterator[str]:
    unit = session.get_one(Unit, matter.unit_id)
    yield f"应办事项：{matter.title}（{matter.number}）" if matter.number else f"应办事项：{matter.title}"
    yield f"承办单位：{unit.name}；现在环节：{matter.place.title}；现在办理人：{matter.holder or '（空缺）'}"
    yield f"办理时限：{_day(deadline.due_at)}{_before(deadline)}，{_state(session, deadline, now)}"
    yield f"时限依据：{deadline.clause}"
    if reason:
        yield f"督办原因：{reason}"
    done = _earlier(session, matter)
    yield "之前已做的工作：" + ("" if done else "无")
    names = dict(session.execute(select(Person.id, Person.name).where(Person.id.in_({e.actor_id for e in done}))).all())
    yield from _newest([_told(event, names) for event in done])
    yield f"督办依据：{rung.clause.cite}：{rung.clause.text}"


def _before(deadline: Deadline) -> str:
    return f"（原时限{_day(deadline.original_due_at)}）" if deadline.original_due_at != deadline.due_at else ""


def _state(session: Session, deadline: Deadline, now: datetime) -> str:
    """How a limit stands: what is left or over, that its clock rests, or the day on which it was met."""
    light = workdays.light(calendars.current(session), deadline.due_at, "workday", counted_to(deadline, now)).words
    if deadline.state == "met":
        return f"已于{_day(deadline.met_at)}反馈" + (f"，{light}" if is_late(deadline, now) else "")
    return f"{light}，暂停计时" if deadline.state == "paused" else light


def _newest(lines: list[str]) -> Iterator[str]:
    """As many of the last lines as there is room for, and how many went before them."""
    kept = sum(total <= ROOM for total in accumulate(len(line) + 1 for line in reversed(lines)))
    if kept < len(lines):
        yield f"　（较早的{len(lines) - kept}次见办理历程）"
    yield from lines[len(lines) - kept:]


def _earlier(session: Session, matter: Matter) -> list[Event]:
    return [event for event in matters.history(session, matter.id) if event.what in DONE_BEFORE]


def _told(event: Event, names: dict[int, str]) -> str:
    local, who = event.at.astimezone(ZONE), names.get(event.actor_id or 0, "系统")
    note = event.note if len(event.note) <= LONGEST_NOTE else f"{event.note[:LONGEST_NOTE]}……"
    return f"　{local.year}年{local.month}月{local.day}日　{who}：{note}"


def _day(moment: datetime) -> str:
    day = ending_day(moment)
    return f"{day.year}年{day.month}月{day.day}日"
