"""Count desks and what is late in indexes alone."""

from alembic import op
from sqlalchemy import text

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OPEN = {"sqlite_where": text("closed IS 0"), "postgresql_where": text("closed IS false")}
HOLDERS = ("person", "post")


def upgrade() -> None:
    for name in ("ix_matter_due", "ix_matter_unit"):
        op.drop_index(name, "matter")
    op.create_index("ix_matter_due", "matter", ["due_at", "unit_id", "kind", "grade"], **OPEN)
    op.create_index("ix_matter_unit", "matter", ["unit_id", "due_at", "kind", "grade"], **OPEN)
    for holder in HOLDERS:
        op.drop_index(f"ix_task_{holder}", "task")
        op.create_index(f"ix_task_{holder}", "task", ["state", f"{holder}_id", "purpose", "matter_id"])


def downgrade() -> None:
    for holder in HOLDERS:
        op.drop_index(f"ix_task_{holder}", "task")
        op.create_index(f"ix_task_{holder}", "task", ["state", f"{holder}_id"])
    for name in ("ix_matter_due", "ix_matter_unit"):
        op.drop_index(name, "matter")
    op.create_index("ix_matter_unit", "matter", ["unit_id", "kind", "grade", "due_at"], **OPEN)
    op.create_index("ix_matter_due", "matter", ["closed", "due_at"])
