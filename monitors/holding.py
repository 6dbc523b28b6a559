"""Says what keeps messages from being composed at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitors.store.circuits import held_back
from monitors.store.holds import told_in_the_last_hour
from monitors.store.mutes import muted_watchlists

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.domain import DeliveryRule, HoldReason, Watchlist
    from monitors.in_force import InForce


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What holds for all watchlists, looked up once for all of them."""

    muted: frozenset[str]
    """The ids of watchlists."""
    unreachable: frozenset[str]
    """The ids of channels whose destination has failed for a while."""

    @classmethod
    def at(cls, session: Session, in_force: InForce, now: datetime) -> Holding:
        unreachable = frozenset(held_back(session, in_force, now))
        return cls(muted=muted_watchlists(session, now=now), unreachable=unreachable)

    def digest(self, watchlist: Watchlist, rule: DeliveryRule) -> HoldReason | None:
        """Return why a digest is not composed now."""
        if watchlist.id in self.muted:
            return "muted"
        return "outage" if rule.channel in self.unreachable else None

    def alerts(self, session: Session, watchlist: Watchlist, rule: DeliveryRule, now: datetime) -> HoldReason | None:
        """Return why alerts are not composed now."""
        if why := self.digest(watchlist, rule):
            return why
        if rule.is_quiet(now):
            return "quiet"
        return "max_per_hour" if room(session, watchlist, rule, now) == 0 else None


def room(session: Session, watchlist: Watchlist, rule: DeliveryRule, now: datetime) -> int | None:
    """Return how many more messages a rule allows in this hour; None: as many as there are."""
    if rule.max_per_hour is None:
        return None
    return max(rule.max_per_hour - told_in_the_last_hour(session, watchlist.id, rule.key, now=now), 0)
