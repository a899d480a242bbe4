"""The words in which messages speak of a matter and its dates; never its text (DB-6)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from officeapp import workdays
from officeapp.clock import ZONE
from officeapp.courses import course_of
from officeapp.matters import CYCLE, Deadline, Matter
from officeapp.procedures.clauses import Facts, settle
from officeapp.procedures.grammar import Rung
from officeapp.settings import ROOT

texts = Environment(loader=FileSystemLoader(ROOT / "templates" / "emails"), autoescape=False,  # nosec B701 # plain text, never read as HTML
                    trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)


def name_of(matter: Matter) -> str:
    """Its number once it has one, else its title in 书名号; of what is internal no title leaves (DB-6)."""
    untitled = f"{matter.rules.noun}（事项编号{matter.id}）" if matter.rules.internal else f"《{matter.title}》"
    return matter.number or untitled


def stopped(note: str) -> str:
    """A sentence typed by hand, with a stop after it."""
    note = note.strip()
    return note if not note or note[-1] in "。！？!?；;." else f"{note}。"


def due_words(matter: Matter) -> str:
    """The nearest date that is owed."""
    return moment_words(matter.due_at, matter.due_unit) if matter.due_at else "未设时限"


def course_words(matter: Matter) -> str:
    """The date by which all of it is owed, whatever its desk owes before."""
    course = course_of(matter)
    return moment_words(course.due_at, course.unit) if course else "未设时限"


def until_words(matter: Matter) -> str:
    """The same as a sentence; "" where nothing is owed any more."""
    course = course_of(matter)
    return "" if course and course.state == "met" else f"办理时限：{course_words(matter)}。"


def about(matter: Matter) -> dict[str, Any]:
    """What every mail about a matter names: the matter, its stage, its date, its grade."""
    field = matter.rules.field(matter.rules.grade_field)
    return {"name": name_of(matter), "stage": matter.place.title, "due": due_words(matter),
            "grade": field.label_of(matter.grade) if field and makes_haste(matter) else ""}


def makes_haste(matter: Matter) -> bool:
    """Whether its grade's limit is one that cannot wait for the desk to be looked at."""
    limit = settle(matter.rules.cycle, Facts(values=matter.values))
    return bool(limit and limit.mails_at_once)


def limit_of(matter: Matter, deadline: Deadline) -> str:
    """Which limit is meant: 「发文周期」, 「办理时限」 of what is no document, or 「“起草”环节」."""
    rules = matter.rules
    if deadline.scope != CYCLE:
        return f"“{rules.stage(deadline.scope).title}”环节"
    return f"{rules.noun}周期" if rules.has_text else "办理时限"


def counted_to(deadline: Deadline, now: datetime) -> datetime:
    """Up to when its clock has run: to the pause that lasts, to the day on which it was met, else to now."""
    if deadline.state == "paused":
        return datetime.fromisoformat(deadline.pauses[-1][0])
    return deadline.met_at if deadline.state == "met" and deadline.met_at else now


def is_late(deadline: Deadline, now: datetime) -> bool:
    """Whether it has run out, or had when its clock stopped."""
    return deadline.due_at <= counted_to(deadline, now)


def sort_of(rung: Rung) -> str:
    """In which part of the ladder a rung stands."""
    return "超期催办" if rung.offset > 0 else "到期提醒" if rung.offset == 0 else "临期提醒"


def as_it_falls(rung: Rung, deadline: Deadline, fire_at: datetime) -> Rung:
    """The rung as it must be called: of a due day off it speaks on the working day before, no 到期当日."""
    early = rung.offset == 0 and fire_at.astimezone(ZONE).date() < workdays.ending_day(deadline.due_at)
    return replace(rung, title=rung.title.replace("到期当日", "到期前最后一个工作日")) if early else rung


def stamp(deadline: Deadline) -> str:
    """The due date as it stands in a key; a limit in hours has its hour there."""
    if deadline.unit == "hour":
        return f"{deadline.due_at.astimezone(ZONE):%Y-%m-%dT%H%M}"
    return workdays.ending_day(deadline.due_at).isoformat()


def moment_words(moment: datetime, unit: str) -> str:
    """A date as an office writes it; of a limit in hours with its minute."""
    if unit == "hour":
        local = moment.astimezone(ZONE)
        return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"
    day = workdays.ending_day(moment)
    return f"{day.year}年{day.month}月{day.day}日"


def render(name: str, said: dict[str, Any]) -> str:
    """The body of a mail from its template."""
    return texts.get_template(f"{name}.txt").render(said)
