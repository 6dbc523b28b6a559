"""Sends once more what a watchlist matched, as one digest. What counts as told stays as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from monitors.digest.schedule import slot_at
from monitors.domain import DeliveryRule, Schedule
from monitors.gather import Assumed, News
from monitors.preview import rule_of
from monitors.store import matches as match_store
from monitors.store import outbox
from monitors.store.coverage import coverage
from monitors.tell import calling, digest_of, queue_message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.domain import Digest, Watchlist
    from monitors.in_force import InForce
    from monitors.store.matches import Found


def replay_of(
    session: Session, in_force: InForce, watchlist: Watchlist, *, since: datetime, told: str, now: datetime
) -> tuple[Digest, Sequence[Found]]:
    """Return the digest of all that was matched since then, and the matches; `told` is how `since` was said."""
    its = rule_of(watchlist)
    zone = its.schedule.timezone if its.schedule else in_force.configuration.settings.timezone
    rule = DeliveryRule(channel="replay", max_items=its.max_items, max_related=its.max_related)
    found = match_store.matches_of(session, watchlist.id, since=since)
    digest = digest_of(
        session,
        in_force,
        replace(watchlist, first_run="deliver"),  # also what was only counted
        rule,
        News(found),
        slot=slot_at(Schedule(at=(), timezone=zone), now),
        now=now,
        assumed=Assumed(nothing_told=True),
    )
    receipt = coverage(session, in_force.sources_of(watchlist), since=since, until=now)
    return replace(digest, coverage=receipt, looked_back=told, replay=True), found


def queue_replay(
    session: Session, in_force: InForce, digest: Digest, found: Sequence[Found], *, channel: str, now: datetime
) -> int | None:
    """Queue the digest for a channel; return the message's id, or None if the same was done in this minute."""
    watchlist_id, key = digest.watchlist.id, f"replay:{channel}"
    slot = f"since {digest.looked_back}, {now:%Y-%m-%dT%H:%MZ}"
    called = calling(digest) | {"kind": "replay"}
    message_id = outbox.open_message(session, watchlist_id, key, slot, now=now, **called)
    if message_id is None:
        return None
    outbox.note_replay(session, message_id, [one.id for one in found])
    names = (watchlist_id, key, slot)
    queue_message(session, in_force, digest, channel=channel, names=names, message_id=message_id, now=now)
    return message_id
