"""Keep what somebody often asks."""

import sqlalchemy as sa
from alembic import op

from officeapp.db import Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("page", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("query", sa.String(length=300), nullable=False),
        sa.Column("saved_at", Moment(), nullable=False),
        sa.UniqueConstraint("person_id", "page", "name"),
    )


def downgrade() -> None:
    op.drop_table("saved_filter")
