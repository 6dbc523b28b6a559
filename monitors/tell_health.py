"""Turns changes in how sources are doing into notices in the outbox. All of it happens in the caller's transaction."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from crawler.health import outage_since
from monitors.domain import Notice, Outage
from monitors.store import health as health_store
from monitors.store import outbox
from monitors.store.health import Network
from monitors.tell import queue_message

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.app import InForce
    from monitors.domain import SourceNews

log = structlog.get_logger()


def tell_health(session: Session, in_force: InForce, *, now: datetime) -> int:
    """Look after the network and the sources, and queue a notice of each change; return how many were queued.

    Without `health.channel` nothing is told, and nothing counts as told: a channel that is named later hears of what
    is broken then.
    """
    queued = _watch_network(session, in_force, now)
    health_store.forget_old_days(session, now=now)
    if in_force.configuration.health.channel is None:
        return queued
    changed = health_store.untold(session, health_store.network(session))
    news = health_store.mark_told(session, changed)
    if not news:
        return queued
    broken = tuple(one for one in news if one.state != "ok")
    recovered = tuple(one for one in news if one.state == "ok")
    notice = Notice(at=_local(in_force, now), broken=broken, recovered=recovered)
    return queued + _queue(session, in_force, notice, _slot(news, now), now)


def _slot(news: list[SourceNews], now: datetime) -> str:
    """Name a change, so that it is told once: who changed to what, and since when."""
    changes = "\n".join(f"{one.id} {one.state} {one.since or now}" for one in news)
    return f"sources {hashlib.sha256(changes.encode()).hexdigest()[:32]}"


# -- the network ------------------------------------------------------------------------------------------------------


def _watch_network(session: Session, in_force: InForce, now: datetime) -> int:
    held = health_store.network(session)
    attempts = health_store.attempts(session)
    since = outage_since(attempts, now=now)
    match held.state:
        case "up" if since is not None:
            return _suspect(session, in_force, since, now)
        case "suspected" if since is None:
            health_store.keep_network(session, Network(), now=now)
        case "suspected" if since is not None and _was_probed(session, held):
            return _declare(session, in_force, since, now)
        case "down" if any(one.answered and one.at > (held.since or now) for one in attempts):
            return _is_over(session, in_force, held, now)
        case "down":
            health_store.probe_dark(session, now=now)
    return 0


def _suspect(session: Session, in_force: InForce, since: datetime, now: datetime) -> int:
    """Try some sources that were well: three hosts may well have died without the network."""
    if not health_store.probe(session, now=now):
        return _declare(session, in_force, since, now)
    health_store.keep_network(session, Network(state="suspected", since=now), now=now)
    return 0


def _was_probed(session: Session, held: Network) -> bool:
    return held.since is not None and health_store.failed_since(session, held.since)


def _declare(session: Session, in_force: InForce, since: datetime, now: datetime) -> int:
    number = health_store.count_dark(session)
    health_store.keep_network(session, Network(state="down", since=since), now=now)
    log.error("network_down", since=since.isoformat(), sources=number)
    return _tell_outage(session, in_force, Outage(since=since, until=None, sources=number), now)


def _is_over(session: Session, in_force: InForce, held: Network, now: datetime) -> int:
    number, since = health_store.count_dark(session), held.since or now
    health_store.read_all_dark(session, now=now)
    health_store.keep_network(session, Network(state="up", since=since, until=now), now=now)
    log.info("network_up", since=since.isoformat(), sources=number)
    return _tell_outage(session, in_force, Outage(since=since, until=now, sources=number), now)


def _tell_outage(session: Session, in_force: InForce, outage: Outage, now: datetime) -> int:
    slot = f"outage {outage.since.isoformat()} {'over' if outage.until else 'begun'}"
    return _queue(session, in_force, Notice(at=_local(in_force, now), outage=outage), slot, now)


# -- queueing ---------------------------------------------------------------------------------------------------------


def _queue(session: Session, in_force: InForce, notice: Notice, slot: str, now: datetime) -> int:
    channel = in_force.configuration.health.channel
    if channel is None:
        return 0
    key = f"health:{channel}"
    message_id = outbox.open_message(session, None, key, slot, now=now)
    if message_id is None:
        return 0
    names = ("health", key, slot)
    queue_message(session, in_force, notice, channel=channel, names=names, message_id=message_id, now=now)
    log.info("notice_queued", broken=len(notice.broken), recovered=len(notice.recovered), outage=bool(notice.outage))
    return 1


def _local(in_force: InForce, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(in_force.configuration.settings.timezone))
