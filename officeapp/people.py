"""Units, persons, posts and portfolios; who is acting, and in whose name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Row,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    exists,
    false,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column, relationship

from officeapp import db
from officeapp.db import Base, Moment
from officeapp.delegations import Delegation, in_force

UNIT_KINDS = {"section": "科室", "squad": "中队", "affiliate": "局属单位", "leaders": "局领导", "outside": "外单位"}
RELATIONS = {"superior": "上级", "peer": "平级", "subordinate": "下级"}
POST_KINDS = {
    "chief": "局长", "party_secretary": "党委书记", "deputy": "副局长", "office_director": "办公室主任",
    "unit_head": "科室负责人", "office_reviewer": "办公室核稿", "registry_clerk": "文书",
    "dispatch_clerk": "内勤", "seal_keeper": "印章管理", "legal_reviewer": "政策法规科审查",
    "inspection_group": "督考组", "assessment_section": "监督考核科", "discipline_committee": "机关纪委",
    "summary_collector": "综合科汇总",
    "staff": "工作人员", "system_admin": "系统管理员", "security_admin": "安全管理员", "audit_admin": "审计管理员",
}
ADMIN_KINDS = ("system_admin", "security_admin", "audit_admin")


class Unit(Base):
    __tablename__ = "unit"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    short: Mapped[str] = mapped_column(String(20), default="")
    kind: Mapped[str] = mapped_column(String(12))
    relation: Mapped[str] = mapped_column(String(12), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    email: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    active: Mapped[bool] = mapped_column(default=True)
    must_change: Mapped[bool] = mapped_column(default=False, server_default=false())  # password given, not chosen
    phrases: Mapped[str] = mapped_column(String(2000), default="")  # 常用意见, one a line
    unit: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)


class Post(Base):
    """A seat: one kind of post in one unit. A task held by a post follows its incumbents."""

    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(24), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    title: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=0)
    unit: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)


class Holding(Base):
    __tablename__ = "holding"
    __table_args__ = (UniqueConstraint("person_id", "post_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), index=True)


class Portfolio(Base):
    """A unit that a deputy's post is in charge of (分管)."""

    __tablename__ = "portfolio"
    __table_args__ = (UniqueConstraint("unit_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))


@dataclass(frozen=True)
class Seat:
    """A post as its holder carries it."""

    id: int
    kind: str
    unit_id: int
    title: str


class Delegate(NamedTuple):
    """Who acts in another's name."""

    id: int
    name: str


@dataclass(frozen=True)
class Actor:
    """Who is acting, or in whose name: a person with the posts held and the units in charge of.

    A person's `principals` are those whose tasks he may do now (授权代办), each an actor with its `delegate`:
    whatever is asked of such a one is asked of the principal, whatever is written down names both.
    """

    id: int
    name: str
    account: str
    unit_id: int
    unit_name: str
    posts: tuple[Seat, ...] = ()
    portfolio: tuple[int, ...] = ()
    phrases: tuple[str, ...] = ()
    principals: tuple["Actor", ...] = ()
    delegate: Delegate | None = None

    @property
    def post_ids(self) -> tuple[int, ...]:
        return tuple(seat.id for seat in self.posts)

    @cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset(seat.kind for seat in self.posts)

    def has(self, *kinds: str) -> bool:
        return bool(self.kinds.intersection(kinds))

    @property
    def faces(self) -> tuple["Actor", ...]:
        """In whose name this person may act: first his own."""
        return (self, *self.principals)

    @property
    def hand(self) -> int:
        """The person who really acts."""
        return self.delegate.id if self.delegate else self.id

    @property
    def hand_name(self) -> str:
        return self.delegate.name if self.delegate else self.name

    @property
    def on_behalf_of(self) -> int | None:
        return self.id if self.delegate else None

    @property
    def signature(self) -> str:
        """「乙（代甲）」, or the plain name."""
        return signed_for(self.hand_name, self.name) if self.delegate else self.name

    @property
    def is_admin(self) -> bool:
        """One of the three administrators: none is a business user."""
        return self.has(*ADMIN_KINDS)

    @property
    def posts_text(self) -> str:
        return "、".join(dict.fromkeys(seat.title for seat in self.posts)) or "工作人员"


@dataclass(frozen=True)
class Assignee:
    """Who must act: a person, or a post and through it whoever fills it."""

    person_id: int | None = None
    post_id: int | None = None
    unit_id: int | None = None  # the unit it acts for, where several do


# Every request asks for its own person, so that is one statement, built once, and reads no more than it says:
# a row for each post and each unit in charge of.
_SEATS = (select(Person.id, Person.name, Person.account, Person.unit_id, Unit.name,
                 Post.id, Post.kind, Post.unit_id, Post.title, Portfolio.unit_id)
          .select_from(Person).join(Unit, Unit.id == Person.unit_id)
          .outerjoin(Holding, Holding.person_id == Person.id).outerjoin(Post, Post.id == Holding.post_id)
          .outerjoin(Portfolio, and_(Portfolio.post_id == Post.id, Post.kind == "deputy"))
          .where(Person.active).order_by(Person.position, Person.id, Post.position, Post.id, Portfolio.unit_id))
_PRINCIPALS = select(Delegation.principal_id).where(in_force(bindparam("now", type_=Moment)))
OWN = _SEATS.add_columns(Person.phrases, exists(_PRINCIPALS.where(Delegation.delegate_id == Person.id)))
WIDTH = len(OWN.selected_columns)
_ACTOR = OWN.where(Person.id == bindparam("person"))
_THEIRS = _SEATS.where(Person.id.in_(_PRINCIPALS.where(Delegation.delegate_id == bindparam("person"))))
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def actor(session: Session, person_id: int, now: datetime | None = None) -> Actor | None:
    """The active person with posts and portfolio; None if gone. With a moment also those he stands in for then."""
    rows = db.rows(session, _ACTOR, person=person_id, now=now or NEVER).all()
    return Actor(*standing(session, rows, now)) if rows else None


def standing(session: Session, rows: Sequence[Row], now: datetime | None) -> tuple:
    """What an Actor is made of, from the rows of OWN: the person, posts, units in charge of, those stood in for."""
    [me], (phrases, stands_in) = _seated(rows), rows[0][WIDTH - 2:WIDTH]
    others = _seated(db.rows(session, _THEIRS, person=me.id, now=now or NEVER)) if stands_in else []
    return (me.id, me.name, me.account, me.unit_id, me.unit_name, me.posts, me.portfolio,
            tuple(filter(None, phrases.splitlines())), _principals(me, others))


def _seated(rows: Iterable[Row]) -> list[Actor]:
    """The people of these rows, each with posts and units in charge of."""
    posts: dict[tuple, dict[int, Seat]] = {}
    charge: dict[tuple, list[int]] = {}
    for row in rows:
        who, post, unit = row[:5], row[5], row[9]
        held = posts.setdefault(who, {})
        if post is not None and post not in held:
            held[post] = Seat(*row[5:9])
        charge.setdefault(who, []).extend([unit] if unit else ())
    return [Actor(*who, tuple(held.values()), tuple(charge[who])) for who, held in posts.items()]


def _principals(me: Actor, others: Iterable[Actor]) -> tuple[Actor, ...]:
    """An administrator stands in for nobody, and nobody for him (domain.md 7.2)."""
    hand = Delegate(me.id, me.name)
    return tuple(replace(other, delegate=hand) for other in others if not (me.is_admin or other.is_admin))


def signed_for(name: str, principal: str) -> str:
    """「乙（代甲）」: how one signs for another."""
    return f"{name}（代{principal}）"


def incumbents(session: Session, assignees: Iterable[Assignee]) -> list[Person]:
    """The active people behind persons and posts, each once, in organisation order."""
    return list(session.scalars(INCUMBENTS, behind(assignees)))


def is_behind(person_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """A condition that a person is one of :persons, or fills one of :posts."""
    posts = Holding.post_id.in_(bindparam("posts", expanding=True))
    return person_id.in_(bindparam("persons", expanding=True)) | person_id.in_(select(Holding.person_id).where(posts))


def behind(assignees: Iterable[Assignee]) -> dict[str, list[int]]:
    """What is_behind asks for."""
    assignees = list(assignees)
    return {"persons": [a.person_id for a in assignees if a.person_id],
            "posts": [a.post_id for a in assignees if a.post_id]}


INCUMBENTS = select(Person).where(Person.active, is_behind(Person.id)).order_by(Person.position, Person.id)


_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
NOBODYS_HASH = _hasher.hash("nobody's password")  # checked for those who have none: it takes as long


def hash_password(password: str) -> str:
    """argon2id with 19 MiB, two passes (OWASP's second profile)."""
    return _hasher.hash(password)


def fits(stored: str, password: str) -> bool:
    """Whether this is the password behind the hash."""
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
