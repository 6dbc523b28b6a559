"""What tells the event that an article is about: the names, numbers and words of its title and its beginning."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from math import exp, log1p
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

from monitors.text.cutting import is_running
from monitors.text.folding import LONGEST_WORD, fold, without_diacritics

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from crawler.domain import Article

MOST = 48
"""So many features are kept of an article, the strongest."""
_READ = 250
"""Words (characters of a script without spaces) that are read: what happened is told first, and what else, later."""
_EARLY = tuple(6 * exp(-place / 50) + 0.5 for place in range(_READ))
"""What a feature weighs more by where it stands: the first words of a story tell most of its event."""
_NAME, _NUMBER, _WORD, _PAIR = 1.0, 1.5, 0.5, 0.7
"""What a feature weighs: a name, a number, another word, two characters of a script without spaces."""
_SHORTEST = 4
"""Of a word without a capital; shorter ones are mostly those that stand everywhere, in any language."""
_CAPITALS = 0.6
"""A line in which more of the words have a capital is a headline in capitals, where they tell no names."""
STEP = 32
"""Weights are kept as a byte: so many steps are one."""
_VERSION = 1
"""To be raised with any change of what the numbers mean: those of another version cannot be compared."""
_HEAD = struct.Struct("<BB")

# English only: what is as common in another language weighs little once some articles have come.
_COMMON_IN_ENGLISH = (
    "the a an and or of to in on at for with by from as is are was were be been it its this that these those he she "
    "they his her their we you i but not has have had will would said says who which after before over into about more "
    "than also when if there what one two"
)
_COMMON = frozenset(_COMMON_IN_ENGLISH.split())
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")
_OPENS = re.compile(r"[.!?:\"“”„«»‘]\s*\Z|\n")
_POSSESSIVE = re.compile(r"['’]s\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """The features of an article as numbers, in ascending order, each with its weight."""

    hashes: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.uint8]

    def to_bytes(self) -> bytes:
        return _HEAD.pack(_VERSION, len(self.hashes)) + self.hashes.astype("<u4").tobytes() + self.weights.tobytes()

    @classmethod
    def from_bytes(cls, kept: bytes) -> Features:
        """Return what was kept; nothing to compare if another version of Newsvane wrote it."""
        if not kept or kept[0] != _VERSION:
            return NO_FEATURES
        _, count = _HEAD.unpack_from(kept)
        hashes = np.frombuffer(kept, "<u4", count, _HEAD.size).astype(np.uint32)
        return cls(hashes, np.frombuffer(kept, np.uint8, count, _HEAD.size + 4 * count))


NO_FEATURES = Features(np.zeros(0, np.uint32), np.zeros(0, np.uint8))


def features(article: Article) -> Features:
    """Return the strongest features of an article."""
    weighed = sorted(weights(article).items(), key=lambda item: -item[1])[:MOST]
    numbers = {crc32(feature.encode()): weight for feature, weight in weighed}
    hashes = np.array(sorted(numbers), np.uint32)
    steps = [min(255, max(1, round(STEP * numbers[one]))) for one in hashes.tolist()]
    return Features(hashes, np.array(steps, np.uint8))


def weights(article: Article) -> dict[str, float]:
    """Return all features, in the order in which they come up, and what each weighs."""
    weighed: dict[str, float] = defaultdict(float)
    tokens = list(islice(_tokens(_told(article)), _READ))
    for place, token in enumerate(tokens):
        weighed[token.feature] += token.weight * _EARLY[place]
    for place, (one, other) in enumerate(pairwise(tokens)):
        if other.follows:
            weighed[one.feature + other.feature] += _PAIR * _EARLY[place]
    return {feature: log1p(weight) for feature, weight in weighed.items() if weight}


def _told(article: Article) -> str:
    """Return title, lead and text; a title is not told twice where the text begins with it."""
    body = "\n".join(filter(None, (article.lead, article.text)))
    title = article.title.strip()
    return body if body.lstrip().startswith(title) else f"{title}\n{body}"


class _Token(NamedTuple):
    feature: str
    weight: float
    """0 for one that tells nothing by itself."""
    follows: bool = False
    """Whether it is a character that belongs to the one before it."""


def _tokens(text: str) -> Iterator[_Token]:
    for line in _normal(text).splitlines():
        found = list(_TOKEN.finditer(line))
        in_capitals = _mostly_capitals(found)
        end = 0
        for match in found:
            word, before = match.group(), line[end : match.start()]
            if is_running(word):
                yield from (_Token(char, 0, follows=place > 0) for place, char in enumerate(word))
            elif word[0].isdigit():
                yield _Token(f"#{word}", _NUMBER)
            else:
                opens = not end or _OPENS.search(before) is not None
                yield _word(word, is_name=word[0].isupper() and not in_capitals and not opens)
            end = match.end()


def _word(word: str, *, is_name: bool) -> _Token:
    folded = _folded(word)
    if folded in _COMMON or (len(folded) < _SHORTEST and not is_name):
        return _Token(folded, 0)
    return _Token(folded, _NAME if is_name else _WORD)


def _normal(text: str) -> str:
    """Return the part of a text that is read, with one spelling for each character."""
    part = text[: 12 * _READ]
    return part if part.isascii() else unicodedata.normalize("NFKC", part)


def _mostly_capitals(found: list[re.Match[str]]) -> bool:
    capitals = [match.group()[0].isupper() for match in found if match.group()[0].isalpha()]
    return sum(capitals) > _CAPITALS * len(capitals)


@lru_cache(maxsize=20_000)
def _folded(word: str) -> str:
    return without_diacritics(fold(_POSSESSIVE.sub("", word[:LONGEST_WORD])).text)
