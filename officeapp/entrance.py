"""The entrance: what happens when somebody is let in or turned away (domain.md 7.2)."""

import secrets
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
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


def candidate(session: Session, account: str) -> Candidate:
    """The active person with this account, once a second administrator has opened it."""
    found = _active(session, account)
    if found is None:
        return Candidate(None, NOBODYS_HASH, False)
    return Candidate(found.id, found.password_hash, _is_admin(session, found.id))


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
    found = _active(session, account)
    return found if found and (administrators or not _is_admin(session, found.id)) else None


def _active(session: Session, account: str) -> Person | None:
    """One alone makes an account; before another gives it a password, nobody comes in, whoever vouches for him."""
    opened = Person.password_hash != ""  # nosec B105 # none, which opens nothing
    return session.scalar(select(Person).where(Person.account == account.strip(), Person.active, opened))


def _is_admin(session: Session, person_id: int) -> bool:
    held = select(Post.id).join(Holding, Holding.post_id == Post.id)
    return session.scalar(held.where(Holding.person_id == person_id, Post.kind.in_(ADMIN_KINDS)).limit(1)) is not None


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


def refuse(session: Session, account: str, *, whence: Whence, now: datetime, note: str = "") -> None:
    """Count and record a wrong try, and the lock when it was one too many."""
    whose = _whose(session, account)
    locked = logins.count_wrong(session, account, now)
    login_events.record(session, "refused", whose, whence, now=now, note=note)
    if locked:
        login_events.record(session, "locked", whose, whence, now=now)


def turn_away(session: Session, account: str, *, way: str, whence: Whence, now: datetime) -> None:
    """Record that somebody whom another vouches for may not come in here; there is no guessing to count."""
    login_events.record(session, "refused", _whose(session, account), whence, now=now, way=way,
                        note="没有可用的对应账号")


def _whose(session: Session, account: str) -> Whose:
    found = session.execute(select(Person.id, Person.name).where(Person.account == account.strip())).first()
    return Whose(*found) if found else Whose(None, "")
