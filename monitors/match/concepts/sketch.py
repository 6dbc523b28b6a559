"""An article in numbers: how often it has which terms, and what each of its passages means."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from monitors.match.concepts.vectors import DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from monitors.match.concepts.vectors import Vectors
    from monitors.match.concepts.words import Hashes, Rows, WordTable
    from monitors.text.tokens import Tokens

    Counts = npt.NDArray[np.float32]

TITLE_COUNTS = 3
"""How many times a term of the title counts."""
PASSAGE = 25
"""Words that a passage has at least: shorter paragraphs are read with the next."""
MOST_WORDS = 4_000
"""Words of a text that are read: 20,000 characters."""


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """Terms by their hashes, in ascending order; passages in the order of the article."""

    terms: Hashes
    counts: Counts
    length: float
    """Of the article, in words."""
    passages: Vectors
    """One row each: the mean of its words' vectors, those of the title among them. The first is title and lead."""
    starts: tuple[int, ...] = ()
    """The first word of the text in each passage but the first."""

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        passages = self.passages.astype(np.float16)
        np.savez_compressed(out, allow_pickle=False, terms=self.terms, counts=self.counts, passages=passages)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, kept: bytes) -> Self:
        with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
            counts = arrays["counts"]
            return cls(arrays["terms"], counts, float(counts.sum()), arrays["passages"].astype(np.float32))


def sketch(fields: Sequence[Tokens], table: WordTable) -> Sketch:
    """Sketch an article, by its title, lead and text."""
    rows = rows_of(fields, table)
    title, lead, read = map(len, rows)
    words, places = np.unique(np.concatenate(rows), return_inverse=True)
    counted = np.ones(len(places), np.float32)
    counted[:title] = TITLE_COUNTS
    terms, counts = _counted(table.terms[words], np.bincount(places, counted, len(words)).astype(np.float32))
    begins = _begins(fields[-1], read)
    stretches = _sums(table, words, places, [0, title, *(title + lead + at for at in begins)])
    head, deck, body = stretches[0], stretches[1], stretches[2:]
    first = deck if deck[-1] else body[:1].sum(axis=0)
    return Sketch(terms, counts, float(counts.sum()), _means(head + np.vstack((first, body))), begins)


def rows_of(fields: Sequence[Tokens], table: WordTable) -> list[Rows]:
    """Return the words of each field, by number; they are looked up at once, since numbers hold until the next time."""
    prints = [tokens.fingerprints()[:MOST_WORDS] for tokens in fields]
    ends = np.cumsum([len(some) for some in prints])

    def word(at: int) -> str:
        field = int(np.searchsorted(ends, at, side="right"))
        return fields[field].word(at - int(ends[field]) + len(prints[field]))

    return np.split(table.rows(np.concatenate(prints), word), ends[:-1])


def means_of(table: WordTable, rows: Rows, begins: Sequence[int]) -> Vectors:
    """Return the mean of the words' vectors of each stretch, by the first word of each, in ascending order."""
    words, places = np.unique(rows, return_inverse=True)
    return _means(_sums(table, words, places, begins))


def _counted(terms: Hashes, counts: Counts) -> tuple[Hashes, Counts]:
    """Add up what words of one term have."""
    found, places = np.unique(terms, return_inverse=True)
    return found, np.bincount(places, counts, len(found)).astype(np.float32)


def _begins(text: Tokens, words: int) -> tuple[int, ...]:
    """Return the first word of each passage: paragraphs, those that are short with the next."""
    begins: list[int] = []
    for at in text.counts_before([start for start, _ in text.paragraphs]) if words else ():
        if at < words and (not begins or at - begins[-1] >= PASSAGE):
            begins.append(at)
    return tuple(begins)


def _sums(table: WordTable, words: Rows, places: Rows, begins: Sequence[int]) -> Vectors:
    """Return for each stretch the sum of its words' vectors and, in one more column, of how many pieces they have.

    A word that stands there several times is looked up once: the sums are a product of counts and vectors.
    """
    starts = np.array(begins, np.intp)
    lengths = np.diff(starts, append=len(places))
    stretches = np.repeat(np.arange(len(begins)), lengths)
    keys = stretches * len(words) + places[begins[0] if len(begins) else 0 :]
    counts = np.bincount(keys, minlength=len(begins) * len(words)).reshape(len(begins), len(words))
    vectors = np.empty((len(words), DIMENSIONS + 1), np.float32)
    vectors[:, :-1], vectors[:, -1] = table.vectors[words], table.pieces[words]
    found: Vectors = counts.astype(np.float32) @ vectors
    return found


def _means(sums: Vectors) -> Vectors:
    """Divide each sum by its last column, how many pieces there are."""
    return np.divide(sums[:, :-1], np.maximum(sums[:, -1:], 1), dtype=np.float32)
