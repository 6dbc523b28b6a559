"""Decides whether a story that was alerted is alerted again, and why. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from monitors.domain import Again, Hit, StoryRules, UpdateKind

_ENTITY = ("entity:", "about:")


def why_again(
    rules: StoryRules,
    new: Iterable[Hit],
    *,
    alerts: int,
    clauses: Collection[str],
    tiers: Iterable[int | None],
    edits: Collection[UpdateKind] = (),
) -> Again | None:
    """Return why new matches of a story, or edits of what was told, are worth another alert; None if they are not.

    `alerts` is how many the story has had, `clauses` the clauses that were true in what they told, `tiers` those of its
    sources. Who was told of a match is corrected by an edit that takes it away, or brings it back.
    """
    new = list(new)
    if alerts >= rules.max_alerts:
        return None
    if "correction" in rules.realert_on and not {"correction", "lost", "gained"}.isdisjoint(edits):
        return "correction"
    if "headline" in rules.realert_on and "headline" in edits:
        return "headline"
    if "new_entity" in rules.realert_on and _entities(hit.match.clauses for hit in new) - _entities([clauses]):
        return "new_entity"
    if "better_tier" in rules.realert_on and _best(hit.tier for hit in new) < _best(tiers):
        return "better_tier"
    return None


def _entities(clauses: Iterable[Collection[str]]) -> set[str]:
    return {clause for some in clauses for clause in some if clause.startswith(_ENTITY)}


def _best(tiers: Iterable[int | None]) -> float:
    """Return the best tier, which is the lowest; a source without one has the worst."""
    return min((float("inf") if tier is None else tier for tier in tiers), default=float("inf"))
