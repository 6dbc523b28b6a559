"""Reads a watchlist as a concept, for what means its keywords without saying them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.domain import Concept, Match

if TYPE_CHECKING:
    from monitors.domain import Watchlist
    from monitors.match.concepts.meaning import Meaning


def concept_of(watchlist: Watchlist) -> Concept:
    """Return what its keywords mean together or, if it has none, its name. None of a configuration has its id."""
    words = " ".join(keyword.text for keyword in watchlist.keywords)
    return Concept(id=related_id(watchlist.id), description=words or watchlist.name)


def related_id(watchlist_id: str) -> str:
    """Return the id of the concept that a watchlist is read as."""
    return f"related:{watchlist_id}"


def related_match(watchlist_id: str, concept_id: str, meaning: Meaning) -> Match:
    """Return the match of an article that means a watchlist without saying it."""
    resemblance, sentence = meaning.resemblance(concept_id)
    return Match(
        watchlist_id=watchlist_id,
        kind="related",
        score=resemblance.score,
        sentence=sentence,
        spans=tuple(meaning.spans(concept_id, "related")),
        resemblance=resemblance,
    )
