"""Open one a unit and month of what the calendar opens."""

from alembic import op
from sqlalchemy import text

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BY_CALENDAR = text("parent_id IS NULL AND period <> ''")


def upgrade() -> None:
    op.create_index("ix_matter_month", "matter", ["kind", "unit_id", "period"], unique=True,
                    sqlite_where=BY_CALENDAR, postgresql_where=BY_CALENDAR)


def downgrade() -> None:
    op.drop_index("ix_matter_month", "matter")
