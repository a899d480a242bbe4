"""Matters by the million for tools.bench, copied from the told ones by the database itself.

Each has a short history: of its model's tasks, events, deadlines and steps the latest KEPT. Left out: versions of
texts, attachments, register lines and messages. Seals stay the model's, so `flask audit verify` would refuse them.
"""

from datetime import UTC, datetime, time
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select, text

from officeapp import clock, db, grams
from officeapp.db import Base
from officeapp.grams import Gram
from officeapp.matters import Deadline, Event, Matter, Step, Task

MODELS = 50  # archived matters to copy from
TURNS = 500  # copies of each model in one transaction
KEPT = 2  # rows of each sort that a copy keeps of its model's history
AGE = "30 + (t.n * 37 + m.owner * 11) % 3600"  # days that a copy is older than its model: ten years of work
AGED = {Matter: ("opened_at", "stage_at", "closed_at", "met_at", "met_due"),
        Task: ("opened_at", "done_at"), Event: ("at",),
        Deadline: ("start", "due_at", "original_due_at", "met_at"), Step: ("fire_at", "settled_at")}
PAST = {Step: " WHERE x.state <> 'pending'"}  # a copy reminds nobody
OLDER = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f000', {0}, (-({1})) || ' days')",
         "postgresql": "{0} - ({1}) * interval '1 day'"}
MOMENT = {"sqlite": "'{:%Y-%m-%d %H:%M:%S}'", "postgresql": "timestamptz '{:%Y-%m-%d %H:%M:%S}+00'"}


class Sort(NamedTuple):
    """Which matters are copied, how many days older the copies are, and how many days ago they were due."""

    models: str = "closed"
    age: str = AGE
    due: str = ""


OPEN = "NOT closed AND due_at IS NOT NULL"
LATE = Sort(OPEN, "0", "1 + (t.n * 7 + m.owner) % 20")
RUNNING = Sort(OPEN, "0", "-3 - (t.n * 7 + m.owner) % 60")


def grow(total: int, sort: Sort = Sort()) -> None:
    """Copy matters, archived ones by default, until there are `total` in all."""
    with db.engine().connect() as connection:
        _unchecked(connection)
        with connection.begin():
            missing = total - connection.scalar(select(func.count()).select_from(Matter))
            counts = {kind: _choose(connection, kind, sort) for kind in AGED}
        while missing > 0:
            with connection.begin():
                _write(connection, counts, missing, sort)
            missing -= TURNS * counts[Matter]
        with connection.begin():
            if connection.dialect.name == "postgresql":  # whose triggers were asleep, and which counts by itself
                connection.execute(delete(Gram))
                grams.fill(connection)
                connection.execute(text("ANALYZE"))
        connection.invalidate()  # with its settings


def _unchecked(connection: Connection) -> None:
    """Copies of what passed every check need none, and no survival of a power cut."""
    if connection.dialect.name == "postgresql":
        with connection.begin():
            connection.execute(text("SET session_replication_role = replica"))
    else:
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-400000"):
            connection.connection.dbapi_connection.execute(f"PRAGMA {pragma}")


def _choose(connection: Connection, kind: type[Base], sort: Sort) -> int:
    """Number the rows to copy of one table, with the place of the matter that they belong to; how many there are."""
    name, run = kind.__tablename__, lambda sql: connection.execute(text(sql))
    if kind is Matter:
        run("DROP TABLE IF EXISTS bench_turn")
        run("CREATE TEMPORARY TABLE bench_turn AS WITH RECURSIVE c(n) AS "  # nosec B608 # names of our own tables
            f"(SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < {TURNS - 1}) SELECT n FROM c")
        chosen = (f"SELECT id, id AS mine, 1 AS nth FROM matter WHERE {sort.models} AND period = '' "  # nosec B608 # names of our own tables
                  f"ORDER BY id LIMIT {MODELS}")
    else:
        chosen = (f"SELECT x.id, m.owner AS mine, row_number() OVER (PARTITION BY x.matter_id ORDER BY x.id DESC) "  # nosec B608 # names of our own tables
                  f"AS nth FROM {name} x JOIN bench_matter m ON m.id = x.matter_id{PAST.get(kind, '')}")
    owner = "row_number() OVER (ORDER BY id) - 1" if kind is Matter else "mine"
    run(f"DROP TABLE IF EXISTS bench_{name}")
    run(f"CREATE TEMPORARY TABLE bench_{name} AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, "  # nosec B608 # names of our own tables
        f"{owner} AS owner FROM ({chosen}) AS chosen WHERE nth <= {KEPT}")
    return run(f"SELECT count(*) FROM bench_{name}").scalar()  # nosec B608 # names of our own tables


def _write(connection: Connection, counts: dict[type[Base], int], missing: int, sort: Sort) -> None:
    """A turn of every chosen row, up to the number of matters that are missing."""
    first = {kind: connection.scalar(select(func.coalesce(func.max(kind.id), 0))) + 1 for kind in AGED}
    owner = f"{first[Matter]} + t.n * {counts[Matter]} + m.owner"
    for kind in AGED:
        said = {"id": f"{first[kind]} + t.n * {counts[kind]} + m.place", "matter_id": owner}
        if kind is Matter:
            said |= {"number": "''", "title": "x.title || '（' || (" + owner + ") || '）'"}
        if kind is Step:
            said |= {"deadline_id": f"{first[Deadline]} + t.n * {counts[Deadline]} + d.place"}
        if sort.due and kind in (Matter, Deadline):
            midnight = datetime.combine(clock.today(), time(), clock.ZONE).astimezone(UTC)
            said |= {"due_at": _older(connection, MOMENT[connection.dialect.name].format(midnight), sort.due)}
        said |= {name: _older(connection, f"x.{name}", sort.age) for name in AGED[kind] if name not in said}
        _copy(connection, kind, said, f"t.n * {counts[Matter]} + m.owner < {missing}")


def _older(connection: Connection, moment: str, days: str) -> str:
    return OLDER[connection.dialect.name].format(moment, days)


def _copy(connection: Connection, kind: type[Base], said: dict[str, str], wanted: str) -> None:
    name, columns = kind.__tablename__, [column.name for column in kind.__table__.columns]
    values = [said.get(c, f'x."{c}"') for c in columns]
    deadline = "JOIN bench_deadline d ON d.id = x.deadline_id" if kind is Step else ""
    connection.exec_driver_sql(
        f"INSERT INTO {name} ({', '.join(chr(34) + c + chr(34) for c in columns)}) SELECT {', '.join(values)} "  # nosec B608 # names of our own tables
        f"FROM bench_{name} m JOIN {name} x ON x.id = m.id {deadline} CROSS JOIN bench_turn t WHERE {wanted}".replace(
            "%", "%%" if connection.dialect.name == "postgresql" else "%"))
    after_copies(connection, kind)


def after_copies(connection: Connection, kind: type[Base]) -> None:
    """PostgreSQL counts on from the ids that were given by hand."""
    name = kind.__tablename__
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"))  # nosec B608 # names of our own tables
