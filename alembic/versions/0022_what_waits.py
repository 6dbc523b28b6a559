"""Indexes of what waits to be told, and of when something was told last"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0018"
branch_labels = None
depends_on = None

_UNTOLD = dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text("message_id IS NULL"))


def upgrade() -> None:
    op.create_index("ix_messages_told", "messages", ["watchlist_id", "key", "composed_at"])
    op.create_index("ix_notices_waiting", "notices", ["key", "match_id"], **_UNTOLD)
    op.create_index("ix_update_notices_waiting", "update_notices", ["key", "update_id"], **_UNTOLD)


def downgrade() -> None:
    op.drop_index("ix_update_notices_waiting", "update_notices")
    op.drop_index("ix_notices_waiting", "notices")
    op.drop_index("ix_messages_told", "messages")
