"""One's own password: what it must be like, the first one, a new one (domain.md 7.2)."""

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp.db import Base
from officeapp.people import Person, fits, hash_password

SHORTEST, LONGEST, CLASSES, REMEMBERED = 10, 128, 3, 5
RULE = (f"至少{SHORTEST}个字符，大写字母、小写字母、数字、其他字符四类中至少有{CLASSES}类，"
        f"不含账号，不同于最近{REMEMBERED}次用过的口令")


class WrongPassword(Exception):
    """The old password is not this person's."""


class UnfitPassword(Exception):
    """The new password cannot be taken; str() says why."""


class SpentPassword(Base):
    """A password that a person has or had, as its hash."""

    __tablename__ = "spent_password"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    hash: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


def give(session: Session, person: Person, now: datetime) -> str:
    """A password made by chance, returned once; the person must change it before anything else."""
    fresh = secrets.token_urlsafe(9)
    _set(session, person, fresh, now)
    person.must_change = True
    session.flush()
    return fresh


def change(session: Session, person: Person, old: str, new: str, now: datetime) -> None:
    """Take one's own new password; every other session of the person ends."""
    if not fits(person.password_hash, old):
        raise WrongPassword
    fault = _fault_of(session, person, new)
    if fault:
        raise UnfitPassword(fault)
    _set(session, person, new, now)
    person.must_change = False
    session.flush()


def _fault_of(session: Session, person: Person, new: str) -> str:
    if not SHORTEST <= len(new) <= LONGEST:
        return f"新口令应有{SHORTEST}至{LONGEST}个字符。"
    if len({_class_of(character) for character in new}) < CLASSES:
        return f"新口令的大写字母、小写字母、数字、其他字符四类中，至少要有{CLASSES}类。"
    if person.account.lower() in new.lower():
        return "新口令里不能含有账号。"
    if any(fits(spent, new) for spent in {person.password_hash, *_spent(session, person)}):
        return f"新口令不能与最近{REMEMBERED}次用过的口令相同。"
    return ""


def _class_of(character: str) -> str:
    if not character.isascii() or not character.isalnum():
        return "other"
    return "digit" if character.isdigit() else "upper" if character.isupper() else "lower"


def _spent(session: Session, person: Person) -> list[str]:
    query = select(SpentPassword.hash).where(SpentPassword.person_id == person.id)
    return list(session.scalars(query.order_by(SpentPassword.id.desc()).limit(REMEMBERED)))


def _set(session: Session, person: Person, password: str, now: datetime) -> None:
    person.password_hash, person.session_nonce = hash_password(password), secrets.token_hex(8)
    session.add(SpentPassword(person_id=person.id, hash=person.password_hash, at=now))
    session.flush()
    kept = select(SpentPassword.id).where(SpentPassword.person_id == person.id)
    kept = kept.order_by(SpentPassword.id.desc()).limit(REMEMBERED)
    # An old hash that no rule asks for any more is only something to steal.
    session.execute(delete(SpentPassword).where(
        SpentPassword.person_id == person.id, SpentPassword.id.not_in(session.scalars(kept).all())))
