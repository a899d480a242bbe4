"""Count matters in indexes alone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from officeapp.db import Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

CYCLE_MET = text("deadline.scope = 'cycle' AND deadline.state = 'met'")
OPEN = {"sqlite_where": text("closed IS 0"), "postgresql_where": text("closed IS false")}
RETURNED = {"sqlite_where": text("closed IS 0 AND matter.returned_from <> ''"),
            "postgresql_where": text("closed IS false AND matter.returned_from <> ''")}
CLOSED = {"sqlite_where": text("closed_at IS NOT NULL"), "postgresql_where": text("closed_at IS NOT NULL")}
MET = {"sqlite_where": text("met_at IS NOT NULL"), "postgresql_where": text("met_at IS NOT NULL")}
# What the last met limit of the whole course says, in the names of our own two columns.
FINISHED = """
UPDATE matter SET
    met_at = (SELECT max(met_at) FROM deadline WHERE matter_id = matter.id AND scope = 'cycle' AND state = 'met'),
    met_due = (SELECT max(due_at) FROM deadline WHERE matter_id = matter.id AND scope = 'cycle' AND state = 'met')
"""


def upgrade() -> None:
    for name in ("met_at", "met_due"):
        op.add_column("matter", sa.Column(name, Moment(), nullable=True))
    op.execute(FINISHED)
    op.drop_index("ix_deadline_met", "deadline")
    op.drop_index("ix_matter_unit", "matter")
    op.create_index("ix_matter_unit", "matter", ["unit_id", "kind", "grade", "due_at"], **OPEN)
    op.create_index("ix_matter_returned", "matter", ["unit_id", "kind", "grade"], **RETURNED)
    op.create_index("ix_matter_closed_at", "matter", ["closed_at"], **CLOSED)
    op.create_index("ix_matter_met", "matter", ["met_at", "unit_id", "kind", "grade", "met_due"], **MET)


def downgrade() -> None:
    for name in ("ix_matter_met", "ix_matter_closed_at", "ix_matter_returned", "ix_matter_unit"):
        op.drop_index(name, "matter")
    op.create_index("ix_matter_unit", "matter", ["unit_id"], **OPEN)
    op.create_index("ix_deadline_met", "deadline", ["met_at"], sqlite_where=CYCLE_MET, postgresql_where=CYCLE_MET)
    for name in ("met_due", "met_at"):
        op.drop_column("matter", name)
