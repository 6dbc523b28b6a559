"""Edits that change what is told of a match"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("matches", sa.Column("lost_at", sa.DateTime(timezone=True)))
    with op.batch_alter_table("unread", schema=None) as batch_op:
        batch_op.add_column(sa.Column("since_version", sa.Integer()))
        batch_op.create_foreign_key(op.f("fk_unread_since_version"), "versions", ["since_version"], ["id"])
    op.create_table(
        "updates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("diffs", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_updates_version_id")),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_updates_match_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_updates")),
        sa.UniqueConstraint("version_id", "match_id", "kind", name=op.f("uq_updates_version_id_match_id_kind")),
    )
    op.create_index(op.f("ix_updates_match_id"), "updates", ["match_id"])
    op.create_table(
        "update_notices",
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("message_id", sa.Integer()),
        sa.ForeignKeyConstraint(["update_id"], ["updates.id"], name=op.f("fk_update_notices_update_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_update_notices_message_id")),
        sa.PrimaryKeyConstraint("update_id", "key", name=op.f("pk_update_notices")),
    )
    op.create_index("ix_update_notices_untold", "update_notices", ["key", "message_id"])


def downgrade() -> None:
    op.drop_table("update_notices")
    op.drop_table("updates")
    with op.batch_alter_table("unread", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_unread_since_version"), type_="foreignkey")
        batch_op.drop_column("since_version")
    op.drop_column("matches", "lost_at")
