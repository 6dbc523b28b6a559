"""The monitors' tables: subscriptions, stories, matches, notices, updates, messages and deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crawler.store.tables import Base, Claimed


def _of_rows(condition: str) -> Any:
    """Say of which rows an index is."""
    return dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text(condition))


_UNTOLD = _of_rows("message_id IS NULL")
_WITHOUT_WATCHLIST = _of_rows("watchlist_id IS NULL")
_QUEUED = _of_rows("state = 'queued'")


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
    resemblance: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    """Of one that is related, see domain.Resemblance."""
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
        sa.Index("ix_messages_told", "watchlist_id", "key", "composed_at"),  # the last is asked for every second
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    watchlist_id: Mapped[str | None] = mapped_column(sa.ForeignKey("watchlists.id"))
    """None for a notice about the sources."""
    key: Mapped[str]
    slot: Mapped[str]
    composed_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(server_default="")
    """`digest`, `alert`, `round-up`, `notice` or `replay`; empty where nothing was sent, or it is older than this."""
    subject: Mapped[str] = mapped_column(server_default="")
    """What it is called in a list."""


class NoticeRow(Base):
    """A match that is to be told under one key; told once `message_id` says in which message."""

    __tablename__ = "notices"
    __table_args__ = (
        sa.Index("ix_notices_untold", "key", "message_id"),
        sa.Index("ix_notices_waiting", "key", "match_id", **_UNTOLD),  # few, among all that was ever told
    )

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
    __table_args__ = (
        sa.Index("ix_update_notices_untold", "key", "message_id"),
        sa.Index("ix_update_notices_waiting", "key", "update_id", **_UNTOLD),
    )

    update_id: Mapped[int] = mapped_column(sa.ForeignKey("updates.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("messages.id"))


class DeliveryRow(Claimed, Base):
    """One part of a message to one recipient: the outbox, and the ledger of what was sent."""

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.UniqueConstraint("message_id", "recipient", "part"),
        sa.Index("ix_deliveries_due", "state", "next_try_at"),
        sa.Index("ix_deliveries_to", "channel", "recipient", "state"),
        # all that a claim looks at, however much was sent before, without the payloads; the state is the same in all
        # of it, but without it SQLite would take another index
        sa.Index("ix_deliveries_waiting", "state", "channel", "recipient", "next_try_at", **_QUEUED),
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
    """`queued`, `sent`, `dead`, or `dropped` by hand."""
    queued_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    receipt: Mapped[str | None]
    reason: Mapped[str | None]
    """Why the last try failed."""
    give_up_at: Mapped[datetime | None]
    """When it has been tried for long enough; None in rows that are older than this."""
    noticed_at: Mapped[datetime | None]
    """When whoever looks after the service was told that it is dead."""


class ReplayRow(Base):
    """A match that was told once more, by hand."""

    __tablename__ = "replays"

    message_id: Mapped[int] = mapped_column(sa.ForeignKey("messages.id"), primary_key=True)
    match_id: Mapped[int] = mapped_column(sa.ForeignKey("matches.id"), primary_key=True, index=True)


class CircuitRow(Base):
    """A destination that does not take what is sent to it. Without a row, it is well."""

    __tablename__ = "circuits"

    destination: Mapped[str] = mapped_column(primary_key=True)
    """The id of a channel; `smtp` for the mail server, which all channels of e-mail share."""
    recipient: Mapped[str] = mapped_column(primary_key=True)
    """Empty: whoever is the recipient."""
    state: Mapped[str]
    """`failing`: it is tried again with growing pauses; `open`: it needs somebody to mend it, and is tried seldom."""
    since: Mapped[datetime]
    failures: Mapped[int]
    next_try_at: Mapped[datetime]
    reason: Mapped[str]
    fingerprint: Mapped[str]
    """Of its options: once they are others, it is tried at once."""
    told_at: Mapped[datetime | None]
    """When whoever looks after the service was told."""


class HoldRow(Base):
    """Alerts of a watchlist under one key that wait: told as one when the reason is gone."""

    __tablename__ = "holds"

    watchlist_id: Mapped[str] = mapped_column(sa.ForeignKey("watchlists.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str]
    """See domain.HoldReason."""
    since: Mapped[datetime]


class MuteRow(Base):
    """A watchlist or a story of which nobody wants to hear for a while."""

    __tablename__ = "mutes"

    kind: Mapped[str] = mapped_column(primary_key=True)
    """`watchlist` or `story`."""
    target: Mapped[str] = mapped_column(primary_key=True)
    """The id of the watchlist or of the story."""
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    """None: until it is lifted by hand."""


class BackgroundRow(Base):
    """What is usual in the archive, for concepts to be measured against. There is one, or none yet."""

    __tablename__ = "backgrounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    articles: Mapped[int]
    """How many the archive had then."""
    per_week: Mapped[float | None]
    statistics: Mapped[bytes]
    """See match/concepts/background.py."""


class JudgementRow(Base):
    """What somebody said of an article for a watchlist. It outlives the article."""

    __tablename__ = "judgements"

    watchlist_id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    good: Mapped[bool]
    judged_at: Mapped[datetime]
    sketch: Mapped[bytes]
    """See match/concepts/sketch.py."""
