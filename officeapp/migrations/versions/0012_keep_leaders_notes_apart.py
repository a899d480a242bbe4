"""Keep leaders' own notes apart from matters."""

import sqlalchemy as sa
from alembic import op

from officeapp.db import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leader_note",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=True),
    )
    op.create_index("ix_leader_note_person", "leader_note", ["person_id", "noted_on"])


def downgrade() -> None:
    op.drop_table("leader_note")
