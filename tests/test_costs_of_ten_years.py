"""Ten years of closed matters cost the daily pages nothing, and what lies open only where it is counted.

SQLite's plans are read as the house has them everywhere: by its own estimates (officeapp/estimates.py).
"""

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from officeapp import db
from officeapp.matters import Deadline, Matter, Step, Task
from tests.test_boards import statements
from tests.test_moves_web import BOARD, enter, opened  # noqa: F401  (enter is a fixture)

CLOSED = 3000
PAGES = (BOARD, "/boards/overdue", "/boards/overdue?by=ladder", "/boards/overdue/matters?figure=met", "/done",
         "/started")


@pytest.fixture
def archive(bureau):
    """One open matter among thousands that are closed."""
    one = opened(bureau.drafter)
    with db.transaction() as session:
        model = dict(session.execute(select(Matter.__table__).where(Matter.id == one)).mappings().one())
        ago = lambda n: model["opened_at"] - timedelta(days=n)  # noqa: E731
        old = [model | {"id": one + n, "closed": True, "stage": "archived", "closed_at": ago(n), "met_at": ago(n),
                        "met_due": ago(n), "due_at": None} for n in range(1, CLOSED + 1)]
        session.execute(insert(Matter), old)
        for table, changed in ((Deadline, {"state": "met"}), (Step, {"state": "fired"})):
            hung = dict(session.execute(select(table.__table__).limit(1)).mappings().one()) | changed
            rows = [hung | {"id": 100 + row["id"], "matter_id": row["id"]} for row in old]
            own = [{"deadline_id": row["id"]} if table is Step else {} for row in rows]
            session.execute(insert(table), [row | more for row, more in zip(rows, own, strict=True)])
        session.execute(insert(Task), [
            {"matter_id": row["id"], "stage": "drafting", "state": "done", "person_id": row["drafter_id"],
             "opened_at": row["opened_at"], "done_at": row["opened_at"], "done_by": row["drafter_id"]} for row in old])
    return one


@pytest.mark.parametrize("who", ["clerk", "drafter"])
def test_no_daily_page_walks_through_closed_matters(bureau, enter, archive, who):  # noqa: F811
    client = enter(getattr(bureau, who))
    for path in (*PAGES, f"/matters/{archive}"):
        with statements() as asked:
            assert client.get(path).status_code == 200
        walked = [(sql, plan) for sql in set(asked) if sql.startswith("SELECT") for plan in plans(sql) if walks(plan)]
        assert walked == [], path


LATE = {"inspector": "ix_matter_due (due_at<?)", "drafter": "ix_matter_unit (unit_id=? AND due_at<?)"}
DESK = """MERGE (UNION)
LEFT
SEARCH task USING COVERING INDEX ix_task_person (state=? AND person_id=? AND purpose=?)
RIGHT
SEARCH task USING COVERING INDEX ix_task_post (state=? AND post_id=? AND purpose=?)"""
BY_DAY = "ORDER BY matter.due_at, matter.id"


@pytest.mark.parametrize("who", LATE)
def test_the_overdue_board_finds_what_is_late_by_its_day_and_counts_the_rest_in_indexes(bureau, enter, who):  # noqa: F811
    """Of a hundred thousand that lie open and are not late no row is read, nor of what lies on desks."""
    client = enter(getattr(bureau, who))
    badge, counted, by_days = asked_by(client, "/boards/overdue", ("SELECT (SELECT count", "UNION ALL", BY_DAY))
    by_ladder, = asked_by(client, "/boards/overdue?by=ladder", (BY_DAY,))
    for plan in (badge, by_days, by_ladder):
        assert [step for step in plan if re.match(r"\w+ matter\b", step)] == [f"SEARCH matter USING INDEX {LATE[who]}"]
    assert "\n".join(badge).count(DESK) == 2, "to act on, and to read"
    assert "SEARCH step USING INDEX sqlite_autoindex_step_1 (deadline_id=?) LEFT-JOIN" in by_ladder
    led = {step.split()[4] for step in counted if re.match(r"\w+ matter\b", step)}
    assert led == {"ix_matter_unit", "ix_matter_returned", "ix_matter_board", "ix_matter_closed_at"}
    assert all("(kind=? AND closed=?)" in step for step in counted if "ix_matter_board" in step)


@pytest.mark.parametrize("counted", [False, True])
def test_a_board_sorts_the_few_of_its_kind_and_walks_no_index_of_all(bureau, enter, archive, counted):  # noqa: F811
    if counted:  # by another tool
        with db.engine().begin() as connection:
            connection.exec_driver_sql("ANALYZE")
        db.engine().dispose()
    plan, = asked_by(enter(bureau.inspector), BOARD, ("matter.rulebook",))
    assert plan[0] == "SEARCH matter USING INDEX ix_matter_board (kind=? AND closed=?)"
    assert plan[-1] == "USE TEMP B-TREE FOR ORDER BY"
    assert "SEARCH task USING INDEX ix_task_signed_later (matter_id>?)" in plan


def asked_by(client, path, parts):
    """The plans of the page's statements that have these parts, one for each."""
    with statements() as asked:
        assert client.get(path).status_code == 200
    found = [[sql for sql in asked if part in sql] for part in parts]
    assert [len(each) for each in found] == [1] * len(parts), found
    return [plans(sql) for sql, in found]


def plans(sql):
    with db.engine().connect() as connection:
        given = tuple(1 for _ in re.findall(r"\?", sql))
        return [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)]


def walks(plan):
    """Whether a step reads every row of a table that grows for ever; the indexes of the few do not grow."""
    return re.match(r"SCAN (matter|task|deadline|step)\b(?!.*(ix_matter_unit|ix_matter_returned|ix_task_signed))",
                    plan)
