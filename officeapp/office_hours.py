"""When an ordinary mail may leave: in the bureau's office hours on working days (design.md §5)."""

from datetime import datetime, timedelta

from officeapp import clock
from officeapp.workdays import Calendar


def leaves_at(calendar: Calendar, moment: datetime) -> datetime:
    """The moment itself within office hours, else the next opening, lunch included; aware."""
    local = moment.astimezone(clock.ZONE)
    if calendar.is_workday(local.date()):
        for opens, closes in clock.hours():
            if local.time() < opens:
                return datetime.combine(local.date(), opens, clock.ZONE)
            if local.time() < closes:
                return moment
    return next_opening(calendar, moment)


def next_opening(calendar: Calendar, moment: datetime) -> datetime:
    """When the office opens on the first working day after this moment's day; aware."""
    day = moment.astimezone(clock.ZONE).date() + timedelta(days=1)
    return datetime.combine(calendar.workday_on_or_after(day), clock.opening(), clock.ZONE)
