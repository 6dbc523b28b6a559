"""Turns what changes about sources and deliveries into notices in the outbox, in the transaction of the caller."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from crawler.health import outage_since
from monitors.domain import DestinationNews, Notice, Outage
from monitors.store import circuits as circuit_store
from monitors.store import health as health_store
from monitors.store import outbox
from monitors.store.health import Network
from monitors.tell import calling, queue_message

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.domain import Circuit, SourceNews
    from monitors.in_force import InForce

log = structlog.get_logger()

TELL_AGAIN_AFTER = timedelta(hours=6)
"""For how long nobody hears again of a destination that breaks again."""
DEAD_TOGETHER = timedelta(hours=1)
"""For how long dead letters are gathered, after some were told of."""
MOST_DEAD = 20


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


# -- what does not get through ----------------------------------------------------------------------------------------


def tell_destinations(session: Session, in_force: InForce, *, now: datetime) -> int:
    """Queue notices of destinations in trouble and of dead letters, each once; return how many were queued.

    They go through another channel than the one in trouble. While there is none, nothing counts as told.
    """
    if in_force.configuration.health.channel is None:
        return 0
    by_channel: dict[str, list[Circuit]] = defaultdict(list)
    for circuit in circuit_store.to_be_told(session, now=now):
        channel = _way_around(session, in_force, circuit)
        last = outbox.last_notice(session, _name_of(circuit))
        if channel and (last is None or last <= now - TELL_AGAIN_AFTER):
            by_channel[channel].append(circuit)
    dead, number = outbox.dead_untold(session, limit=MOST_DEAD, wait=DEAD_TOGETHER, now=now)
    if dead and (channel := _way_around(session, in_force)):
        by_channel.setdefault(channel, [])
    queued = 0
    for channel, circuits in by_channel.items():
        notice = Notice(
            at=_local(in_force, now), destinations=tuple(_news_of(session, in_force, circuit) for circuit in circuits)
        )
        for circuit in circuits:
            circuit_store.keep(session, replace(circuit, told_at=now))
        if dead:  # in the first of them
            outbox.mark_dead_told(session, now=now)
            notice, dead = replace(notice, dead=tuple(dead), more_dead=number - len(dead)), []
        slot = f"not sent: {''.join(map(_name_of, circuits))} {now.isoformat()}"
        queued += _queue(session, in_force, notice, slot, now, channel=channel)
    return queued


def tell_well_again(session: Session, in_force: InForce, circuit: Circuit, *, now: datetime) -> int:
    """Queue a notice that a destination takes messages again, if somebody was told that it did not."""
    channel = _way_around(session, in_force, circuit)
    if circuit.told_at is None or channel is None:
        return 0
    news = replace(_news_of(session, in_force, circuit), state="ok")
    slot = f"well again: {circuit.destination} {circuit.recipient}, since {circuit.since.isoformat()}"
    notice = Notice(at=_local(in_force, now), destinations=(news,))
    return _queue(session, in_force, notice, slot, now, channel=channel)


def _way_around(session: Session, in_force: InForce, trouble: Circuit | None = None) -> str | None:
    """Return the channel by which to tell: `health.channel`, or the first that gets through where that does not."""
    destinations, health = in_force.destinations, in_force.configuration.health.channel
    if health is None:
        return None
    broken = [(one.destination, one.recipient) for one in circuit_store.circuits(session)]
    broken += [(trouble.destination, trouble.recipient)] if trouble else []

    def gets_through(channel: str) -> bool:
        destination = destinations.of(channel)
        well = any((destination, one) not in broken for one in destinations.recipients_of(channel))
        return well and (destination, "") not in broken

    # a feed last: nobody need look at it
    others = sorted(in_force.configuration.channels.values(), key=lambda one: one.kind == "feed")
    return next(filter(gets_through, (health, *(one.id for one in others))), None)


def _news_of(session: Session, in_force: InForce, circuit: Circuit) -> DestinationNews:
    destinations = in_force.destinations
    return DestinationNews(
        name=destinations.name_of(circuit.destination),
        channels=destinations.channels_of(circuit.destination),
        recipient=circuit.recipient,
        state=circuit.state,
        since=circuit.since,
        why=circuit.reason,
        next_try_at=circuit.next_try_at,
        waiting=circuit_store.waiting(session, circuit, destinations),
    )


def _name_of(circuit: Circuit) -> str:
    return f"[{circuit.destination} {circuit.recipient}]"


# -- queueing ---------------------------------------------------------------------------------------------------------


def _queue(
    session: Session, in_force: InForce, notice: Notice, slot: str, now: datetime, *, channel: str | None = None
) -> int:
    channel = channel or in_force.configuration.health.channel
    if channel is None:
        return 0
    key = f"health:{channel}"
    message_id = outbox.open_message(session, None, key, slot, now=now, **calling(notice))
    if message_id is None:
        return 0
    names = ("health", key, slot)
    queue_message(session, in_force, notice, channel=channel, names=names, message_id=message_id, now=now)
    log.info(
        "notice_queued",
        broken=len(notice.broken),
        recovered=len(notice.recovered),
        outage=bool(notice.outage),
        destinations=len(notice.destinations),
        dead=len(notice.dead) + notice.more_dead,
    )
    return 1


def _local(in_force: InForce, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(in_force.configuration.settings.timezone))
