"""Working days counted apart from officeapp.workdays: autumn 2026 as domain.md 5.2 prints it, up to January 2027."""

from collections.abc import Collection
from datetime import date, timedelta

OFF = {date(2026, 9, day) for day in (25, 26, 27)} | {date(2026, 10, day) for day in range(1, 8)} | {date(2027, 1, 1)}
MADE_UP = {date(2026, 9, 20), date(2026, 10, 10)}
DAY = timedelta(days=1)
WORKED = [day for day in (date(2026, 6, 22) + n * DAY for n in range(226))
          if day in MADE_UP or day.weekday() < 5 and day not in OFF]


def worked(day: date, offset: int, rested: Collection[date] = ()) -> date:
    """The working day that many after a day, or before it; for 0 the day itself or the last one before."""
    if offset > 0:
        return [each for each in WORKED if each > day and each not in rested][offset - 1]
    return [each for each in WORKED if each < day or (each == day and not offset)][offset or -1]
