"""How PostgreSQL is asked: pages without a transaction, changes within one, and never on a line that is cut."""

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import select, text

from officeapp import db
from officeapp.options import Option
from tests import databases

BACKEND = text("SELECT pg_backend_pid()")


@pytest.fixture
def postgresql() -> str:
    return databases.fresh_postgresql()


def status(session) -> TransactionStatus:
    return session.connection().connection.dbapi_connection.info.transaction_status


@pytest.mark.parametrize("way", [db.glancing, db.reading, db.transaction])
def test_a_connection_that_the_server_has_closed_is_replaced_before_it_is_asked(postgresql, way):
    with way() as session:
        old = session.scalar(BACKEND)
    with databases.away(postgresql):
        pass
    with way() as session:
        assert session.scalar(BACKEND) != old


def test_a_page_begins_no_transaction(postgresql):
    with db.glancing() as session:
        session.scalar(BACKEND)
        assert status(session) == TransactionStatus.IDLE
    with db.reading() as session:
        session.scalar(BACKEND)
        assert status(session) == TransactionStatus.INTRANS


def test_what_is_written_on_a_pages_connection_is_still_one_transaction(postgresql):
    with db.glancing() as session:
        page = session.scalar(BACKEND)
    with pytest.raises(ZeroDivisionError), db.transaction() as session:
        assert session.scalar(BACKEND) == page
        session.add(Option(key="soon_days", value=7))
        session.flush()
        raise ZeroDivisionError
    with db.glancing() as session:
        assert session.scalars(select(Option)).all() == []
