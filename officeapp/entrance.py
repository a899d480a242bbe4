"""The entrance: what happens when somebody is let in or turned away (domain.md 7.2)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeapp import login_events, logins, passwords, second_factors, sittings
from officeapp.login_events import Whence, Whose
from officeapp.people import Person


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
    found = session.execute(select(Person.id, Person.name).where(Person.account == account.strip())).first()
    whose = Whose(*found) if found else Whose(None, "")
    locked = logins.count_wrong(session, account, now)
    login_events.record(session, "refused", whose, whence, now=now, note=note)
    if locked:
        login_events.record(session, "locked", whose, whence, now=now)
