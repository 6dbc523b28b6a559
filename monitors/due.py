"""When the next digest of each watchlist comes, and which are late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitors.digest.schedule import due_slot, next_slot
from monitors.store.outbox import last_told
from monitors.store.watchlists import subscribed_since

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from monitors.watchlist_file import Configuration

LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A digest that is to come."""

    watchlist_id: str
    channel: str
    at: datetime
    late: bool


def expected_digests(session: Session, configuration: Configuration, *, now: datetime) -> list[Expected]:
    """Return the digest that comes next under each schedule, or that should have come, the earliest first."""
    subscribed, told = subscribed_since(session), last_told(session, now=now)
    expected = []
    for watchlist in configuration.watchlists:
        for rule in watchlist.deliver:
            since = told.get((watchlist.id, rule.key)) or subscribed.get((watchlist.id, rule.key))
            if rule.schedule is None or since is None:
                continue
            slot = due_slot(rule.schedule, after=since, now=now) or next_slot(rule.schedule, after=now)
            late = now - slot.at > LATE
            expected.append(Expected(watchlist_id=watchlist.id, channel=rule.channel, at=slot.at, late=late))
    return sorted(expected, key=lambda one: one.at)
