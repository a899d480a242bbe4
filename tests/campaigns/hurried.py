"""A job process whose waiting times are shortened, so that a campaign sees many of each within a minute.

The proportions stay: a lease outlasts a whole batch against a server that hangs.
"""

import sys
from dataclasses import replace
from datetime import timedelta

from jobs import ticks, timetable, worker
from officeapp import mail, outbox, seals

LONGEST = timedelta(seconds=5)
MAINS = {"worker": worker.main, "timetable": timetable.main}


def main(name: str) -> None:
    """Run that job process until it is ended."""
    mail.TIMEOUT = 0.3
    outbox.LEASE = timedelta(seconds=5)
    outbox.FIRST_PAUSE, outbox.LONGEST_PAUSE = timedelta(seconds=0.3), timedelta(seconds=3)
    seals.SETTLED = timedelta(seconds=20)
    ticks.JOBS = tuple(replace(job, every=min(job.every / 20, LONGEST)) for job in ticks.JOBS)
    timetable.BEAT_SECONDS = 1
    MAINS[name]()


if __name__ == "__main__":
    main(sys.argv[1])
