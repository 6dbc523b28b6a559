"""Messages that belong to no watchlist"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WITHOUT_WATCHLIST = sa.text("watchlist_id IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.alter_column("watchlist_id", existing_type=sa.String(), nullable=True)
    op.create_index(
        "uq_messages_without_watchlist",
        "messages",
        ["key", "slot"],
        unique=True,
        sqlite_where=WITHOUT_WATCHLIST,
        postgresql_where=WITHOUT_WATCHLIST,
    )


def downgrade() -> None:
    op.drop_index("uq_messages_without_watchlist", "messages")
    op.execute("DELETE FROM deliveries WHERE message_id IN (SELECT id FROM messages WHERE watchlist_id IS NULL)")
    op.execute("DELETE FROM messages WHERE watchlist_id IS NULL")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.alter_column("watchlist_id", existing_type=sa.String(), nullable=False)
