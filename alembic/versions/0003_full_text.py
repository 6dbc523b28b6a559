"""The full text that feeds carry"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # with a default the database adds them in place, however large the archive
    op.add_column("entries", sa.Column("content", sa.String(), server_default="", nullable=False))
    op.add_column("entries", sa.Column("full_text", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.drop_column("full_text")
        batch_op.drop_column("content")
