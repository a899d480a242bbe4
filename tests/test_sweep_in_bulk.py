"""Many reminders at once: told in the same few statements, each once, whatever breaks off or stands in the way."""

import multiprocessing
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import event, update

from officeapp import db, deadlines, matters
from officeapp.deadlines import Swept
from officeapp.matters import Matter, Step
from tests import conftest, databases
from tests.matter_invariants import check_history
from tests.reminding import at, at_unit_review, mails, moved, opened, reminders_in_history

SPAWN = multiprocessing.get_context("spawn")
KILLED = 9


@contextmanager
def asked():
    """The statements of a block but INSERTs, of which SQLite wants one for each event."""
    seen = []
    event.listen(db.engine(), "before_cursor_execute", note := lambda *given: seen.append(given[2]))
    yield seen
    event.remove(db.engine(), "before_cursor_execute", note)
    seen[:] = [sql for sql in seen if not sql.startswith("INSERT")]


def test_forty_reminders_ask_as_many_statements_as_four(either_database):
    bureau, counts = conftest.seeded(), []
    for many in (4, 40):
        for _ in range(many):
            at_unit_review(bureau)
        with asked() as seen:
            assert deadlines.sweep(at(26)).fired == many
        counts.append(len(seen))
    assert counts[0] == counts[1] < 20


def test_the_next_sweep_writes_nothing(bureau):
    for _ in range(3):
        at_unit_review(bureau)
    deadlines.sweep(at(14))
    with asked() as seen:
        assert deadlines.sweep(at(14)) == Swept()
    assert [sql for sql in seen if not sql.startswith("BEGIN")] == [seen[-1]] and seen[-1].startswith("SELECT")


def test_one_broken_among_many_is_told_to_nobody_and_each_other_once(either_database):
    bureau = conftest.seeded()
    found = [at_unit_review(bureau) for _ in range(5)]
    with db.transaction() as session:
        broken = update(Step).where(Step.matter_id == found[2].id, Step.rung == "before_1")
        session.execute(broken.values(rung="no such"))
    assert deadlines.sweep(at(14)) == Swept(fired=4, failed=1)
    assert [len(reminders_in_history(matter)) for matter in found] == [1, 1, 0, 1, 1]
    assert len(mails()) == 4
    with db.reading() as session:
        for matter in found:
            check_history(session, matter)


def test_whatever_is_wrong_with_one_matter_the_others_are_told(bureau):
    found = [at_unit_review(bureau) for _ in range(3)]
    with db.transaction() as session:
        session.execute(update(Matter).where(Matter.id == found[1].id).values(values=["no form"]))
    assert deadlines.sweep(at(14)) == Swept(fired=2, failed=1)
    assert [len(reminders_in_history(matter)) for matter in found] == [1, 0, 1]


def test_two_limits_of_one_matter_that_are_told_together_are_two_lines_of_its_chain(bureau):
    draft = opened(bureau)
    assert deadlines.sweep(at(25)).fired == 2
    assert len(reminders_in_history(draft)) == 2
    with db.reading() as session:
        check_history(session, matters.find(session, draft.id))


def test_what_somebody_is_moving_just_then_keeps_nobody_else_waiting(tmp_path):
    databases.fresh_postgresql()
    bureau = conftest.seeded()
    moving, *others = [at_unit_review(bureau) for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        with db.transaction() as session:
            matters.lock(session, moving.id)
            sweep = pool.submit(deadlines.sweep, at(14))
            until(lambda: {mail.matter_id for mail in mails()} == {matter.id for matter in others})
            assert not sweep.done()
        assert sweep.result(30) == Swept(fired=3)
    assert len(mails()) == 3


def until(holds):
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def killed_before_its_second_commit(url):
    db.configure(url)
    deadlines.TOGETHER, commits = 2, []
    event.listen(db.engine(), "commit", lambda _: commits.append(1) or len(commits) < 3 or os._exit(KILLED))
    deadlines.sweep(at(14))


def test_a_sweep_killed_midway_has_told_some_once_and_the_next_one_tells_the_rest(either_database):
    bureau = conftest.seeded()
    found = [at_unit_review(bureau) for _ in range(7)]
    killed = SPAWN.Process(target=killed_before_its_second_commit, args=(either_database,))
    killed.start()
    killed.join(60)
    assert killed.exitcode == KILLED
    told = len(mails())
    assert 0 < told < len(found)
    assert deadlines.sweep(at(14)) == Swept(fired=len(found) - told)
    assert [len(reminders_in_history(matter)) for matter in found] == [1] * len(found)
    assert sorted(mail.matter_id for mail in mails()) == [matter.id for matter in found]


@pytest.mark.parametrize("many", [1, 3])
def test_one_alone_is_told_by_the_same_way_as_many(bureau, many):
    found = [moved(at_unit_review(bureau), "unit_pass_ordinary", bureau.head, at(11, 10)) for _ in range(many)]
    deadlines.sweep(at(26))
    told = {line for matter in found for line in reminders_in_history(matter)}
    assert told == {"超期催办：科室负责人，已提醒吴审核、王建国"}
