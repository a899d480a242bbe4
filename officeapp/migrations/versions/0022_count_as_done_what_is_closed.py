"""Count as done what is closed, in one index."""

from alembic import op
from sqlalchemy import text

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CLOSED = {"sqlite_where": text("closed_at IS NOT NULL"), "postgresql_where": text("closed_at IS NOT NULL")}
MET = {"sqlite_where": text("met_at IS NOT NULL"), "postgresql_where": text("met_at IS NOT NULL")}


def upgrade() -> None:
    op.drop_index("ix_matter_met", "matter")
    op.drop_index("ix_matter_closed_at", "matter")
    op.create_index("ix_matter_closed_at", "matter",
                    ["closed_at", "unit_id", "kind", "grade", "stage", "met_at", "met_due"], **CLOSED)


def downgrade() -> None:
    op.drop_index("ix_matter_closed_at", "matter")
    op.create_index("ix_matter_closed_at", "matter", ["closed_at"], **CLOSED)
    op.create_index("ix_matter_met", "matter", ["met_at", "unit_id", "kind", "grade", "met_due"], **MET)
