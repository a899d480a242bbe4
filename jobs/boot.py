"""What every process of ours does first: read the settings, set the clock, bind the database."""

import sys
from functools import cache

from officeapp import clock, db, logs
from officeapp.settings import Settings, SettingsError


@cache
def settings() -> Settings:
    """The settings of this process, applied; a forked job inherits its worker's."""
    found = read()
    logs.configure(found)
    clock.set_offset(found.clock_offset(clock.machine_now()))
    clock.set_hours(found.office_hours)
    db.configure(found.database_url)
    return found


def read() -> Settings:
    """The settings alone; a fault ends the process with its sentence."""
    try:
        return Settings.from_env()
    except SettingsError as fault:
        sys.exit(str(fault))
