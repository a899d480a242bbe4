"""超期事项: each figure and each cell leads to the matters it counts; columns by days and by the ladder (DB-10)."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from officeapp import clock, db, overdue, overdue_lists, supervision
from officeapp.matters import Matter
from officeapp.overdue import CELL, Wanted
from officeapp.overdue_lists import FIGURES, Asked
from tests.desks import archived, doors, moved, opened
from tests.procedures.supervising import Course, add_inspectors, ordered, received
from tests.procedures.test_leader_report import REPORT

ROW = re.compile(r'<td class="list__title">')


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


def put(matter_id, **columns):
    with db.transaction() as session:
        session.execute(update(Matter).where(Matter.id == matter_id).values(**columns))


@pytest.fixture
def busy(bureau):
    """Matters of three units: open, due today, late by one to thirty days, returned, finished in time and late."""
    now = clock.now()
    for who in (bureau.drafter, bureau.officer, bureau.lawyer):
        for days in (-9, 0, 1, 4, 9, 30, *[3] * CELL):
            put(opened(who), due_at=now.astimezone(clock.ZONE).replace(hour=23) - timedelta(days=days))
    back = opened(bureau.drafter)
    moved(back, "submit", bureau.drafter)
    moved(back, "unit_review_return_to_drafting", bureau.head, note="请补依据")
    archived(bureau)
    put(archived(bureau), met_due=now - timedelta(days=1))
    return bureau


def rows_behind(client, href):
    """How many rows a list has, all its pages turned."""
    count, page = 0, client.get(href.replace("&amp;", "&"))
    assert page.status_code == 200, href
    while True:
        count += len(ROW.findall(page.text))
        further = re.search(r'href="([^"]+)">下一页', page.text)
        if not further:
            return count
        page = client.get(further[1].replace("&amp;", "&"))


@pytest.mark.parametrize("query", ["", "?by=ladder", "?kind=outgoing-document&grade=ordinary", "?kind=liaison-slip"])
def test_every_figure_and_every_cell_opens_as_many_matters_as_it_says(busy, enter, query):
    client = enter(busy.inspector)
    page = client.get(f"/boards/overdue{query}").text
    whole = re.findall(r'class="figure" href="([^"]+)"><b>([^<]+)</b><span>([^<]+)<', page)
    units = re.findall(r'<a class="lane__figure[^"]*" href="([^"]+)">\S+ ([^<]+)</a>', page)
    cells = re.findall(r'class="due__more" href="([^"]+)">还有 (\d+) 件', page)
    assert len(whole) == 5 and (units or "liaison" in query)
    for href, number in [(href, number) for href, number, _ in whole[:3] + whole[4:]] + units:
        if "figure=met" not in href:
            assert rows_behind(client, href) == int(number), href
    in_time, met = re.search(r"办结率（(\d+)/(\d+)）", whole[3][2]).groups()
    assert rows_behind(client, whole[3][0]) == int(met)
    assert rows_behind(client, whole[3][0].replace("met", "in_time")) == int(in_time)
    for href, more in cells:
        assert rows_behind(client, href) == CELL + int(more)
    assert bool(cells) is ("liaison" not in query)


def test_a_list_is_turned_by_the_hundred_and_misses_none(bureau, monkeypatch):
    monkeypatch.setattr(overdue_lists, "PAGE", 7)
    made = [opened(bureau.drafter) for _ in range(16)]
    late = clock.now() + timedelta(days=30)
    with db.reading() as session:
        for figure in ("late", "open"):
            asked = (session, bureau.inspector, Wanted(), Asked(figure), late)
            pages = [overdue_lists.of(*asked, n) for n in (1, 2, 3, 4)]
            assert [len(page.lines) for page in pages] == [7, 7, 2, 0] and {page.total for page in pages} == {16}
            assert sorted(line.id for page in pages for line in page.lines) == made


def test_finished_in_time_and_late_are_told_apart(busy, now):
    with db.reading() as session:
        total = {name: overdue_lists.of(session, busy.inspector, Wanted(), Asked(name), clock.now()).total
                 for name in FIGURES}
    assert [total[name] for name in ("met", "in_time", "missed", "returned")] == [2, 1, 1, 1]


def test_an_unknown_list_is_said_in_words(bureau, enter):
    client = enter(bureau.inspector)
    for asked in ("", "?figure=all", "?column=from-2", "?column=urged", "?figure=late&unit=x&page=x"):
        answer = client.get(f"/boards/overdue/matters{asked}")
        assert (answer.status_code, "没有这个清单" in answer.text) in ((404, True), (200, False)), asked
        assert (answer.status_code == 200) is ("late" in asked)


def columns_of(actor, now):
    """The titles of the ladder's columns in which there is something, each with how many."""
    wanted = Wanted(ladder=True)
    with db.reading() as session:
        lanes = overdue.lanes(session, actor, wanted, now)
    titles = [column.title for column in overdue.columns(wanted)]
    return {titles[n]: total for lane in lanes for n, total in enumerate(lane.totals) if total}


def test_DB_10_a_matter_climbs_the_ladder_column_by_column(bureau, now):
    with db.transaction() as session:
        add_inspectors(session, bureau)
    course = received(bureau, now)
    seen = {}
    for day in ("2026-11-16", "2026-11-17", "2026-11-20", "2026-11-23", "2026-11-25", "2026-11-30"):
        course.until(day, hour=10)
        seen[day[8:]] = columns_of(bureau.inspector, course.now)
    assert seen["16"] == {} and seen["17"] == {"提前提醒": 1} and seen["20"] == {"到期提醒": 1}
    assert seen["23"] == {"超期催办": 1}
    assert seen["25"]["督办提示单"] == 1 and seen["30"]["督办通知"] == 1  # and what these owe themselves


def test_DB_10_what_is_late_and_was_never_reminded_has_a_column_of_its_own(bureau, now):
    ordered(bureau, now)
    assert columns_of(bureau.inspector, now.replace(day=24)) == {"尚未提醒": 1}


def test_DB_10_a_document_sent_by_hand_counts_as_the_level_it_is(bureau, now):
    course = received(bureau, now)
    with db.transaction() as session:
        matter = session.scalars(select(Matter).where(Matter.id == course.id)).one()
        supervision.escalate(session, course.id, bureau.director, "prompt_slip", "群众反映强烈。",
                             version=matter.version, now=now)
    assert columns_of(bureau.inspector, now.replace(day=24))["督办提示单"] >= 1


def test_a_head_supervises_his_unit_and_the_navigation_says_the_same(busy, enter):
    for who, units in ((busy.captain, {"南门中队"}), (busy.deputy, {"市容管理科", "政策法规科", "办公室"})):
        page = enter(who).get("/boards/overdue").text
        assert set(re.findall(r'<th scope="row"><b>([^<]+)</b>', page)) <= units
        late = re.search(r'href="[^"]*figure=late[^"]*"><b>(\d+)</b><span>超期<', page)[1]
        assert re.search(r"超期事项</span><span class=\"count count--urgent\">(\d+)", page)[1] == late


@pytest.mark.parametrize("back", ["", "submitted"])
def test_LD_3_what_is_between_leaders_is_in_no_figure_of_those_who_supervise(bureau, now, back):
    put(opened(bureau.drafter), returned_from=back)
    put(Course("leader_report", bureau.deputy, now, **REPORT).id, returned_from=back)
    for who, seen in ((bureau.inspector, 1), (bureau.deputy, 2)):
        for figure, expected in (("open", seen), ("returned", seen if back else 0)):
            with db.reading() as session:
                told = getattr(overdue.whole(overdue.lanes(session, who, Wanted(), now)), figure)
                behind = overdue_lists.of(session, who, Wanted(), Asked(figure), now).total
            assert told == behind == expected


def test_DB_10_a_hundred_are_urged_at_once_and_the_rest_is_named(bureau, enter):
    ids = [opened(bureau.drafter)] + list(range(90_000, 90_102))
    answer = enter(bureau.director).post("/boards/overdue/urgings", data={"matter": ids}, follow_redirects=True)
    assert "已催办1件" in answer.text and "一次最多催办100件，其余3件请再勾选一次。" in answer.text


def test_kinds_and_grades_are_two_named_rows_and_all_that_is_shown_may_be_ticked(busy, enter):
    page = enter(busy.director).get("/boards/overdue?kind=outgoing-document&grade=ordinary").text
    rows = dict(re.findall(r'aria-label="按(类别|等级)筛选">([\s\S]*?)</ul>', page))
    held = {name: re.findall(r'aria-current="true">([^<]+)<', row) for name, row in rows.items()}
    assert held == {"类别": ["发文"], "等级": ["普通件"]} and page.count("data-tick-all") == 1
    empty = enter(busy.director).get("/boards/overdue").text
    assert "保存现在的筛选”，下次一按就到" in empty and "下次一按就到" not in page
