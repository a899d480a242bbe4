"""The RQ worker with the house already imported, so that a forked job starts in milliseconds."""

from redis import Redis
from rq import Worker

from jobs.timetable import QUEUE
from officeapp import clock, db
from officeapp.settings import Settings


def main() -> None:
    """Work until SIGTERM; the running job is finished first."""
    settings = Settings.from_env()
    db.configure(settings.database_url)
    clock.set_offset(settings.clock_offset(clock.machine_now()))
    connection = Redis.from_url(settings.redis_address)
    # One queue only: RQ takes a job crash-safely from one, not from several.
    Worker([QUEUE], connection=connection).work(with_scheduler=True, logging_level="WARNING")


if __name__ == "__main__":
    main()
