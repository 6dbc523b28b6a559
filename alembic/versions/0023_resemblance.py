"""Why an article is related: how near it comes to what a watchlist means, and by which words"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("matches", sa.Column("resemblance", sa.JSON()))


def downgrade() -> None:
    op.drop_column("matches", "resemblance")
