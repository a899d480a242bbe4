"""授权代办: who stands in for whom, from when to when (domain.md SW-15, design.md §4)."""

from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, ForeignKey, Index, String, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp.db import Base


class Delegation(Base):
    """One grant: everything on the principal's desk, from `starts_at` until before `ends_at`, or ended early."""

    __tablename__ = "delegation"
    __table_args__ = (
        Index("ix_delegation_delegate", "delegate_id", "ends_at"),
        Index("ix_delegation_principal", "principal_id", "ends_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    principal_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    delegate_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200), default="")
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)


def in_force(at: datetime | BindParameter) -> ColumnElement[bool]:
    """A condition on Delegation that holds for what is in force at a moment. No job ends one: it is asked."""
    return overlaps(at, at)


def overlaps(since: datetime | BindParameter, until: datetime | BindParameter) -> ColumnElement[bool]:
    """A condition on Delegation that holds for what is in force at some moment of a period, its ends included."""
    lasts = or_(Delegation.ended_at.is_(None), Delegation.ended_at > since)
    return and_(Delegation.starts_at <= until, Delegation.ends_at > since, lasts)


def stands(session: Session, principal_id: int, delegate_id: int, at: datetime) -> bool:
    """Whether the one stands in for the other at that moment."""
    return stood(session, principal_id, delegate_id, at, at)


def stood(session: Session, principal_id: int, delegate_id: int, since: datetime, until: datetime) -> bool:
    """Whether the one stood in for the other at some moment of a period."""
    query = select(Delegation.id).where(Delegation.principal_id == principal_id,
                                        Delegation.delegate_id == delegate_id, overlaps(since, until))
    return session.scalar(query.limit(1)) is not None
