"""Every periodic job and its hour; here RQ's cron only beats the time.

Its scheduler neither catches up after an outage nor keeps to one instance, so it
enqueues one tick, which expires unless soon taken; what is due is read from rows.
"""

from redis import Redis
from rq.cron import CronScheduler

from jobs import boot, ticks
from jobs.deliver import QUEUE
from officeapp import logs

BEAT_SECONDS = 20
TTL_SECONDS = 60
JOB_SECONDS = 600


def main() -> None:
    """Enqueue a tick at every beat until SIGTERM; ends when Redis goes away and is then restarted."""
    settings = boot.read()
    logs.configure(settings)
    connection = Redis.from_url(settings.redis_address)
    metronome = CronScheduler(connection, logging_level="WARNING")
    metronome.register(
        ticks.tick,
        queue_name=QUEUE,
        interval=BEAT_SECONDS,
        ttl=TTL_SECONDS,
        job_timeout=JOB_SECONDS,
        result_ttl=0,
        failure_ttl=24 * 3600,
    )
    metronome.start()


if __name__ == "__main__":
    main()
