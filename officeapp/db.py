"""The database: one engine, sessions that read, and the only commit.

SQLite runs in WAL mode; every writing transaction begins IMMEDIATE, because
the default mode lets two read-modify-write requests lose an update.
"""

import json
import os
import select
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Engine,
    Executable,
    Index,
    MetaData,
    Result,
    TypeDecorator,
    bindparam,
    create_engine,
    event,
    false,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

Asked = TypeVar("Asked", bound=tuple)  # a NamedTuple

INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}  # those that know `on_conflict_…`


class Moment(TypeDecorator):
    """An aware UTC datetime; SQLite keeps it without the offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A naive datetime must not reach the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect) -> datetime | None:
        return moment(value)


def moment(value: datetime | str | None) -> datetime | None:
    """What the driver gives for a Moment, as one: for statements that leave it as it is."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at and (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Moment}


def index_of_some(name: str, those: str, *columns: str, unique: bool = False) -> Index:
    """An index of those rows alone, named in PostgreSQL's words; SQLite says IS 0 for IS false."""
    plain = text(those.replace("IS false", "IS 0"))
    return Index(name, *columns, unique=unique, sqlite_where=plain, postgresql_where=text(those))


STATEMENTS_KEPT = 300  # as composed, 43 kB each; what fifty people do all day needs 130

_engine: Engine | None = None
_glances: Engine | None = None  # the same pool, without transactions
# How many statements this thread has asked since somebody set it to 0: the log's `queries`.
statements: ContextVar[int] = ContextVar("statements", default=0)


def configure(url: str) -> Engine:
    """Bind the process to one database; a second call replaces the first."""
    global _engine, _glances
    if _engine is not None:
        _engine.dispose()
    # What was bound to a statement is somebody's data: no exception, and so no log, repeats it.
    _engine = create_engine(url, json_serializer=_readable_json, hide_parameters=True, query_cache_size=STATEMENTS_KEPT,
                            **_pool(url))
    event.listen(_engine, "before_cursor_execute", _count)
    if _engine.dialect.name == "sqlite":
        event.listen(_engine, "connect", _prepare_sqlite)
        event.listen(_engine, "begin", _begin_sqlite)
        _glances = None  # what is read in one transaction is of one moment there
    else:
        event.listen(_engine, "checkout", _still_there)
        _glances = _engine.execution_options(isolation_level="AUTOCOMMIT")
    return _engine


def engine() -> Engine:
    """The configured engine; RuntimeError before configure()."""
    if _engine is None:
        raise RuntimeError("db.configure(url) has not been called")
    return _engine


@contextmanager
def transaction() -> Iterator[Session]:
    """A writing transaction: commits at the end, rolls back on any exception."""
    session = Session(engine().execution_options(write=True), expire_on_commit=False)
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads; what it loads stays usable after it closes."""
    yield from _reading(engine())


@contextmanager
def glancing() -> Iterator[Session]:
    """A session for one page: as `reading`, but PostgreSQL begins and ends no transaction for it.

    Each statement sees what is committed when it is asked, which at READ COMMITTED it would inside one too. For
    few rows: a cursor that the server keeps needs a transaction.
    """
    yield from _reading(_glances or engine())


def _reading(bind: Engine) -> Iterator[Session]:
    session = Session(bind, expire_on_commit=False, autoflush=False)
    try:
        yield session
    finally:
        session.close()


class Blank(NamedTuple):
    """A place in a statement for one value or `several`, given each time it is asked."""

    name: str
    several: bool


def blank(asked: Asked, *names: str) -> tuple[Asked, dict[str, Any]]:
    """The same with blanks for the ids under these names, and what fills them in.

    A statement built for it serves everybody whose ids are as many: one for each person would be kept for each.
    """
    filled = {name: values for name in names if (values := getattr(asked, name))}
    blanks = {name: Blank(f"{type(asked).__name__}_{name}".lower(), len(values) > 1) for name, values in filled.items()}
    given = {place.name: list(filled[name]) if place.several else next(iter(filled[name]))
             for name, place in blanks.items()}
    return asked._replace(**blanks), given


def among(column: ColumnElement, values: Collection | Blank) -> ColumnElement[bool]:
    """column IN values, plainer for none and for one: an IN is written out anew at every execution."""
    if isinstance(values, Blank):
        given = bindparam(values.name, expanding=values.several)
        return column.in_(given) if values.several else column == given
    if len(values) < 2:
        return column == next(iter(values)) if values else false()
    return column.in_(values)


def rows(session: Session, query: Executable, **given: Any) -> Result:
    """Plain rows in the session's transaction, past the ORM: a small statement costs a third of its price."""
    if session.autoflush:
        session.flush()
    return session.connection().execute(query, given)


def tuples(session: Session, query: Executable, **given: Any) -> list[tuple]:
    """The same as the driver gives them, in no type of ours: hundreds of rows at half the price."""
    with session.connection().execute(query, given) as found:
        return found.cursor.fetchall()


def _pool(url: str) -> dict:
    if url.startswith("sqlite"):
        return {"pool_size": 20, "max_overflow": 20}
    # A server that is away must not hold a request for minutes.
    return {"pool_size": 5, "max_overflow": 15, "skip_autocommit_rollback": True,
            "connect_args": {"connect_timeout": 5}}


def _count(*_asked: object) -> None:
    statements.set(statements.get() + 1)


def _readable_json(value: object) -> str:
    # Escaped Chinese cannot be found again by SQLite's JSON operators.
    return json.dumps(value, ensure_ascii=False)


def _prepare_sqlite(connection, _record) -> None:
    connection.isolation_level = None
    # FULL: what was acknowledged outlives a power cut. Recursive triggers: REPLACE would pass by those that keep
    # history append-only.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000",
                   "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection) -> None:
    if connection.get_execution_options().get("write"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.connection.dbapi_connection.execute("BEGIN")  # cannot fail, and every page pays for it


def _still_there(connection, _record, _fairy) -> None:
    """A server that has gone has closed the line or said why: there is something to read. Asks nothing of it."""
    line = select.poll()
    line.register(connection, select.POLLIN)
    if line.poll(0):
        raise InvalidatePoolError("The server has closed the connection")


def _forget_parents_pool() -> None:
    if _engine is not None:
        _engine.dispose(close=False)


# A forked worker must never share its parent's connections.
os.register_at_fork(after_in_child=_forget_parents_pool)
