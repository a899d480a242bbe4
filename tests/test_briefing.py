"""一分钟: a leader sees what waits for him, what is late in his charge and what was finished this week."""

import pytest

from officeapp import briefing, db
from tests.desks import doors
from tests.procedures.supervising import received, reported


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


def told(actor, now):
    with db.reading() as session:
        return briefing.of(session, actor, now)


def test_a_report_before_the_chief_waits_for_his_decision(bureau, now):
    reported(bureau, now)
    assert [line.stage for line in told(bureau.chief, now).waiting.lines] == ["decision"]


def test_what_is_late_is_shown_to_the_deputy_in_charge_and_to_no_other(bureau, now):
    received(bureau, now)
    late = now.replace(day=23)
    assert told(bureau.deputy, late).late.total == 1 and told(bureau.other_deputy, late).late.total == 0
    assert told(bureau.deputy, now).late.total == 0


def test_what_was_finished_this_week_is_told_until_the_next_begins(bureau, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "close")
    course.go(bureau.director, "sign_off", result="完成。", conclusion="closed")
    course.go(bureau.dispatcher, "archive", archived_on="2026-11-02", period="D10")
    assert told(bureau.chief, now.replace(day=6)).finished.total == 1
    assert told(bureau.chief, now.replace(day=9)).finished.total == 0


def test_only_leaders_have_the_page(bureau, enter):
    assert "没有等您办理的事项" in enter(bureau.chief).get("/briefing").text
    assert enter(bureau.drafter).get("/briefing").status_code == 403
