"""A bureau for 办事 and walks through 督办单 and 联系单: each step a real move through the engine."""

from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from officeapp import clock, db, deadlines, engine, matters, offshoots, progress
from officeapp.decisions import Refused
from officeapp.desks import Paper
from officeapp.matters import Matter
from officeapp.people import Actor, Holding, Person, Post, actor

ORDER = {
    "title": "落实春节前市容保障", "source": "meeting", "ordered_on": "2026-11-02", "content": "春节前完成主干道整治。",
    "instruction": "2026年10月30日局党组会议议定第三项。", "due_on": "2026-11-20", "manner": "system",
    "demands": "按时反馈，情况属实。",
}
SLIP = {"title": "请协助清理南门夜市占道", "content": "请南门中队于本周内清理。", "due_on": ""}
REPORT = "已完成主干道整治12处，其余3处正在办理。"


def add_inspectors(session, bureau) -> SimpleNamespace:
    """The two receivers that tests/people.py lacks: 监督考核科 and 机关纪委."""
    found = {}
    for name, kind, said in (("assessor", "assessment_section", "郝考核"),
                             ("discipline", "discipline_committee", "纪检")):
        unit = bureau.units["command"]
        person = Person(account=name, name=said, unit_id=unit, position=90, email=f"{name}@bureau.test")
        post = Post(kind=kind, unit_id=unit, title=said, position=90)
        session.add_all([person, post])
        session.flush()
        session.add(Holding(person_id=person.id, post_id=post.id))
        session.flush()
        found[name] = actor(session, person.id)
    return SimpleNamespace(**found)


class Course:
    """One matter, its clock moved by hand."""

    def __init__(self, kind: str, drafter: Actor, now: datetime, **values: Any) -> None:
        self.now = now
        with db.transaction() as session:
            self.id = engine.open_matter(session, kind, drafter, values, now=now).id

    def go(self, who: Actor, key: str, note: str = "同意。", of: int | None = None, paper: Paper | None = None,
           **values: Any) -> Matter:
        self.now += timedelta(minutes=5)
        with db.transaction() as session:
            matter = matters.find(session, of or self.id)
            return engine.move(session, matter.id, key, who, version=matter.version, note=note, values=values,
                               paper=paper, now=self.now)

    def refusal(self, who: Actor, key: str, note: str = "同意。", **more: Any) -> Refused:
        try:
            self.go(who, key, note, **more)
        except Refused as refused:
            return refused
        raise AssertionError(f"{key} by {who.name} was not refused")

    def until(self, day: str, hour: int = 9) -> None:
        """Let the days pass; each morning the sweeps run as the timetable runs them."""
        last = datetime.combine(datetime.fromisoformat(day).date(), time(hour), clock.ZONE)
        while self.now < last:
            self.now = min(last, datetime.combine(self.now.astimezone(clock.ZONE).date() + timedelta(days=1),
                                                  time(hour), clock.ZONE))
            progress.sweep(self.now)
            deadlines.sweep(self.now)

    @property
    def matter(self) -> Matter:
        return self.stored(self.id)

    def stored(self, matter_id: int) -> Matter:
        """As it lies in the database, its events telling the same."""
        with db.reading() as session:
            matter = matters.find(session, matter_id)
            assert engine.replay(matters.history(session, matter_id)) == engine.stored_state(matter)
            assert [len(matter.tasks), len(matter.deadlines)]
            return matter

    def children(self, kind: str) -> list[Matter]:
        with db.reading() as session:
            return [child for child in offshoots.children(session, self.id) if child.kind == kind]

    def events(self, what: str) -> list[matters.Event]:
        with db.reading() as session:
            query = select(matters.Event).where(matters.Event.matter_id == self.id, matters.Event.what == what)
            return list(session.scalars(query.order_by(matters.Event.seq)))


def ordered(bureau, now: datetime, **values: Any) -> Course:
    """A 督办单 assigned to 市容管理科, with 南门中队 and 政策法规科 assisting."""
    units = {"lead_unit": bureau.units["appearance"], "assisting": [bureau.units["south"], bureau.units["legal"]]}
    course = Course("supervision_order", bureau.clerk, now, **{**ORDER, **units, **values})
    course.go(bureau.clerk, "assign", assigned_on=now.date().isoformat())
    return course


def received(bureau, now: datetime, **values: Any) -> Course:
    """The same, signed for by all three."""
    course = ordered(bureau, now, **values)
    for head, person in ((bureau.head, bureau.drafter), (bureau.captain, bureau.officer),
                         (bureau.lawyer, bureau.lawyer)):
        course.go(head, "receive", responsible=person.id)
    return course


def reported(bureau, now: datetime) -> Course:
    """The same, its first report before the chief."""
    course = received(bureau, now)
    for person in (bureau.officer, bureau.lawyer):
        course.go(person, "contribute", contribution="已配合。")
    course.go(bureau.drafter, "report", report=REPORT)
    for who, key in ((bureau.head, "head_pass"), (bureau.deputy, "vet_pass"), (bureau.reviewer, "office_pass")):
        course.go(who, key)
    return course
