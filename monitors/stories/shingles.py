"""What is kept of a text to tell its copies: its shingles (five words that follow each other), or a sample of them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from monitors.text.fingerprints import Base
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    import numpy.typing as npt

    from crawler.domain import Article

    Hashes = npt.NDArray[np.uint32]

WORDS = 5
"""In a shingle. Of a script without spaces, characters."""
MOST = 128
"""So many shingles are kept of a text at the most. A long one keeps every 2nd, 4th, 8th …: half of this or more."""
_LONGEST_TEXT = 500_000
"""In characters; of a longer one, its beginning."""
_VERSION = 1
"""To be raised with any change of the hashes: those of another version cannot be compared."""
_HEAD = struct.Struct("<BBI")

# Odd numbers drawn once. They are no secret: what is kept must mean the same tomorrow. Who writes two texts with the
# same hashes has made one a copy of the other, which takes less effort with the same words.
_BASE = Base(0x9E3779B97F4A7C15)
_WORD_AFTER_WORD = np.uint64(0xD1342543DE82EF95)
_FIRST_MIX, _SECOND_MIX = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)  # those of SplitMix64
LEVELS = 33


@dataclass(frozen=True, slots=True, eq=False)
class Shingles:
    """How many different shingles a text has, and those of them that are kept.

    Kept is a hash with at least `level` zeros at its end; so the sample of a text at a higher level is part of the one
    at a lower level, and two samples are compared at the higher of their levels.
    """

    count: int
    level: int
    sample: Hashes
    """Ascending, each once."""
    every: Hashes | None = None
    """All of them; known while the text is at hand, and not written down."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shingles) and self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.to_bytes())

    def to_bytes(self) -> bytes:
        return _HEAD.pack(_VERSION, self.level, self.count) + self.sample.astype("<u4").tobytes()

    def sizes(self) -> npt.NDArray[np.intp]:
        """Return how many of the sample are at each level, its own or a higher one."""
        zeros = np.bitwise_count((self.sample & -self.sample) - np.uint32(1))
        return np.bincount(zeros, minlength=LEVELS)[::-1].cumsum()[::-1]

    @classmethod
    def from_bytes(cls, kept: bytes) -> Shingles | None:
        """Return what was kept; None if another version of Newsvane wrote it: then it must be made anew."""
        if not kept or kept[0] != _VERSION:
            return None
        _, level, count = _HEAD.unpack_from(kept)
        sample = np.frombuffer(kept, "<u4", offset=_HEAD.size).astype(np.uint32)
        return cls(count, level, sample, sample if level == 0 else None)


def shingles(article: Article) -> Shingles:
    return shingles_of(told(article))


def told(article: Article) -> str:
    """Return the text that makes an article a copy: its body; without one its lead, else its title."""
    return article.text or article.lead or article.title


def shingles_of(text: str) -> Shingles:
    every = hashes(text)
    level, sample = 0, every
    while len(sample) > MOST:
        level += 1
        sample = at_level(sample, level)
    return Shingles(len(every), level, sample, every)


def at_level(hashes: Hashes, level: int) -> Hashes:
    found: Hashes = hashes[hashes & np.uint32((1 << level) - 1) == 0]
    return found


def hashes(text: str) -> Hashes:
    """Return a number for each different shingle of a text, in ascending order; none if it is too short for one."""
    words = Tokens(text[:_LONGEST_TEXT]).fingerprints(_BASE)
    if len(words) < WORDS:
        return np.zeros(0, np.uint32)
    count = len(words) - WORDS + 1
    found = words[:count].copy()
    for place in range(1, WORDS):
        found *= _WORD_AFTER_WORD
        found += words[place : place + count]
    return each_once(_mixed(found))


def each_once(hashes: Hashes) -> Hashes:
    """Return them in ascending order; np.unique takes 30 times as long."""
    hashes.sort()
    found: Hashes = hashes[np.append(True, hashes[1:] != hashes[:-1])]
    return found


def _mixed(numbers: npt.NDArray[np.uint64]) -> Hashes:
    """Return 32 bits that each depend on all 64 (Steele and others 2014)."""
    numbers ^= numbers >> np.uint64(30)
    numbers *= _FIRST_MIX
    numbers ^= numbers >> np.uint64(27)
    numbers *= _SECOND_MIX
    return (numbers >> np.uint64(32)).astype(np.uint32)
