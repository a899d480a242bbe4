"""What makes a form for a new matter count once, however often a slow line or a second press sends it.

Each opening of the form carries its own key; the row says which matter came of it.
"""

import secrets

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp.db import INSERTS, Base

LONGEST = 32


class FormKey(Base):
    """One form that was sent; `matter_id` is empty only while its transaction runs."""

    __tablename__ = "form_key"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(LONGEST), primary_key=True)
    matter_id: Mapped[int | None] = mapped_column(ForeignKey("matter.id"))


def new() -> str:
    return secrets.token_urlsafe(16)


def made_of(session: Session, person_id: int, key: str) -> int | None:
    """The matter that this very form has made; None if it is the first, and whoever sends it meanwhile waits."""
    insert = INSERTS[session.get_bind().dialect.name](FormKey).values(person_id=person_id, key=key)
    session.execute(insert.on_conflict_do_nothing())
    return session.scalar(_row(select(FormKey.matter_id), person_id, key))


def made(session: Session, person_id: int, key: str, matter_id: int) -> None:
    session.execute(_row(update(FormKey), person_id, key).values(matter_id=matter_id))


def _row(statement, person_id: int, key: str):
    return statement.where(FormKey.person_id == person_id, FormKey.key == key)
