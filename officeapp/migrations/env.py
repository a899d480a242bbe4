"""Alembic's entry: runs on the connection that schema.upgrade() hands over."""

from alembic import context

from officeapp import schema
from officeapp.db import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
assert schema.TABLES, "every table's module must be imported before metadata is compared"  # nosec B101 # a slip of ours, not an input
with context.begin_transaction():
    context.run_migrations()
