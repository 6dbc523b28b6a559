"""What the page of an article that is watched for edits calls it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("revisits", sa.Column("headline", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("revisits", "headline")
