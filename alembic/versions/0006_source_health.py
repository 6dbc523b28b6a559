"""How sources publish and how they are doing"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def columns() -> list[sa.Column[Any]]:
    # with defaults the database adds them in place, however many sources there are
    return [
        sa.Column("full_read_at", sa.DateTime(timezone=True)),
        sa.Column("always_whole", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_new_at", sa.DateTime(timezone=True)),
        sa.Column("moved_to", sa.String()),
        sa.Column("moved_seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("hard_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("good_reads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kind", sa.String()),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.Column("rhythm", sa.JSON()),
        sa.Column("bodies", sa.JSON()),
        sa.Column("state", sa.String(), server_default="ok", nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True)),
        sa.Column("state_why", sa.String()),
        sa.Column("told_state", sa.String(), server_default="ok", nullable=False),
    ]


def upgrade() -> None:
    for column in columns():
        op.add_column("sources", column)
    op.drop_index("ix_sources_next_check_at", "sources")
    op.create_index("ix_sources_due", "sources", ["active", "gone_at", "next_check_at"])
    op.create_table(
        "source_days",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("reads", "unmodified", "failed", "entries", "new", "stored", "bodies")
        ),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_source_days_source_id")),
        sa.PrimaryKeyConstraint("source_id", "day", name=op.f("pk_source_days")),
    )
    op.create_index(op.f("ix_source_days_day"), "source_days", ["day"])


def downgrade() -> None:
    op.drop_table("source_days")
    op.drop_index("ix_sources_due", "sources")
    op.create_index("ix_sources_next_check_at", "sources", ["next_check_at"])
    with op.batch_alter_table("sources", schema=None) as batch_op:
        for column in columns():
            batch_op.drop_column(column.name)
