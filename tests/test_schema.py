"""The migrations lead where the tables' declarations say; history cannot be rewritten (design.md §4)."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from officeapp import admin_events, db, entrance, estimates, login_events, schema, seals
from officeapp.db import Base
from officeapp.login_events import Whence, Whose
from tests import conftest, databases
from tests.procedures.walking import Walk


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """A database without a table."""
    if request.param == "sqlite":
        db.configure(f"sqlite:///{tmp_path / 'migrated.db'}")
    else:
        databases.fresh_postgresql()
        with db.engine().begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")


@pytest.fixture
def migrated(empty):
    """An empty database brought up by the migrations alone."""
    schema.upgrade()
    return db.engine()


@pytest.fixture
def told(either_database, now):
    """A database with one matter's event and text in it, and one thing that an administrator did."""
    Walk("lucheng-2019", conftest.seeded().drafter, now)
    with db.transaction() as session:
        admin_events.record(session, None, "password_reset", "林晓", now=now)
        login_events.record(session, "refused", Whose(None, ""), Whence("10.0.0.1", "Chrome"), now=now)
        seals.affix(session, now + seals.SETTLED)


def test_the_migrations_lead_to_the_declared_tables(migrated):
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, Base.metadata)
    assert differences == [], "Write the next migration: the tables declare what no migration makes."


def test_the_migrations_make_the_same_triggers_as_the_tests_use(migrated, tmp_path):
    made = triggers(migrated)
    plain = db.configure(f"sqlite:///{tmp_path / 'plain.db'}") if migrated.dialect.name == "sqlite" else None
    if plain is None:
        databases.fresh_postgresql()
    else:
        schema.create_for_tests()
    assert made == triggers(db.engine()) and len(made) >= len(schema.APPEND_ONLY)


def triggers(engine):
    names = {"sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
             "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"}
    with create_engine(engine.url).connect() as connection:
        return set(connection.scalars(text(names[engine.dialect.name])))


def test_running_the_migrations_again_changes_nothing(migrated):
    before = set(inspect(migrated).get_table_names())
    schema.upgrade()
    assert set(inspect(migrated).get_table_names()) == before == {*Base.metadata.tables, "alembic_version"}


def test_sqlite_plans_by_the_houses_estimates_whatever_was_counted(tmp_path):
    """Else a bureau's plans were those of the day on which somebody counted, or of none."""
    db.configure(f"sqlite:///{tmp_path / 'migrated.db'}")
    schema.upgrade()
    told = estimated()
    assert {(table, index) for table, index, _ in told} == {
        (table, index) for table in estimates.ROWS for index in indexes_of(table)}
    with db.engine().begin() as connection:
        connection.exec_driver_sql("INSERT INTO unit (id, name, short, kind, relation, position, active) "
                                   "VALUES (1, '办公室', '', 'section', '', 0, true)")
        connection.exec_driver_sql("ANALYZE")
    assert estimated() != told
    schema.upgrade()
    assert estimated() == told


def estimated():
    with db.engine().connect() as connection:
        return {tuple(row) for row in connection.exec_driver_sql("SELECT tbl, idx, stat FROM sqlite_stat1")}


def indexes_of(table):
    with db.engine().connect() as connection:
        return [row[1] for row in connection.exec_driver_sql(f"PRAGMA index_list({table})")]


def test_people_of_an_earlier_version_are_kept_and_keep_their_passwords(empty):
    schema.upgrade("0001")
    with db.engine().begin() as connection:
        connection.execute(text("INSERT INTO unit (id, name, short, kind, relation, position, active) "
                                "VALUES (1, '办公室', '', 'section', '', 0, true)"))
        connection.execute(text(
            "INSERT INTO person (id, account, name, unit_id, position, email, phone, password_hash, active, "
            "session_nonce, phrases) VALUES (1, 'linxiao', '林晓', 1, 0, '', '', 'h', true, '', '')"))
    schema.upgrade()
    with db.reading() as session:
        person = session.get(schema.people.Person, 1)
    assert (person.name, person.password_hash, person.must_change) == ("林晓", "h", False)


def test_whoever_came_in_by_a_directory_before_goes_on_and_who_never_did_waits_for_two(empty):
    """An account without a password of ours opens to nobody since 0016; people at work must not notice."""
    schema.upgrade("0015")
    with db.engine().begin() as connection:
        connection.execute(text("INSERT INTO unit (id, name, short, kind, relation, position, active) "
                                "VALUES (1, '办公室', '', 'section', '', 0, true)"))
        for n, account in enumerate(("linxiao", "xinren"), start=1):
            connection.execute(text(
                "INSERT INTO person (id, account, name, unit_id, position, email, phone, password_hash, active, "
                f"phrases) VALUES ({n}, '{account}', '{account}', 1, 0, '', '', '', true, '')"))
        connection.execute(text(
            "INSERT INTO login_event (person_id, name, what, way, address, browser, note, at, hash, previous) "
            "VALUES (1, '林晓', 'entered', 'ldap', '', '', '', '2026-11-02 01:00:00', 'h', '')"))
    schema.upgrade()
    with db.reading() as session:
        known = [entrance.recognised(session, account, administrators=False) for account in ("linxiao", "xinren")]
    assert known[0].id == 1 and known[1] is None


def test_a_reset_builds_the_whole_schema_anew(migrated):
    conftest.seeded()
    schema.reset()
    with db.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM person")) == 0


@pytest.mark.parametrize("table", schema.APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = '2020-01-01'", "DELETE FROM {}"])
def test_the_database_refuses_to_rewrite_history(told, table, statement):
    refused(table, statement.format(table))


@pytest.mark.parametrize("table", schema.APPEND_ONLY)
def test_history_cannot_be_emptied_or_written_over_either(told, table):
    """TRUNCATE is PostgreSQL's way round a row's triggers, REPLACE is SQLite's."""
    postgresql = db.engine().dialect.name == "postgresql"
    refused(table, f"TRUNCATE {table} CASCADE" if postgresql else f"REPLACE INTO {table} SELECT * FROM {table}")


def refused(table, statement):
    with pytest.raises(DBAPIError, match="append-only"), db.engine().begin() as connection:
        connection.execute(text(statement))
    with db.reading() as session:
        assert session.scalar(text(f"SELECT count(*) FROM {table} WHERE at > '2026-01-01'")) == 1


def test_what_was_acknowledged_outlives_a_power_cut_on_sqlite_too(database):
    with db.reading() as session:
        assert session.scalar(text("PRAGMA synchronous")) == 2, "FULL: every commit is on the disk before its answer"


def test_time_is_kept_as_aware_UTC(told, now):
    with db.reading() as session:
        [event] = schema.matters.history(session, 1)
    assert event.at == now and event.at.utcoffset().total_seconds() == 0
