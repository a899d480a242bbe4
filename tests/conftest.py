"""Fixtures everyone uses: a fresh database of either engine, the bureau in it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import settings

from officeapp import calendars, clock, db
from tests import databases, people

pytest_plugins = ["tests.services"] if databases.has_services() else []

# A busy machine is no fault of the code, so no example has a deadline; `make check` tries far more of them.
settings.register_profile("steady", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=1000, stateful_step_count=100)
settings.load_profile("steady")

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=clock.ZONE)


@pytest.fixture
def database(tmp_path) -> str:
    """A prepared, empty SQLite database; db is configured on it."""
    return databases.fresh_sqlite(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request, tmp_path) -> str:
    """The same test on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return databases.fresh_sqlite(tmp_path)
    return databases.fresh_postgresql()


@pytest.fixture
def bureau(database):
    """Named actors in the given database."""
    return seeded()


def seeded():
    """Put the calendar and the tests' bureau into the configured database."""
    with db.transaction() as session:
        calendars.ensure_seeded(session)
        return people.bureau(session)


@pytest.fixture
def now() -> datetime:
    """Monday, 2 November 2026, nine in the morning."""
    return MONDAY


@pytest.fixture
def after():
    """after(minutes=31): so long has passed since the test began."""
    yield lambda **length: clock.set_offset(timedelta(**length))
    clock.set_offset(timedelta(0))
