"""The RQ worker with the house already imported, so that a forked job starts in milliseconds."""

from redis import Redis
from rq import Worker

from jobs import boot, ticks
from jobs.deliver import QUEUE

PRELOADED = (ticks,)


def main() -> None:
    """Work until SIGTERM; the running job is finished first."""
    connection = Redis.from_url(boot.settings().redis_address)
    # One queue only: RQ takes a job crash-safely from one, not from several.
    Worker([QUEUE], connection=connection).work(logging_level="WARNING")


if __name__ == "__main__":
    main()
