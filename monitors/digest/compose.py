"""Decides what a digest holds, and whether it is worth sending."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from monitors.domain import Digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitors.digest.schedule import Slot
    from monitors.domain import AlreadyThere, Coverage, DeliveryRule, Hit, Story, Trend, Watchlist

KINDS = ("match", "possible", "related")


def compose(
    watchlist: Watchlist,
    rule: DeliveryRule,
    slot: Slot,
    *,
    stories: Iterable[Story],
    coverage: Coverage,
    repeats: int = 0,
    already_there: AlreadyThere | None = None,
    trend: Trend | None = None,
) -> Digest:
    """Put together the digest of one watchlist for one slot: its stories best first, sure ones before possible ones."""
    return Digest(
        watchlist=watchlist,
        slot=slot.at,
        stories=tuple(sorted(stories, key=lambda story: best_first(story.hit))),
        coverage=coverage,
        repeats=repeats,
        already_there=already_there if already_there and already_there.count else None,
        trend=trend,
        max_items=rule.max_items,
        max_related=rule.max_related,
    )


def worth_sending(digest: Digest, rule: DeliveryRule) -> bool:
    """Tell whether anybody wants to hear of it: an empty digest goes out only where `empty: send` says so."""
    return bool(digest.stories or digest.already_there) or rule.empty == "send"


def best_first(hit: Hit) -> tuple[bool, int, float, float, float, str]:
    """Return what hits are sorted by: what an edit took away last, sure before possible, then score, tier and time."""
    stored = hit.article
    return (
        hit.lost_at is not None,
        KINDS.index(hit.match.kind),
        -hit.match.score,
        math.inf if hit.tier is None else hit.tier,
        -(stored.article.published or stored.stored_at).timestamp(),
        stored.article.url,  # so that the order never depends on the database's
    )
