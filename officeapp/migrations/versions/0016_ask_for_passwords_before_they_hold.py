"""Ask for passwords before they hold."""

import secrets

import sqlalchemy as sa
from alembic import op
from argon2 import PasswordHasher

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Whoever came in by a directory or a provider before has no password of ours, and goes on: the account is open.
# The password behind the hash is thrown away.
OPEN = sa.text("UPDATE person SET password_hash = :unknown WHERE password_hash = '' AND EXISTS "
               "(SELECT 1 FROM login_event WHERE login_event.person_id = person.id AND login_event.what = 'entered')")


def upgrade() -> None:
    op.create_table(
        "password_request",
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("front", sa.String(200), nullable=False),
        sa.Column("asked_by", sa.Integer(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.get_bind().execute(OPEN, {"unknown": PasswordHasher().hash(secrets.token_urlsafe())})


def downgrade() -> None:
    op.drop_table("password_request")
