"""Two servers sweep in the same second on one PostgreSQL: each rung, each document, each monthly report once."""

import multiprocessing
from datetime import date

import pytest
from sqlalchemy import select

from officeapp import db, deadlines, matters, progress
from officeapp.matters import Matter
from tests import conftest, databases
from tests.procedures.ladders import at, inspected, order
from tests.procedures.supervising import reported

MANY = 6
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def postgresql(tmp_path):
    return databases.fresh_postgresql()


def sweep_elsewhere(job, url, day, start, told):
    """In a process of its own, beginning when the other does: what one sweep says it did."""
    db.configure(url)
    start.wait(60)
    told.put({"ladder": deadlines.sweep, "month": progress.sweep}[job](at(day)))


def sweep_twice_at_once(job, url, day):
    start, told = SPAWN.Barrier(2), SPAWN.Queue()
    sweepers = [SPAWN.Process(target=sweep_elsewhere, args=(job, url, day, start, told)) for _ in range(2)]
    for each in sweepers:
        each.start()
    found = [told.get(timeout=120) for _ in sweepers]
    for each in sweepers:
        each.join(60)
    return found


def numbers_of(kind):
    with db.reading() as session:
        return sorted(session.scalars(select(Matter.number).where(Matter.kind == kind)))


def test_a_step_fires_once_however_many_sweep(postgresql):
    office = inspected(conftest.seeded())
    orders = [order(office) for _ in range(MANY)]
    found = sweep_twice_at_once("ladder", postgresql, date(2026, 10, 12))
    assert sum(swept.fired for swept in found) == MANY and not any(swept.failed for swept in found)
    assert [len(each.events("reminded")) for each in orders] == [1] * MANY
    assert [len(each.children("supervision_notice")) for each in orders] == [1] * MANY
    assert numbers_of("supervision_notice") == [f"督办通知〔2026〕{n}号" for n in range(1, MANY + 1)]
    assert deadlines.sweep(at(date(2026, 10, 12))).fired == 0


def test_a_month_s_report_is_opened_once_however_many_sweep(postgresql):
    office = inspected(conftest.seeded())
    orders = [reported(office, at(date(2026, 8, 26))) for _ in range(MANY)]
    for each in orders:
        each.go(office.chief, "track")
    found = sweep_twice_at_once("month", postgresql, date(2026, 10, 26))
    assert sum(opened for opened, _ in found) == 2 * MANY and not any(failed for _, failed in found)
    periods = ["2026-09-26", "2026-10-26", "2026-11-26"]
    assert [[report.period for report in each.children("progress_report")] for each in orders] == [periods] * MANY
    with db.reading() as session:
        for each in orders:
            events = matters.history(session, each.id)
            assert all(event.hash == matters.seal(event) for event in events)
