"""What `newsvane status` tells: the service, its configuration, its sources, its outbox."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.store.sources import SourceState, source_states
from crawler.store.tables import ArticleRow, UnreadRow
from crawler.store.trouble import room
from monitors.store.circuits import circuits
from monitors.store.health import network
from monitors.store.holds import Hold, holds
from monitors.store.mutes import Mute, mutes
from monitors.store.notes import notes
from monitors.store.services import PULSE_LOST, SERVICE
from monitors.store.tables import DeliveryRow, MatchRow, NoticeRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from monitors.domain import Circuit

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
    at: datetime
    running: bool
    """A service noted its pulse within the last two minutes."""
    lives: bool
    """Its process does, on this machine: without a pulse, it stands still."""
    services: int
    """How many noted their pulse."""
    disk_free: int | None
    """Bytes, on the disk of the SQLite file."""
    pulse_at: datetime | None
    configuration_loaded_at: datetime | None
    refused: dict[str, Any] | None
    """What is wrong with the file as it is now, while the service works with the one before."""
    refused_at: datetime | None
    refused_before: dict[str, Any] | None
    """What was wrong the last time that it was refused, and when (`at`); since then it was mended."""
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
    circuits: list[Circuit]
    """Destinations that take no messages. Their fingerprints are left out."""
    too_old: int = 0
    """Articles that were older than `max_age` when they were found, and not matched."""
    housekeeping_at: datetime | None = None
    housekeeping: dict[str, int] | None = None
    """How much of what went at the last housekeeping."""
    holds: list[Hold] = field(default_factory=list)
    """Alerts that wait."""
    mutes: list[Mute] = field(default_factory=list)
    concepts: dict[str, Any] | None = None
    """How many concepts there are, at which tier they are scored, and against how many articles."""
    network_down_since: datetime | None = None
    """Since when no source can be reached, if it is so."""


def status(session: Session, *, now: datetime) -> Status:
    facts = notes(session)
    pulse_at = facts["service"][1] if "service" in facts else None
    held = network(session)
    kept, kept_at = facts.get("housekeeping", (None, None))
    refused, refused_at = facts.get("configuration_refused", (None, None))
    return Status(
        at=now,
        lives=_lives(facts["service"][0]) if "service" in facts else False,
        services=sum(now - at <= PULSE_LOST for name, (_, at) in facts.items() if name.startswith(SERVICE)),
        disk_free=room(session.get_bind().engine.url),
        holds=holds(session),
        mutes=mutes(session, now=now),
        running=pulse_at is not None and now - pulse_at <= PULSE_LOST,
        pulse_at=pulse_at,
        configuration_loaded_at=facts["configuration"][1] if "configuration" in facts else None,
        refused=refused,
        refused_at=refused_at,
        refused_before=facts["configuration_refused_before"][0] if "configuration_refused_before" in facts else None,
        sources=source_states(session, now=now),
        articles=_count(session, ArticleRow.id),
        articles_today=_count(session, ArticleRow.id, ArticleRow.stored_at > now - DAY),
        unread=_count(session, UnreadRow.article_id),
        matches=_count(session, MatchRow.id),
        untold=_count(session, NoticeRow.match_id.distinct(), NoticeRow.message_id.is_(None)),
        deliveries=_deliveries(session),
        undelivered=_undelivered(session),
        circuits=[replace(one, fingerprint="") for one in circuits(session)],
        too_old=facts["too_old"][0]["number"] if "too_old" in facts else 0,
        housekeeping_at=kept_at,
        housekeeping=kept.get("gone") if kept else None,
        concepts=facts["concepts"][0] if "concepts" in facts else None,
        network_down_since=held.since if held.state == "down" else None,
    )


def _lives(service: dict[str, Any]) -> bool:
    if service.get("host") != socket.gethostname():
        return False
    try:
        os.kill(service["pid"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _count(session: Session, column: Any, *where: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count(column)).where(*where)) or 0


def _deliveries(session: Session) -> dict[str, int]:
    query = sa.select(DeliveryRow.state, sa.func.count()).group_by(DeliveryRow.state)
    counted = {state: count for state, count in session.execute(query)}  # noqa: C416  # a Row is no tuple to mypy
    return dict.fromkeys(("queued", "sent", "dead"), 0) | counted


def _undelivered(session: Session) -> list[Undelivered]:
    query = (
        sa.select(DeliveryRow)
        .where(DeliveryRow.state.in_(("queued", "dead")), DeliveryRow.reason.is_not(None))
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
