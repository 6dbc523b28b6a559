"""The crawler's tables: sources, entries, articles, what nobody has read yet, robots.txt, and who is at work."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

EMPTY_LIST = sa.text("'[]'")
"""What a column of lists holds in the rows that are older than it."""


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware time in UTC. SQLite keeps no zones, so it is written as naive UTC there and read back as aware."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, list[str]: sa.JSON, list[dict[str, Any]]: sa.JSON}  # noqa: RUF012  # SQLAlchemy's own spelling


class Claimed:
    """Columns of a row that a worker takes for a while; see claims.py."""

    claimed_by: Mapped[str | None]
    claimed_until: Mapped[datetime | None]


class SourceRow(Claimed, Base):
    """What is remembered of a source between two reads."""

    __tablename__ = "sources"
    __table_args__ = (
        sa.Index("ix_sources_due", "active", "gone_at", "next_check_at"),
        sa.Index("ix_sources_pages_due", "active", "pages_due_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    """Named by the configuration in force."""
    feed_url: Mapped[str | None]
    found_kind: Mapped[str | None]
    """What discovery found at `feed_url`, or at `url` where that is empty."""
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    next_check_at: Mapped[datetime]
    pages_due_at: Mapped[datetime | None]
    """When the first of its pages that wait is to be tried; they do not wait until it is read again itself."""
    first_read_at: Mapped[datetime | None]
    """When it was first read well; what that read brought was already there."""
    last_checked_at: Mapped[datetime | None]
    last_read_at: Mapped[datetime | None]
    """When it last answered well (304 included)."""
    full_read_at: Mapped[datetime | None]
    """When it last said all that it has, and not only that nothing is new."""
    always_whole: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Asked without conditions, since a 304 of its has hidden news."""
    last_new_at: Mapped[datetime | None]
    """When it last had something new."""
    moved_to: Mapped[str | None]
    moved_seen: Mapped[int] = mapped_column(default=0, server_default="0")
    """Where it said it moved for good, and how often in a row it said so."""
    failures: Mapped[int] = mapped_column(default=0)
    """In a row, up to now."""
    hard_failures: Mapped[int] = mapped_column(default=0, server_default="0")
    """Those of them that will not get better by themselves."""
    good_reads: Mapped[int] = mapped_column(default=0, server_default="0")
    """In a row, up to now."""
    failing_since: Mapped[datetime | None]
    reason: Mapped[str | None]
    remark: Mapped[str | None]
    """What the last read had to leave undone, though it went well."""
    kind: Mapped[str | None]
    """The kind of the last failure; see FetchError."""
    gone_at: Mapped[datetime | None]
    """When it said that it is gone for good (410); it is not read any more."""
    rhythm: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    """How it publishes; see polling.Rhythm."""
    bodies: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    """What its articles look like; see health.Bodies."""
    state: Mapped[str] = mapped_column(default="ok", server_default="ok")
    """How it is doing; see health.State."""
    state_since: Mapped[datetime | None]
    state_why: Mapped[str | None]
    told_state: Mapped[str] = mapped_column(default="ok", server_default="ok")
    """The state that the last notice told of."""


class SectionMemoryRow(Base):
    """What a section page showed at earlier reads: which of its links come and go, and which stand for ever."""

    __tablename__ = "section_memories"

    source_id: Mapped[str] = mapped_column(sa.ForeignKey("sources.id"), primary_key=True)
    memory: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


class SourceDayRow(Base):
    """What came of reading a source on one day (UTC)."""

    __tablename__ = "source_days"

    source_id: Mapped[str] = mapped_column(sa.ForeignKey("sources.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    reads: Mapped[int]
    unmodified: Mapped[int]
    """Of the reads, those that were answered by a 304."""
    failed: Mapped[int]
    entries: Mapped[int]
    """How many were looked at, in all reads."""
    new: Mapped[int]
    """Of the entries, those that the source had not named before."""
    stored: Mapped[int]
    """How many articles were stored."""
    bodies: Mapped[int]
    """Of the articles, those with a text that can be used."""
    kinds: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    """How often it failed in which way."""


class ArticleRow(Base):
    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    lead: Mapped[str]
    text: Mapped[str]
    authors: Mapped[list[str]]
    published: Mapped[datetime | None]
    language: Mapped[str | None]
    site: Mapped[str | None]
    sections: Mapped[list[str]] = mapped_column(server_default=EMPTY_LIST)
    flags: Mapped[list[str]]
    source_id: Mapped[str] = mapped_column(sa.ForeignKey("sources.id"))
    stored_at: Mapped[datetime] = mapped_column(index=True)
    already_there: Mapped[bool]
    fingerprint: Mapped[str | None] = mapped_column(index=True)
    """Of its body, where that can tell it from others; see identity.body_fingerprint."""


class RevisitRow(Claimed, Base):
    """An article that is watched for edits, and when its page is looked at next. Gone when that is over."""

    __tablename__ = "revisits"
    __table_args__ = (sa.Index("ix_revisits_source_id_claimed_until", "source_id", "claimed_until"),)

    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles.id"), primary_key=True)
    source_id: Mapped[str] = mapped_column(sa.ForeignKey("sources.id"))
    address: Mapped[str]
    """What its page is asked for by."""
    link: Mapped[str]
    """Of the entry that named it."""
    first_at: Mapped[datetime]
    """When it was stored."""
    due_at: Mapped[datetime] = mapped_column(index=True)
    visits: Mapped[int]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    withdrawn: Mapped[bool]
    """Whether its page was gone at the last visit."""
    headline: Mapped[str] = mapped_column(default="", server_default="")
    """What its page called it at the last visit."""


class VersionRow(Base):
    """What an article was until it was edited; of one that was withdrawn or came back, only that and when."""

    __tablename__ = "versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles.id"), index=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)
    """When the change was seen."""
    kind: Mapped[str]
    """`edited`, `withdrawn` or `restored`."""
    title: Mapped[str]
    lead: Mapped[str]
    text: Mapped[str]
    changed: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    """See changes.Change."""


class EntryRow(Base):
    """A link that a source named. With its article, it also says that this source carried that article."""

    __tablename__ = "entries"
    __table_args__ = (sa.UniqueConstraint("source_id", "link"), sa.Index("ix_entries_waiting", "source_id", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(sa.ForeignKey("sources.id"))
    link: Mapped[str] = mapped_column(index=True)
    address: Mapped[str]
    title: Mapped[str]
    title_is_rough: Mapped[bool] = mapped_column(server_default=sa.false())
    summary: Mapped[str]
    content: Mapped[str] = mapped_column(server_default="")
    """Only while it waits: the article holds the text then."""
    full_text: Mapped[bool] = mapped_column(server_default=sa.false())
    authors: Mapped[list[str]]
    published: Mapped[datetime | None]
    categories: Mapped[list[str]] = mapped_column(server_default=EMPTY_LIST)
    language: Mapped[str | None]
    already_there: Mapped[bool]
    found_at: Mapped[datetime]
    state: Mapped[str]
    """`waiting` for its page, `stored`, `old` (never to be fetched), or `dropped` (with the reason)."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    reason: Mapped[str | None]
    article_id: Mapped[int | None] = mapped_column(sa.ForeignKey("articles.id"), index=True)


class UnreadRow(Claimed, Base):
    """An article, as one source carried it, that nobody has looked at yet: a queue, emptied by the monitors."""

    __tablename__ = "unread"

    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles.id"), primary_key=True)
    source_id: Mapped[str] = mapped_column(sa.ForeignKey("sources.id"), primary_key=True)
    already_there: Mapped[bool]
    since_version: Mapped[int | None] = mapped_column(sa.ForeignKey("versions.id"))
    """What it was when it was read last, if it was read and then edited."""


class RobotsRow(Base):
    """A host's robots.txt, kept for a day at the most (RFC 9309, 2.4)."""

    __tablename__ = "robots"

    host: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[int | None]
    body: Mapped[bytes]
    fetched_at: Mapped[datetime]


class HostRow(Base):
    """A host that asked us to stay away (Retry-After)."""

    __tablename__ = "hosts"

    host: Mapped[str] = mapped_column(primary_key=True)
    barred_until: Mapped[datetime]


class HostDayRow(Base):
    """What was asked of a host on one day (UTC); see desk.HostDay."""

    __tablename__ = "host_days"

    host: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    requests: Mapped[int]
    bytes: Mapped[int] = mapped_column(sa.BigInteger)
    unmodified: Mapped[int]
    failed: Mapped[int]


class WorkerRow(Base):
    """A process that takes claims; see claims.py."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    server: Mapped[str | None]
    """Which run of the database server knows its lock."""


class NoteRow(Base):
    """A fact about the service itself that `newsvane status` tells, by its name."""

    __tablename__ = "notes"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    at: Mapped[datetime]
