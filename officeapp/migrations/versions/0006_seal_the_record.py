"""Seal the record."""

import sqlalchemy as sa
from alembic import op

from officeapp.db import Moment
from officeapp.schema import forbid_rewriting

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seal",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("ends", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_seal")),
    )
    forbid_rewriting(op.get_bind(), ("seal",))


def downgrade() -> None:
    op.drop_table("seal")
