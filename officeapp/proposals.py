"""Posts that one administrator proposes and another grants or declines: two people's acts (domain.md 7.2).

An import names posts and portfolios; nothing of it holds before the security administrator has granted it.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from officeapp import admin_events, directory
from officeapp.db import Base
from officeapp.directory import Unfit
from officeapp.people import POST_KINDS, Actor, Holding, Person, Portfolio, Post, Unit

CHARGE = "charge"  # a unit put in a deputy's charge (分管), beside the kinds of posts
TRANSFER = "transfer"  # to another unit: whoever belongs there reads what it handles
OPEN = text("state = 'open'")


class Stale(Exception):
    """Somebody else has decided meanwhile; str() says so."""


class Proposal(Base):
    """One post, one unit in charge or one move, proposed for one person. The state is open, granted or declined."""

    __tablename__ = "grant_proposal"
    __table_args__ = (Index("uq_grant_proposal_open", "person_id", "kind", "unit_id", unique=True,
                            sqlite_where=OPEN, postgresql_where=OPEN),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(24))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    title: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(10), default="open")
    proposed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="joined", innerjoin=True)
    unit: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)

    @property
    def says(self) -> str:
        """What would be granted, in words."""
        if self.kind in (CHARGE, TRANSFER):
            return "分管" if self.kind == CHARGE else "调入"
        return POST_KINDS[self.kind] + (f"（{self.title}）" if self.title else "")


_WAITING = select(Proposal).where(Proposal.state == "open")


def propose(session: Session, person: Person, kind: str, unit: Unit, title: str, *, by: Actor, now: datetime) -> None:
    """Ask for one post or charge; flushed. Proposing what is proposed already is the caller's mistake."""
    proposal = Proposal(person_id=person.id, kind=kind, unit_id=unit.id, title=title, proposed_by=by.id,
                        proposed_at=now)
    session.add(proposal)
    session.flush()
    admin_events.record(session, by, "grant_proposed", person.name, now=now, person_id=person.id,
                        note=f"{unit.name}{proposal.says}")


def save_person(session: Session, person: Person | None, *, unit_id: int, by: Actor, now: datetime,
                **given: Any) -> tuple[Person, bool]:
    """Add or change a person; whether a move to another unit waits, as it does once somebody can log in. Unfit."""
    moves = person is not None and bool(person.password_hash) and unit_id != person.unit_id
    kept = directory.keep_person(session, person, unit_id=person.unit_id if moves else unit_id, by=by, now=now, **given)
    if moves:
        transfer(session, kept, session.get_one(Unit, unit_id), by=by, now=now)
    return kept, moves


def transfer(session: Session, person: Person, unit: Unit, *, by: Actor, now: datetime) -> None:
    """Ask that somebody move to another unit, instead of any move that was asked for before."""
    for earlier in session.scalars(_WAITING.where(Proposal.person_id == person.id, Proposal.kind == TRANSFER)):
        if earlier.unit_id == unit.id:
            return
        earlier.state, earlier.decided_by, earlier.decided_at = "declined", by.id, now
    session.flush()
    propose(session, person, TRANSFER, unit, "", by=by, now=now)


def waiting(session: Session) -> list[Proposal]:
    """What waits for a decision, a person's lines together: in the order of units, people and proposals."""
    home = select(Unit.position).where(Unit.id == Person.unit_id).correlate(Person).scalar_subquery()
    query = _WAITING.join(Person, Person.id == Proposal.person_id)
    return list(session.scalars(query.order_by(home, Person.unit_id, Person.position, Person.id, Proposal.id)))


def count_waiting(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Proposal).where(Proposal.state == "open"))


def incumbents(session: Session, proposal: Proposal) -> list[str]:
    """Who holds this post or charge now; nobody is in the place of one who moves."""
    query = select(Person.name).join(Holding, Holding.person_id == Person.id).where(Person.active)
    if proposal.kind == CHARGE:
        query = query.join(Portfolio, Portfolio.post_id == Holding.post_id).where(
            Portfolio.unit_id == proposal.unit_id)
    else:
        query = query.join(Post, Post.id == Holding.post_id).where(Post.kind == proposal.kind,
                                                                   Post.unit_id == proposal.unit_id)
    return list(dict.fromkeys(session.scalars(query.order_by(Person.position, Person.id))))


def obstacle(session: Session, proposal: Proposal, by: Actor, now: datetime) -> str:
    """Why this administrator may not grant it now: a sentence, or ""."""
    if not proposal.person.active:
        return "账号已停用，不能授予。"
    if proposal.proposed_by == by.id:
        return "这一条是您本人导入的，须由另一名安全管理员授予。"
    if proposal.kind == TRANSFER:
        return "" if proposal.unit.active else "这个单位已停用，不能调入。"
    if proposal.kind == CHARGE:
        seated = _deputy_post(session, proposal) or session.scalar(
            _WAITING.where(Proposal.person_id == proposal.person_id, Proposal.kind == "deputy"))
        return "" if seated else f"{proposal.person.name}还不是副局长，不能分管单位。请先授予副局长岗位。"
    post = _post(session, proposal)
    return directory.refusal(session, post, proposal.kind, _with(session, post, proposal.person_id), by, now)


def grant(session: Session, ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """Let what was proposed hold, all or nothing; how many. Unfit names the first that may not; Stale: decided."""
    chosen = _locked(session, ids)
    for proposal in sorted(chosen, key=lambda each: each.kind == CHARGE):
        fault = obstacle(session, proposal, by, now)
        if fault:
            raise Unfit(f"{proposal.person.name}（{proposal.unit.name}{proposal.says}）：{fault}")
        _let_hold(session, proposal, by, now)
        proposal.state, proposal.decided_by, proposal.decided_at = "granted", by.id, now
        session.flush()
    return len(chosen)


def decline(session: Session, ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """Drop what was proposed; how many. Stale if one was decided meanwhile."""
    chosen = _locked(session, ids)
    for proposal in chosen:
        proposal.state, proposal.decided_by, proposal.decided_at = "declined", by.id, now
        admin_events.record(session, by, "grant_declined", proposal.person.name, now=now,
                            person_id=proposal.person_id, note=f"{proposal.unit.name}{proposal.says}")
    return len(chosen)


def _locked(session: Session, ids: Collection[int]) -> list[Proposal]:
    query = _WAITING.where(Proposal.id.in_(ids)).order_by(Proposal.id).with_for_update(of=Proposal)
    found = list(session.scalars(query))
    if len(found) < len(set(ids)):
        raise Stale("所选的里面有别人刚刚办理过的，已按最新情况列出，请重新核对后再办。")
    return found


def _let_hold(session: Session, proposal: Proposal, by: Actor, now: datetime) -> None:
    if proposal.kind == TRANSFER:
        proposal.person.unit_id = proposal.unit_id
        admin_events.record(session, by, "person_moved", proposal.person.name, now=now,
                            person_id=proposal.person_id, note=f"调入{proposal.unit.name}")
        return
    charge = proposal.kind == CHARGE
    post = _deputy_post(session, proposal) if charge else _post(session, proposal)
    if charge and post is None:
        raise Unfit(f"{proposal.person.name}还不是副局长，不能分管{proposal.unit.name}。请一并勾选其副局长岗位。")
    directory.save_post(
        session, post,
        kind=post.kind if post else proposal.kind,
        unit_id=post.unit_id if post else proposal.unit_id,
        title=post.title if post else proposal.title,
        holders=_with(session, post, proposal.person_id),
        charge=[*_charge(session, post), *([proposal.unit_id] if charge else [])],
        by=by, now=now,
    )


def _post(session: Session, proposal: Proposal) -> Post | None:
    """The post to join: the one held already, that with this title, any of its kind; None to make a new one."""
    if proposal.kind == "deputy":  # a portfolio hangs on the post, so each deputy has a post of the own
        return _deputy_post(session, proposal)
    found = list(session.scalars(select(Post).where(Post.kind == proposal.kind, Post.unit_id == proposal.unit_id)
                                 .order_by(Post.position, Post.id)))
    if not proposal.title:
        return next(iter(found), None)
    return next((post for post in found if post.title == proposal.title), None)


def _deputy_post(session: Session, proposal: Proposal) -> Post | None:
    held = select(Holding.post_id).where(Holding.person_id == proposal.person_id)
    return session.scalar(select(Post).where(Post.kind == "deputy", Post.id.in_(held)).order_by(Post.id).limit(1))


def _with(session: Session, post: Post | None, person_id: int) -> list[int]:
    """The active holders of the post and this person besides."""
    query = (select(Holding.person_id).join(Person, Person.id == Holding.person_id)
             .where(Holding.post_id == (post.id if post else 0), Person.active).order_by(Holding.id))
    return list(dict.fromkeys([*session.scalars(query), person_id]))


def _charge(session: Session, post: Post | None) -> Iterable[int]:
    return session.scalars(select(Portfolio.unit_id).where(Portfolio.post_id == (post.id if post else 0))).all()
