"""What a file would change, step by step; the same file on the same directory always gives the same plan."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.orm import Session

from officeapp.people import RELATIONS, UNIT_KINDS, Person, Unit
from officeapp.proposals import CHARGE, TRANSFER
from officeapp.roster import standing
from officeapp.roster.cells import faults_in
from officeapp.roster.columns import PEOPLE, POST_KIND_OF, POSTS, TABLES, UNITS, Fault, Line
from officeapp.roster.faults import Draft, faults_between, warnings
from officeapp.roster.reading import Roster, clean

# In the order in which they are entered and shown.
KINDS = {"unit_added": ("新增单位", "个"), "unit_changed": ("修改单位", "个"), "person_added": ("新增人员", "人"),
         "person_changed": ("修改人员", "人"), "transfer_proposed": ("提请调动", "人"),
         "post_proposed": ("提请授岗", "项"), "charge_proposed": ("提请分管", "项")}
ORDER = {table.key: n for n, table in enumerate(TABLES)}


class Step(NamedTuple):
    """One change: its kind, the line that asks for it, whom it concerns, and (column, before, after) of each value."""

    kind: str
    number: int
    key: str
    whom: str
    values: tuple[tuple[str, str, str], ...]

    def after(self, column: str) -> str:
        return next((after for key, _, after in self.values if key == column), "")


@dataclass(frozen=True)
class Plan:
    """Faults, warnings and steps. With a fault nothing may be entered: half a file helps nobody."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    steps: tuple[Step, ...]

    @property
    def fingerprint(self) -> str:
        """Another one means that the directory has changed since."""
        return hashlib.sha256(repr(self.steps).encode()).hexdigest()

    def of(self, kind: str) -> list[Step]:
        return [step for step in self.steps if step.kind == kind]

    @property
    def counted(self) -> str:
        """The steps by number: 新增单位2个、新增人员45人."""
        found = [(title, len(self.of(kind)), measure) for kind, (title, measure) in KINDS.items()]
        return "、".join(f"{title}{number}{measure}" for title, number, measure in found if number)


def plan(session: Session, roster: Roster) -> Plan:
    """Compare a file with the directory; nothing is written."""
    draft = Draft(roster, standing.read(session))
    faults = [*roster.faults, *(fault for line in roster.lines for fault in faults_in(line)), *faults_between(draft)]
    faulty = {(fault.table, fault.number) for fault in faults}
    steps = sorted(_steps(draft, faulty), key=lambda step: list(KINDS).index(step.kind))
    return Plan(_sorted(faults), _sorted(warnings(draft)), tuple(steps))


def _sorted(faults) -> tuple[Fault, ...]:
    return tuple(sorted(dict.fromkeys(faults), key=lambda fault: (ORDER[fault.table], fault.number)))


def _steps(draft: Draft, faulty: set[tuple[str, int]]) -> Iterator[Step]:
    units = sorted(draft.roster.of(UNITS), key=lambda line: draft.depth(line["unit"]))
    for lines, steps in ((units, _of_unit), (draft.roster.of(PEOPLE), _of_person), (draft.roster.of(POSTS), _of_post)):
        for line in lines:
            if (line.table, line.number) not in faulty:
                yield from steps(draft, line)


def _of_unit(draft: Draft, line: Line) -> Iterator[Step]:
    name, account = line["unit"], line["deputy"]
    known = draft.now.units.get(name)
    values = _changed(line, ("short", "kind", "relation", "parent"), _unit_now(draft, known))
    if known is None:
        yield Step("unit_added", line.number, name, name, values)
    elif values:
        yield Step("unit_changed", line.number, name, name, values)
    if account and not _is_known(draft, account, (CHARGE, name)):
        before = next((draft.name_of(a) for a, held in draft.now.held.items() if (CHARGE, name) in held), "")
        said = (("unit", "", name), ("deputy", before, draft.name_of(account)))
        yield Step("charge_proposed", line.number, account, draft.name_of(account), said)


def _unit_now(draft: Draft, known: Unit | None) -> dict[str, str]:
    if known is None:
        return {}
    return {"short": clean(known.short), "kind": UNIT_KINDS[known.kind], "relation": RELATIONS.get(known.relation, ""),
            "parent": draft.now.parent_of(clean(known.name))}


def _of_person(draft: Draft, line: Line) -> Iterator[Step]:
    known = draft.now.people.get(line["account"])
    values = _changed(line, ("unit", "email", "phone"), _person_now(known))
    if known is None:
        yield Step("person_added", line.number, line["account"], line["name"], values)
        return
    moves = tuple(each for each in values if each[0] == "unit" and known.password_hash)
    rest = tuple(each for each in values if each not in moves)
    if rest:
        yield Step("person_changed", line.number, line["account"], line["name"], rest)
    if moves and not _is_known(draft, line["account"], (TRANSFER, line["unit"])):
        yield Step("transfer_proposed", line.number, line["account"], line["name"], moves)


def _person_now(known: Person | None) -> dict[str, str]:
    if known is None:
        return {}
    return {"unit": clean(known.unit.name), "email": clean(known.email), "phone": clean(known.phone)}


def _of_post(draft: Draft, line: Line) -> Iterator[Step]:
    kind, unit = POST_KIND_OF[line["post"]], draft.unit_of_post(line)
    if not _is_known(draft, line["account"], (kind, unit)):
        said = tuple((key, "", value) for key, value in (("unit", unit), ("post", line["post"]),
                                                         ("title", line["title"])) if value)
        yield Step("post_proposed", line.number, line["account"], draft.name_of(line["account"]), said)


def _is_known(draft: Draft, account: str, claim: tuple[str, str]) -> bool:
    return claim in draft.now.held.get(account, ()) or claim in draft.now.asked.get(account, ())


def _changed(line: Line, keys: tuple[str, ...], now: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    """What an empty cell says is left as it is."""
    return tuple((key, now.get(key, ""), line[key]) for key in keys if line[key] and line[key] != now.get(key, ""))
