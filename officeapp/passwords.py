"""One's own password: what it must be like, the first one, a new one, and when it is too old (domain.md 7.2)."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp import sittings
from officeapp.db import Base
from officeapp.options import options
from officeapp.people import Person, fits, hash_password
from officeapp.sittings import Sitting

LONGEST = 128
SHORTEST_NAME = 3  # a shorter account stands in nearly every password by chance
TYPED = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else on a slip of paper
HALF = 8  # characters, of 31: forty bits, behind a lock after five wrong tries
CLASSES = ("大写字母", "小写字母", "数字", "其他字符")


class WrongPassword(Exception):
    """The old password is not this person's."""


class UnfitPassword(Exception):
    """The new password cannot be taken; str() says why."""


class Choice(NamedTuple):
    """A new password found fit, as its hash, and the hash that the old one was found to open."""

    old: str
    new: str


class SpentPassword(Base):
    """A password that a person has or had, as its hash."""

    __tablename__ = "spent_password"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    hash: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


def rule(session: Session) -> str:
    """The bureau's rule in words, without a full stop."""
    chosen = options(session)
    said = [f"至少{chosen['password_length']}个字符"]
    if chosen["password_classes"] > 1:
        said.append(f"{'、'.join(CLASSES)}四类中至少有{chosen['password_classes']}类")
    return "，".join([*said, "不含账号", f"不同于最近{chosen['password_history']}次用过的口令"])


def half() -> str:
    """One half of a given password, made by chance: whoever knows only it knows nothing that opens."""
    return "".join(secrets.choice(TYPED) for _ in range(HALF))


def give(session: Session, person: Person, hashed: str, now: datetime) -> None:
    """Set a password that others made, by its hash; the person must change it before anything else.

    It was hashed before the transaction began: slow on purpose, and the house writes meanwhile.
    """
    _set(session, person, hashed, now, "口令已重置")
    person.must_change = True
    session.flush()


def take_away(session: Session, person: Person, now: datetime) -> None:
    """No password and no sitting any more; the history stays."""
    person.password_hash = ""  # nosec B105 # none, which opens nothing
    session.flush()
    sittings.end(session, Sitting.person_id == person.id, what="ended", now=now, note="管理员停止登录")


def choose(session: Session, person: Person, old: str, new: str) -> Choice:
    """Check one's own new password: slow on purpose, so in no writing transaction. WrongPassword, UnfitPassword."""
    if not fits(person.password_hash, old):
        raise WrongPassword
    fault = _fault_of(session, person, new)
    if fault:
        raise UnfitPassword(fault)
    return Choice(person.password_hash, hash_password(new))


def change(session: Session, person: Person, choice: Choice, now: datetime) -> None:
    """Take it; every session of the person ends. WrongPassword: the old one has been replaced since it was checked."""
    if person.password_hash != choice.old:
        raise WrongPassword
    _set(session, person, choice.new, now, "口令已修改")
    person.must_change = False
    session.flush()


def days_left(session: Session, person_id: int, now: datetime) -> int | None:
    """Days until the password is too old, a begun one counted whole, 0 or less once it is; None where none ages."""
    most = options(session)["password_days"]
    query = select(SpentPassword.at).where(SpentPassword.person_id == person_id)
    chosen_at = session.scalar(query.order_by(SpentPassword.id.desc()).limit(1))
    if not most or chosen_at is None:
        return None
    return -((now - chosen_at - timedelta(days=most)) // timedelta(days=1))


def _fault_of(session: Session, person: Person, new: str) -> str:
    chosen = options(session)
    if not chosen["password_length"] <= len(new) <= LONGEST:
        return f"新口令应有{chosen['password_length']}至{LONGEST}个字符。"
    if len({_class_of(character) for character in new}) < chosen["password_classes"]:
        return f"新口令的{'、'.join(CLASSES)}四类中，至少要有{chosen['password_classes']}类。"
    if len(person.account) >= SHORTEST_NAME and person.account.lower() in new.lower():
        return "新口令里不能含有账号。"
    if any(fits(spent, new) for spent in {person.password_hash, *_spent(session, person)}):
        return f"新口令不能与最近{chosen['password_history']}次用过的口令相同。"
    return ""


def _class_of(character: str) -> str:
    if not character.isascii() or not character.isalnum():
        return "other"
    return "digit" if character.isdigit() else "upper" if character.isupper() else "lower"


def _spent(session: Session, person: Person) -> list[str]:
    query = select(SpentPassword.hash).where(SpentPassword.person_id == person.id)
    remembered = options(session)["password_history"]
    return list(session.scalars(query.order_by(SpentPassword.id.desc()).limit(remembered)))


def _set(session: Session, person: Person, hashed: str, now: datetime, why: str) -> None:
    person.password_hash = hashed
    session.add(SpentPassword(person_id=person.id, hash=hashed, at=now))
    session.flush()
    sittings.end(session, Sitting.person_id == person.id, what="ended", now=now, note=why)
    kept = select(SpentPassword.id).where(SpentPassword.person_id == person.id)
    kept = kept.order_by(SpentPassword.id.desc()).limit(options(session)["password_history"])
    # An old hash that no rule asks for any more is only something to steal.
    session.execute(delete(SpentPassword).where(
        SpentPassword.person_id == person.id, SpentPassword.id.not_in(session.scalars(kept).all())))
