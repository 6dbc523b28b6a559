"""The words of an explanation: what came of each part of a watchlist, and of the whole. All values, all frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from monitors.domain import Match, Span, TextField

State = Literal["yes", "possible", "no"]
"""Whether a part is true; `possible`: only if mentions of entities count that are not certain."""
Verdict = Literal["match", "possible", "related", "no"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of one part of a watchlist."""

    kind: str
    """`keywords`, `query`, `words`, `near`, …: those of outline.py, and `languages` and `sources`."""
    text: str
    """As its author wrote it."""
    state: State
    count: int = 0
    """How often it was found: a pair once for its two sides, a keyword once for all of its words."""
    spans: tuple[Span, ...] = ()
    """What was found and is certain."""
    possible: tuple[Span, ...] = ()
    """Mentions of an entity that are no more than possible."""
    notes: tuple[str, ...] = ()
    """Why, and how near it came."""
    parts: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreParts:
    """What a score adds up to; see docs/matching.md."""

    place: TextField | None
    """The best place of what was found; None if all of it are facts, which count as the text."""
    place_value: float
    mentions: float
    often_value: float
    tier: int | None
    tier_value: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a watchlist matches an article, or does not."""

    watchlist_id: str
    verdict: Verdict
    admitted: bool
    """Whether its limits on sources and languages let the article in."""
    limits: tuple[Finding, ...]
    tree: Finding
    """What it asks for; told also where the article is not admitted."""
    related: Finding | None = None
    """How near the article comes to what its keywords mean, where it matches nothing and that is asked for."""
    match: Match | None
    score: ScoreParts | None
    first_failure: str | None
    """Of what is no match, or only a possible or a related one: the first clause that failed, and how near it came."""
