"""Let a reminder know its date."""

import sqlalchemy as sa
from alembic import op

from officeapp.db import Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Said in SQL: only so does SQLite take a reference without building the whole table anew.
    op.execute("ALTER TABLE message ADD COLUMN deadline_id INTEGER "
               "CONSTRAINT fk_message_deadline_id REFERENCES deadline (id)")
    op.add_column("message", sa.Column("due_at", Moment(), nullable=True))


def downgrade() -> None:
    op.drop_column("message", "due_at")
    op.drop_column("message", "deadline_id")
