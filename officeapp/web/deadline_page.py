"""时限说明: how each limit was counted, day by day, what interrupted it, and what it still owes."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeapp import calendars, timing
from officeapp.clock import ZONE
from officeapp.matters import CYCLE, Deadline, Step
from officeapp.procedures.clauses import By, Clause
from officeapp.procedures.grammar import UNIT_WORDS, Limit, Procedure
from officeapp.web.dossier import Dossier
from officeapp.web.spoken import cited, moment_words, weekday_words
from officeapp.workdays import Calendar, Counted, ending_day, seed_calendar

STATES = {"open": "计时中", "paused": "暂停计时", "met": "已办结", "cancelled": "已取消"}
STEP_STATES = {"pending": "待发", "fired": "已发", "merged": "合并到后一级", "cancelled": "已取消"}
BASIS = "开始的当天不算入，自下一日起计算（民法典第二百零一条）"
ROLLED = "最后一日是法定休假日的，顺延到下一个工作日（民法典第二百零三条）"


@dataclass(frozen=True)
class DayLine:
    """One day of the count; `n` is its number among the counted."""

    words: str
    n: int | None
    why: str
    today: bool


@dataclass(frozen=True)
class StepLine:
    title: str
    fire_at: str
    state: str
    key: str


@dataclass(frozen=True)
class Explanation:
    """One deadline explained."""

    title: str
    clause: str
    rule: str
    limit: str
    start: str
    original: str
    due: str
    resumed: str  # while paused: when it would end if the clock ran again now
    state: str
    state_key: str
    met: str
    provisional: bool
    calendar_words: str
    basis: tuple[str, ...]
    pauses: tuple[str, ...]
    days: tuple[DayLine, ...]
    steps: tuple[StepLine, ...]


def explanations(session: Session, dossier: Dossier) -> list[Explanation]:
    """Every limit of the matter, the whole course first, the newest stage next."""
    steps = _steps(session, dossier.matter.id)
    found = sorted(dossier.deadlines, key=lambda d: (d.scope != CYCLE, -d.id))
    return [_explained(session, dossier, each, steps.get(each.id, [])) for each in found]


def _explained(session: Session, dossier: Dossier, deadline: Deadline, steps: list[Step]) -> Explanation:
    calendar = _calendar(session, deadline)
    counted = timing.due_of(deadline, calendar, deadline.met_at or dossier.now)
    clause = _clause(dossier.rules, deadline)
    return Explanation(
        _title(dossier.rules, deadline), cited(clause) or deadline.clause, clause.rule if clause else "",
        f"{deadline.n}{UNIT_WORDS[deadline.unit]}" if deadline.n else "按写明的日期",
        moment_words(deadline.start, dossier.now),
        end_words(deadline, deadline.original_due_at), end_words(deadline, deadline.due_at),
        end_words(deadline, counted.at) if deadline.state == "paused" else "",
        STATES[deadline.state], deadline.state, moment_words(deadline.met_at, dossier.now), deadline.provisional,
        f"工作日历第{calendar.version}版" if calendar.version else "随软件附带的工作日历", _basis(deadline),
        tuple(_pause(each, dossier.now) for each in deadline.pauses),
        tuple(_lines(counted.days, dossier.now.astimezone(ZONE).date())),
        tuple(_step(dossier, deadline, step) for step in steps),
    )


def end_words(deadline: Deadline, at: datetime) -> str:
    """「2026年11月9日（周一）24时前」, or the hour for a limit in hours."""
    if deadline.unit == "hour":
        local = at.astimezone(ZONE)
        return f"{weekday_words(local.date())} {local:%H:%M}前"
    return f"{weekday_words(ending_day(at))}24时前"


def _title(rules: Procedure, deadline: Deadline) -> str:
    return "办理全程" if deadline.scope == CYCLE else f"“{rules.stage(deadline.scope).title}”环节"


def _calendar(session: Session, deadline: Deadline) -> Calendar:
    return calendars.numbered(session, deadline.calendar_version) or seed_calendar()


def _clause(rules: Procedure, deadline: Deadline) -> Clause | None:
    """The clause whose citation the deadline keeps."""
    holder = rules.cycle if deadline.scope == CYCLE else rules.stage(deadline.scope).limit
    return next((limit.clause for limit in _limits(holder) if limit.clause.cite == deadline.clause
                 and (deadline.asked_on or (limit.n, limit.unit) == (deadline.n, deadline.unit))), None)


def _limits(value: Limit | By | None) -> list[Limit]:
    if isinstance(value, By):
        return [found for each in (*value.table.values(), value.otherwise) for found in _limits(each)]
    return [value] if value else []


def _basis(deadline: Deadline) -> tuple[str, ...]:
    if deadline.unit == "hour":
        return ("自开始的时刻起按小时连续计算",)
    kinds = {"workday": "只数工作日", "day": "“天”按自然日计算，休息日也算", "month": "按月计算",
             "date": "按表上写明的日期，当日24时止"}
    return (BASIS, kinds[deadline.unit], *([ROLLED] if deadline.roll else []))


def _pause(pause: list[str | None], now: datetime) -> str:
    began, ended = pause
    until = moment_words(datetime.fromisoformat(ended), now) if ended else "现在（仍在暂停）"
    return f"{moment_words(datetime.fromisoformat(began), now)} 至 {until}"


def _lines(days: tuple[Counted, ...], today: date) -> list[DayLine]:
    n, lines = 0, []
    for each in days:
        n += each.counted
        lines.append(DayLine(weekday_words(each.day), n if each.counted else None, each.why, each.day == today))
    return lines


def _steps(session: Session, matter_id: int) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    for step in session.scalars(select(Step).where(Step.matter_id == matter_id).order_by(Step.fire_at, Step.id)):
        found.setdefault(step.deadline_id, []).append(step)
    return found


def _step(dossier: Dossier, deadline: Deadline, step: Step) -> StepLine:
    rungs = {rung.key: rung.title for rung in timing.ladder_of(dossier.matter, deadline)}
    title = rungs.get(step.rung, step.rung)
    state = _not_issued(dossier, deadline, step, title) or STEP_STATES.get(step.state, step.state)
    return StepLine(title, moment_words(step.fire_at, dossier.now), state, step.state)


def _not_issued(dossier: Dossier, deadline: Deadline, step: Step, title: str) -> str:
    """Why the document of a rung that fired did not go out, as its event tells; nothing where it did or sends none."""
    fired = (event.data for event in dossier.events if step.state == "fired" and event.what == "reminded"
             and (event.at, event.data["rung"], event.data["scope"]) == (step.settled_at, step.rung, deadline.scope))
    said = (sentence for data in fired for sentence in data["empty"])
    return next((each.removeprefix(title) for each in said if each.startswith(f"{title}没有发出")), "")
