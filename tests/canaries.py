"""A bureau whose every matter carries words that stand nowhere else, and what a reader may find of them.

金丝雀 in the title (a document of the ladder quotes it), 黄雀 in everything else that is written of a matter,
鹦鹉 in what is personal of a citizen, whose telephone stands amid free words too, 夜莺 in a leader's own notes.
The number is the matter's, a note's its keeper's.
"""

import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import and_, func, or_, select

from officeapp import clock, db, engine, grants, matters, notebook, offshoots, people, supervision, visibility
from officeapp.attachments import Attachment, accept, shelve
from officeapp.decisions import Refused
from officeapp.gatherings import period_of
from officeapp.matters import Matter, Task
from officeapp.openings import may_begin
from officeapp.people import Actor
from officeapp.procedures import book
from officeapp.procedures.grammar import Field, Medium, MoveKind, Procedure
from officeapp.texts import TextVersion
from officeapp.workdays import add_months
from tests import conftest, databases
from tests.desks import doors
from tests.people import PEOPLE, administrator
from tests.procedures.supervising import add_inspectors
from tests.summaries import collector

BIRDS = re.compile(r"(?:金丝雀|黄雀|鹦鹉|夜莺)\d{6}|(?<!\d)139\d{6}42(?!\d)")
LINKS = re.compile(r'"/matters/(\d+)[/?#"]')
PDF = b"%PDF-1.7\n%%EOF\n"
LEADERS = ("chief", "secretary", "deputy", "other_deputy")
TOLD_BY_CITIZENS = [f for kind in book.of_citizens() for f in book.current(kind).fields if f.type == "lines"]
NO_DRAFTERS = (*LEADERS, "admin", "security_admin", "audit_admin")


@dataclass
class House:
    """The bureau behind its site; matters gather from example to example."""

    app: Flask
    folder: Any
    actors: dict[str, Actor]
    browsers: dict[str, FlaskClient]
    units: dict[str, int]
    numbers: count = field(default_factory=lambda: count(1))
    word_of: dict[int, str] = field(default_factory=dict)  # by matter

    def word(self, matter_id: int) -> str:
        """The number in this matter's words; what came of another matter gets one of its own."""
        return self.word_of.setdefault(matter_id, f"{next(self.numbers):06}")


def house(folder) -> House:
    url = databases.fresh_sqlite(folder)
    bureau = conftest.seeded()
    enter = doors(url, folder)
    with db.transaction() as session:
        inspectors = add_inspectors(session, bureau)
    actors = {name: getattr(bureau, name) for name in PEOPLE} | vars(inspectors)
    actors["collector"] = collector(bureau)
    actors |= {kind: administrator(bureau, kind) for kind in ("security_admin", "audit_admin")}
    with db.transaction() as session:
        for name in LEADERS:
            said = f"夜莺{actors[name].id:06}"
            notebook.write(session, actors[name], None, clock.today().isoformat(), f"记{said}", said, now=clock.now())
    browsers = {name: enter(actor) for name, actor in actors.items()}
    return House(browsers["chief"].application, folder, actors, browsers, bureau.units)


def begin(house: House, kind: str, rulebook: str, nth: int) -> int:
    """A matter that one of those who may draft it has begun; its number and words."""
    rules = book.current(kind, rulebook)
    if rules.gathering:
        return _month_of(house, rules)
    may = [a for name, a in house.actors.items() if not a.is_admin and may_begin(rules, a)
           and (rules.openers or name not in NO_DRAFTERS)]
    actor, word = may[nth % len(may)], f"{next(house.numbers):06}"
    fields = [f for f in rules.fields if not f.at]
    values = filled(house, fields, word, nth, actor) | {"title": f"关于金丝雀{word}的事"}
    with db.transaction() as session:
        matter = engine.open_matter(session, kind, actor, values, now=clock.now(), rulebook=rulebook,
                                    body=f"一、黄雀{word}\n正文黄雀{word}。" if rules.has_text else "")
        accepted = accept(io.BytesIO(PDF), f"黄雀{word}.pdf")
        shelve(accepted, house.folder)
        session.add(Attachment(matter_id=matter.id, kind="attachment", sha256=accepted.sha256, name=f"黄雀{word}.pdf",
                               mime=accepted.mime, size=accepted.size, uploader_id=actor.id, at=clock.now()))
    house.word_of[matter.id] = word
    return matter.id


def _month_of(house: House, rules: Procedure) -> int:
    """What the calendar asks of a section, of this month or the one before those there are."""
    word, heads = f"{next(house.numbers):06}", ("head", "lawyer", "inspector", "director")
    with db.transaction() as session:
        there = session.scalar(select(func.count()).where(Matter.kind == rules.kind))
        writer, month = house.actors[heads[there % 4]], add_months(clock.today().replace(day=1), -(there // 4))
        values = {"title": f"金丝雀{word}总结", rules.unit_field: writer.unit_id, "due_on": clock.today().isoformat()}
        matter = engine.open_matter(session, rules.kind, writer, values, now=clock.now(), because="按月报送",
                                    period=period_of(month))
    house.word_of[matter.id] = word
    return matter.id


def filled(house: House, fields: list[Field], word: str, nth: int, actor: Actor) -> dict[str, Any]:
    """Something fitting in each field: units that are not the actor's, for his unit one of its people."""
    sections = [house.units[key] for key in ("appearance", "south", "legal", "command", "office")]
    sections = [unit for unit in sections if unit != actor.unit_id][:4]
    able = [one for one in house.actors.values() if not one.is_admin]
    mates = [one.id for one in able if one.unit_id == actor.unit_id]
    values = {f.key: _value(f, word, nth, sections, mates if f.per else [one.id for one in able])
              for f in fields if f.type != "own_unit"}
    return values | {f.key: f"{values[f.key]}，来电139{word}42" for f in fields if f in TOLD_BY_CITIZENS}


def _value(f: Field, word: str, nth: int, sections: list[int], persons: list[int]) -> Any:
    if f.key == "phone":
        return "0577-88001234"  # takes a number only; what is personal sings in the citizen's name
    if f.type in ("text", "lines"):
        return f"{'鹦鹉' if f.personal else '黄雀'}{word}"
    given = {
        "choice": f.choices and (f.default or f.choices[nth % len(f.choices)][0]), "number": 3, "yesno": False,
        "date": (clock.today() + timedelta(days=60 if f.key == "new_due" else 0)).isoformat(), "series": "临综法发",
        "unit": sections[nth % 4], "units": [sections[(nth + 1) % 4], sections[(nth + 2) % 4]],
        "person": persons[nth % len(persons)], "people": [persons[nth % len(persons)]], "organs": [],
    }
    return given[f.type]


def step(house: House, matter_id: int, choice: int) -> list[int]:
    """One thing that somebody may do with it, mostly a move onward; the matters that came of it."""
    onward, back, aside = _ways(house, matter_id)
    ways = onward * 3 + back + aside
    return _done(matter_id, [ways[choice % len(ways)]]) if ways else []


def beget(house: House, matter_id: int) -> list[int]:
    """Whatever may come of it where it lies, and a call about it; the matters that came."""
    return _done(matter_id, _ways(house, matter_id)[2])


def _done(matter_id: int, ways: list) -> list[int]:
    before = _newest()
    for way in ways:
        try:
            with db.transaction() as session:
                way(session, session.get_one(Matter, matter_id))
        except Refused:
            pass  # it wanted something on paper or a proof, or is there already
    with db.reading() as session:
        return list(session.scalars(select(Matter.id).where(Matter.id > before)))


def go(house: House, matter_id: int, *keys: str) -> None:
    """These moves, each by the first who may make it."""
    for key in keys:
        with db.transaction() as session:
            matter = session.get_one(Matter, matter_id)
            offer = next(o for actor in house.actors.values() for o in engine.moves_open_to(session, matter, actor)
                         if o.move.key == key and o.medium is Medium.ONLINE)
            _move(house, offer.actor, offer.move, house.word(matter_id))(session, matter)


def _newest() -> int:
    with db.reading() as session:
        return session.scalar(select(Matter.id).order_by(Matter.id.desc()).limit(1)) or 0


def _ways(house: House, matter_id: int) -> tuple[list, list, list]:
    """What anybody may do: moves onward, other moves, and what comes of it or is done about it."""
    word, onward, back, aside = house.word(matter_id), [], [], []
    with db.reading() as session:
        matter = session.get_one(Matter, matter_id)
        for actor in house.actors.values():
            for offer in engine.moves_open_to(session, matter, actor):
                ahead = offer.move.kind is MoveKind.FORWARD
                (onward if ahead else back).append(_move(house, actor, offer.move, word))
            aside += [_offshoot(house, actor, each.kind) for each in offshoots.open_to(
                session, matter, actor, clock.now())]
            if supervision.may_supervise(matter, actor) and not matter.closed:
                aside += [_contact(actor, word), *(_escalation(actor, rung.key) for rung in
                                                   supervision.ways_up(matter))]
    return onward, back, aside


def _move(house, actor, move, word):
    def go(session, matter):
        fields = [matter.rules.field(key) for key in move.needs.fields]
        values = filled(house, fields, word, matter.version, actor)
        called = f"，已回电139{word}42" if any(f.personal for f in matter.rules.fields) else ""
        engine.move(session, matter.id, move.key, actor, version=matter.version, note=f"意见黄雀{word}{called}",
                    values=values, now=clock.now())
    return go


def _offshoot(house, actor, kind):
    def go(session, matter):
        rules = book.current(kind)
        number = f"{next(house.numbers):06}"
        values = filled(house, [f for f in rules.fields if not f.at], number, 0, actor) | {"title": f"金丝雀{number}"}
        child = engine.open_from(session, matter.id, kind, actor, values, now=clock.now())
        house.word_of[child.id] = number
    return go


def _contact(actor, word):
    def go(session, matter):
        said = supervision.Contact("phone", "某某", f"金丝雀{word}说正在办", "下周再催")  # a notice tells of it
        supervision.contact(session, matter.id, actor, said, now=clock.now())
    return go


def _escalation(actor, rung):
    def go(session, matter):
        supervision.escalate(session, matter.id, actor, rung, "久拖不办", version=matter.version, now=clock.now())
    return go


def stand_in(house: House, principal: str, delegate: str) -> None:
    """From now on, past the midnight that a slow run may see."""
    last = clock.today() + timedelta(days=30)
    with db.transaction() as session:
        grants.grant(session, house.actors[principal].id, house.actors[delegate].id, clock.today(), last, "出差",
                     by=house.actors[principal], now=clock.now())


def sung(answer) -> set[str]:
    """The birds that an answer holds, in a workbook and in its headers too."""
    data = answer.get_data()
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as sheets:
            data = b"".join(sheets.read(name) for name in sheets.namelist())
    headers = "".join(str(answer.headers.get(name, "")) for name in ("Content-Disposition", "Location"))
    return set(BIRDS.findall(data.decode("utf-8", "replace") + unquote(headers)))


def led_to(answer) -> set[int]:
    """The matters to which an answer leads."""
    return {int(n) for n in LINKS.findall(answer.get_data().decode("utf-8", "replace"))}


def may_hear(house: House, name: str) -> SimpleNamespace:
    """The matters `seen` now, the words to be found `anywhere`, and `at_home` on pages of a matter that he handles."""
    with db.reading() as session:
        actor = people.actor(session, house.actors[name].id, clock.now())
        seen = set(session.scalars(select(Matter.id).where(visibility.visible_to(actor))))
        handled = set(session.scalars(select(Matter.id).where(or_(
            Matter.drafter_id == actor.id, Matter.id.in_(select(Task.matter_id).where(_his(actor)))))))
        words = set().union(*(written(session, n) for n in seen))
        citizens = set().union(*(written(session, n) for n in seen & handled))
    return SimpleNamespace(seen=seen, anywhere={w for w in words if w[0] in "金黄"} | {f"夜莺{actor.id:06}"},
                           at_home={w for w in citizens if w[0] in "鹦1"})


def _his(actor: Actor):
    """Tasks that are or were his, and those still open of whom he stands in for."""
    own = or_(Task.person_id == actor.id, Task.post_id.in_(actor.post_ids), Task.done_by == actor.id,
              Task.on_behalf_of == actor.id)
    theirs = [and_(Task.state.in_(("open", "waiting")), or_(Task.person_id == one.id, Task.post_id.in_(one.post_ids)))
              for one in actor.principals]
    return or_(own, *theirs)


def written(session, matter_id: int) -> set[str]:
    """Every bird in the rows of one matter, and of its monthly reports that its form repeats (DB-13)."""
    matter = session.get_one(Matter, matter_id)
    reports = select(Matter).where(Matter.parent_id == matter_id, Matter.period != "", Matter.closed)
    said = [matter.title, str(matter.values), *(f"{e.note}{e.data}" for e in matters.history(session, matter_id))]
    said += session.scalars(select(TextVersion.body).where(TextVersion.matter_id == matter_id))
    said += session.scalars(select(Attachment.name).where(Attachment.matter_id == matter_id))
    said += (str(report.values) for report in session.scalars(reports))
    return set(BIRDS.findall("\n".join(said)))


