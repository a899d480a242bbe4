"""Everything the matter page reads of one matter, in a number of queries that history cannot raise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, select
from sqlalchemy.orm import Session, aliased, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from officeapp import calendars, db, decisions, matters, texts, visibility
from officeapp.attachments import Attachment, attachments_of
from officeapp.db import Moment
from officeapp.decisions import Case
from officeapp.delegations import Delegation, in_force
from officeapp.matters import Deadline, Event, Matter, Task
from officeapp.options import options
from officeapp.people import Actor, Holding, Person, Unit, signed_for
from officeapp.procedures import book
from officeapp.procedures.grammar import Field, Procedure
from officeapp.roles import ids_in
from officeapp.texts import TextVersion
from officeapp.web.spoken import without_numbers
from officeapp.workdays import Calendar


@dataclass(frozen=True)
class Who:
    """A person's name, the short name of the unit, and who stands in now (授权代办)."""

    name: str = ""
    unit: str = ""
    stand_in: str = ""

    @property
    def at_the_desk(self) -> str:
        return f"{self.name}（{self.stand_in}代办中）" if self.stand_in else self.name


@dataclass(frozen=True)
class Names:
    """Units and people by id, for fields that hold ids."""

    units: Mapping[int, str]
    people: Mapping[int, str]


NO_NAMES = Names({}, {})
UNITS, PEOPLE = ("unit", "units", "own_unit", "organs"), ("person", "people")


@dataclass(frozen=True)
class Dossier:
    """One matter as one reader sees it at one moment."""

    matter: Matter
    actor: Actor
    now: datetime
    case: Case
    tasks: tuple[Task, ...]
    events: tuple[Event, ...]
    attachments: tuple[Attachment, ...]
    deadlines: tuple[Deadline, ...]
    versions: tuple[Row, ...]
    body: str
    calendar: Calendar
    soon_days: int
    people: dict[int, Who] = field(default_factory=dict)
    names: Names = NO_NAMES
    holders: dict[int, tuple[Who, ...]] = field(default_factory=dict)  # by task
    reports: tuple[Matter, ...] = ()  # of each month, where the form tells them

    @property
    def rules(self) -> Procedure:
        return self.matter.rules

    @property
    def face(self) -> Actor:
        """In whose name the reader acts here."""
        return decisions.acting(self.case, self.actor)

    @property
    def handled(self) -> bool:
        """Whether the reader has part in it: to him alone what is personal of a citizen stands open (domain.md 7.2)."""
        return visibility.took_part(self.actor, self.matter, self.tasks)

    def discreet(self, words: str) -> str:
        """Free words as this reader may have them: a citizen's numbers amid them only for who has part in it."""
        return words if self.matter.kind not in book.of_citizens() or self.handled else without_numbers(words)

    def signed(self, event: Event) -> Who:
        """Whose word it is, as it is signed: 「乙（代甲）」 for another, the signer's own name on paper."""
        paper = event.data.get("paper", {})
        hand, principal = paper.get("signer_id") or event.actor_id, event.principal_id
        if principal in (None, hand):
            return self.who(hand)
        whose = self.who(principal)
        return Who(signed_for(self.who(hand).name, whose.name), whose.unit)

    def recorder(self, event: Event) -> str:
        """Who recorded a paper signature, and for which clerk if he stood in."""
        name, clerk = self.who(event.actor_id).name, event.data.get("paper", {}).get("recorded_for")
        return signed_for(name, self.who(clerk).name) if clerk else name

    def who(self, person_id: int | None) -> Who:
        return self.people.get(person_id or 0, Who())


def open_dossier(session: Session, matter_id: int, actor: Actor, now: datetime) -> Dossier | None:
    """Read the whole of it; None if there is no such matter."""
    matter = matter_with_names(session, matter_id)
    if matter is None:
        return None
    chosen, tasks = options(session), whole(session, matter_id).tasks
    files = attachments_of(session, matter_id)
    open_tasks = [t for t in tasks if t.state in ("open", "waiting")]
    events, versions = list(session.scalars(_HISTORY, {"matter": matter_id})), _versions(session, matter_id)
    posts = _posts(session, tasks)
    people = _people(session, _mentioned(tasks, events, files, versions, posts), now)
    return Dossier(
        matter, actor, now, decisions.case_of(matter, open_tasks, chosen, [f.kind for f in files]), tuple(tasks),
        tuple(events), tuple(files), tuple(matters.deadlines_of(session, matter_id)), tuple(versions),
        _body(session, matter), calendars.current(session), int(chosen["soon_days"]),
        people, names_in(session, matter.rules, matter.values), _holders(open_tasks, posts, people),
        _reports(session, matter),
    )


def _reports(session: Session, matter: Matter) -> tuple[Matter, ...]:
    """The months' reports, oldest first; no query where the form does not tell them."""
    if not any(cell.reports for row in matter.rules.form for cell in row):
        return ()
    query = select(Matter).where(Matter.parent_id == matter.id, Matter.period != "")
    return tuple(session.scalars(query.order_by(Matter.period)))


def names_in(session: Session, rules: Procedure, values: Mapping[str, Any]) -> Names:
    """The names behind the ids in a form: two small queries, none where its fields hold no ids."""
    units = {unit for f in rules.fields if f.type in UNITS or f.per for unit in _ids(f, values.get(f.key), UNITS)}
    people = {person for f in rules.fields if f.type in PEOPLE for person in _ids(f, values.get(f.key), PEOPLE)}
    return Names(_names(session, Unit, units), _names(session, Person, people))


def _ids(field: Field, value: Any, types: tuple[str, ...]) -> list[int]:
    if field.per and isinstance(value, dict):
        units = [int(unit) for unit in value] if types is UNITS else []
        return units + (ids_in(list(value.values())) if field.type in types else [])
    return ids_in(value) if field.type in types else []


# These are built once: to build one costs more than to ask it.
_IDS = bindparam("ids", expanding=True)
_NAMES = {table: select(table.id, table.name).where(table.id.in_(_IDS)) for table in (Unit, Person)}
_NAMED = (select(Matter).where(Matter.id == bindparam("matter"))
          .options(joinedload(Matter.drafter).joinedload(Person.unit), joinedload(Matter.unit)))
_HISTORY = select(Event).where(Event.matter_id == bindparam("matter")).order_by(Event.seq)
# The bodies stay in the database: a long history of long texts must not slow the page.
_VERSIONS = (select(TextVersion.n, TextVersion.role, TextVersion.author_id, TextVersion.at)
             .where(TextVersion.matter_id == bindparam("matter")).order_by(TextVersion.n))
_HELD = (select(Holding.post_id, Holding.person_id).join(Person, Person.id == Holding.person_id)
         .where(Holding.post_id.in_(_IDS), Person.active).order_by(Person.position, Person.id))
_OTHER = aliased(Person)
_PEOPLE = (select(Person.id, Person.name, Unit.short, Unit.name, _OTHER.name).where(Person.id.in_(_IDS))
           .join(Unit, Unit.id == Person.unit_id)
           .outerjoin(Delegation, and_(Delegation.principal_id == Person.id, in_force(bindparam("now", type_=Moment))))
           .outerjoin(_OTHER, _OTHER.id == Delegation.delegate_id))


def _names(session: Session, table: type[Unit] | type[Person], ids: set[int]) -> dict[int, str]:
    return dict(db.rows(session, _NAMES[table], ids=list(ids)).all()) if ids else {}


def matter_with_names(session: Session, matter_id: int) -> Matter | None:
    """The matter with its drafter and unit."""
    return session.scalar(_NAMED, {"matter": matter_id})


def whole(session: Session, matter_id: int) -> Matter | None:
    """The matter with its tasks and deadlines, each read once a session."""
    matter = session.get(Matter, matter_id)
    for name, query in matters.HUNG.items() if matter else ():
        if name not in matter.__dict__:  # else the relationship would build its statement anew
            set_committed_value(matter, name, list(session.scalars(query, {"matter": matter_id})))
    return matter


def _versions(session: Session, matter_id: int) -> list[Row]:
    return list(db.rows(session, _VERSIONS, matter=matter_id))


def _body(session: Session, matter: Matter) -> str:
    shown = texts.latest(session, matter.id, "final" if matter.frozen_hash else "draft")
    return shown.body if shown else ""


def _posts(session: Session, tasks: Iterable[Task]) -> dict[int, list[int]]:
    """Person ids by post, for the posts that still have to act."""
    wanted = {t.post_id for t in tasks if t.post_id and t.state in ("open", "waiting")}
    if not wanted:
        return {}
    found: dict[int, list[int]] = {}
    for post, person in db.rows(session, _HELD, ids=list(wanted)):
        found.setdefault(post, []).append(person)
    return found


def _mentioned(tasks, events, files, versions, posts) -> set[int]:
    ids = {t.person_id for t in tasks} | {t.done_by for t in tasks} | {t.on_behalf_of for t in tasks}
    ids |= {e.actor_id for e in events} | {e.principal_id for e in events}
    ids |= {e.data["paper"].get(name) for e in events if "paper" in e.data for name in ("signer_id", "recorded_for")}
    ids |= {f.uploader_id for f in files} | {v.author_id for v in versions}
    return (ids | {person for held in posts.values() for person in held}) - {None}


def _people(session: Session, ids: set[int], now: datetime) -> dict[int, Who]:
    """Everybody named, with the name of whoever stands in for him now: one at most."""
    found = db.rows(session, _PEOPLE, ids=list(ids), now=now)
    return {key: Who(name, short or unit, stand_in or "") for key, name, short, unit, stand_in in found}


def _holders(tasks: Iterable[Task], posts: dict[int, list[int]], people: dict[int, Who]) -> dict[int, tuple[Who, ...]]:
    held = {t.id: [t.person_id] if t.person_id else posts.get(t.post_id or 0, []) for t in tasks}
    return {task: tuple(people[p] for p in each if p in people) for task, each in held.items()}
