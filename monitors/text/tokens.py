"""Cuts a text into tokens that know where they stand in it: words, and characters where a script has no spaces."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from monitors.text.cutting import (
    are_running,
    ascii_codes,
    bounds,
    bounds_of_ascii,
    is_running,
    kinds,
    words,
    words_of_ascii,
)
from monitors.text.fingerprints import NO_FINGERPRINTS, SECRET, fingerprints
from monitors.text.folding import fold
from monitors.text.sentences import paragraphs, sentences, sentences_in

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    import numpy.typing as npt

    from monitors.text.characters import Codes
    from monitors.text.fingerprints import Base, Fingerprints

_POSSESSIVE = re.compile(r"'s(?!\w)")

_NOWHERE = np.zeros(0, np.intp)

WORD = 2
"""Distance is counted in steps. A word is two; a character of a script without spaces is one: two count as a word."""


def length(word: str) -> int:
    return 1 if is_running(word) else WORD


class Tokens:
    """One field of an article in tokens. What only a match needs is worked out when it is asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded = fold(text)
        # The possessive is blanked out, so that "Amazon's cloud" is "Amazon cloud" and every offset stays.
        self._plain = _POSSESSIVE.sub("  ", self._folded.text)
        self._sentences_of: dict[int, Sequence[tuple[int, int]]] = {}

    def __len__(self) -> int:
        return len(self._cut[0])

    @cached_property
    def words(self) -> Sequence[str]:
        """Folded, diacritics kept."""
        return words_of_ascii(self._plain) if self._plain.isascii() else words(self._kinds)

    def word(self, index: int) -> str:
        """Return one of the words, without cutting the others."""
        starts, ends = self._cut
        return self._plain[starts[index] : ends[index]]

    def fingerprints(self, base: Base = SECRET) -> Fingerprints:
        """Return for each word a number that stands for it; see fingerprints.py."""
        codes = ascii_codes(self._plain) if self._plain.isascii() else self._kinds
        return fingerprints(codes, *self._cut, base) if self.text else NO_FINGERPRINTS

    def positions(self, wanted: Container[str]) -> Mapping[str, list[int]]:
        """Return at which indices each of the wanted words stands."""
        positions: dict[str, list[int]] = defaultdict(list)
        for index, word in enumerate(self.words):
            if word in wanted:
                positions[word].append(index)
        return positions

    @cached_property
    def steps(self) -> Sequence[int]:
        """How many steps from the beginning each token starts; one more item for the end."""
        if self._plain.isascii() or not (running := are_running(self._kinds)).any():
            return range(0, WORD * len(self) + 1, WORD)
        starts, _ = self._cut
        lengths = np.where(running[starts], 1, WORD)
        return [0, *np.cumsum(lengths).tolist()]

    def count_before(self, place: int) -> int:
        """Return how many tokens stand before a place in the original text that is not inside of one."""
        return int(np.searchsorted(self._cut[0], self._folded.folded(place)))

    def counts_before(self, places: Sequence[int]) -> list[int]:
        """Do the same for many places."""
        starts, _ = self._folded.originals(*self._cut)
        counts: list[int] = np.searchsorted(starts, places).tolist()
        return counts

    def between(self, index: int) -> str:
        """Return what stands between the token before an index and the token there (folded): spaces and signs."""
        starts, ends = self._cut
        return self._plain[ends[index - 1] if index else 0 : starts[index] if index < len(starts) else None]

    def span(self, first: int, last: int, *, before: int = 0, after: int = 0) -> tuple[int, int]:
        """Return where the tokens first..last stand in the original, with so many signs before and after them."""
        starts, ends = self._cut
        return self._folded.original(starts.item(first) - before, ends.item(last) + after)

    def original(self, index: int) -> str:
        start, end = self.span(index, index)
        return self.text[start:end]

    def tokens_in(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the first and the last token that a stretch of the original text touches; an empty one none."""
        starts, ends = self._origins
        first, last = bisect_right(ends, start), bisect_left(starts, end) - 1
        return (first, last) if first <= last and start < end else None

    @cached_property
    def sentences(self) -> Sequence[tuple[int, int]]:
        """Where the sentences start and end in the original text."""
        return list(sentences(self.text))

    @cached_property
    def paragraphs(self) -> Sequence[tuple[int, int]]:
        """Where the paragraphs that are not blank start and end in the original text."""
        return list(paragraphs(self.text))

    def sentence_at(self, place: int) -> tuple[int, int]:
        """Return where the sentence starts and ends in which a place of the original text is; no other is looked for.

        Of a place that is in none, the one before it.
        """
        paragraph = _among(self.paragraphs, place)
        found = self._sentences_of.get(paragraph)
        if found is None:
            found = self._sentences_of[paragraph] = list(sentences_in(self.text, *self.paragraphs[paragraph]))
        return found[_among(found, place)]

    def sentence_of(self, index: int) -> int:
        """Return in which of the sentences a token stands."""
        return _among(self.sentences, self._last_character(index))

    def paragraph_of(self, index: int) -> int:
        """Return in which of the paragraphs a token stands."""
        return _among(self.paragraphs, self._last_character(index))

    def _last_character(self, index: int) -> int:
        """Return where it stands; the first one of a token that begins with a mark may be the line break before it."""
        return self.span(index, index)[1] - 1

    @cached_property
    def _kinds(self) -> Codes:
        return kinds(self._plain)

    @cached_property
    def _cut(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Where each token starts and ends in the plain text."""
        if not self.text:
            return _NOWHERE, _NOWHERE
        return bounds_of_ascii(ascii_codes(self._plain)) if self._plain.isascii() else bounds(self._kinds)

    @cached_property
    def _origins(self) -> tuple[list[int], list[int]]:
        """Where each token starts and ends in the original text."""
        starts, ends = self._folded.originals(*self._cut)
        return starts.tolist(), ends.tolist()


def _among(stretches: Sequence[tuple[int, int]], place: int) -> int:
    """Return in which of some stretches a place is; of one that is in none, the one before it."""
    return max(0, bisect_right(stretches, (place, inf)) - 1)
