"""What concepts need to know of a word: the hash of its stem, and its vector. Each word of articles is learned once."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from monitors.match.concepts.vectors import DIMENSIONS, static_vectors
from monitors.match.print_table import PrintTable
from monitors.text.folding import LONGEST_WORD, without_diacritics
from monitors.text.stems import stems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

    from monitors.text.fingerprints import Fingerprints

    Hashes = npt.NDArray[np.uint32]
    Rows = npt.NDArray[np.intp]

MOST_WORDS = 40_000
"""Of one language: 10 MB. More than articles of some days have; then all is forgotten and learned anew."""
GROWS = 1.2
"""How much more room is made than is needed."""
_FIRST_ROOM = 2_000


def term(word: str, language: str | None) -> str:
    """Return what words that differ in their endings alone have in common; of several stems, the shortest."""
    found = stems(word, language)
    return min(found, key=lambda stem: (len(stem), stem)) if found else without_diacritics(word)


def hashes_of(terms: Iterable[str]) -> Hashes:
    """Return 32 bits for each term: two of a hundred thousand share theirs with one chance in 43,000 each."""
    return np.array([crc32(one.encode(errors="surrogatepass")) for one in terms], np.uint32)


class WordTable:
    """The words of articles in one language, by number. The numbers last until the next article is looked up."""

    def __init__(self, language: str | None) -> None:
        self._language = language
        self._static = static_vectors()
        self._rows: dict[str, int] = {}
        self._table = PrintTable(_FIRST_ROOM)
        self.terms: Hashes = np.zeros(0, np.uint32)
        """The hash of the stem of each word."""
        self.vectors: npt.NDArray[np.float16] = np.zeros((0, DIMENSIONS), np.float16)
        """The sum of the vectors of its pieces."""
        self.pieces: npt.NDArray[np.float32] = np.zeros(0, np.float32)
        """How many pieces it has."""

    def rows(self, prints: Fingerprints, word_at: Callable[[int], str]) -> Rows:
        """Return the number of each word of an article, by its fingerprint or, if that is new, by what it is."""
        if len(self._rows) + len(prints) > len(self.terms):
            self._make_room(len(prints))
        if len(self._rows) > self._table.room:
            self._table = PrintTable(4 * self._table.room)
        rows, new = self._table.look_up(prints)
        if len(new):
            rows[new] = self._learned([word_at(at) for at in new.tolist()])
            self._table.remember(prints[new], rows[new])
        return rows

    def of_words(self, words: list[str]) -> Rows:
        """Return the numbers of some folded words."""
        if len(self._rows) + len(words) > len(self.terms):
            self._make_room(len(words))
        return self._learned(words)

    def _learned(self, words: list[str]) -> Rows:
        words = [word[:LONGEST_WORD] for word in words]
        new = [word for word in dict.fromkeys(words) if word not in self._rows]
        if new:
            at = slice(len(self._rows), len(self._rows) + len(new))
            self.terms[at] = hashes_of(term(word, self._language) for word in new)
            self.vectors[at], self.pieces[at] = self._static.of(new) if self._static else (0, 0)
            self._rows.update(zip(new, range(at.start, at.stop), strict=True))
        return np.array([self._rows[word] for word in words], np.intp)

    def _make_room(self, more: int) -> None:
        if len(self._rows) > MOST_WORDS:
            self._rows.clear()
            self._table = PrintTable(_FIRST_ROOM)
        room = int(GROWS * (len(self._rows) + more))
        self.terms = np.resize(self.terms, room)
        self.vectors = np.resize(self.vectors, (room, DIMENSIONS))
        self.pieces = np.resize(self.pieces, room)
        give_back()


def give_back() -> None:
    """Give memory back that was let go: glibc keeps it, as long as nobody asks."""
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


class WordTables(dict[str | None, WordTable]):
    """The words of each language. For one thread at a time, like the matcher that has them."""

    def __missing__(self, language: str | None) -> WordTable:
        table = self[language] = WordTable(language)
        return table
