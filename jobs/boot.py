"""What every process of ours does first: read the settings, set the clock, bind the database."""

from functools import cache

from officeapp import clock, db
from officeapp.settings import Settings


@cache
def settings() -> Settings:
    """The settings of this process, applied; a forked job inherits its worker's."""
    found = Settings.from_env()
    clock.set_offset(found.clock_offset(clock.machine_now()))
    clock.set_hours(found.office_hours)
    db.configure(found.database_url)
    return found
