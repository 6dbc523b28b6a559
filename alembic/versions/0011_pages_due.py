"""When the pages of a source that wait are to be tried"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("pages_due_at", sa.DateTime(timezone=True)))
    op.create_index("ix_sources_pages_due", "sources", ["active", "pages_due_at"])


def downgrade() -> None:
    op.drop_index("ix_sources_pages_due", "sources")
    op.drop_column("sources", "pages_due_at")
