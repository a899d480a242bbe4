"""What one beat of the timetable does."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from jobs import boot, deliver
from officeapp import clock, deadlines, digests, progress, prompts, schedule, sealing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """One periodic job: its name in the schedule, its rhythm, what it does at a moment."""

    name: str
    every: timedelta
    run: Callable[[datetime], object]


def _remind(now: datetime) -> object:
    return deadlines.sweep(now)


def _report(now: datetime) -> object:
    return progress.sweep(now)


def _prompt(now: datetime) -> object:
    return prompts.sweep(now)


def _gather(now: datetime) -> object:
    return digests.gather(now, boot.settings().base_url, schedule.last_run("reminders"))


def _seal(now: datetime) -> object:
    return sealing.run(now)


def _deliver(now: datetime) -> object:
    return dict(deliver.deliver(boot.settings()))


# Reminders come first, so that their digest and their mails leave with the same beat.
JOBS = (
    Job("progress", timedelta(hours=1), _report),
    Job("prompts", timedelta(hours=1), _prompt),
    Job("reminders", timedelta(seconds=60), _remind),
    Job("digests", timedelta(seconds=60), _gather),
    Job("seals", timedelta(minutes=30), _seal),
    Job("mail", timedelta(seconds=15), _deliver),
)


def tick() -> None:
    """Look for what is due and do it; safe to run twice and after days of downtime."""
    boot.settings()
    run_due(clock.now(), JOBS)


def run_due(now: datetime, jobs: tuple[Job, ...]) -> list[str]:
    """Run each job whose slot has come; names of those run. One job's fault does not keep the others."""
    run, faults = [], []
    for job in jobs:
        if not schedule.take(job.name, job.every, now):
            continue
        began = perf_counter()
        try:
            outcome = job.run(now)
            schedule.ran(job.name, now)
            log.info("job", extra={"job": job.name, "outcome": str(outcome), "ms": _since(began)})
        except Exception as fault:  # raised again below, where RQ records it
            log.exception("job", extra={"job": job.name, "outcome": "failed", "ms": _since(began)})
            faults.append(fault)
        run.append(job.name)
    if faults:
        raise ExceptionGroup("periodic jobs failed", faults)
    return run


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 1)
