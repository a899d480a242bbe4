"""Ten years of closed matters cost the daily pages nothing: no page walks through what is closed."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from officeapp import db
from officeapp.matters import Deadline, Matter, Step, Task
from tests.test_boards import statements
from tests.test_moves_web import BOARD, enter, opened  # noqa: F401  (enter is a fixture)

CLOSED = 3000
PAGES = (BOARD, "/boards/overdue", "/boards/overdue?by=ladder", "/boards/overdue/matters?figure=met", "/done",
         "/started")


@pytest.fixture
def archive(bureau):
    """One open matter among thousands that are closed, and a planner that has counted them."""
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
        session.execute(text("ANALYZE"))
    db.engine().dispose()  # who connects now knows the counts
    return one


@pytest.mark.parametrize("who", ["clerk", "drafter"])
def test_no_daily_page_walks_through_closed_matters(bureau, enter, archive, who):  # noqa: F811
    client = enter(getattr(bureau, who))
    for path in (*PAGES, f"/matters/{archive}"):
        with statements() as asked:
            assert client.get(path).status_code == 200
        walked = [(sql, plan) for sql in set(asked) if sql.startswith("SELECT") for plan in plans(sql) if walks(plan)]
        assert walked == [], path


def plans(sql):
    with db.engine().connect() as connection:
        given = tuple(1 for _ in re.findall(r"\?", sql))
        return [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)]


def walks(plan):
    """Whether a step reads every row of a table that grows for ever; the indexes of the few do not grow."""
    return re.match(r"SCAN (matter|task|deadline|step)\b(?!.*(ix_matter_unit|ix_matter_returned|ix_task_signed))",
                    plan)
