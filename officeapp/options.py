"""The bureau's own choices, kept in the database: rulebooks, media, lights, the rules of logging in."""

from typing import Any

from sqlalchemy import JSON, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp import db
from officeapp.db import Base

# Which rulebook a kind follows; a kind without a choice follows the first one shipped.
RULEBOOK = "rulebook."
DEFAULTS: dict[str, Any] = {
    "important_grades_online": False,
    "soon_days": 1,
    "attachment_limit_mb": 50,
    "digest": True,
    "password_length": 10,  # nosec B105 # a number of the login rules
    "password_classes": 3,  # nosec B105 # a number of the login rules
    "password_history": 5,  # nosec B105 # a number of the login rules
    "password_days": 90,  # nosec B105 # a number of the login rules
    "login_tries": 5,
    "login_lock_minutes": 20,
    "idle_minutes": 30,
    "second_factor_kinds": [],
}


class Option(Base):
    __tablename__ = "option"
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


_ALL = select(Option.key, Option.value)


def options(session: Session) -> dict[str, Any]:
    """Every option, defaults filled in: one small query a session."""
    if "options" not in session.info:
        session.info["options"] = DEFAULTS | dict(db.rows(session, _ALL).all())
    return session.info["options"]


def choose(session: Session, key: str, value: Any) -> None:
    """Set one option; KeyError for one that does not exist."""
    if key not in DEFAULTS and not key.startswith(RULEBOOK):
        raise KeyError(key)
    session.merge(Option(key=key, value=value))
    session.info.pop("options", None)
