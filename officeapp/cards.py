"""What a card says: its slip written out. Read only for cards that this process has not drawn before."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from officeapp import db
from officeapp.boards import Slip, grade_choices, unit_names
from officeapp.matters import Matter
from officeapp.procedures.grammar import Procedure


class Card(NamedTuple):
    """The words on a card, in the order in which templates/boards/_card.html takes them."""

    id: int
    version: int
    title: str
    short_title: str  # without 「某某局关于」: on the bureau's own board every card would begin so
    under: str  # the number, else the drafting unit
    grade: str
    grade_label: str
    holder: str
    tone: str
    light: str
    late: bool
    notes: tuple[str, ...]
    changed: bool = False  # just moved
    refused: str = ""  # a sentence and its clause
    clause: str = ""


class Names(NamedTuple):
    """What cards say that is no matter's own: when one of these changes, every card looks different."""

    bureau: str
    units: tuple[tuple[int, str], ...]
    grades: tuple[tuple[str, str], ...]


_WORDS = (select(Matter.id, Matter.title, Matter.number, Matter.grade, Matter.unit_id, Matter.holder,
                 Matter.returns, Matter.paper).where(Matter.id.in_(bindparam("ids", expanding=True))))


def names(session: Session, current: Procedure, bureau: str) -> Names:
    """The names as they stand now, for a kind's board."""
    grades = tuple((key, label.removesuffix("件")) for key, label in grade_choices(current))
    return Names(bureau, tuple(unit_names(session).items()), grades)


def written(session: Session, slips: Sequence[Slip], known: Names) -> dict[Slip, Card]:
    """These slips in words, by one statement."""
    if not slips:
        return {}
    units, grades, opening = dict(known.units), dict(known.grades), f"{known.bureau}关于"
    rows = {row[0]: row for row in db.tuples(session, _WORDS, ids=[slip.id for slip in slips])}
    return {slip: _card(slip, rows[slip.id], units, grades, opening) for slip in slips}


def _card(slip: Slip, row: tuple, units: dict[int, str], grades: dict[str, str], opening: str) -> Card:
    key, version, owed, (light, late, _) = slip
    _, title, number, grade, unit, holder, returns, paper = row
    short = title[len(opening) - 2:] if title.startswith(opening) else title
    return Card(key, version, title, short, number or units.get(unit, ""), grade, grades.get(grade, ""),
                holder, light.tone, light.words, late, _notes(returns, paper, bool(owed)))


def _notes(returns: int, paper: str, owed: bool) -> tuple[str, ...]:
    """Only what is unusual."""
    if not (returns or paper or owed):
        return ()
    return tuple(filter(None, (f"退回{returns}次" if returns else "", paper, "补签未完" if owed else "")))
