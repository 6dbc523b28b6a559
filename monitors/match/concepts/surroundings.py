"""What texts of news are like to a transformer, and what it means that one comes near a concept.

score = core + w ((similarity - mean) / deviation - expected), for articles that the first tier lets through, where
w = ¾ min(1, 4 / terms of the description): as for the first tier, whose words say more the more of them there are.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from monitors.match.concepts.background import centred

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from monitors.match.concepts.vectors import Vectors

    Floats = NDArray[np.floating[Any]]

GATE = 0.05
"""The share of the background above which the first tier lets an article through to be looked at again."""
WEIGHT, SHORT = 0.75, 4
"""How much a deviation of the similarity counts beside one of the words, and up to how many of them."""
EXPECTED = 3.25
"""How many deviations above the mean those are that are over the threshold: over 42 phrases 1.2 to 5.6."""
AXES = 64
"""Directions in which the surroundings are measured one by one: the deviation is then known to 3 in 100."""
BUNDLED = Path(__file__).with_name("surroundings.npz")

_LEAST_DEVIATION = 0.02  # usual is .09; less would be one text many times
_UNKNOWN = (0.0, 0.1)
_HAIR = 1e-3


class Spread(NamedTuple):
    """How near articles come to a concept that have nothing to do with it."""

    mean: float
    deviation: float

    def z(self, similarities: Floats) -> Floats:
        """Return how many deviations above the mean they are."""
        found: Floats = (similarities - self.mean) / self.deviation
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """Where the openings of articles lie among the vectors of a model. No article can be had back from it."""

    centre: Floats
    """The mean of their vectors: what all news has in common (Mu and Viswanath, "All-but-the-Top", 2018)."""
    mean: Floats
    """The mean of their directions as seen from the centre."""
    axes: Floats
    """The directions in which these vary most, a column each, as long as the deviation there."""
    rest: Floats
    """The variance in any other direction."""

    @classmethod
    def of(cls, vectors: Vectors) -> Self:
        """Measure the vectors of some hundred openings; with 500 it is as good as it gets."""
        centre = vectors.mean(axis=0)
        seen = centred(vectors, centre)
        variances, axes = np.linalg.eigh(np.cov(seen.T, bias=True))
        variances = np.maximum(variances, 0)
        others = variances[:-AXES]
        rest = others.mean() if len(others) else 0.0
        return cls(centre, seen.mean(axis=0), axes[:, -AXES:] * np.sqrt(variances[-AXES:]), np.array(rest))

    @classmethod
    def unknown(cls, width: int) -> Self:
        """Stand in where there is no article yet: nothing in common, and a usual deviation in every direction."""
        mean, deviation = _UNKNOWN
        nothing = np.zeros(width)
        return cls(nothing, nothing + mean, np.zeros((width, 0)), np.array(deviation**2))

    def directions(self, vectors: Vectors) -> Vectors:
        """Return the directions of vectors as seen from the centre."""
        return centred(vectors, self.centre.astype(np.float32))

    def spread(self, direction: Vectors) -> Spread:
        """Return how near articles come to a concept, by its direction."""
        lengths = np.linalg.norm(self.axes, axis=0)
        along = direction @ np.divide(self.axes, lengths, out=np.zeros_like(self.axes), where=lengths > 0)
        variance = np.square(along * lengths).sum() + self.rest * max(0.0, 1 - float(np.square(along).sum()))
        return Spread(float(direction @ self.mean), max(float(np.sqrt(variance)), _LEAST_DEVIATION))

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        np.savez_compressed(out, allow_pickle=False, **{one: getattr(self, one).astype(np.float16) for one in _ARRAYS})
        return out.getvalue()

    @classmethod
    def from_bytes(cls, kept: bytes) -> Self:
        with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
            return cls(**{name: arrays[name].astype(np.float32) for name in _ARRAYS})


_ARRAYS = tuple(one.name for one in fields(Surroundings))


@cache
def bundled() -> Surroundings:
    """Return those of the model that the extra `semantic` brings, over 3,000 articles in English."""
    return Surroundings.from_bytes(BUNDLED.read_bytes())


def two_nearest(similarities: Floats) -> float:
    """Return the mean of the two highest of an article's passages: one alone may be there by chance."""
    return float(np.sort(similarities)[-2:].mean())


def weight(terms: int) -> float:
    """Return how much the similarity counts for a concept whose description has so many terms."""
    return WEIGHT * min(1, SHORT / max(1, terms))


def blended(
    core: Floats,
    similarities: Floats,
    spread: Spread,
    *,
    gate: float,
    weight: float = WEIGHT,
    expected: float = EXPECTED,
) -> Floats:
    """Return the scores of articles that the first tier let through: those were `core`, none below `gate`.

    `expected` is the mean z of articles about the threshold, those of an archive if it has a few dozen; by it the
    threshold stays what it was. No score falls below the gate, so that whoever passed stays above those who did not;
    what would fall keeps its order within a hair above it.

    Sums of standardised scores rank better than sums of reciprocal ranks, and an article that comes alone has no rank
    (Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023).
    """
    added: Floats = core + weight * (spread.z(similarities) - expected)
    return np.where(added > gate, added, gate + _HAIR * np.exp(np.minimum(added - gate, 0)))
