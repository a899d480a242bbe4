"""Wrong tries to log in, counted in the database: a lock outlives Redis and a restart (domain.md 7.2).

An account that does not exist is counted and locked like any other: nobody learns from it which exist.
"""

from datetime import datetime, timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp.db import INSERTS, Base
from officeapp.options import options

LONGEST = 40
FORGOTTEN = timedelta(days=1)


class WrongTry(Base):
    """The wrong tries on one account since the last right one."""

    __tablename__ = "wrong_try"
    account: Mapped[str] = mapped_column(String(LONGEST), primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None] = mapped_column(default=None)


def locked_until(session: Session, account: str, now: datetime) -> datetime | None:
    """When the account opens again; None if it is open."""
    row = session.get(WrongTry, _key(account))
    return row.locked_until if row and row.locked_until and now < row.locked_until else None


def count_wrong(session: Session, account: str, now: datetime) -> bool:
    """One more wrong try; the last one allowed locks the account for a while: then True."""
    chosen = options(session)
    pause = timedelta(minutes=chosen["login_lock_minutes"])
    session.execute(delete(WrongTry).where(WrongTry.last_at < now - max(FORGOTTEN, 2 * pause)))
    insert = INSERTS[session.get_bind().dialect.name](WrongTry)
    session.execute(insert.values(account=_key(account), tries=0, last_at=now).on_conflict_do_nothing())
    row = session.scalars(select(WrongTry).where(WrongTry.account == _key(account)).with_for_update()
                          .execution_options(populate_existing=True)).one()
    row.tries = 1 if now - row.last_at >= pause else row.tries + 1
    row.last_at = now
    if row.tries < chosen["login_tries"]:
        return False
    row.tries, row.locked_until = 0, now + pause
    return True


def forget(session: Session, account: str) -> None:
    """After a right try, or when a new password was given."""
    session.execute(delete(WrongTry).where(WrongTry.account == _key(account)))


def _key(account: str) -> str:
    return account.strip()[:LONGEST]
