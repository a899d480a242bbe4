"""Keep what administrators do, passwords spent and wrong tries."""

import sqlalchemy as sa
from alembic import op

from officeapp.db import Moment
from officeapp.schema import forbid_rewriting

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("must_change", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "admin_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=30), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("whom", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_admin_event_actor_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_admin_event_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_event")),
    )
    op.create_table(
        "spent_password",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_spent_password_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent_password")),
    )
    op.create_index(op.f("ix_spent_password_person_id"), "spent_password", ["person_id"])
    op.create_table(
        "wrong_try",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("locked_until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_wrong_try")),
    )
    forbid_rewriting(op.get_bind(), ("admin_event",))


def downgrade() -> None:
    op.drop_table("wrong_try")
    op.drop_index(op.f("ix_spent_password_person_id"), table_name="spent_password")
    op.drop_table("spent_password")
    op.drop_table("admin_event")
    op.drop_column("person", "must_change")
