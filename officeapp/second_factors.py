"""A second factor: six digits from one's own phone (RFC 6238), and codes on paper in case it is lost (domain.md 7.2).

The secret lies encrypted under a key derived from SECRET_KEY; a backup of the database alone opens nothing.
"""

import base64
import hashlib
import secrets
from datetime import datetime
from typing import NamedTuple

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import ForeignKey, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp import lockbox, sittings
from officeapp.db import Base
from officeapp.options import options
from officeapp.people import Holding, Person, Post
from officeapp.sittings import Sitting

PURPOSE = "officeapp second factor"
WINDOW = 1  # steps of 30 seconds that a phone's clock may be off
CODES, CODE_BYTES = 8, 10  # 80 bits each: too many for anybody to try, so a fast hash is enough


class SecondFactor(Base):
    """A person's secret; it counts once a code has proved that the phone has it."""

    __tablename__ = "second_factor"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(200))
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    last_step: Mapped[int] = mapped_column(default=0)  # no code of this step or an earlier one counts again


class RecoveryCode(Base):
    """One unused code, as its hash."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    hash: Mapped[str] = mapped_column(String(64))


class Protected(NamedTuple):
    """A person whose second factor is on."""

    person: Person
    since: datetime
    codes_left: int


def is_on(session: Session, person_id: int) -> bool:
    found = session.get(SecondFactor, person_id)
    return found is not None and found.confirmed_at is not None


def is_required(session: Session, person_id: int) -> bool:
    """Whether a post that the person holds is one for which the bureau asks it."""
    kinds = options(session)["second_factor_kinds"]
    held = select(Post.kind).join(Holding, Holding.post_id == Post.id).where(Holding.person_id == person_id)
    return bool(kinds) and not set(kinds).isdisjoint(session.scalars(held))


def propose(session: Session, person_id: int, key: str) -> None:
    """A new secret, to be confirmed; nothing happens where the factor is on."""
    if not is_on(session, person_id):
        secret = lockbox.locked(pyotp.random_base32(), key, PURPOSE)
        session.merge(SecondFactor(person_id=person_id, secret=secret, confirmed_at=None, last_step=0))
        session.flush()


def proposed(session: Session, person_id: int, key: str) -> str | None:
    """The secret that waits to be confirmed, for the eyes of its owner."""
    found = session.get(SecondFactor, person_id)
    return _secret(found, key) if found and found.confirmed_at is None else None


def address(secret: str, account: str, bureau: str) -> str:
    """What the picture says to the phone's program."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=bureau)


def confirm(session: Session, person_id: int, code: str, key: str, now: datetime) -> list[str] | None:
    """Turn it on if the phone has the secret: the recovery codes, told once. None: not this code."""
    if is_on(session, person_id) or not _accept(session, person_id, code, key, now):
        return None
    session.execute(update(SecondFactor).where(SecondFactor.person_id == person_id).values(confirmed_at=now))
    session.execute(update(Sitting).where(Sitting.person_id == person_id).values(must_enrol=False))
    return renew_codes(session, person_id)


def check(session: Session, person_id: int, code: str, key: str, now: datetime) -> str:
    """How the code is right, "code" or "recovery", and spend it; empty if it is wrong or spent."""
    if not is_on(session, person_id):
        return ""
    if _accept(session, person_id, code, key, now):
        return "code"
    spent = delete(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.hash == _hash(code))
    return "recovery" if session.execute(spent).rowcount == 1 else ""


def renew_codes(session: Session, person_id: int) -> list[str]:
    """New recovery codes instead of all earlier ones; told once, kept as hashes."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    fresh = [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower() for _ in range(CODES)]
    session.add_all(RecoveryCode(person_id=person_id, hash=_hash(code)) for code in fresh)
    session.flush()
    return ["-".join(code[n:n + 4] for n in range(0, len(code), 4)) for code in fresh]


def codes_left(session: Session, person_id: int) -> int:
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == person_id)
    return session.scalar(query)


def remove(session: Session, person_id: int) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    session.execute(delete(SecondFactor).where(SecondFactor.person_id == person_id))


def reset(session: Session, person: Person, now: datetime) -> None:
    """For somebody who lost phone and paper: take it off and end every sitting."""
    remove(session, person.id)
    sittings.end(session, Sitting.person_id == person.id, what="ended", now=now, note="二次验证已重置")


def protected(session: Session) -> list[Protected]:
    """Everybody whose second factor is on, in organisation order."""
    left = (select(func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == Person.id)
            .correlate(Person).scalar_subquery())
    query = (select(Person, SecondFactor.confirmed_at, left)
             .join(SecondFactor, SecondFactor.person_id == Person.id)
             .where(SecondFactor.confirmed_at.is_not(None)).order_by(Person.position, Person.id))
    return [Protected(*row) for row in session.execute(query)]


def _accept(session: Session, person_id: int, code: str, key: str, now: datetime) -> bool:
    """Whether the phone shows this code now; then no code up to its step counts again."""
    secret = _secret(session.get(SecondFactor, person_id), key)
    if secret is None:
        return False
    try:
        step = pyotp.TOTP(secret).verify_and_get_timecode("".join(code.split()), for_time=now, valid_window=WINDOW)
    except OTPVerificationError:
        return False
    claim = update(SecondFactor).where(SecondFactor.person_id == person_id, SecondFactor.last_step < step)
    return session.execute(claim.values(last_step=step)).rowcount == 1


def _secret(found: SecondFactor | None, key: str) -> str | None:
    """None: no secret, or one from before SECRET_KEY was changed."""
    return lockbox.opened(found.secret, key, PURPOSE) if found else None


def _hash(code: str) -> str:
    return hashlib.sha256("".join(code.lower().split()).replace("-", "").encode()).hexdigest()
