"""How long a delivery is tried, which dead letters were told of, what was replayed, and an index of what waits"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

QUEUED = sa.text("state = 'queued'")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("give_up_at", sa.DateTime(timezone=True)))
    op.add_column("deliveries", sa.Column("noticed_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["state", "channel", "recipient", "next_try_at"],
        sqlite_where=QUEUED,
        postgresql_where=QUEUED,
    )
    op.create_table(
        "replays",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_replays_message_id")),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_replays_match_id")),
        sa.PrimaryKeyConstraint("message_id", "match_id", name=op.f("pk_replays")),
    )
    op.create_index(op.f("ix_replays_match_id"), "replays", ["match_id"])


def downgrade() -> None:
    op.drop_table("replays")
    op.drop_index("ix_deliveries_waiting", "deliveries")
    op.execute("UPDATE deliveries SET state = 'dead' WHERE state = 'dropped'")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_column("noticed_at")
        batch_op.drop_column("give_up_at")
