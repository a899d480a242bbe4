"""The calendar's numbered versions in the database; a saved version never changes."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import JSON, String, func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp import clock, db
from officeapp.calendar_documents import DayChange, changes, read_years, with_years
from officeapp.db import Base
from officeapp.workdays import Calendar, Year, seed_calendar

WARN_FROM = (11, 1)


class StaleCalendar(Exception):
    """Somebody saved a version after the one this change was made from."""


class CalendarVersion(Base):
    """One whole calendar: years as {"2026": {off, work, known, source}}."""

    __tablename__ = "calendar_version"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_at: Mapped[datetime]
    author_id: Mapped[int | None]
    author: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    digest: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict] = mapped_column(JSON)


_NEWEST = (select(CalendarVersion.version, CalendarVersion.digest)
           .order_by(CalendarVersion.version.desc()).limit(1))


def current(session: Session) -> Calendar:
    """The newest version, else the seed; one small query a session once it has been read."""
    if "calendar" not in session.info:
        row = db.rows(session, _NEWEST).first()
        session.info["calendar"] = _loaded(session, *row) if row else seed_calendar()
    return session.info["calendar"]


def numbered(session: Session, version: int) -> Calendar | None:
    """That version, or None."""
    digest = session.scalar(select(CalendarVersion.digest).where(CalendarVersion.version == version))
    return _loaded(session, version, digest) if digest else None


def versions(session: Session) -> Sequence[CalendarVersion]:
    """All versions, newest first."""
    return session.scalars(select(CalendarVersion).order_by(CalendarVersion.version.desc())).all()


def is_prepared(session: Session) -> bool:
    """Whether this database has a calendar table at all."""
    return inspect(session.connection()).has_table(CalendarVersion.__tablename__)


def preview(session: Session, document: object) -> list[DayChange]:
    """The days that importing a document would change; Faults when it cannot be taken."""
    old = current(session)
    return changes(old, with_years(old, read_years(document)))


def save(
    session: Session,
    proposed: Calendar,
    *,
    now: datetime,
    author_id: int | None = None,
    author: str = "",
    note: str = "",
) -> Calendar:
    """Store a calendar as the next version and return it so numbered.

    `proposed.version` is the version it was made from; StaleCalendar if not the newest.
    """
    newest = session.scalar(select(func.max(CalendarVersion.version))) or 0
    if proposed.version != newest:
        raise StaleCalendar("工作日历已被他人更新，请按最新版本重新核对")
    saved = Calendar(newest + 1, proposed.years)
    document = _stored(saved)
    session.add(CalendarVersion(
        version=saved.version, created_at=now, author_id=author_id, author=author,
        note=note, digest=_digest(document), document=document,
    ))
    try:
        session.flush()
    except IntegrityError as twin:
        raise StaleCalendar("工作日历刚被他人更新，请按最新版本重新核对") from twin
    session.info.pop("calendar", None)
    return saved


def ensure_seeded(session: Session, now: datetime | None = None) -> None:
    """Give an empty database the packaged calendar as version 1."""
    if session.scalar(select(func.count()).select_from(CalendarVersion)) == 0:
        save(session, seed_calendar(), now=now or clock.now(), author="系统", note="随软件附带的历年放假通知")


def missing_year(calendar: Calendar, today: date) -> str | None:
    """The banner's sentence: this year, or next year from 1 November, has no notice."""
    for year in (today.year, today.year + 1):
        asked = year == today.year or (today.month, today.day) >= WARN_FROM
        if asked and not calendar.known(year):
            return f"{year}年放假安排尚未载入，涉及{year}年的工作日时限均为暂定，请在“工作日历”中导入"
    return None


def _loaded(session: Session, version: int, digest: str) -> Calendar:
    # The digest keeps a reset database from being answered with the old one's version.
    key = (version, digest)
    if key not in _read:
        asked = select(CalendarVersion.document).where(CalendarVersion.version == version)
        _read[key] = _restored(version, session.scalars(asked).one())
    return _read[key]


_read: dict[tuple[int, str], Calendar] = {}


def _stored(calendar: Calendar) -> dict:
    return {
        str(number): {
            "off": {day.isoformat(): name for day, name in year.off.items()},
            "work": {day.isoformat(): name for day, name in year.work.items()},
            "known": year.known,
            "source": year.source,
        }
        for number, year in sorted(calendar.years.items())
    }


def _restored(version: int, document: dict) -> Calendar:
    return Calendar(version, {int(key): _year(int(key), body) for key, body in document.items()})


def _year(number: int, body: dict) -> Year:
    off, work = (
        {date.fromisoformat(day): name for day, name in body[section].items()}
        for section in ("off", "work")
    )
    return Year(number, off, work, body["known"], body["source"])


def _digest(document: dict) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
