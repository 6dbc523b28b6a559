"""Fingerprints of bodies, re-visits of articles, and what articles were before they were edited"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("fingerprint", sa.String()))
    op.create_index(op.f("ix_articles_fingerprint"), "articles", ["fingerprint"])
    op.create_table(
        "revisits",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String()),
        sa.Column("last_modified", sa.String()),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("claimed_by", sa.String()),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_revisits_article_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_revisits_source_id")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_revisits")),
    )
    op.create_index(op.f("ix_revisits_due_at"), "revisits", ["due_at"])
    op.create_index(op.f("ix_revisits_source_id_claimed_until"), "revisits", ["source_id", "claimed_until"])
    op.create_table(
        "versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("lead", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_versions_article_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
    )
    op.create_index(op.f("ix_versions_article_id"), "versions", ["article_id"])
    op.create_index(op.f("ix_versions_seen_at"), "versions", ["seen_at"])


def downgrade() -> None:
    op.drop_table("versions")
    op.drop_table("revisits")
    op.drop_index(op.f("ix_articles_fingerprint"), "articles")
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.drop_column("fingerprint")
