"""Sections of articles, categories of entries"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = {"articles": "sections", "entries": "categories"}


def upgrade() -> None:
    for table, column in COLUMNS.items():
        # with a default the database adds it in place, however large the archive; what is stored reads as empty
        op.add_column(table, sa.Column(column, sa.JSON(), server_default=sa.text("'[]'"), nullable=False))


def downgrade() -> None:
    for table, column in COLUMNS.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
