"""One year of the calendar laid out for the page: twelve grids and the festivals in words."""

from calendar import Calendar as Weeks
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from officeapp.clock import ZONE
from officeapp.workdays import DAY, WEEK, Calendar, Year, days_of, ending_day

MONDAY_FIRST = Weeks(firstweekday=0)


@dataclass(frozen=True)
class Cell:
    """One day as drawn: kind is plain, rest, off or work; `mark` is at most two characters."""

    day: date
    kind: str
    mark: str
    words: str
    today: bool


@dataclass(frozen=True)
class Month:
    number: int
    workdays: int
    weeks: tuple[tuple[Cell | None, ...], ...]


@dataclass(frozen=True)
class Festival:
    """One line of the notice in words."""

    name: str
    off: str
    work: str


def year_sheet(calendar: Calendar, year: int, today: date) -> tuple[Month, ...]:
    """Twelve months of whole weeks; days of the months beside are None."""
    return tuple(_month(calendar, year, number, today) for number in range(1, 13))


def festivals(year: Year) -> list[Festival]:
    """The rest days and make-up days by name, in the order of the holidays."""
    off, work = _by_name(year.off), _by_name(year.work)
    names = sorted({*off, *work}, key=lambda name: (off.get(name) or work[name])[0])
    return [Festival(name, _runs(off.get(name, [])), _runs(work.get(name, []))) for name in names]


def spoken_day(day: date) -> str:
    """「2026年2月14日 周六」."""
    return f"{day.year}年{day.month}月{day.day}日 {WEEK[day.weekday()]}"


def spoken_due(ends: datetime) -> str:
    """A due date as an office says it: the day, or the exact time where there is one."""
    day = ending_day(ends)
    exact = ends.astimezone(ZONE)
    return spoken_day(day) if exact.time() == time() else f"{spoken_day(day)} {exact:%H:%M}"


def spoken_moment(moment: datetime) -> str:
    """「2026-11-20 09:00」 in the bureau's zone."""
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"


def workdays_in(calendar: Calendar, year: int) -> int:
    return sum(calendar.is_workday(day) for day in days_of(year))


def _month(calendar: Calendar, year: int, number: int, today: date) -> Month:
    cells = [
        _cell(calendar, day, today) if day.month == number else None
        for day in MONDAY_FIRST.itermonthdates(year, number)
    ]
    weeks = tuple(tuple(cells[i : i + 7]) for i in range(0, len(cells), 7))
    worked = sum(cell.kind in ("plain", "work") for cell in cells if cell)
    return Month(number, worked, weeks)


def _cell(calendar: Calendar, day: date, today: date) -> Cell:
    year = calendar.year(day.year)
    kind, mark = "plain", ""
    if day in year.work:
        kind, mark = "work", "班"
    elif day in year.off:
        kind, mark = "off", _short(year.off[day])
    elif day.weekday() >= 5:
        kind = "rest"
    return Cell(day, kind, mark, f"{spoken_day(day)}，{calendar.why(day)}", day == today)


def _short(name: str) -> str:
    short = name.removesuffix("节") if name != "春节" else name
    return short if len(short) <= 2 else "休"


def _by_name(days: Mapping[date, str]) -> dict[str, list[date]]:
    found: dict[str, list[date]] = {}
    for day, name in sorted(days.items()):
        # 除夕 is a festival day of its own and yet part of the one holiday.
        found.setdefault("春节" if name in ("除夕", "春节延长") else name, []).append(day)
    return found


def _runs(days: list[date]) -> str:
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "、".join(_spoken_run(run) for run in runs)


def _spoken_run(run: list[date]) -> str:
    first, last = (f"{day.month}月{day.day}日（{WEEK[day.weekday()]}）" for day in (run[0], run[-1]))
    return first if len(run) == 1 else f"{first}至{last}"
