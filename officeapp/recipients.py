"""Who is told what is meant for persons and posts: they, and whoever stands in for one of them (授权代办)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from officeapp import db
from officeapp.db import Moment
from officeapp.delegations import Delegation, in_force, overlaps
from officeapp.people import ADMIN_KINDS, Assignee, Holding, Person, Post, Unit, behind, is_behind, signed_for


class Addressee(NamedTuple):
    """What telling somebody takes; `unit` is the one in which he was found, by its short name."""

    id: int
    name: str
    email: str
    unit: str


Named = Addressee | Person


@dataclass(frozen=True)
class Recipient:
    """Who is told, and for whom besides himself: those he stands in for (授权代办)."""

    person: Named
    principals: tuple[Named, ...] = ()

    @property
    def stands_for(self) -> str:
        return "、".join(principal.name for principal in self.principals)

    @property
    def name(self) -> str:
        return signed_for(self.person.name, self.stands_for) if self.principals else self.person.name

    def is_among(self, folk: Collection[Named]) -> bool:
        """Whether he, or one he stands in for, is one of these."""
        ids = {person.id for person in folk}
        return self.person.id in ids or any(principal.id in ids for principal in self.principals)


def is_admin(session: Session, person_id: int) -> bool:
    """Whether this person is one of the three administrators: no document is ever meant for him."""
    query = select(Holding.id).join(Post, Post.id == Holding.post_id)
    return session.scalar(query.where(Holding.person_id == person_id, Post.kind.in_(ADMIN_KINDS)).limit(1)) is not None


_SHORT = func.coalesce(func.nullif(Unit.short, ""), Unit.name)
_OF_POST = (select(func.min(_SHORT)).join(Post, Post.unit_id == Unit.id).join(Holding, Holding.post_id == Post.id)
            .where(Holding.person_id == Person.id, Post.id.in_(bindparam("posts", expanding=True))))
_HOME = select(_SHORT).where(Unit.id == Person.unit_id)
_OWN = is_behind(Person.id)
_STANDS_IN = and_(Delegation.delegate_id == Person.id, is_behind(Delegation.principal_id),
                  in_force(bindparam("now", type_=Moment)))
_ADDRESSED = (select(Person.id, Person.name, Person.email,
                     func.coalesce(_OF_POST.scalar_subquery(), _HOME.scalar_subquery()), _OWN, Delegation.principal_id)
              .select_from(Person).outerjoin(Delegation, _STANDS_IN)
              .where(Person.active, _OWN | Delegation.id.is_not(None))
              .order_by(Person.position, Person.id, Delegation.principal_id))


def addressed(session: Session, assignees: Iterable[Assignee], now: datetime) -> list[Recipient]:
    """The active people behind persons and posts, then whoever stands in for one of them; in one query."""
    wanted = list(assignees)
    found = db.rows(session, _ADDRESSED, now=now, **behind(wanted)) if wanted else ()
    rows = [(Addressee(*who), itself, principal) for *who, itself, principal in found]
    told = {person.id: person for person, itself, _ in rows if itself}
    pairs = [(person, told[principal]) for person, itself, principal in rows if not itself and principal in told]
    return _gathered(told.values(), pairs)


def of(session: Session, told: Iterable[Person], now: datetime) -> list[Recipient]:
    """These people, then whoever stands in for one of them."""
    own = list(told)
    pairs = [pair for pair in stand_ins(session, own, now, now) if pair[0] not in own]
    return _gathered(own, pairs)


def _gathered(own: Iterable[Named], pairs: Iterable[tuple[Named, Named]]) -> list[Recipient]:
    """Each once, however many he stands in for."""
    others: dict[Named, tuple[Named, ...]] = {}
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
