"""What discovery found of a site, and what a section page showed before"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = (("sources", "found_kind"), ("sources", "remark"), ("entries", "language"))


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, sa.Column(column, sa.String(), nullable=True))
    op.add_column("entries", sa.Column("title_is_rough", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "section_memories",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_section_memories_source_id")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_section_memories")),
    )


def downgrade() -> None:
    op.drop_table("section_memories")
    for table, column in (*COLUMNS, ("entries", "title_is_rough")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
