"""The entry: create_app() for a web server, and `python app.py` for everything on this machine."""

import sys

import click
from flask import Flask

from officeapp import clock
from officeapp.settings import Settings, SettingsError
from officeapp.supervisor import supervise


def create_app(settings: Settings | None = None) -> Flask:
    """Wire the application; reads the environment unless settings are given."""
    settings = settings or Settings.from_env()
    clock.set_offset(settings.clock_offset(clock.machine_now()))
    app = Flask(__name__)
    app.config.update(SECRET_KEY=settings.secret_key)
    app.add_url_rule("/healthz", "healthz", lambda: "ok\n")
    app.cli.command("prepare")(lambda: click.echo("数据库已就绪。"))
    return app


def main() -> int:
    """Run web, Redis, worker and timetable until Ctrl-C; the exit status."""
    try:
        settings = Settings.from_env()
    except SettingsError as fault:
        print(fault, file=sys.stderr)
        return 2
    return supervise(settings, clock.machine_now())


if __name__ == "__main__":
    sys.exit(main())
