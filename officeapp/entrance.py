"""The entrance: what happens when somebody is let in or turned away (domain.md 7.2)."""

import hashlib
import secrets
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from officeapp import ldap_logins, login_events, logins, passwords, people, second_factors, sittings
from officeapp.ldap_logins import DirectoryAway
from officeapp.login_events import Whence, Whose
from officeapp.outside_logins import Ldap
from officeapp.people import ADMIN_KINDS, NOBODYS_HASH, Holding, Person, Post


class Candidate(NamedTuple):
    """Who wants to come in by account and password; id None: nobody who may."""

    id: int | None
    stored: str
    is_admin: bool


class FirstStep(NamedTuple):
    """Who has proved who he is, by which way, and a trace of the password that the register had for him then."""

    person_id: int
    way: str
    trace: str


def candidate(session: Session, account: str) -> Candidate:
    """The active person with this account, once a second administrator has opened it; one query whoever it is."""
    found = session.execute(select(Person.id, Person.password_hash, _ADMIN).where(*_enters(account))).first()
    return Candidate(*found) if found else Candidate(None, NOBODYS_HASH, False)


def first_step(person_id: int, stored: str, way: str) -> FirstStep:
    """What is to hold until the seat is taken; `stored` is the hash in the register."""
    return FirstStep(person_id, way, hashlib.sha256(stored.encode()).hexdigest())


def still_may(session: Session, step: FirstStep, now: datetime) -> Person | None:
    """The person of a first step, locked; None if the account was shut, locked or given another password since.

    Who shuts it waits for this transaction and ends its sitting, or has shut it before.
    """
    query = select(Person).where(Person.id == step.person_id, Person.active, _OPENED)
    person = session.scalar(query.with_for_update(key_share=True), execution_options={"populate_existing": True})
    if person is None or first_step(person.id, person.password_hash, step.way) != step:
        return None
    guessed = step.way != "oidc" and logins.locked_until(session, person.account, now)
    return None if guessed else person


def proves(who: Candidate, account: str, password: str, ldap: Ldap | None) -> bool:
    """Whether the password is right: ours, or with a directory on the directory's, but never for administrators.

    The work is the same whoever it is, one hash and one bind, so that the time tells nothing. DirectoryAway.
    """
    right = people.fits(who.stored, password) and who.stored != NOBODYS_HASH
    if ldap is None:
        return right
    if not who.is_admin:
        return ldap_logins.fits(ldap, account.strip(), password) and who.id is not None
    with suppress(DirectoryAway):  # an administrator's own password is nothing for the directory to see
        ldap_logins.fits(ldap, secrets.token_hex(8), secrets.token_hex(8))
    return right


def recognised(session: Session, account: str, *, administrators: bool) -> Person | None:
    """The active person of an account that somebody else has vouched for; one of the three only where allowed."""
    allowed = () if administrators else (~_ADMIN,)
    return session.scalar(select(Person).where(*_enters(account), *allowed))


# One alone makes an account; before another gives it a password, nobody comes in, whoever vouches for him.
_OPENED = Person.password_hash != ""  # nosec B105 # none, which opens nothing
_ADMIN = exists(select(1).select_from(Holding).join(Post, Post.id == Holding.post_id).where(
    Holding.person_id == Person.id, Post.kind.in_(ADMIN_KINDS)))


def _enters(account: str) -> tuple:
    return Person.account == account.strip(), Person.active, _OPENED


def admit(session: Session, person: Person, *, way: str, whence: Whence, now: datetime) -> str:
    """Let the person in: the identity of a new sitting. A password past its age must be changed first."""
    logins.forget(session, person.account)
    sittings.lapse(session, now)
    left = passwords.days_left(session, person.id, now)
    person.must_change = person.must_change or (left is not None and left <= 0)
    session.flush()
    must_enrol = second_factors.is_required(session, person.id) and not second_factors.is_on(session, person.id)
    return sittings.begin(session, Whose(person.id, person.name), way=way, whence=whence, now=now,
                          must_enrol=must_enrol)


def refuse(session: Session, account: str, *, whence: Whence, now: datetime, note: str = "") -> datetime | None:
    """Count and record a wrong try, and the lock when it was one too many: until when, else None."""
    whose = _whose(session, account)
    locked = logins.count_wrong(session, account, now)
    login_events.record(session, "refused", whose, whence, now=now, note=note)
    if locked:
        login_events.record(session, "locked", whose, whence, now=now)
    return logins.locked_until(session, account, now) if locked else None


def turn_away(session: Session, account: str, *, way: str, whence: Whence, now: datetime) -> None:
    """Record that somebody whom another vouches for may not come in here; there is no guessing to count."""
    login_events.record(session, "refused", _whose(session, account), whence, now=now, way=way,
                        note="没有可用的对应账号")


def _whose(session: Session, account: str) -> Whose:
    found = session.execute(select(Person.id, Person.name).where(Person.account == account.strip())).first()
    return Whose(*found) if found else Whose(None, "")
