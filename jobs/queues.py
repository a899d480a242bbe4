"""How long the queue is, for the monitor."""

from collections.abc import Callable

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker

from jobs.deliver import QUEUE
from officeapp.settings import Settings

PATIENCE = 1  # seconds that a monitor's request may wait for Redis


def lengths(settings: Settings) -> Callable[[], dict[str, int] | None]:
    """What the web asks: jobs waiting, jobs failed in the last day, workers alive; None while Redis is away."""
    redis = Redis.from_url(settings.redis_address, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    queue = Queue(QUEUE, connection=redis)

    def ask() -> dict[str, int] | None:
        try:
            return {"waiting": queue.count, "failed": queue.failed_job_registry.count, "workers": Worker.count(redis)}
        except RedisError:
            return None

    return ask
