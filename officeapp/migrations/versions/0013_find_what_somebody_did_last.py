"""Find what somebody did last."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_task_done_by", "task")
    op.create_index("ix_task_done_by", "task", ["done_by", "matter_id"])
    op.create_index("ix_task_on_behalf_of", "task", ["on_behalf_of", "matter_id"])


def downgrade() -> None:
    op.drop_index("ix_task_on_behalf_of", "task")
    op.drop_index("ix_task_done_by", "task")
    op.create_index("ix_task_done_by", "task", ["done_by"])
