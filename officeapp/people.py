"""Units, persons, posts and portfolios; who holds a stage of a matter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from officeapp.db import Base
from officeapp.procedures.grammar import Holder

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


class NoHolder(Exception):
    """A role nobody fills: a visible fault, never silence. str() is the sentence."""


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


def holders(session: Session, holder: Holder, *, drafter_id: int, unit_id: int,
            values: Mapping | None = None) -> list[Assignee]:
    """Who fills a holder for one matter, in order. NoHolder if nobody does."""
    return _RULES[holder.rule](session, holder, drafter_id, unit_id, values or {})


def _drafter(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    person = session.get(Person, drafter_id)
    if person is None or not person.active:
        name = person.name if person else "（已不在册）"
        raise NoHolder(f"起草人{name}的账号已停用。请联系系统管理员在“单位人员”里恢复后再办。")
    return [Assignee(person_id=drafter_id)]


def _head(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    return [_head_of(session, unit_id, holder)]


def _head_of(session: Session, unit_id: int, holder: Holder) -> Assignee:
    post = _filled(session, select(Post).where(Post.kind == "unit_head", Post.unit_id == unit_id))
    if not post:
        unit = _unit_name(session, unit_id)
        raise NoHolder(f"「{unit}」还没有{holder.title}。请联系安全管理员在“单位人员”里设置后再办。")
    return Assignee(post_id=post[0].id)


def _deputy(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    query = select(Post).join(Portfolio, Portfolio.post_id == Post.id).where(Portfolio.unit_id == unit_id)
    post = _filled(session, query)
    if not post:
        raise NoHolder(f"「{_unit_name(session, unit_id)}」还没有分管领导。请联系安全管理员在“单位人员”里设置后再办。")
    return [Assignee(post_id=post[0].id)]


def _bureau(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    posts = _filled(session, select(Post).where(Post.kind == holder.name))
    if not posts:
        raise NoHolder(f"本局还没有人担任「{holder.title}」。请联系安全管理员在“单位人员”里设置后再办。")
    return [Assignee(post_id=post.id) for post in posts]


def _heads_of(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    return [_head_of(session, int(unit), holder) for unit in values.get(holder.name) or []]


def _people_in(session, holder, drafter_id, unit_id, values) -> list[Assignee]:
    return [Assignee(person_id=int(person)) for person in values.get(holder.name) or []]


_RULES = {
    "drafter": _drafter, "head": _head, "deputy": _deputy, "bureau": _bureau,
    "heads_of": _heads_of, "people_in": _people_in,
}


def _filled(session: Session, query) -> list[Post]:
    """The posts of a query that at least one active person fills."""
    held = select(Holding.post_id).join(Person, Person.id == Holding.person_id).where(Person.active)
    return list(session.scalars(query.where(Post.id.in_(held)).order_by(Post.position, Post.id)))


def _unit_name(session: Session, unit_id: int) -> str:
    unit = session.get(Unit, unit_id)
    return unit.name if unit else "该单位"


def plays(actor: Actor, holder: Holder, *, drafter_id: int, unit_id: int, values: Mapping | None = None) -> bool:
    """Whether the actor is one of the holder's people: holders() asked the other way, without a query."""
    if holder.rule == "drafter":
        return actor.id == drafter_id
    if holder.rule == "head":
        return any(s.kind == "unit_head" and s.unit_id == unit_id for s in actor.posts)
    if holder.rule == "deputy":
        return unit_id in actor.portfolio
    if holder.rule == "bureau":
        return actor.has(holder.name)
    listed = {int(x) for x in (values or {}).get(holder.name) or []}
    if holder.rule == "people_in":
        return actor.id in listed
    return any(s.kind == "unit_head" and s.unit_id in listed for s in actor.posts)


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
