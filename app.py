"""The entry: create_app() for a web server, and `python app.py` for everything on this machine."""

import sys

from flask import Flask

from jobs import deliver, queues
from officeapp import clock, commands, db, outbox
from officeapp.settings import Settings, SettingsError
from officeapp.supervisor import supervise
from officeapp.web import wiring


def create_app(settings: Settings | None = None) -> Flask:
    """Wire the application; reads the environment unless settings are given."""
    settings = settings or _from_env()
    clock.set_offset(settings.clock_offset(clock.machine_now()))
    clock.set_hours(settings.office_hours)
    db.configure(settings.database_url)
    app = Flask(__name__)
    app.config.update(SECRET_KEY=settings.secret_key)
    wiring.install(app, settings)
    commands.install(app)
    app.config["QUEUE"] = queues.lengths(settings)
    outbox.set_bell(deliver.bell(settings))
    return app


def main() -> int:
    """Run web, Redis, worker and timetable until Ctrl-C; the exit status."""
    return supervise(_from_env(), clock.machine_now())


def _from_env() -> Settings:
    """The environment's settings; a fault ends the process with its sentence, `flask …` as well."""
    try:
        return Settings.from_env()
    except SettingsError as fault:
        print(fault, file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    sys.exit(main())
