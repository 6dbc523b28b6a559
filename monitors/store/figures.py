"""What is counted for those who watch the service by numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.store.tables import ArticleRow, SourceRow, UnreadRow, UtcDateTime
from crawler.store.trouble import file_of
from monitors.store.tables import CircuitRow, DeliveryRow, HoldRow, MatchRow, MessageRow, MuteRow, NoticeRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    sources: Mapping[str, int]
    """How many are in each state (see crawler.health), and `not read yet`."""
    articles: int
    unmatched: int
    matches: int
    untold: int
    deliveries: Mapping[tuple[str, str], int]
    """By channel and state."""
    oldest_queued: Mapping[str, datetime]
    """By channel: since when the delivery that waits longest does."""
    circuits: Mapping[str, int]
    """By state."""
    holds: Mapping[str, int]
    """By reason."""
    mutes: Mapping[str, int]
    """By kind."""
    last_digest: datetime | None
    database_bytes: int | None


def figures(session: Session) -> Figures:
    queued = sa.select(DeliveryRow.channel, sa.func.min(DeliveryRow.queued_at, type_=UtcDateTime))
    by_channel = sa.select(DeliveryRow.channel, DeliveryRow.state, sa.func.count())
    return Figures(
        sources=_sources(session),
        articles=_count(session, ArticleRow.id),
        unmatched=_count(session, UnreadRow.article_id),
        matches=_count(session, MatchRow.id),
        untold=_count(session, NoticeRow.match_id.distinct(), NoticeRow.message_id.is_(None)),
        deliveries={
            (channel, state): number
            for channel, state, number in session.execute(by_channel.group_by(DeliveryRow.channel, DeliveryRow.state))
        },
        oldest_queued=_pairs(session, queued.where(DeliveryRow.state == "queued").group_by(DeliveryRow.channel)),
        circuits=_by(session, CircuitRow.state),
        holds=_by(session, HoldRow.why),
        mutes=_by(session, MuteRow.kind),
        last_digest=session.scalar(
            sa.select(sa.func.max(MessageRow.composed_at, type_=UtcDateTime)).where(MessageRow.kind == "digest")
        ),
        database_bytes=_size(session),
    )


def _sources(session: Session) -> dict[str, int]:
    state = sa.case(
        (SourceRow.gone_at.is_not(None), "gone"),
        (SourceRow.failing_since.is_not(None), "failing"),
        (SourceRow.last_checked_at.is_(None), "not read yet"),
        else_=SourceRow.state,
    )
    query = sa.select(state, sa.func.count()).where(SourceRow.active.is_(True)).group_by(state)
    return _pairs(session, query)


def _count(session: Session, column: Any, *where: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count(column)).where(*where)) or 0


def _by(session: Session, column: Any) -> dict[str, int]:
    return _pairs(session, sa.select(column, sa.func.count()).group_by(column))


def _pairs(session: Session, query: sa.Executable) -> dict[str, Any]:
    return {name: value for name, value in session.execute(query)}  # noqa: C416  # a Row is no tuple to mypy


def _size(session: Session) -> int | None:
    engine = session.get_bind().engine
    if engine.dialect.name == "postgresql":
        return int(session.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)
    file = file_of(engine.url)
    return (
        sum(one.stat().st_size for one in (file, file.with_name(f"{file.name}-wal")) if one.exists()) if file else None
    )
