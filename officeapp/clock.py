"""The only reader of the machine's clock: aware UTC inside, Asia/Shanghai at the edges."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")

_offset = timedelta(0)
_opening = time(8, 30)


def set_offset(offset: timedelta) -> None:
    """Shift this process's clock; only demonstration mode does (DEMO_NOW)."""
    global _offset
    _offset = offset


def set_opening(hour: time) -> None:
    """When the office opens: reminders of a day leave then (OFFICE_HOURS)."""
    global _opening
    _opening = hour


def opening() -> time:
    return _opening


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return machine_now() + _offset


def today() -> date:
    """The present day in the bureau's zone."""
    return now().astimezone(ZONE).date()


def machine_now() -> datetime:
    """The unshifted moment, aware, in UTC; only the offset itself is computed from it."""
    return datetime.now(UTC)
