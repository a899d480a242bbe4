"""Let one stand in for another for a time (授权代办)."""

import sqlalchemy as sa
from alembic import op

from officeapp.db import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
PEOPLE = ("principal_id", "delegate_id", "created_by", "ended_by")


def upgrade() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        *(sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_delegation_{name}")) for name in PEOPLE),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index("ix_delegation_delegate", "delegation", ["delegate_id", "ends_at"])
    op.create_index("ix_delegation_principal", "delegation", ["principal_id", "ends_at"])


def downgrade() -> None:
    op.drop_table("delegation")
