"""The monitors' tables: subscriptions, stories, matches, notices, updates, messages and deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crawler.store.tables import Base, Claimed

_WITHOUT_WATCHLIST: Any = dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text("watchlist_id IS NULL"))


class WatchlistRow(Base):
    """A watchlist that was in force at some time, and whether the archive was already read for it."""

    __tablename__ = "watchlists"

    id: Mapped[str] = mapped_column(primary_key=True)
    loaded_at: Mapped[datetime]
    archive_read_at: Mapped[datetime | None]


class SubscriptionRow(Base):
    """A delivery rule of a watchlist since it was first in force; its first slot comes after that."""

    __tablename__ = "subscriptions"

    watchlist_id: Mapped[str] = mapped_column(sa.ForeignKey("watchlists.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    """DeliveryRule.key."""
    since: Mapped[datetime]


class StoryArticleRow(Base):
    """Where an article belongs: written when it was placed, in the order of `id`, and never moved."""

    __tablename__ = "story_articles"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles.id"), unique=True)
    story_id: Mapped[int] = mapped_column(index=True)
    """The id of the story's first article, though that may be gone."""
    copy_of: Mapped[int | None] = mapped_column(index=True)
    """The article that it is a copy of; of a group of copies, always the same one."""
    at: Mapped[datetime] = mapped_column(index=True)
    """The time by which others are near it: when it was published, else when it was found."""
    sketch: Mapped[bytes]
    """What it is compared by; empty once it is too old for that."""


class MatchRow(Base):
    __tablename__ = "matches"
    __table_args__ = (sa.UniqueConstraint("watchlist_id", "article_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    watchlist_id: Mapped[str] = mapped_column(sa.ForeignKey("watchlists.id"))
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles.id"), index=True)
    source_id: Mapped[str] = mapped_column(sa.ForeignKey("sources.id"))
    """The source that carried the article when it matched."""
    kind: Mapped[str]
    score: Mapped[float]
    sentence: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    spans: Mapped[list[dict[str, Any]]]
    matched_at: Mapped[datetime]
    already_there: Mapped[bool]
    lost_at: Mapped[datetime | None]
    """When an edit was seen since which the article does not match any more."""


class MessageRow(Base):
    """A message that was composed. The slot makes it unique: one digest a local slot, one alert a match, one notice a
    change.
    """

    __tablename__ = "messages"
    __table_args__ = (
        sa.UniqueConstraint("watchlist_id", "key", "slot"),
        # to a database, two NULLs are not the same
        sa.Index("uq_messages_without_watchlist", "key", "slot", unique=True, **_WITHOUT_WATCHLIST),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    watchlist_id: Mapped[str | None] = mapped_column(sa.ForeignKey("watchlists.id"))
    """None for a notice about the sources."""
    key: Mapped[str]
    slot: Mapped[str]
    composed_at: Mapped[datetime]


class NoticeRow(Base):
    """A match that is to be told under one key; told once `message_id` says in which message."""

    __tablename__ = "notices"
    __table_args__ = (sa.Index("ix_notices_untold", "key", "message_id"),)

    match_id: Mapped[int] = mapped_column(sa.ForeignKey("matches.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("messages.id"))


class UpdateRow(Base):
    """An edit that changes what was told, or is to be told, of a match."""

    __tablename__ = "updates"
    __table_args__ = (sa.UniqueConstraint("version_id", "match_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("versions.id"))
    """What the article was before the last change of this edit."""
    match_id: Mapped[int] = mapped_column(sa.ForeignKey("matches.id"), index=True)
    kind: Mapped[str]
    """See domain.UpdateKind."""
    at: Mapped[datetime]
    title: Mapped[str]
    diffs: Mapped[list[list[list[str]]]] = mapped_column(sa.JSON)


class UpdateNoticeRow(Base):
    """An update that is to be told under one key; told once `message_id` says in which message."""

    __tablename__ = "update_notices"
    __table_args__ = (sa.Index("ix_update_notices_untold", "key", "message_id"),)

    update_id: Mapped[int] = mapped_column(sa.ForeignKey("updates.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("messages.id"))


class DeliveryRow(Claimed, Base):
    """One part of a message to one recipient: the outbox, and the ledger of what was sent."""

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.UniqueConstraint("message_id", "recipient", "part"),
        sa.Index("ix_deliveries_due", "state", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(sa.ForeignKey("messages.id"))
    channel: Mapped[str]
    recipient: Mapped[str]
    part: Mapped[int]
    """Counted from 0; a part is sent after those before it."""
    mail_id: Mapped[str]
    """The Message-ID, the same at every try."""
    payload: Mapped[bytes]
    state: Mapped[str]
    """`queued`, `sent` or `dead`."""
    queued_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    receipt: Mapped[str | None]
    reason: Mapped[str | None]
    """Why the last try failed."""
