"""Show senders what was sent up for what they sent."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MATTER = sa.table("matter", sa.column("id"), sa.column("kind"), sa.column("unit_id"), sa.column("parent_id"),
                  sa.column("values", sa.JSON))
INVOLVED = sa.table("matter_unit", sa.column("matter_id"), sa.column("unit_id"))


def upgrade() -> None:
    """Documents opened before the senders of 联系单 and 群众事务 took part in them (LX-5)."""
    sent, document = MATTER.alias("sent"), MATTER.alias("document")
    query = sa.select(document.c.id, document.c.unit_id, sent.c["values"]).join(sent, sent.c.id == document.c.parent_id)
    found = op.get_bind().execute(query.where(
        sent.c.kind.in_(("liaison_slip", "public_matter")),
        document.c.kind.in_(("prompt_slip", "supervision_notice")),
        sa.not_(sa.exists().where(INVOLVED.c.matter_id == document.c.id)))).all()
    rows = [{"matter_id": key, "unit_id": values["from_unit"]} for key, unit, values in found
            if values.get("from_unit") not in (None, unit)]
    if rows:
        op.bulk_insert(INVOLVED, rows)


def downgrade() -> None:
    """They go on seeing it: nothing tells these rows from others."""
