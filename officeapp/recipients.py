"""Who is told what is meant for persons and posts: they, and whoever stands in for one of them (授权代办)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from officeapp.delegations import Delegation, in_force, overlaps
from officeapp.people import ADMIN_KINDS, Assignee, Holding, Person, Post, behind, is_behind, signed_for


@dataclass(frozen=True)
class Recipient:
    """Who is told, and for whom besides himself: those he stands in for (授权代办)."""

    person: Person
    principals: tuple[Person, ...] = ()

    @property
    def stands_for(self) -> str:
        return "、".join(principal.name for principal in self.principals)

    @property
    def name(self) -> str:
        return signed_for(self.person.name, self.stands_for) if self.principals else self.person.name

    def is_among(self, folk: Collection[Person]) -> bool:
        """Whether he, or one he stands in for, is one of these."""
        return self.person in folk or any(principal in folk for principal in self.principals)


def is_admin(session: Session, person_id: int) -> bool:
    """Whether this person is one of the three administrators: no document is ever meant for him."""
    query = select(Holding.id).join(Post, Post.id == Holding.post_id)
    return session.scalar(query.where(Holding.person_id == person_id, Post.kind.in_(ADMIN_KINDS)).limit(1)) is not None


_OWN = is_behind(Person.id)
_STANDS_IN = and_(Delegation.delegate_id == Person.id, is_behind(Delegation.principal_id), in_force(bindparam("now")))
_ADDRESSED = (select(Person, _OWN, Delegation.principal_id).outerjoin(Delegation, _STANDS_IN)
              .where(Person.active, _OWN | Delegation.id.is_not(None))
              .order_by(Person.position, Person.id, Delegation.principal_id))


def addressed(session: Session, assignees: Iterable[Assignee], now: datetime) -> list[Recipient]:
    """The active people behind persons and posts, then whoever stands in for one of them; in one query."""
    rows = session.execute(_ADDRESSED, behind(assignees) | {"now": now}).all()
    told = {person.id: person for person, itself, _ in rows if itself}
    pairs = [(person, told[principal]) for person, itself, principal in rows if not itself and principal in told]
    return _gathered(told.values(), pairs)


def of(session: Session, told: Iterable[Person], now: datetime) -> list[Recipient]:
    """These people, then whoever stands in for one of them."""
    own = list(told)
    pairs = [pair for pair in stand_ins(session, own, now, now) if pair[0] not in own]
    return _gathered(own, pairs)


def _gathered(own: Iterable[Person], pairs: Iterable[tuple[Person, Person]]) -> list[Recipient]:
    """Each once, however many he stands in for."""
    others: dict[Person, tuple[Person, ...]] = {}
    for delegate, principal in pairs:
        others[delegate] = (*others.get(delegate, ()), principal)
    return [*map(Recipient, own), *(Recipient(*each) for each in others.items())]


def stand_ins(session: Session, principals: Iterable[Person], since: datetime,
              until: datetime) -> list[tuple[Person, Person]]:
    """Who stood in for one of these at some moment of a period, and for whom."""
    own = {person.id: person for person in principals}
    query = (select(Person, Delegation.principal_id).join(Delegation, Delegation.delegate_id == Person.id)
             .where(Delegation.principal_id.in_(own), Person.active, overlaps(since, until)).distinct()
             .order_by(Person.position, Person.id, Delegation.principal_id))
    return [(delegate, own[principal]) for delegate, principal in session.execute(query)] if own else []
