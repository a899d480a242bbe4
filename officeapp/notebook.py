"""笔记: what a leader notes for himself, kept for inspection and read by nobody else (LD-5).

Not a matter on purpose: boards, searches, ledgers, delegations, exports and the record of matters cannot show
what lies in none of their tables.
"""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp.db import Base
from officeapp.people import Actor
from officeapp.secrecy import marks_in_header, secrecy_marks

KEEPERS = ("chief", "party_secretary", "deputy")
LONGEST_TITLE, LONGEST = 100, 5000
MOST = 500  # notes on one page


class LeaderNote(Base):
    """One note of one leader."""

    __tablename__ = "leader_note"
    __table_args__ = (Index("ix_leader_note_person", "person_id", "noted_on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    noted_on: Mapped[date] = mapped_column(Date)
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    changed_at: Mapped[datetime | None] = mapped_column(default=None)


def of(session: Session, actor: Actor, since: date | None = None, until: date | None = None) -> list[LeaderNote]:
    """One's own notes, newest first."""
    query = select(LeaderNote).where(LeaderNote.person_id == actor.id)
    if since:
        query = query.where(LeaderNote.noted_on >= since)
    if until:
        query = query.where(LeaderNote.noted_on <= until)
    return list(session.scalars(query.order_by(LeaderNote.noted_on.desc(), LeaderNote.id.desc()).limit(MOST)))


def own(session: Session, actor: Actor, note_id: int) -> LeaderNote | None:
    """The note, if it is this person's."""
    return session.scalar(select(LeaderNote).where(LeaderNote.id == note_id, LeaderNote.person_id == actor.id))


def write(session: Session, actor: Actor, note: LeaderNote | None, noted_on: str, title: str, body: str, *,
          now: datetime) -> dict[str, str]:
    """Add or change one of one's own notes. What is wrong, by field; empty when it was kept."""
    faults = _faults(noted_on, title, body)
    if faults:
        return faults
    if note is None:
        note = LeaderNote(person_id=actor.id, written_at=now)
        session.add(note)
    else:
        note.changed_at = now
    note.noted_on, note.title, note.body = date.fromisoformat(noted_on), title.strip(), body.strip()
    return {}


def _faults(noted_on: str, title: str, body: str) -> dict[str, str]:
    faults = {}
    try:
        date.fromisoformat(noted_on)
    except ValueError:
        faults["noted_on"] = "请填写日期，如 2026-03-05。"
    if not title.strip() or len(title) > LONGEST_TITLE:
        faults["title"] = f"请填写事由，最多{LONGEST_TITLE}个字。"
    if not body.strip() or len(body) > LONGEST:
        faults["body"] = f"请填写内容，最多{LONGEST}个字，现在{len(body)}个字。"
    if secrecy_marks(title) or marks_in_header(body):
        faults["body"] = "含有密级标志。本系统为非涉密系统，严禁处理涉密信息；涉密内容请记在专用保密本上。"
    return faults
