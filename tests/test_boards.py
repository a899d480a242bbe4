"""The boards' queries: columns, first fifty and on, filters, counts, visibility, cost, and what is overdue."""

from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, text, update

from officeapp import boards, cards, clock, db, engine, overdue, stamps
from officeapp.boards import Filters
from officeapp.matters import Matter
from officeapp.overdue import Wanted
from tests.conftest import seeded
from tests.procedures.walking import BODY, DRAFT, Walk

KIND = "outgoing_document"


@contextmanager
def statements():
    """Every statement that the database is sent meanwhile."""
    seen = []

    def note(connection, cursor, statement, *rest):
        seen.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    yield seen
    event.remove(db.engine(), "before_cursor_execute", note)


def opened(actor, now, n=1, **values):
    """So many drafts in one transaction; their ids."""
    with db.transaction() as session:
        return [engine.open_matter(session, KIND, actor, DRAFT | values, body=BODY, now=now).id for _ in range(n)]


def due(matter_id, at, unit="day"):
    """Give a matter another due date: what the reader is to show, not how it came about."""
    with db.transaction() as session:
        session.execute(update(Matter).where(Matter.id == matter_id).values(due_at=at, due_unit=unit))


def read(actor, now, filters=Filters(), **more):
    with db.reading() as session:
        rules = boards.current_rules(session, KIND)
        return {c.key: c for c in boards.columns_of(session, actor, rules, filters, now, **more)}


def written(column):
    """What the column's cards say."""
    with db.reading() as session:
        rules = boards.current_rules(session, KIND)
        return list(cards.written(session, column.slips, cards.names(session, rules, "临海区综合行政执法局")).values())


def ids(column):
    return [slip.id for slip in column.slips]


def test_the_columns_are_the_rulebooks_stages_and_closed_ones_have_none(bureau, now):
    columns = read(bureau.clerk, now)
    assert [c.title for c in columns.values()] == [
        "起草", "科室核稿", "分管审阅", "合法性审查", "办公室审核", "签发", "编号", "校对", "印发", "归档"]
    assert sum(c.total for c in columns.values()) == 0


def test_a_matter_of_another_rulebook_stands_under_the_same_title_or_in_an_extra_column(bureau, now):
    walk = Walk("centre", bureau.drafter, now)
    [extra] = [c for c in read(bureau.clerk, now).values() if c.title == "拟稿"]
    assert extra.key != "drafting" and ids(extra) == [walk.id]
    for actor, key in ((bureau.drafter, "submit"), (bureau.reviewer, "office_pass"), (bureau.deputy, "sign_ordinary")):
        walk.go(actor, key, "同意。")
    columns = read(bureau.clerk, now)
    assert columns["numbering"].title == "编号" and ids(columns["numbering"]) == [walk.id]
    assert extra.key not in columns


def test_fifty_cards_first_and_the_rest_follow_without_gap_or_twin(bureau, now):
    made = opened(bureau.drafter, now, 120)
    due(made[7], now - timedelta(days=1)), due(made[9], None)
    column = read(bureau.clerk, now)["drafting"]
    assert (column.total, len(column.slips), ids(column)[0]) == (120, 50, made[7])
    shown = ids(column)
    while column.after:
        with db.reading() as session:
            rules = boards.current_rules(session, KIND)
            column = boards.column_after(session, bureau.clerk, rules, Filters(), "drafting", column.after, now)
        shown += ids(column)
    assert sorted(shown) == made and len(set(shown)) == 120 and shown[-1] == made[9]


def test_a_board_costs_the_same_statements_with_two_cards_and_with_two_hundred(bureau, now):
    opened(bureau.drafter, now, 2)
    read(bureau.head, now)  # the calendar is read once a process
    with statements() as few:
        read(bureau.head, now)
    opened(bureau.drafter, now, 198)
    with statements() as many:
        read(bureau.head, now)
    assert len(few) == len(many) <= 8


def test_the_filters_choose_by_unit_grade_lateness_and_words(bureau, now):
    [plain] = opened(bureau.drafter, now)
    [urgent] = opened(bureau.officer, now, grade="urgent", title="关于做好100%防台准备的紧急通知")
    due(plain, now - timedelta(minutes=1))
    found = {
        "unit": Filters(unit=bureau.units["south"]), "grade": Filters(grade="urgent"), "words": Filters(q="100%"),
        "overdue": Filters(overdue=True), "nothing": Filters(q="%冬季_"), "both": Filters(grade="urgent", overdue=True),
    }
    shown = {name: ids(read(bureau.clerk, now, filters)["drafting"]) for name, filters in found.items()}
    assert shown == {"unit": [urgent], "grade": [urgent], "words": [urgent], "overdue": [plain], "nothing": [],
                     "both": []}


def test_a_card_says_who_holds_it_what_is_left_and_what_is_unusual(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now, grade="expedited")
    walk.go(bureau.drafter, "submit")
    walk.sign_on_paper(bureau.drafter, "unit_review_return_to_drafting", bureau.head, "请补依据")
    [card] = written(read(bureau.clerk, now + timedelta(days=9))["drafting"])
    assert card.holder == "市容管理科 · 林晓" and card.under == "市容管理科" and card.grade_label == "平急"
    assert card.notes == ("退回1次", "纸质·林晓代录")
    assert (card.late, card.tone) == (True, "late") and card.light.startswith("超期")


def test_q4_a_legal_review_stands_grey_until_its_own_fifteen_workdays_are_over(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now, normative=True)
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.head, "unit_to_legality", "同意送审。")
    column = read(bureau.clerk, now + timedelta(days=14))["legality_review"]
    assert (column.total, column.overdue, column.slips[0].standing.light.words) == (1, 0, "暂停计时")
    column = read(bureau.clerk, now + timedelta(days=40))["legality_review"]
    assert (column.total, column.overdue, column.slips[0].standing.light.tone) == (1, 1, "late")


def test_the_board_shows_and_counts_only_what_the_person_may_see(bureau, now):
    opened(bureau.drafter, now, 3), opened(bureau.officer, now, 2)
    totals = {}
    for name in ("drafter", "officer", "clerk", "chief", "deputy", "other_deputy", "lawyer", "admin"):
        columns = read(getattr(bureau, name), now)
        totals[name] = columns["drafting"].total
        assert len(columns["drafting"].slips) == totals[name]
    assert totals == {"drafter": 3, "officer": 2, "clerk": 5, "chief": 5, "deputy": 3, "other_deputy": 2, "lawyer": 0,
                      "admin": 0}


def test_the_polls_question_is_one_step_in_an_index(bureau, now):
    opened(bureau.drafter, now, 5)
    with db.reading() as session, statements() as asked:
        stamps.stamp(session, KIND)
        [sql] = [each for each in asked if each.startswith("SELECT")]
        plan = session.execute(text("EXPLAIN QUERY PLAN " + sql.replace("?", "'x'"))).all()
    assert "ix_event_kind" in str(plan) and "SCAN event" not in str(plan)


def test_only_the_columns_that_events_touched_have_changed(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now)
    with db.reading() as session:
        rules, before = boards.current_rules(session, KIND), stamps.stamp(session, KIND)
        assert stamps.changed_columns(session, rules, before) == (before, set())
    walk.go(bureau.drafter, "submit")
    with db.reading() as session:
        assert stamps.changed_columns(session, rules, before)[1] == {"drafting", "unit_review"}
        assert stamps.changed_columns(session, rules, "0-0")[1] == {"drafting", "unit_review"}
        assert stamps.changed_columns(session, rules, "nonsense")[1] is None


def test_an_event_committed_late_below_the_newest_is_not_missed(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now)
    walk.go(bureau.drafter, "submit")
    with db.reading() as session:
        rules, now_stamp = boards.current_rules(session, KIND), stamps.stamp(session, KIND)
        newest, _, near = now_stamp.partition("-")
        before_it_came = f"{newest}-{int(near) - 1}"
        assert now_stamp != before_it_came
        assert stamps.changed_columns(session, rules, before_it_came)[1] == {"drafting", "unit_review"}


def test_the_board_reads_the_same_on_postgresql(either_database, now):
    bureau = seeded()
    made = opened(bureau.drafter, now, 60)
    due(made[3], now - timedelta(days=3)), due(made[4], None)
    column = read(bureau.head, now)["drafting"]
    assert (column.total, column.overdue, len(column.slips), ids(column)[0]) == (60, 1, 50, made[3])
    with db.reading() as session:
        rules = boards.current_rules(session, KIND)
        rest = boards.column_after(session, bureau.head, rules, Filters(), "drafting", column.after, now)
        assert sorted(ids(column) + ids(rest)) == made and ids(rest)[-1] == made[4]
        [lane] = overdue.lanes(session, bureau.head, Wanted(), now)
    assert (lane.open, lane.late) == (60, 1)


WEDNESDAY = datetime(2026, 2, 25, 10, 0, tzinfo=clock.ZONE)  # the second day of work after the Spring Festival


@pytest.mark.parametrize(("last_day", "bucket"), [
    ("2026-02-25", 0), ("2026-02-24", 1), ("2026-02-23", 1), ("2026-02-14", 1), ("2026-02-13", 2), ("2026-02-11", 2),
    ("2026-02-10", 3), ("2026-02-04", 3), ("2026-02-03", 4), ("2025-12-01", 4),
])
def test_how_late_is_counted_in_working_days_of_the_statutory_calendar(bureau, last_day, bucket):
    """The 14th was a worked Saturday; the 15th to the 23rd were the festival."""
    [matter_id] = opened(bureau.drafter, WEDNESDAY - timedelta(days=100))
    due(matter_id, datetime.fromisoformat(f"{last_day}T00:00+08:00") + timedelta(days=1))
    with db.reading() as session:
        [lane] = overdue.lanes(session, bureau.inspector, Wanted(), WEDNESDAY)
    assert [len(cell) for cell in lane.cells] == [int(n == bucket) for n in range(5)]
    assert (lane.late, lane.today) == ((0, 1) if bucket == 0 else (1, 0))


def test_the_overdue_board_follows_the_portfolio_the_grade_and_the_readers_eyes(bureau, now):
    [one] = opened(bureau.drafter, now, grade="urgent")
    [two] = opened(bureau.officer, now)
    due(one, now - timedelta(days=2)), due(two, now - timedelta(days=2))
    with db.reading() as session:
        posts = {row.name: row.post_id for row in overdue.deputies(session)}
        units = lambda actor, **w: [x.unit for x in overdue.lanes(session, actor, Wanted(**w), now) if x.late]  # noqa: E731
        assert units(bureau.inspector) == ["市容管理科", "南门中队"]
        assert units(bureau.inspector, portfolio=posts["孙副局"]) == ["南门中队"]
        assert units(bureau.inspector, grade="urgent") == ["市容管理科"]
        assert units(bureau.officer) == ["南门中队"] and units(bureau.lawyer) == []


def test_the_months_share_in_time_counts_finished_cycles_tl1(bureau, now):
    late, early = (Walk("lucheng-2019", bureau.drafter, now - timedelta(days=back)) for back in (30, 0))
    for walk in (late, early):
        walk.now = now
        for actor, key in ((bureau.drafter, "submit"), (bureau.head, "unit_pass_ordinary"),
                           (bureau.reviewer, "office_pass_ordinary"), (bureau.deputy, "sign")):
            walk.go(actor, key, "同意。")
        walk.go(bureau.clerk, "number", series="临综法发", copies=6)
        walk.go(bureau.clerk, "proofread")
        walk.go(bureau.dispatcher, "issue", sealed_on="2026-11-02", channel="intranet", distribution="各科室1份")
        walk.go(bureau.dispatcher, "archive", period="D30", archive_pages=3)
    with db.reading() as session:
        lanes = overdue.lanes(session, bureau.inspector, Wanted(), now + timedelta(days=1))
    assert [(x.met, x.in_time, x.rate) for x in lanes] == [(2, 1, "50%")]
