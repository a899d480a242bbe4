"""Let a matter come from another, involve more units, and end on a day that its form names."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OWED = sa.text("period <> ''")


def upgrade() -> None:
    # Said in SQL: only so does SQLite take a reference without building the whole table anew.
    op.execute("ALTER TABLE matter ADD COLUMN parent_id INTEGER REFERENCES matter (id)")
    op.add_column("matter", sa.Column("period", sa.String(length=10), server_default=sa.text("''"), nullable=False))
    op.create_index("ix_matter_parent", "matter", ["parent_id", "kind", "period"], unique=True,
                    sqlite_where=OWED, postgresql_where=OWED)
    op.create_index("ix_matter_children", "matter", ["parent_id"])
    op.create_table(
        "matter_unit",
        sa.Column("matter_id", sa.Integer(), sa.ForeignKey("matter.id"), primary_key=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), primary_key=True),
    )
    op.create_index("ix_matter_unit_unit", "matter_unit", ["unit_id", "matter_id"])
    op.execute("ALTER TABLE task ADD COLUMN unit_id INTEGER REFERENCES unit (id)")
    op.add_column("deadline", sa.Column("asked_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("deadline", "asked_on")
    op.drop_column("task", "unit_id")
    op.drop_index("ix_matter_unit_unit", table_name="matter_unit")
    op.drop_table("matter_unit")
    op.drop_index("ix_matter_children", table_name="matter")
    op.drop_index("ix_matter_parent", table_name="matter")
    op.drop_column("matter", "period")
    op.drop_column("matter", "parent_id")
