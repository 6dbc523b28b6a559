"""What `newsvane status` tells: the service, its configuration, its sources, its outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.store.sources import SourceState, source_states
from crawler.store.tables import ArticleRow, UnreadRow
from monitors.store.health import network
from monitors.store.notes import notes
from monitors.store.tables import DeliveryRow, MatchRow, NoticeRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PULSE_LOST = timedelta(minutes=2)  # the service notes its pulse every 30 seconds
DAY = timedelta(days=1)
LETTERS = 20  # undelivered messages named one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """A message that did not get through yet, or never will (`dead`)."""

    state: str
    channel: str
    recipient: str
    queued_at: datetime
    attempts: int
    next_try_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    running: bool
    """A service noted its pulse within the last two minutes."""
    pulse_at: datetime | None
    configuration_loaded_at: datetime | None
    refused: dict[str, Any] | None
    """What is wrong with the file as it is now, while the service works with the one before."""
    refused_at: datetime | None
    sources: list[SourceState]
    articles: int
    articles_today: int
    """Stored in the last 24 hours."""
    unread: int
    matches: int
    untold: int
    """Matches that wait for a digest; one that waits for two counts once."""
    deliveries: dict[str, int]
    """How many are queued, sent and dead."""
    undelivered: list[Undelivered]
    too_old: int = 0
    """Articles that were older than `max_age` when they were found, and not matched."""
    housekeeping_at: datetime | None = None
    housekeeping: dict[str, int] | None = None
    """How much of what went at the last housekeeping."""
    network_down_since: datetime | None = None
    """Since when no source can be reached, if it is so."""


def status(session: Session, *, now: datetime) -> Status:
    facts = notes(session)
    pulse_at = facts["service"][1] if "service" in facts else None
    held = network(session)
    kept, kept_at = facts.get("housekeeping", (None, None))
    refused, refused_at = facts.get("configuration_refused", (None, None))
    return Status(
        running=pulse_at is not None and now - pulse_at <= PULSE_LOST,
        pulse_at=pulse_at,
        configuration_loaded_at=facts["configuration"][1] if "configuration" in facts else None,
        refused=refused,
        refused_at=refused_at,
        sources=source_states(session, now=now),
        articles=_count(session, ArticleRow.id),
        articles_today=_count(session, ArticleRow.id, ArticleRow.stored_at > now - DAY),
        unread=_count(session, UnreadRow.article_id),
        matches=_count(session, MatchRow.id),
        untold=_count(session, NoticeRow.match_id.distinct(), NoticeRow.message_id.is_(None)),
        deliveries=_deliveries(session),
        undelivered=_undelivered(session),
        too_old=facts["too_old"][0]["number"] if "too_old" in facts else 0,
        housekeeping_at=kept_at,
        housekeeping=kept.get("gone") if kept else None,
        network_down_since=held.since if held.state == "down" else None,
    )


def _count(session: Session, column: Any, *where: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count(column)).where(*where)) or 0


def _deliveries(session: Session) -> dict[str, int]:
    query = sa.select(DeliveryRow.state, sa.func.count()).group_by(DeliveryRow.state)
    counted = {state: count for state, count in session.execute(query)}  # noqa: C416  # a Row is no tuple to mypy
    return dict.fromkeys(("queued", "sent", "dead"), 0) | counted


def _undelivered(session: Session) -> list[Undelivered]:
    query = (
        sa.select(DeliveryRow)
        .where(DeliveryRow.state != "sent", DeliveryRow.reason.is_not(None))
        .order_by(DeliveryRow.id.desc())
        .limit(LETTERS)
    )
    return [
        Undelivered(
            state=row.state,
            channel=row.channel,
            recipient=row.recipient,
            queued_at=row.queued_at,
            attempts=row.attempts,
            next_try_at=row.next_try_at,
            reason=row.reason,
        )
        for row in session.scalars(query)
    ]
