"""Cuts a text into tokens that know where they stand in it: words, and characters where a script has no spaces."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from monitors.text.folding import fold

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

# Scripts written without spaces: Thai and Lao, Burmese, Khmer, Hangul, Han, Kana, Bopomofo. Each character is a token.
_RUNNING = (
    "\u0e01-\u0e3a\u0e40-\u0e59\u0e81-\u0edf\u1000-\u109f\u1780-\u17d3\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"
    "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3105-\u312f\u31a0-\u31bf"
)
# Vowel signs and the like, which Python's \w leaves out: without them a Hindi word would fall to pieces.
_MARKS = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in {"Mn", "Mc"})
_LETTER = rf"[^\W_{_RUNNING}]"
_TOKEN = re.compile(rf"{_LETTER}+(?:[{_MARKS}]+{_LETTER}*)*|[{_RUNNING}]")
_RUNNING_CHARACTER = re.compile(f"[{_RUNNING}]")
_POSSESSIVE = re.compile(r"'s(?!\w)")
_ASCII_WORDS_ONLY = str.maketrans({code: " " for code in range(128) if not chr(code).isalnum()})

WORD = 2
"""Distance is counted in steps. A word is two; a character of a script without spaces is one: two count as a word."""


def length(word: str) -> int:
    return 1 if _RUNNING_CHARACTER.match(word) else WORD


class Tokens:
    """One field of an article in tokens. What only a match needs is worked out when it is asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded = fold(text)
        # The possessive is blanked out, so that "Amazon's cloud" is "Amazon cloud" and every offset stays.
        self._plain = _POSSESSIVE.sub("  ", self._folded.text)
        self.words: Sequence[str] = (
            self._plain.translate(_ASCII_WORDS_ONLY).split() if self._plain.isascii() else _TOKEN.findall(self._plain)
        )
        """Folded, diacritics kept."""

    def __len__(self) -> int:
        return len(self.words)

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
        if self._plain.isascii() or not _RUNNING_CHARACTER.search(self._plain):
            return range(0, WORD * len(self.words) + 1, WORD)
        return tuple(accumulate(map(length, self.words), initial=0))

    @cached_property
    def _spans(self) -> Sequence[tuple[int, int]]:
        return list(map(re.Match.span, _TOKEN.finditer(self._plain)))

    def between(self, index: int) -> str:
        """Return what stands between the token before an index and the token there (folded): spaces and signs."""
        start = self._spans[index - 1][1] if index else 0
        return self._plain[start : self._spans[index][0] if index < len(self.words) else len(self._plain)]

    def span(self, first: int, last: int, *, before: int = 0, after: int = 0) -> tuple[int, int]:
        """Return where the tokens first..last stand in the original, with so many signs before and after them."""
        return self._folded.original(self._spans[first][0] - before, self._spans[last][1] + after)

    def original(self, index: int) -> str:
        start, end = self.span(index, index)
        return self.text[start:end]
