"""Ten years of closed matters cost the daily pages nothing: no page walks through what is closed."""

import re

import pytest
from sqlalchemy import insert, select, text

from officeapp import db
from officeapp.matters import Matter, Task
from tests.test_boards import statements
from tests.test_moves_web import BOARD, enter, opened  # noqa: F401  (enter is a fixture)

CLOSED = 3000
PAGES = (BOARD, "/boards/overdue", "/done", "/started")


@pytest.fixture
def archive(bureau):
    """One open matter among thousands that are closed, and a planner that has counted them."""
    one = opened(bureau.drafter)
    with db.transaction() as session:
        model = dict(session.execute(select(Matter.__table__).where(Matter.id == one)).mappings().one())
        old = [model | {"id": one + n, "closed": True, "stage": "archived", "closed_at": model["opened_at"]}
               for n in range(1, CLOSED + 1)]
        session.execute(insert(Matter), old)
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
    return re.match(r"SCAN (matter|task|deadline|step)\b(?!.*(ix_matter_unit|ix_task_signed_later))", plan)
