"""Leave closed matters out of small indexes."""

from alembic import op
from sqlalchemy import text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CHILDREN = text("parent_id IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_matter_unit", "matter")
    op.create_index("ix_matter_unit", "matter", ["unit_id"], sqlite_where=text("closed IS 0"),
                    postgresql_where=text("closed IS false"))
    op.drop_index("ix_matter_children", "matter")
    op.create_index("ix_matter_children", "matter", ["parent_id"], sqlite_where=CHILDREN, postgresql_where=CHILDREN)


def downgrade() -> None:
    op.drop_index("ix_matter_children", "matter")
    op.create_index("ix_matter_children", "matter", ["parent_id"])
    op.drop_index("ix_matter_unit", "matter")
    op.create_index("ix_matter_unit", "matter", ["unit_id", "closed"])
