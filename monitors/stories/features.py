"""What tells the event that an article is about: the names, numbers and words of its title and its beginning."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
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
_TOKEN = re.compile(r"([\W_]*)(\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?)")
_OPENING = frozenset('.!?:"“”„«»‘')
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
    before = ""
    for place, (feature, weight, follows) in enumerate(islice(_tokens(_told(article)), _READ)):
        weighed[feature] += weight * _EARLY[place]
        if follows:
            weighed[before + feature] += _PAIR * _EARLY[place - 1]
        before = feature
    return {feature: log1p(weight) for feature, weight in weighed.items() if weight}


def _told(article: Article) -> str:
    """Return title, lead and text; a title is not told twice where the text begins with it."""
    body = "\n".join(filter(None, (article.lead, article.text)))
    title = article.title.strip()
    return body if body.lstrip().startswith(title) else f"{title}\n{body}"


def _tokens(text: str) -> Iterator[tuple[str, float, bool]]:
    """Yield each word or character, its weight, and whether it is a character that belongs to the one before it."""
    for line in _normal(text).splitlines():
        found = _TOKEN.findall(line)
        words = [(_word(word), between) for between, word in found]
        in_capitals = _mostly_capitals([word for word, _ in words])
        opens = True
        for word, between in words:
            if word.running:
                yield from ((char, 0, place > 0) for place, char in enumerate(word.folded))
            elif word.capital and not in_capitals and not (opens or _opens(between)):
                yield word.folded, word.as_name, False
            else:
                yield word.folded, word.weight, False
            opens = False


def _opens(between: str) -> bool:
    """Whether a sentence or a quotation begins after what stands between two words."""
    return between != " " and between.rstrip()[-1:] in _OPENING


class _Word(NamedTuple):
    folded: str
    weight: float
    """0 for one that tells nothing by itself."""
    as_name: float = 0
    capital: bool = False
    letters: bool = True
    running: bool = False


@lru_cache(maxsize=20_000)
def _word(word: str) -> _Word:
    if word[0].isdigit():
        return _Word(f"#{word}", _NUMBER, letters=False)
    if is_running(word):
        return _Word(word, 0, running=True)
    folded = without_diacritics(fold(_POSSESSIVE.sub("", word[:LONGEST_WORD])).text)
    if folded in _COMMON:
        return _Word(folded, 0, 0, word[0].isupper())
    return _Word(folded, _WORD if len(folded) >= _SHORTEST else 0, _NAME, word[0].isupper())


def _normal(text: str) -> str:
    """Return the part of a text that is read, with one spelling for each character."""
    part = text[: 8 * _READ]
    return part if part.isascii() else unicodedata.normalize("NFKC", part)


def _mostly_capitals(words: list[_Word]) -> bool:
    return sum(word.capital for word in words) > _CAPITALS * sum(word.letters for word in words)
