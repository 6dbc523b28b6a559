"""Destinations that do not take what is sent, alerts that are held, mutes, and what messages are called"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("kind", sa.String(), server_default="", nullable=False))
    op.add_column("messages", sa.Column("subject", sa.String(), server_default="", nullable=False))
    op.create_index("ix_deliveries_to", "deliveries", ["channel", "recipient", "state"])
    op.create_table(
        "circuits",
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("destination", "recipient", name=op.f("pk_circuits")),
    )
    op.create_table(
        "holds",
        sa.Column("watchlist_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["watchlist_id"], ["watchlists.id"], name=op.f("fk_holds_watchlist_id")),
        sa.PrimaryKeyConstraint("watchlist_id", "key", name=op.f("pk_holds")),
    )
    op.create_table(
        "mutes",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("kind", "target", name=op.f("pk_mutes")),
    )


def downgrade() -> None:
    op.drop_table("mutes")
    op.drop_table("holds")
    op.drop_table("circuits")
    op.drop_index("ix_deliveries_to", "deliveries")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("subject")
        batch_op.drop_column("kind")
