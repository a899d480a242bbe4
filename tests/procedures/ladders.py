"""Matters standing on each ladder of 办事 in autumn 2026, and the days counted apart from officeapp.workdays.

Every one begins so that its rungs fall across the two make-up days, Sunday 20 September and Saturday 10 October
(domain.md 5.2), and the holidays between them.
"""

from collections.abc import Callable, Collection
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace

from officeapp import clock, db, matters, supervision
from officeapp.matters import CYCLE, Matter
from officeapp.procedures import book
from officeapp.procedures.grammar import Procedure, Rung
from tests.counted_days import worked
from tests.procedures.supervising import SLIP, Course, add_inspectors, ordered, received, reported

FRIDAY = date(2026, 9, 18)
BROUGHT = {"title": "楼下夜宵摊油烟扰民", "way": "visit", "content": "每晚十点后油烟大。", "clock": "agreed",
           "due_on": ""}


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=clock.ZONE)


@dataclass(frozen=True)
class Ladder:
    """One ladder, a matter that stands on it, the day it is due, and how it comes to be done before."""

    name: str
    kind: str
    begin: Callable[[SimpleNamespace], Course]
    due: date
    end: Callable[[SimpleNamespace, Course], None]
    scope: str = CYCLE

    @property
    def rules(self) -> Procedure:
        return book.current(self.kind)

    @property
    def rungs(self) -> tuple[Rung, ...]:
        return self.rules.ladder if self.scope == CYCLE else self.rules.stage_ladder

    def day(self, rung: Rung, due: date | None = None, rested: Collection[date] = ()) -> date:
        return worked(due or self.due, rung.offset, rested)


def inspected(office: SimpleNamespace) -> SimpleNamespace:
    """The tests' bureau with the two receivers it lacks."""
    with db.transaction() as session:
        return SimpleNamespace(**vars(office), **vars(add_inspectors(session, office)))


def order(office, now=None, **values) -> Course:
    return received(office, now or at(FRIDAY), **{"ordered_on": "2026-08-03", "due_on": "2026-09-28"} | values)


def slip(office) -> Course:
    course = Course("liaison_slip", office.drafter, at(FRIDAY), **SLIP, to_unit=office.units["south"])
    course.go(office.drafter, "submit")
    course.go(office.head, "send")
    return course


def accepted(office) -> Course:
    course = slip(office)
    course.go(office.captain, "accept", received_by="system", received_on="2026-09-18", responsible=office.officer.id)
    return course


def brought(office, day=FRIDAY, **values) -> Course:
    return Course("public_matter", office.officer, at(day), **BROUGHT | {"unit": office.units["south"]} | values)


def assigned(office, day=FRIDAY, **values) -> Course:
    course = brought(office, day, **values)
    course.go(office.officer, "assign")
    return course


def in_hand(office, day=FRIDAY, **values) -> Course:
    course = assigned(office, day, **values)
    petition = values.get("clock") == "petition"
    course.go(office.captain, "accept_petition" if petition else "accept", responsible=office.officer.id)
    if petition:
        course.go(office.officer, "told", told_by="letter", told_on=day.isoformat())
    return course


def owed_report(office) -> Course:
    """The first monthly report of an order tracked since 26 August: 26 September is a holiday (TL5)."""
    course = reported(office, at(date(2026, 8, 26)))
    course.go(office.chief, "track")
    return of(course, course.children("progress_report")[0])


def sent_up(rung: str) -> Callable[[SimpleNamespace], Course]:
    """The document of one rung of an order that is late in November, sent by hand on the Friday."""
    def begin(office) -> Course:
        course = order(office, due_on="2026-11-20")
        with db.transaction() as session:
            version = matters.find(session, course.id).version
            supervision.escalate(session, course.id, office.director, rung, "明确表示不办。", version=version,
                                 now=course.now)
        return of(course, course.children({"notice": "supervision_notice"}.get(rung, rung))[0])
    return begin


def of(course: Course, matter: Matter) -> Course:
    other = copy(course)
    other.id = matter.id
    return other


def void(key: str, who: str) -> Callable[[SimpleNamespace, Course], None]:
    return lambda office, course: course.go(getattr(office, who), key, note="不用再办。")


def answer_slip(office, course) -> None:
    course.go(office.officer, "answer", feedback="已清理。", done_on="2026-09-18")
    course.go(office.captain, "reply")


def refuse_petition(office, course) -> None:
    course.go(office.captain, "receipt_return_to_registration", note="不属本局职责。")
    course.go(office.officer, "registration_void", note="不属本局职责。")


def answer_citizen(office, course) -> None:
    course.go(office.officer, "report", result="已整改。", explanation="已解释。")
    course.go(office.captain, "pass")
    course.go(office.officer, "answer", answered_by="phone", answered_on="2026-09-18")


def end_order(office, course) -> None:
    course.go(office.chief, "finish", of=course.matter.parent_id)


def answer_prompt(office, course) -> None:
    course.go(office.head, "answer", measures="本周内完成。")


def report_back(office, course) -> None:
    for who in (office.inspector, office.assessor, office.discipline):
        course.go(who, "receive")
    course.go(office.assessor, "report_back", findings="已约谈。")


LADDERS = (
    Ladder("督办单", "supervision_order", order, date(2026, 9, 28), void("handling_void", "director")),  # TL4
    Ladder("督办单签收", "supervision_order", lambda office: ordered(office, at(FRIDAY)), worked(FRIDAY, 1),
           void("receipt_void", "director"), "receipt"),
    Ladder("联系单", "liaison_slip", accepted, worked(FRIDAY, 5), answer_slip),  # TL6
    Ladder("联系单接收", "liaison_slip", slip, worked(FRIDAY, 1), void("receipt_void", "drafter"), "receipt"),
    Ladder("群众事务", "public_matter", in_hand, worked(FRIDAY, 5), answer_citizen),
    Ladder("群众事务接办", "public_matter", assigned, worked(FRIDAY, 1), refuse_petition, "receipt"),
    # TL16: sixty days from 28 July end on 26 September, a holiday, and so on Monday the 28th.
    Ladder("信访事项", "public_matter", lambda office: in_hand(office, date(2026, 7, 28), clock="petition"),
           date(2026, 9, 28), answer_citizen),
    Ladder("进展报告", "progress_report", owed_report, date(2026, 9, 26), end_order),  # TL5
    Ladder("督办提示单", "prompt_slip", sent_up("prompt_slip"), worked(FRIDAY, 2), answer_prompt),
    Ladder("督办通知", "supervision_notice", sent_up("notice"), worked(FRIDAY, 5), report_back),
)
