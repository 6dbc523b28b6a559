"""Says how near an article comes to a concept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.match.concepts.panel import OVER
from monitors.match.explain.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.match.concepts.meaning import Meaning as ArticleMeaning
    from monitors.match.query.tree import Meaning
    from monitors.match.reading import Reading


def concept_notes(part: Meaning, reading: Reading) -> Iterator[str]:
    if reading.meaning is None:
        yield "the article was compared with no concept"
        return
    asked = f"{OVER:g}, its threshold," if part.over is None else f"more than {part.over:g}"
    yield f"scores {reading.meaning.score(part.concept):.2f}, {asked} is asked for"
    yield from nearest(part.concept, reading.meaning)


def nearest(concept_id: str, meaning: ArticleMeaning) -> Iterator[str]:
    """Quote the sentence that comes nearest, and say how near it comes, and by which words."""
    resemblance, sentence = meaning.resemblance(concept_id)
    if sentence.text:
        near = f", {resemblance.similarity:.2f} similar" if resemblance.similarity else ""
        yield f"nearest is {quoted(sentence.text)} ({sentence.field}{near})"
    words = ", ".join(map(quoted, resemblance.terms))
    yield f"words that are its own: {words}" if words else "no word is its own"
