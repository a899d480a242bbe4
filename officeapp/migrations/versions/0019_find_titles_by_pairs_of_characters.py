"""Find titles by pairs of characters."""

import sqlalchemy as sa
from alembic import op

from officeapp import grams

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("matter_gram", sa.Column("gram", sa.String(2), primary_key=True),
                    sa.Column("matter_id", sa.Integer, primary_key=True, autoincrement=False),
                    sqlite_with_rowid=False)
    grams.keep(op.get_bind())
    grams.fill(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER matter_gram_kept ON matter")
        op.execute("DROP FUNCTION keep_matter_gram, pairs_in")
    else:
        op.execute("DROP TRIGGER matter_gram_new")
        op.execute("DROP TRIGGER matter_gram_renamed")
    op.drop_table("matter_gram")
