"""A concept in numbers: the terms it is told by, and the direction in which what means it lies.

Examples, counterexamples and judgements move it as Rocchio (1971) has it: towards the mean of what is meant, away from
the mean of what is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from monitors.match.concepts.background import centred
from monitors.match.concepts.vectors import DIMENSIONS, directions
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitors.domain import Concept
    from monitors.match.concepts.background import Background, Floats
    from monitors.match.concepts.sketch import Sketch
    from monitors.match.concepts.vectors import Vectors
    from monitors.match.concepts.words import Hashes, WordTable

COMMON = 1.0
"""The inverse document frequency below which a word says nothing: more than a third of all articles have it."""
TOWARDS, AWAY = 0.5, 0.15
"""How far the mean of what is meant, and of what is not, moves a concept, against its own length."""
LEARNED = 20
"""How many terms of each text that is meant or not are learned at the most: the strongest."""


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """What articles are compared with."""

    terms: Hashes
    weights: Floats
    """Of each term, its idf within."""
    direction: Vectors
    described_by: int
    """How many terms its description has."""
    words: Mapping[str, int]
    """The words that were written, each with its term: in another language, it has another."""


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    terms: Hashes
    weights: Floats
    direction: Vectors
    words: Mapping[str, int] = field(default_factory=dict)


def sought(
    concept: Concept,
    background: Background,
    table: WordTable,
    *,
    good: Sequence[Sketch] = (),
    bad: Sequence[Sketch] = (),
) -> Sought:
    """Return a concept in numbers, moved by its examples and by articles that were judged."""
    told = _of_words(concept.description, background, table)
    meant = [*(_of_words(one, background, table) for one in concept.examples), *(_of(one, background) for one in good)]
    not_meant = [
        *(_of_words(one, background, table) for one in concept.counterexamples),
        *(_of(one, background) for one in bad),
    ]
    weights = dict(zip(told.terms.tolist(), told.weights.tolist(), strict=True))
    strongest = max(weights.values(), default=1.0)
    direction = told.direction.copy()
    for texts, share in ((meant, TOWARDS), (not_meant, -AWAY)):
        for text in texts:
            direction += share / len(texts) * text.direction
            for term, weight in _strongest(text):
                weights[term] = weights.get(term, 0) + share / len(texts) * strongest * weight
    kept = sorted((term, weight) for term, weight in weights.items() if weight > 0)
    return Sought(
        np.array([term for term, _ in kept], np.uint32),
        np.array([weight for _, weight in kept], np.float32),
        directions(direction),
        len(told.terms),
        {word: term for text in (told, *meant) for word, term in text.words.items()},
    )


def _strongest(text: _Text) -> list[tuple[int, float]]:
    """Return the strongest terms of a text, and how strong each is against the first."""
    order = np.argsort(-text.weights, kind="stable")[:LEARNED]
    if not len(order):
        return []
    shares = text.weights[order] / text.weights[order[0]]
    return list(zip(text.terms[order].tolist(), shares.tolist(), strict=True))


def _of_words(text: str, background: Background, table: WordTable) -> _Text:
    """Read what somebody wrote: each word once, without those that nearly every article has."""
    words = list(dict.fromkeys(Tokens(text).words))
    rows = table.of_words(words)
    idf = background.idf(table.terms[rows])
    telling = idf >= min(COMMON, idf.max(initial=0))
    rows, idf, words = rows[telling], idf[telling], [word for word, tells in zip(words, telling, strict=True) if tells]
    terms, first = np.unique(table.terms[rows], return_index=True)
    pieces = max(1.0, float(table.pieces[rows].sum()))
    mean = table.vectors[rows].astype(np.float32).sum(axis=0) / np.float32(pieces)
    told = dict(zip(words, table.terms[rows].tolist(), strict=True))
    return _Text(terms, idf[first], centred(mean[None], background.centre)[0], told)


def _of(sketch: Sketch, background: Background) -> _Text:
    """Read an article."""
    weights = background.idf(sketch.terms) * background.saturated(sketch.counts, sketch.length)
    passages = centred(sketch.passages, background.centre)
    direction = directions(passages.mean(axis=0)) if len(passages) else np.zeros(DIMENSIONS, np.float32)
    return _Text(sketch.terms, weights, direction)
