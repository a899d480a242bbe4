"""The only reader of the machine's clock: aware UTC inside, Asia/Shanghai at the edges."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")

_offset = timedelta(0)
_hours = ((time(8, 30), time(12)), (time(14), time(17, 30)))


def set_offset(offset: timedelta) -> None:
    """Shift this process's clock; only demonstration mode does (DEMO_NOW)."""
    global _offset
    _offset = offset


def set_hours(hours: tuple[tuple[time, time], ...]) -> None:
    """The office hours of a working day: ordinary mails leave within them (OFFICE_HOURS)."""
    global _hours
    _hours = hours


def hours() -> tuple[tuple[time, time], ...]:
    return _hours


def opening() -> time:
    """When the office opens: reminders of a day leave then."""
    return _hours[0][0]


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return machine_now() + _offset


def today() -> date:
    """The present day in the bureau's zone."""
    return now().astimezone(ZONE).date()


def machine_now() -> datetime:
    """The unshifted moment, aware, in UTC; only the offset itself is computed from it."""
    return datetime.now(UTC)
