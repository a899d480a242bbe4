"""A given password is two people's act: one asks and tells its first half, another confirms and tells the rest.

Neither ever knows the whole, so neither can come in at another's desk (domain.md 7.2); the person gets
both halves from their hands. Until it is confirmed nothing changes: whoever remembers goes on.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from officeapp import admin_events, db, lockbox, logins, passwords, personal_notices
from officeapp.db import Base
from officeapp.directory import Unfit
from officeapp.people import ADMIN_KINDS, Actor, Holding, Person, Post, hash_password
from officeapp.recipients import is_admin

PURPOSE = "officeapp password request"
CONFIRMING = ("security_admin", "audit_admin")


class PasswordRequest(Base):
    """One person's new password, asked for; `front` is its first half, encrypted until somebody confirms."""

    __tablename__ = "password_request"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    front: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="joined", innerjoin=True)
    asker: Mapped[Person] = relationship(foreign_keys=[asked_by], lazy="joined", innerjoin=True)


class Whole(NamedTuple):
    """A password whose second half was just made: that half, and the hash of both."""

    half: str
    hashed: str


class Given(NamedTuple):
    """Whose password came into force, and its second half, told once."""

    unit: str
    name: str
    account: str
    half: str


def ask(session: Session, person: Person, *, key: str, by: Actor, now: datetime) -> str:
    """Ask for a new password instead of any that was asked for before: its first half, told once. Unfit."""
    wrong = why_not_ask(session, person, by)
    if wrong:
        raise Unfit(wrong)
    front = passwords.half()
    session.merge(PasswordRequest(person_id=person.id, front=lockbox.locked(front, key, PURPOSE), asked_by=by.id,
                                  asked_at=now))
    session.flush()
    admin_events.record(session, by, "password_asked", person.name, now=now, person_id=person.id)
    return front


def why_not_ask(session: Session, person: Person, by: Actor) -> str:
    """Why this administrator may not ask for a new password of this person: a sentence, or ""."""
    if person.id == by.id:
        return "自己的口令请在“个人设置”里修改。忘记的，请另一名管理员提请重置。"
    if not person.active:
        return f"{person.name}的账号已停用，不能登录。恢复的，请先勾选“在岗”保存，再提请口令。"
    if not by.has("system_admin") and not _holds(session, person.id, "system_admin"):
        return "安全管理员只能提请重置系统管理员的口令，其他人的由系统管理员提请。"
    return ""


def _holds(session: Session, person_id: int, kind: str) -> bool:
    held = select(Post.id).join(Holding, Holding.post_id == Post.id)
    return session.scalar(held.where(Holding.person_id == person_id, Post.kind == kind).limit(1)) is not None


def stop_login(session: Session, person: Person, *, by: Actor, now: datetime) -> None:
    """Nobody comes in under this account until two have given a new password. Unfit: one's own.

    For somebody who must be out at once although matters still hang on him; that shuts out and lets nobody in.
    """
    wrong = why_not_stop(session, person, by)
    if wrong:
        raise Unfit(wrong)
    passwords.take_away(session, person, now)
    session.execute(delete(PasswordRequest).where(PasswordRequest.person_id == person.id))
    admin_events.record(session, by, "login_stopped", person.name, now=now, person_id=person.id)


def why_not_stop(session: Session, person: Person, by: Actor) -> str:
    """Why this administrator may not shut this person out: a sentence, or ""."""
    if person.id == by.id:
        return "不能停止自己的登录。"
    if is_admin(session, person.id):  # or one of the three could shut out the two others
        return f"{person.name}是管理员，其登录不能由您停止。确需停止的，请安全管理员先免去其岗位。"
    return ""


def waiting(session: Session, by: Actor) -> list[PasswordRequest]:
    """What waits and concerns this administrator, the oldest first; the auditor is concerned with the three only."""
    query = select(PasswordRequest).order_by(PasswordRequest.asked_at, PasswordRequest.person_id)
    if by.has("audit_admin"):
        query = query.where(_OF_THE_THREE)
    return list(session.scalars(query))


_OF_THE_THREE = PasswordRequest.person_id.in_(
    select(Holding.person_id).join(Post, Post.id == Holding.post_id).where(Post.kind.in_(ADMIN_KINDS)))


def count_waiting(session: Session, by: Actor) -> int:
    """How many of them this administrator may confirm; 0 for whoever confirms none."""
    if not by.has(*CONFIRMING):
        return 0
    query = select(func.count()).select_from(PasswordRequest).where(
        PasswordRequest.asked_by != by.id, PasswordRequest.person_id != by.id)
    return session.scalar(query.where(_OF_THE_THREE) if by.has("audit_admin") else query)


def obstacle(session: Session, request: PasswordRequest, by: Actor) -> str:
    """Why this administrator may not confirm it: a sentence, or ""."""
    if request.asked_by == by.id:
        return "这一条是您本人提请的，须由另一名管理员确认。"
    if request.person_id == by.id:
        return "这是您本人的口令，须由另一名管理员确认。"
    if not request.person.active:
        return "账号已停用，不能确认。"
    if by.has("security_admin") or (by.has("audit_admin") and is_admin(session, request.person_id)):
        return ""
    return "由安全管理员确认。" if not is_admin(session, request.person_id) else "由安全管理员或者审计管理员确认。"


def confirm(ids: Collection[int], *, key: str, by: Actor, now: datetime) -> tuple[list[Given], list[str]]:
    """Let these hold, each in a transaction of its own: hashing holds nobody else up. And why not the others.

    Those that somebody decided meanwhile are left out.
    """
    given, faults = [], []
    for person_id in sorted(set(ids)):
        try:
            given += _confirm(person_id, key, by, now)
        except Unfit as unfit:
            faults.append(str(unfit))
    return given, faults


def _confirm(person_id: int, key: str, by: Actor, now: datetime) -> list[Given]:
    with db.reading() as session:
        asked = session.get(PasswordRequest, person_id)
    whole = _whole(asked.front, key) if asked else None
    with db.transaction() as session:
        request = _locked(session, person_id)
        if request is None or asked is None or request.front != asked.front:
            return []  # decided meanwhile, or asked for anew: the person has another first half
        fault = obstacle(session, request, by) if whole else "这一条提请已经失效，请退回，由提请人重新提请。"
        if fault:
            raise Unfit(f"{request.person.name}：{fault}")
        _let_hold(session, request, whole.hashed, by, now)
        person = request.person
        return [Given(person.unit.name, person.name, person.account, whole.half)]


def _whole(kept: str, key: str) -> Whole | None:
    """The first half with a second; slow on purpose. None: it was asked for under another SECRET_KEY."""
    front, back = lockbox.opened(kept, key, PURPOSE), passwords.half()
    return Whole(back, hash_password(front + back)) if front else None


def _let_hold(session: Session, request: PasswordRequest, hashed: str, by: Actor, now: datetime) -> None:
    person, asker = request.person, request.asker.name
    what = "password_reset" if person.password_hash else "passwords_given"
    passwords.give(session, person, hashed, now)
    logins.forget(session, person.account)
    session.execute(delete(PasswordRequest).where(PasswordRequest.person_id == request.person_id))
    admin_events.record(session, by, what, person.name, now=now, person_id=person.id, note=f"{asker}提请")
    personal_notices.about_account(session, person, "口令已重新发放", f"您的口令由{asker}提请、{by.name}确认重新发放。"
                          "不是您本人要的，请立即告诉审计管理员。", now=now)


def decline(session: Session, ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """Drop what was asked for; how many. Unfit: see `obstacle`."""
    found = list(filter(None, (_locked(session, person_id) for person_id in sorted(set(ids)))))
    for request in found:
        fault = "" if request.asked_by == by.id else obstacle(session, request, by)
        if fault and request.person.active:
            raise Unfit(f"{request.person.name}：{fault}")
        session.execute(delete(PasswordRequest).where(PasswordRequest.person_id == request.person_id))
        admin_events.record(session, by, "password_declined", request.person.name, now=now,
                            person_id=request.person_id)
    return len(found)


def _locked(session: Session, person_id: int) -> PasswordRequest | None:
    query = select(PasswordRequest).where(PasswordRequest.person_id == person_id)
    return session.scalar(query.with_for_update(of=PasswordRequest))
