"""Who came in, who was refused, who left: a record of its own, append-only and chained (domain.md 7.2).

Neither a password stands in it nor the account of somebody who does not exist: what was typed there may be
a password in the wrong field.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp import chains
from officeapp.chains import Chained
from officeapp.db import Base

WAYS = {"password": "本系统口令", "ldap": "目录口令", "oidc": "统一身份认证"}  # nosec B105 # a word, no password
STRANGER = "（不在册的账号）"


class Whence(NamedTuple):
    """Where a request comes from: the address, and the browser in words."""

    address: str
    browser: str


class Whose(NamedTuple):
    """Whose login it is; id None: nobody has the account."""

    id: int | None
    name: str


class LoginEvent(Chained, Base):
    """One line; `name` as the person was called then."""

    __tablename__ = "login_event"
    SEALED = ("person_id", "name", "what", "way", "address", "browser", "note")
    LOCK = 7_302_027
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(20))
    way: Mapped[str] = mapped_column(String(12), default="")
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(100), default="")


def record(session: Session, what: str, whose: Whose, whence: Whence, *, now: datetime, way: str = "",
           note: str = "") -> None:
    """Append one line about an existing person or, with an id of None, about a stranger."""
    chains.append(session, LoginEvent(
        at=now, person_id=whose.id, name=whose.name if whose.id else STRANGER, what=what, way=way,
        address=whence.address[:45], browser=whence.browser[:40], note=note))
