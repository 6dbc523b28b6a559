"""Folds spelling away: width, case, invisible characters, quotes and dashes, keeping the way back to the original."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from monitors.text.characters import CharacterTable, decode, encode, without_flags

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from monitors.text.characters import Codes

LONGEST_WORD, _LONGEST_CLUSTER = 200, 30
"""Beyond them it is junk, and normalising it takes quadratic time: 5 s for 80,000 accents on one letter."""
_EXPANDS, _CONTINUES = 1 << 24, 1 << 25
"""Flags of a character that does not fold to exactly one, and of one that may fold with those before it."""
# A trade mark would become letters of its word under NFKC (PlayStation™ → playstationtm); the ellipsis three dots.
_SIGNS = str.maketrans("’‘‚‛′ʼʻ´＇“”„‟″＂…™℠®©\x85\u2028\u2029", "''''''''" + "'" + '""""""' + ".    \n\n\n")
# Latin letters that carry their diacritic without Unicode decomposing them.
_STROKES = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss"}
    | {"Ø": "O", "Ł": "L", "Đ": "D", "Ħ": "H", "Ŧ": "T", "Ð": "D", "Þ": "TH", "Æ": "AE", "Œ": "OE", "ẞ": "SS"}
)
# What Unicode calls format characters or default ignorable, and the Arabic tatweel, which only stretches a word.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u0600-\u0605\u061c\u0640\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# The vowels and accents of Hebrew and Arabic, which newspapers leave out. The hamza and madda of أ and آ stay.
_POINTS = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08ff]"
)


class Clusters(NamedTuple):
    """Where in the original stood what was not folded letter for letter, and how long it is in the folded text."""

    starts: Sequence[int]
    ends: Sequence[int]
    lengths: Sequence[int]


@dataclass(frozen=True)
class Folded:
    """A folded text and, where lengths changed, which stretch of it came from where."""

    text: str
    clusters: Clusters | None = None
    original_length: int = 0

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original text that text[start:end] came from; not for an empty one."""
        if self.clusters is None:
            return start, end
        starts, ends = self._origins
        return int(starts[start]), int(ends[end - 1])

    def originals(
        self, starts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Do the same for many stretches."""
        if self.clusters is None:
            return starts, ends
        return self._origins[0][starts], self._origins[1][ends - 1]

    def folded(self, place: int) -> int:
        """Return where in the folded text a place of the original is, which must not be inside of a cluster."""
        if self.clusters is None:
            return place
        starts, ends, lengths = self.clusters
        before = bisect_right(ends, place)
        return place + sum(starts[:before]) - sum(ends[:before]) + sum(lengths[:before])

    @cached_property
    def _origins(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """For each character of `text`, where in the original it starts and ends: a cluster falls as a whole."""
        starts, ends, lengths = np.array(self.clusters, np.intp)
        depth = np.zeros(self.original_length + 1, np.int8)
        depth[starts + 1] += 1
        depth[ends] -= 1
        units = np.flatnonzero(np.cumsum(depth[:-1]) == 0)  # where a letter or a cluster begins
        counts = np.ones(len(units), np.intp)
        counts[np.searchsorted(units, starts)] = lengths
        return np.repeat(units, counts), np.repeat(np.append(units[1:], self.original_length), counts)


def fold(text: str) -> Folded:
    """Fold a text to its matching form, diacritics kept (the stemmers need them; see without_diacritics)."""
    if text.isascii():
        return Folded(text.lower())
    codes = _TABLE.look_up(encode(text))
    return Folded(decode(codes)) if codes.max() < _EXPANDS else _fold_clusters(text, codes)


def without_diacritics(word: str) -> str:
    """Drop the diacritics of Latin and Greek letters and the points of Hebrew and Arabic: São → Sao, Łódź → Lodz.

    й and が keep theirs, which make another letter of them.
    """
    if word.isascii() or len(word) > LONGEST_WORD:
        return word
    return unicodedata.normalize("NFC", word.translate(_BARE)) if word.isalnum() else _bare(word)


def _bare(word: str) -> str:
    kept: list[str] = []
    base_is_bare = False
    for char in unicodedata.normalize("NFD", word.translate(_STROKES)):
        if not unicodedata.combining(char):
            name = unicodedata.name(char, "")
            base_is_bare = "LATIN" in name or "GREEK" in name
        elif base_is_bare or _POINTS.match(char):
            continue
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


class _Bare(dict[int, str]):
    """What each letter is without diacritics, found when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = _bare(chr(code))
        return self[code]


_BARE = _Bare()


def as_cased(word: str) -> str:
    """Return the form in which case-sensitive words are compared: folded in everything but case."""
    if word.isascii():
        return word
    visible = _INVISIBLE.sub("", word)
    return visible if len(visible) > LONGEST_WORD else without_diacritics(unicodedata.normalize("NFKC", visible))


def _number_of(char: str) -> int:
    if char.isascii():
        return ord(char.lower()) or ord(" ")
    if _continues(char):
        return ord(char) | _CONTINUES
    folded = _fold_cluster(char)
    return ord(folded) if len(folded) == 1 else ord(char) | _EXPANDS


_TABLE = CharacterTable(_number_of)


def _fold_clusters(text: str, codes: Codes) -> Folded:
    regular = decode(without_flags(codes))
    starts, ends = _clusters(codes)
    folded = [_fold_cluster(text[start:end]) for start, end in zip(starts, ends, strict=True)]
    between = [regular[end:start] for end, start in zip([0, *ends], [*starts, len(text)], strict=True)]
    joined = "".join(chain.from_iterable(zip_longest(between, folded, fillvalue="")))
    return Folded(joined, Clusters(starts, ends, list(map(len, folded))), len(text))


def _clusters(codes: Codes) -> tuple[list[int], list[int]]:
    """Return where the clusters start and end: a character that expands, or any, with those that continue it."""
    irregular = np.flatnonzero(codes >= _EXPANDS)
    continues = codes[irregular] >= _CONTINUES
    apart = np.diff(irregular, prepend=-2) > 1  # from the irregular one before it, so it continues a regular one
    first = np.flatnonzero(~continues | apart)
    starts = np.maximum(irregular[first] - (continues & apart)[first], 0)  # at the beginning there is none to continue
    ends = irregular[np.append(first[1:], len(irregular)) - 1] + 1
    return _cut_up(starts, ends) if (ends - starts).max() > _LONGEST_CLUSTER else (starts.tolist(), ends.tolist())


def _cut_up(starts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp]) -> tuple[list[int], list[int]]:
    """Cut clusters that nobody wrote to be read into pieces which can be normalised."""
    stretches = zip(starts.tolist(), ends.tolist(), strict=True)
    pieces = [range(start, end, _LONGEST_CLUSTER) for start, end in stretches]
    lasts = [[*piece[1:], end] for piece, end in zip(pieces, ends.tolist(), strict=True)]
    return list(chain.from_iterable(pieces)), list(chain.from_iterable(lasts))


@lru_cache(maxsize=10_000)
def _fold_cluster(cluster: str) -> str:
    visible = unicodedata.normalize("NFKC", _INVISIBLE.sub("", cluster.translate(_SIGNS)))
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", visible.casefold()))
    return "".join("-" if unicodedata.category(c) == "Pd" or c == "−" else " " if c.isspace() else c for c in folded)


def _continues(char: str) -> bool:
    """Whether a character composes with the one before it: marks, invisible ones, Korean vowels, Japanese voicing."""
    return (
        unicodedata.category(char) in {"Mn", "Mc", "Me", "Cf"}
        or "\u1160" <= char <= "\u11ff"
        or "\ud7b0" <= char <= "\ud7fb"
        or char in "\uff9e\uff9f"
        or _INVISIBLE.match(char) is not None
    )
