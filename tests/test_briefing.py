"""一分钟: a leader sees what waits for him, what is late in his charge and what was finished this week."""

import re

import pytest

from officeapp import briefing, clock, db
from tests.desks import doors, moved, opened
from tests.procedures.supervising import received, reported
from tests.test_boards import statements
from tests.test_overdue import put, rows_behind


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


def waits(bureau, n):
    """So many ordinary documents before the deputy, and as many late in his charge."""
    for _ in range(n):
        one = opened(bureau.drafter)
        for key, who in (("submit", bureau.drafter), ("unit_pass_ordinary", bureau.head),
                         ("office_pass_ordinary", bureau.reviewer)):
            moved(one, key, who, note="同意。")
        put(one, due_at=clock.now() - clock.timedelta(days=4))


def test_sixty_matters_are_counted_whole_and_shown_in_part(bureau, enter):
    waits(bureau, 2)
    client, counts = enter(bureau.deputy), []
    for more in (0, 18):
        waits(bureau, more)
        with statements() as asked:
            page = client.get("/briefing").text
        counts.append(len([sql for sql in asked if sql.startswith("SELECT")]))
    assert page.count('class="brief__title"') == briefing.SHOWN + briefing.LONGEST
    assert page.count("查看全部 20 件") == 2 and counts[0] == counts[1] <= 20


def test_every_figure_of_the_minute_opens_what_it_counts(bureau, enter):
    waits(bureau, 3), opened(bureau.officer), opened(bureau.lawyer)
    for leader in (bureau.chief, bureau.secretary, bureau.deputy, bureau.other_deputy):
        client = enter(leader)
        page = client.get("/briefing").text
        figures = re.findall(r'class="figure" href="(/boards[^"]+)"><b>(\d+)</b>', page)
        units = re.findall(r'<td><a (?:class="is-late" )?href="([^"]+)">(\d+)</a>', page)
        assert figures and all(rows_behind(client, href) == int(number) for href, number in figures + units)


def test_an_empty_minute_says_so(bureau, enter):
    for leader, charge in ((bureau.chief, "全局"), (bureau.deputy, "分管范围内")):
        page = enter(leader).get("/briefing").text
        assert "没有等您办理的事项" in page and f"{charge}没有超期事项" in page and "本周还没有办结的事项" in page
