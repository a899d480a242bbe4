"""The schema as a whole: every table known, append-only triggers, migrations run."""

import importlib  # a web process migrates nothing, and Alembic takes ten megabytes
from collections.abc import Collection
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, MetaData, inspect
from sqlalchemy.orm import Session

from officeapp import (
    admin_events,
    attachments,
    calendars,
    delegations,
    estimates,
    form_keys,
    grams,
    login_events,
    logins,
    matters,
    notebook,
    notices,
    numbers,
    options,
    outbox,
    password_requests,
    passwords,
    people,
    proposals,
    saved_filters,
    schedule,
    seals,
    second_factors,
    sittings,
    texts,
)
from officeapp.db import Base, engine

TABLES = (
    admin_events, attachments, calendars, delegations, form_keys, grams, login_events, logins, matters, notebook,
    notices, numbers, options, outbox, password_requests, passwords, people, proposals, saved_filters, schedule, seals,
    second_factors, sittings, texts,
)
VERSIONS = "alembic_version"
MIGRATIONS = Path(__file__).parent / "migrations"
APPEND_ONLY = ("event", "text_version", "admin_event", "login_event", "seal")


class UnknownMigration(Exception):
    """The database has been brought to a migration that this release does not know."""


def upgrade(revision: str = "head") -> None:
    """Bring the configured database to the newest migration, or to an earlier one (in tests). UnknownMigration."""
    command, settings, util = (importlib.import_module(f"alembic.{part}") for part in ("command", "config", "util"))
    config = settings.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine().begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except util.CommandError as fault:
            raise UnknownMigration from fault
        estimates.write(connection)


def revision(session: Session) -> str | None:
    """The migration that this database has; None before the first."""
    connection = session.connection()
    if not inspect(connection).has_table(VERSIONS):
        return None
    return connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalar()  # nosec B608 # a name of ours


@cache
def revisions() -> list[str]:
    """Every migration that this release knows, the newest first."""
    return sorted((path.stem[:4] for path in MIGRATIONS.glob("versions/[0-9]*.py")), reverse=True)


def standing(session: Session) -> str:
    """The database beside this release: "current", "behind" (prepare it), or "ahead" (a newer release prepared it)."""
    here = revision(session)
    if here == revisions()[0]:
        return "current"
    return "behind" if here is None or here in revisions() else "ahead"


def create_for_tests() -> None:
    """The same schema at once; a test proves that the migrations lead to it."""
    with engine().begin() as connection:
        Base.metadata.create_all(connection)
        forbid_rewriting(connection)
        grams.keep(connection)
        estimates.write(connection)


def forbid_rewriting(connection: Connection, tables: Collection[str] = APPEND_ONLY) -> None:
    """Triggers that refuse UPDATE and DELETE on the append-only tables (design.md §4)."""
    for table in tables:
        for statement in _TRIGGERS[connection.dialect.name](table):
            connection.exec_driver_sql(statement)


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def _postgresql(table: str) -> list[str]:
    return [
        f"CREATE OR REPLACE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()",
    ]


_TRIGGERS = {"sqlite": _sqlite, "postgresql": _postgresql}


def reset() -> None:
    """Drop everything and build it anew: demonstration and tests only."""
    with engine().begin() as connection:
        _drop_all(connection)
    upgrade()


def _drop_all(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)
