"""What the `holidays` package knows of one year: rest days, make-up workdays.

Pure data for `workdays`; source: 全国年节及纪念日放假办法 and the State Council's
yearly notices, as that package transcribes them.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from officeapp import late

holidays = late.module("holidays")

FIRST_SEEDED = 2019
# The package tabulates the lunar festivals for these years only.
LUNAR_YEARS = range(1950, 2100)
DAY = timedelta(days=1)

_SHORT = {"农历除夕": "除夕", "春节延长假期": "春节延长"}
_SWAPPED = re.compile(r"由 (\d{4}-\d{2}-\d{2}) 调休")


class Statutory(NamedTuple):
    """One year: festival by rest day, festival by make-up workday, notice seen or not."""

    off: Mapping[date, str]
    work: Mapping[date, str]
    known: bool


@cache
def statutory_year(year: int) -> Statutory:
    """The package's answer for a year; `known` only where its notice is included.

    Without a notice only the statutory days and their 补假 (放假办法 §6) are off.
    """
    if year not in LUNAR_YEARS:
        return Statutory({}, {}, False)
    table = _table(year - 1, year, year + 1)
    known = any(day.year == year for day in table.weekend_workdays)
    rest = _rest_days(table) if known else _festivals(table)
    off = {day: name for day, name in rest.items() if day.year == year}
    work = {day: name for day, name in _makeup_days(table).items() if day.year == year}
    return Statutory(dict(sorted(off.items())), dict(sorted(work.items())), known)


@cache
def last_known_year() -> int:
    """The last year whose notice the installed package includes."""
    year = FIRST_SEEDED
    while statutory_year(year + 1).known:
        year += 1
    return year


def _table(*years: int) -> "holidays.HolidayBase":
    listed = [year for year in years if year in LUNAR_YEARS]
    return holidays.country_holidays("CN", years=listed, language="zh_CN")


def _rest_days(table: "holidays.HolidayBase") -> dict[date, str]:
    names = _festivals(table)
    found = {day: names.get(day) or _nearest(names, day) for day in table}
    for day in list(table):
        # The notices count the weekend that touches a holiday as part of it.
        for step in (DAY, -DAY):
            beside = day + step
            while _is_free_weekend(table, beside):
                found[beside] = _nearest(names, beside)
                beside += step
    return found


def _is_free_weekend(table: "holidays.HolidayBase", day: date) -> bool:
    return day.weekday() >= 5 and day not in table and day not in table.weekend_workdays


def _makeup_days(table: "holidays.HolidayBase") -> dict[date, str]:
    names = _festivals(table)
    swaps = {_swapped(table, day): _nearest(names, day) for day in table}
    return {day: swaps.get(day) or _nearest(names, day) for day in table.weekend_workdays}


def _swapped(table: "holidays.HolidayBase", day: date) -> date | None:
    found = _SWAPPED.search(table[day])
    return date.fromisoformat(found[1]) if found else None


def _festivals(table: "holidays.HolidayBase") -> dict[date, str]:
    return {day: _title(table.get_list(day)) for day in table if not _SWAPPED.search(table[day])}


def _title(labels: list[str]) -> str:
    plain = [label.removesuffix("（补假）") for label in labels]
    return "、".join(_SHORT.get(label, label) for label in plain)


def _nearest(names: Mapping[date, str], day: date) -> str:
    name = names[min(names, key=lambda other: (abs(other - day), other))]
    return "春节" if name in _SHORT.values() else name
