"""For how large SQLite takes the tables: those of a bureau after ten years, whatever is in them.

Who never counts them (ANALYZE) gets plans for no table in particular: five thousand overdue matters by ladder took
1.3 s of 6,000 in all, by walking every step for each. Who counts gets plans for what was there that day. These figures
are the same everywhere, so every plan is, and the tests read the very ones of the house. PostgreSQL counts by itself.
"""

from sqlalchemy import Connection, column, delete, insert, table

# By index: how many rows it has, and how many share its first column, its first two, and so on. Where the average
# would hide that only the open few are ever asked for (kind and closed, state), it is theirs.
ROWS = {
    "matter": {
        "ix_matter_board": "1100000 120000 8000 800 20 1", "ix_matter_due": "100000 1100 130 130 60",
        "ix_matter_unit": "100000 9000 130 130 60", "ix_matter_returned": "8000 1600 1600 1300",
        "ix_matter_closed_at": "1000000 40 40 40 40 40 40 40", "ix_matter_drafter_id": "1100000 20000",
        "ix_matter_parent": "20000 12 12 1", "ix_matter_month": "3000 3000 250 1", "ix_matter_children": "50000 3",
    },
    "task": {
        "ix_task_person": "2200000 200000 500 500 1", "ix_task_post": "2200000 200000 500 500 1",
        "ix_task_matter": "2200000 2 2", "ix_task_done_by": "2200000 40000 2",
        "ix_task_on_behalf_of": "2200000 150000 2", "ix_task_signed_later": "100 1",
    },
    "deadline": {"ix_deadline_matter": "2000000 2 2"},
    "step": {
        "ix_step_due": "2000000 200000 200", "ix_step_matter": "2000000 2 2",
        "sqlite_autoindex_step_1": "2000000 2 1 1 1",
    },
    "event": {
        "ix_event_actor": "5000000 80000 5", "ix_event_kind": "5000000 500000 1",
        "sqlite_autoindex_event_1": "5000000 5 1",
    },
    "matter_unit": {"ix_matter_unit_unit": "200000 10000 1", "sqlite_autoindex_matter_unit_1": "200000 2 1"},
}


_PLANNERS = table("sqlite_stat1", column("tbl"), column("idx"), column("stat"))


def write(connection: Connection) -> None:
    """Put them in the place of whatever was counted. Who connects from now on plans by them."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("ANALYZE sqlite_master")  # makes the table, and counts nothing
        connection.execute(delete(_PLANNERS))
        connection.execute(insert(_PLANNERS), [{"tbl": name, "idx": index, "stat": rows}
                                               for name, indexes in ROWS.items() for index, rows in indexes.items()])
        connection.exec_driver_sql("ANALYZE sqlite_master")  # reads it
