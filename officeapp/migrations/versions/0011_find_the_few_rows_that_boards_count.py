"""Find the few rows that boards count."""

from alembic import op
from sqlalchemy import text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OWED_LATER = text("task.state = 'open' AND task.purpose = 'sign_later'")
CYCLE_MET = text("deadline.scope = 'cycle' AND deadline.state = 'met'")


def upgrade() -> None:
    op.create_index("ix_task_signed_later", "task", ["matter_id"], sqlite_where=OWED_LATER, postgresql_where=OWED_LATER)
    op.create_index("ix_deadline_met", "deadline", ["met_at"], sqlite_where=CYCLE_MET, postgresql_where=CYCLE_MET)


def downgrade() -> None:
    op.drop_index("ix_deadline_met", "deadline")
    op.drop_index("ix_task_signed_later", "task")
