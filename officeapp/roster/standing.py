"""The directory as it stands, in seven queries: what a file is compared with."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeapp import directory, proposals
from officeapp.people import Person, Unit
from officeapp.proposals import CHARGE, TRANSFER
from officeapp.roster.reading import clean

Claim = tuple[str, str]  # kind of post (or CHARGE), name of the unit


@dataclass(frozen=True)
class Standing:
    """Units by name, people by account, what each account holds with the title, and what is asked for it already."""

    units: dict[str, Unit]
    people: dict[str, Person]
    held: dict[str, dict[Claim, str]]
    asked: dict[str, set[Claim]]

    def parent_of(self, name: str) -> str:
        unit = self.units.get(name)
        above = next((u for u in self.units.values() if unit and u.id == unit.parent_id), None)
        return clean(above.name) if above else ""

    def kinds_of(self, account: str) -> set[str]:
        """The kinds of posts that an account holds or is to be given."""
        return {kind for kind, _ in [*self.held.get(account, ()), *self.asked.get(account, ())]} - {TRANSFER}

    def holders_of(self, kind: str) -> list[Person]:
        """The active people who hold a kind of post or are to be given it."""
        accounts = {account for account in self.people if kind in self.kinds_of(account)}
        return [person for account, person in self.people.items() if account in accounts and person.active]


def read(session: Session) -> Standing:
    """What the directory holds now. Names are compared as a file's are: cleaned."""
    held: dict[str, dict[Claim, str]] = defaultdict(dict)
    for seat in directory.seats(session):
        for person in seat.people:
            held[person.account].setdefault((seat.post.kind, clean(seat.post.unit.name)), seat.post.title)
            held[person.account] |= {(CHARGE, clean(unit.name)): "" for unit in seat.charge}
    asked: dict[str, set[Claim]] = defaultdict(set)
    for each in proposals.waiting(session):
        asked[each.person.account].add((each.kind, clean(each.unit.name)))
    return Standing(
        {clean(unit.name): unit for unit in directory.units(session)},
        {person.account: person for person in session.scalars(select(Person).order_by(Person.position, Person.id))},
        dict(held), dict(asked),
    )
