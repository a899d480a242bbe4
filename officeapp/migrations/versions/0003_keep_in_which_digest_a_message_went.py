"""Keep in which digest a message went; find a page of messages by state."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("digest", sa.String(length=200), nullable=True))
    op.create_index("ix_message_page", "message", ["channel", "state", "id"])


def downgrade() -> None:
    op.drop_index("ix_message_page", table_name="message")
    op.drop_column("message", "digest")
