"""Units, persons, posts and portfolios."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from officeapp.db import Base

UNIT_KINDS = {"section": "科室", "squad": "中队", "affiliate": "局属单位", "leaders": "局领导", "outside": "外单位"}
RELATIONS = {"superior": "上级", "peer": "平级", "subordinate": "下级"}
POST_KINDS = {
    "chief": "局长", "party_secretary": "党委书记", "deputy": "副局长", "office_director": "办公室主任",
    "unit_head": "科室负责人", "office_reviewer": "办公室核稿", "registry_clerk": "文书",
    "dispatch_clerk": "内勤", "seal_keeper": "印章管理", "legal_reviewer": "政策法规科审查",
    "inspection_group": "督考组", "assessment_section": "监督考核科", "discipline_committee": "机关纪委",
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


@dataclass(frozen=True)
class Actor:
    """Who is acting: a person with the posts held and the units in charge of."""

    id: int
    name: str
    account: str
    unit_id: int
    unit_name: str
    posts: tuple[Seat, ...] = ()
    portfolio: tuple[int, ...] = ()
    phrases: tuple[str, ...] = ()

    @property
    def post_ids(self) -> tuple[int, ...]:
        return tuple(seat.id for seat in self.posts)

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(seat.kind for seat in self.posts)

    def has(self, *kinds: str) -> bool:
        return bool(self.kinds.intersection(kinds))

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


# Every request asks these, so they are built once and read no more than they say.
COLUMNS = (Person.id, Person.name, Person.account, Person.unit_id, Unit.name, Person.phrases)
_PERSON = (select(*COLUMNS).join(Unit, Unit.id == Person.unit_id)
           .where(Person.id == bindparam("person"), Person.active))
_SEATS = (select(Post.id, Post.kind, Post.unit_id, Post.title).join(Holding, Holding.post_id == Post.id)
          .where(Holding.person_id == bindparam("person")).order_by(Post.position))
_CHARGE = select(Portfolio.unit_id).where(Portfolio.post_id.in_(bindparam("posts", expanding=True)))


def actor(session: Session, person_id: int) -> Actor | None:
    """The active person with posts and portfolio, in three small queries; None if gone."""
    person = session.execute(_PERSON, {"person": person_id}).first()
    return Actor(*standing(session, person)) if person else None


def standing(session: Session, person: Sequence) -> tuple:
    """What an Actor is made of, from a row of COLUMNS: the person, the posts held, the units in charge of."""
    *own, phrases = person
    posts = tuple(Seat(*row) for row in session.execute(_SEATS, {"person": own[0]}))
    deputies = [seat.id for seat in posts if seat.kind == "deputy"]
    units = tuple(session.scalars(_CHARGE, {"posts": deputies})) if deputies else ()
    return *own, posts, units, tuple(filter(None, phrases.splitlines()))


def incumbents(session: Session, assignees: Iterable[Assignee]) -> list[Person]:
    """The active people behind persons and posts, each once, in organisation order."""
    assignees = list(assignees)
    people = {a.person_id for a in assignees if a.person_id}
    posts = {a.post_id for a in assignees if a.post_id}
    through = select(Holding.person_id).where(Holding.post_id.in_(posts))
    query = select(Person).where(Person.active, Person.id.in_(people) | Person.id.in_(through))
    return list(session.scalars(query.order_by(Person.position, Person.id)))


_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_NOBODY = _hasher.hash("nobody's password")


def hash_password(password: str) -> str:
    """argon2id with 19 MiB, two passes (OWASP's second profile)."""
    return _hasher.hash(password)


def authenticate(session: Session, account: str, password: str) -> Person | None:
    """The active person with this account and password; the same time for unknown accounts."""
    person = session.scalar(select(Person).where(Person.account == account.strip()))
    stored = person.password_hash if person and person.password_hash else _NOBODY
    right = fits(stored, password)
    return person if right and person and person.active and stored != _NOBODY else None


def fits(stored: str, password: str) -> bool:
    """Whether this is the password behind the hash."""
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
