"""Counts how many different things of a kind a text says, in one pass over it and in linear time."""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property

import re2

_MEMORY = 64 * 2**20
"""Bytes for the automaton: with re2's 8 MiB, a hundred phrases in all alphabets would start it anew all the time."""
_ACCENTS = re.compile("[\u0300-\u036f]+")
# letters whose strokes are no accents to Unicode; replaced one by one, which is faster than str.translate
_LETTERS = {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "ß": "ss", "æ": "ae"}


class Cues:
    """A set of phrases as regular expressions in RE2's syntax, read without regard to case and accents.

    To RE2, word characters are those of ASCII: that is why accents are taken off on both sides.
    """

    def __init__(self, *phrases: str, whole: bool = False) -> None:
        self.phrases = phrases
        self._whole = whole

    def count(self, text: str) -> int:
        """Return how many of the phrases the text says (with `whole`: is, from its first letter to its last)."""
        return len(self._set.Match(plain(text)) or ())

    @cached_property
    def _set(self) -> re2.Set:
        options = re2.Options()
        options.case_sensitive = False
        options.max_mem = _MEMORY
        made = re2.Set.FullMatchSet(options) if self._whole else re2.Set.SearchSet(options)
        for phrase in self.phrases:
            made.Add(plain(phrase))
        made.Compile()
        return made


def plain(text: str) -> str:
    """Return a text without accents."""
    if text.isascii():
        return text
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    for letter, replacement in _LETTERS.items():
        bare = bare.replace(letter, replacement)
    return bare
