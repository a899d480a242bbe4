"""Gap-free document numbers, one series per 代字 and year (FW-16, FW-52)."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp.db import Base


class Series(Base):
    """A 机关代字 the bureau may use, e.g. 临综法发."""

    __tablename__ = "series"
    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(30), unique=True)
    note: Mapped[str] = mapped_column(String(100), default="")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Counter(Base):
    """The last number given in one series and year; its row is the lock."""

    __tablename__ = "number_counter"
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Number(Base):
    """One line of the register: never deleted, a voided one stays as 作废."""

    __tablename__ = "number"
    __table_args__ = (UniqueConstraint("series_id", "year", "n"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    year: Mapped[int]
    n: Mapped[int]
    text: Mapped[str] = mapped_column(String(60), unique=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), index=True)
    given_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]
    voided_at: Mapped[datetime | None] = mapped_column(default=None)


def text_of(word: str, year: int, n: int) -> str:
    """「临综法发〔2026〕5号」: full year, no leading zero, no 第 (GB/T 9704 7.2.5)."""
    return f"{word}〔{year}〕{n}号"


def give(session: Session, word: str, year: int, *, matter_id: int, person_id: int, now: datetime,
         own: bool = False) -> Number:
    """The next number of a series, inside the caller's transaction. KeyError: unknown series.

    `own`: a procedure's own series (督办、联系单), which no clerk chooses and which begins with its first number.
    """
    if own:
        _begin(session, word)
    series = session.scalar(select(Series).where(Series.word == word, Series.active | own))
    if series is None:
        raise KeyError(word)
    n = _next(session, series.id, year)
    number = Number(series_id=series.id, year=year, n=n, text=text_of(word, year, n),
                    matter_id=matter_id, given_by=person_id, given_at=now)
    session.add(number)
    session.flush()
    return number


def _next(session: Session, series_id: int, year: int) -> int:
    bump = (update(Counter).where(Counter.series_id == series_id, Counter.year == year)
            .values(last=Counter.last + 1).returning(Counter.last))
    last = session.scalar(bump)
    if last is None:
        _open_year(session, series_id, year)
        last = session.scalar(bump)
    return last


def _begin(session: Session, word: str) -> None:
    if session.scalar(select(Series.id).where(Series.word == word)) is None:
        try:
            with session.begin_nested():
                session.add(Series(word=word, note="系统编号", position=1000, active=False))
        except IntegrityError:
            pass  # somebody began it meanwhile


def _open_year(session: Session, series_id: int, year: int) -> None:
    # Two clerks may want a year's first number at once; the primary key lets one row in.
    try:
        with session.begin_nested():
            session.add(Counter(series_id=series_id, year=year, last=0))
    except IntegrityError:
        pass


def void(session: Session, matter_id: int, now: datetime) -> None:
    """Mark a matter's numbers 作废; they are never given again."""
    session.execute(update(Number).where(Number.matter_id == matter_id, Number.voided_at.is_(None))
                    .values(voided_at=now))


def words(session: Session) -> list[tuple[str, str]]:
    """The series a clerk may choose: (代字, its note)."""
    rows = session.scalars(select(Series).where(Series.active).order_by(Series.position, Series.id))
    return [(row.word, f"{row.word}{'（' + row.note + '）' if row.note else ''}") for row in rows]
