"""What is usual: how many articles have a term, and how near ordinary articles come to a concept.

Thresholds are quantiles of what a concept scores over some thousand articles: the archive's own or, as long as it is
small, those of a sample that comes with Newsvane. Of each only numbers are kept: hashes of its terms, how often it has
them, and the directions of its passages in four bits a dimension.
"""

from __future__ import annotations

import io
import lzma
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from monitors.match.concepts.vectors import DIMENSIONS, directions

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from monitors.match.concepts.sketch import Sketch
    from monitors.match.concepts.sought import Sought
    from monitors.match.concepts.vectors import Vectors
    from monitors.match.concepts.words import Hashes

    Floats = npt.NDArray[np.float32]

K1, B = 1.2, 0.75
"""Of BM25 (Robertson and Zaragoza 2009, The probabilistic relevance framework)."""
BUNDLED = Path(__file__).with_name("background.xz")
_PRESET = 4
"""Of the compression: it takes 48 MB; the best takes 674 MB, and 65 MB to read, for no smaller a file."""
_CHUNK = 1_000
"""Articles whose passages are unpacked at a time."""
_SEVEN = 7
"""The largest number of a dimension in four bits."""
_ARRAYS = (
    "vocabulary", "frequencies", "centre", "lengths", "term_ends", "terms", "counts", "passage_ends", "passages",
)  # fmt: skip
_ARTICLES = ("term_ends", "terms", "counts", "passage_ends", "passages")


@dataclass(frozen=True, eq=False, kw_only=True)
class Background:
    """Some thousand articles in numbers."""

    vocabulary: Hashes
    """Every term that two of them have, by its hash, in ascending order."""
    frequencies: npt.NDArray[np.uint16]
    """How many of them have each."""
    centre: Floats
    """The mean of their first passages."""
    lengths: npt.NDArray[np.uint16]
    """How many words each of them has."""
    term_ends: npt.NDArray[np.uint32]
    """Where in `terms` each of them ends."""
    terms: npt.NDArray[np.uint16]
    """The terms of all of them, by their place in the vocabulary."""
    counts: npt.NDArray[np.uint8]
    passage_ends: npt.NDArray[np.uint32]
    """Where in `passages` each of them ends."""
    passages: npt.NDArray[np.uint8]
    """The directions of all passages, centred; two dimensions in a byte."""
    per_week: float | None = None
    """How many articles come in a week, where it is known."""

    # -- how it is made and kept --------------------------------------------------------------------------------------

    @classmethod
    def of(cls, sketches: Sequence[Sketch]) -> Self:
        """Make it of some sketches."""
        hashes = np.concatenate([one.terms for one in sketches])
        vocabulary, frequencies = np.unique(hashes, return_counts=True)
        shared = np.flatnonzero(frequencies > 1)
        shared = np.sort(shared[np.argsort(-frequencies[shared], kind="stable")][: np.iinfo(np.uint16).max])
        vocabulary, frequencies = vocabulary[shared], frequencies[shared]
        counts = np.concatenate([one.counts for one in sketches])
        places, known = looked_up(vocabulary, hashes)
        owners = np.repeat(np.arange(len(sketches)), [len(one.terms) for one in sketches])[known]
        centre: Floats = np.array([one.passages[0] for one in sketches], np.float32).mean(axis=0)
        return cls(
            vocabulary=vocabulary,
            frequencies=np.minimum(frequencies, np.iinfo(np.uint16).max).astype(np.uint16),
            centre=centre,
            lengths=np.array([min(one.length, np.iinfo(np.uint16).max) for one in sketches], np.uint16),
            term_ends=np.cumsum(np.bincount(owners, minlength=len(sketches))).astype(np.uint32),
            terms=places[known].astype(np.uint16),
            counts=np.minimum(counts[known], np.iinfo(np.uint8).max).astype(np.uint8),
            passage_ends=np.cumsum([len(one.passages) for one in sketches]).astype(np.uint32),
            passages=np.concatenate([_packed(centred(one.passages.astype(np.float32), centre)) for one in sketches]),
        )

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        np.savez(out, allow_pickle=False, **{name: getattr(self, name) for name in _ARRAYS})
        return lzma.compress(out.getvalue(), preset=_PRESET)

    @classmethod
    def from_bytes(cls, kept: bytes) -> Self:
        with np.load(io.BytesIO(lzma.decompress(kept)), allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in _ARRAYS})

    def without_articles(self) -> Self:
        """Return what is left to measure new articles by, once the concepts are calibrated: a tenth of the memory."""
        nothing = {name: getattr(self, name)[:0] for name in _ARTICLES}
        return replace(self, **nothing)

    # -- what is usual ------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.lengths)

    def idf(self, terms: Hashes) -> Floats:
        """Return the inverse document frequency of some terms; one that is in none is as rare as one can be."""
        places, known = looked_up(self.vocabulary, terms)
        frequencies = np.zeros(len(terms), np.float32)
        frequencies[known] = self.frequencies[places[known]]
        found: Floats = np.log1p((len(self) - frequencies + 0.5) / (frequencies + 0.5)).astype(np.float32)
        return found

    def saturated(self, counts: Floats, length: float | Floats) -> Floats:
        """Return what BM25 makes of how often an article of a length has a term, before its idf."""
        found: Floats = (counts * (K1 + 1) / (counts + K1 * (1 - B + B * length / self.mean_length))).astype(np.float32)
        return found

    @cached_property
    def mean_length(self) -> float:
        return max(1.0, float(self.lengths.mean()))

    def words_scores(self, soughts: Sequence[Sought]) -> Floats:
        """Return the BM25 of each article (row) for some concepts (columns)."""
        owners = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.term_ends, prepend=np.uint32(0)))
        of_term = np.argsort(self.terms, kind="stable").astype(np.int32)
        begins = np.concatenate(([0], np.cumsum(np.bincount(self.terms, minlength=len(self.vocabulary)))))
        scores = np.zeros((len(self), len(soughts)), np.float32)
        for column, one in enumerate(soughts):
            places, known = looked_up(self.vocabulary, one.terms)
            for place, weight in zip(places[known].tolist(), one.weights[known].tolist(), strict=True):
                at = of_term[begins[place] : begins[place + 1]]
                lengths = self.lengths[owners[at]].astype(np.float32)
                scores[owners[at], column] += weight * self.saturated(self.counts[at].astype(np.float32), lengths)
        return scores

    def similarities(self, soughts: Sequence[Sought]) -> Floats:
        """Return how near each article (row) comes to some concepts (columns): see `nearness`."""
        if not soughts:
            return np.zeros((len(self), 0), np.float32)
        wanted = np.array([one.direction for one in soughts], np.float32).T
        found, first = [], 0
        for at in range(0, len(self), _CHUNK):
            ends = self.passage_ends[at : at + _CHUNK]
            found.append(nearness(_unpacked(self.passages[first : ends[-1]]) @ wanted, ends - np.uint32(first)))
            first = int(ends[-1])
        return np.concatenate(found)


def nearness(similarities: Floats, ends: npt.NDArray[np.uint32]) -> Floats:
    """Return for each article the mean of its two most similar passages; of one alone, its own.

    The best alone is chance's in a long article; the first alone is hidden by whatever a page puts before its text.
    Articles are stretches of rows, by where each ends.
    """
    begins = np.concatenate(([0], ends[:-1])).astype(np.intp)
    best = np.maximum.reduceat(similarities, begins)
    are_best = similarities == np.repeat(best, np.diff(ends, prepend=np.uint32(0)), axis=0)
    others = np.maximum.reduceat(np.where(are_best, -np.inf, similarities), begins)
    twice = np.add.reduceat(are_best, begins, dtype=np.int32) > 1
    second = np.where(twice | ~np.isfinite(others), best, others)
    found: Floats = ((best + second) / 2).astype(np.float32)
    return found


def centred(passages: Vectors, centre: Floats) -> Vectors:
    """Return the directions of passages as seen from the centre; of a passage without a vector, none."""
    moved = passages - centre
    moved[~passages.any(axis=-1)] = 0
    return directions(moved)


def looked_up(vocabulary: Hashes, terms: Hashes) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Return the place of each term in a vocabulary, and whether it is there."""
    places = np.searchsorted(vocabulary, terms)
    known = places < len(vocabulary)
    known[known] = vocabulary[places[known]] == terms[known]
    return places, known


def _packed(found: Vectors) -> npt.NDArray[np.uint8]:
    """Keep each dimension in four bits, against the largest of its row; only the direction matters."""
    largest = np.maximum(np.abs(found).max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    steps = (np.round(found / largest * _SEVEN) + _SEVEN).astype(np.uint8)
    packed: npt.NDArray[np.uint8] = steps[:, ::2] << 4 | steps[:, 1::2]
    return packed


def _unpacked(packed: npt.NDArray[np.uint8]) -> Vectors:
    steps = np.empty((len(packed), DIMENSIONS), np.float32)
    steps[:, ::2], steps[:, 1::2] = packed >> 4, packed & 15
    return directions(steps - _SEVEN)


def bundled() -> Background:
    """Return the sample that comes with Newsvane."""
    return Background.from_bytes(BUNDLED.read_bytes())
