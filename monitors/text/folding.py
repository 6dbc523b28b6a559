"""Folds spelling away: width, case, invisible characters, quotes and dashes, keeping the way back to the original."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_IRREGULAR = "\0"
"""Stands for a character that does not fold to exactly one; no article holds a NUL."""
_LONGEST_CLUSTER, _LONGEST_WORD = 30, 200
"""Beyond them it is junk, and normalising it takes quadratic time: 20 s for 80,000 accents on one letter."""
_RUN_OF_OTHERS = re.compile(r"[^\x00-\x7f]+")
_IRREGULAR_RUN = re.compile(r"[^\0]?\0+")
# A trade mark would become letters of its word under NFKC (PlayStation™ → playstationtm); the ellipsis three dots.
_SIGNS = str.maketrans("’‘‚‛′ʼʻ´＇“”„‟″＂…™℠®©\x85\u2028\u2029", "''''''''" + "'" + '""""""' + ".    \n\n\n")
# Latin letters that carry their diacritic without Unicode decomposing them.
_STROKES = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss"}
    | {"Ø": "O", "Ł": "L", "Đ": "D", "Ħ": "H", "Ŧ": "T", "Ð": "D", "Þ": "TH", "Æ": "AE", "Œ": "OE", "ẞ": "SS"}
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and, where lengths changed, which stretch of it came from where."""

    text: str
    starts: tuple[int, ...] = ()
    """Where each stretch begins in `text`; stretches are regular (letter for letter) and clusters in turn."""
    origins: tuple[int, ...] = ()
    """Where each stretch began in the original text, and as the last item where that ended."""

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original text that text[start:end] came from; not for an empty one."""
        if not self.starts:
            return start, end
        return self._origin(start)[0], self._origin(end - 1)[1]

    def _origin(self, at: int) -> tuple[int, int]:
        stretch = bisect_right(self.starts, at) - 1
        if stretch % 2:  # a cluster stands and falls as a whole
            return self.origins[stretch], self.origins[stretch + 1]
        origin = self.origins[stretch] + at - self.starts[stretch]
        return origin, origin + 1


def fold(text: str) -> Folded:
    """Fold a text to its matching form, diacritics kept (the stemmers need them; see without_diacritics)."""
    if text.isascii():
        return Folded(text.lower())
    folded = _RUN_OF_OTHERS.sub(lambda run: run.group().translate(_TABLE), text)
    return _fold_clusters(text, folded) if _IRREGULAR in folded else Folded(folded.lower())


def without_diacritics(word: str) -> str:
    """Drop the diacritics of Latin letters: São → Sao, Łódź → Lodz; й and が keep theirs."""
    if word.isascii() or len(word) > _LONGEST_WORD:
        return word
    kept: list[str] = []
    base_is_latin = False
    for char in unicodedata.normalize("NFD", word.translate(_STROKES)):
        if not unicodedata.combining(char):
            base_is_latin = "LATIN" in unicodedata.name(char, "")
        elif base_is_latin:
            continue
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def as_cased(word: str) -> str:
    """Return the form in which case-sensitive words are compared: folded in everything but case."""
    visible = "".join(char for char in word if not _is_invisible(char))
    return visible if len(visible) > _LONGEST_WORD else without_diacritics(unicodedata.normalize("NFKC", visible))


class _Table(dict[int, str]):
    """What each character folds to, found when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = _fold_cluster(char)
        regular = len(folded) == 1 and not _continues(char) and not "\u1100" <= char <= "\u11ff"
        self[code] = folded if regular else _IRREGULAR
        return self[code]


_TABLE = _Table()


def _fold_clusters(text: str, folded: str) -> Folded:
    pieces, starts, origins = [""], [0], [0]
    length, done = 0, 0

    def add(piece: str, origin: int) -> None:
        nonlocal length
        length += len(piece)
        pieces.append(piece)
        starts.append(length)
        origins.append(origin)

    for run in _IRREGULAR_RUN.finditer(folded):
        for start, end in _clusters(text, *run.span()):
            add(folded[done:start], start)
            add(_fold_cluster(text[start:end]), end)
            done = end
    pieces.append(folded[done:])
    return Folded("".join(pieces).lower(), tuple(starts), (*origins, len(text)))


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for at in range(start + 1, end):
        if not _continues(text[at]) or at - start >= _LONGEST_CLUSTER:
            yield start, at
            start = at
    yield start, end


def _fold_cluster(cluster: str) -> str:
    visible = "".join(char for char in cluster.translate(_SIGNS) if not _is_invisible(char))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
    return "".join("-" if unicodedata.category(c) == "Pd" or c == "−" else " " if c.isspace() else c for c in folded)


def _continues(char: str) -> bool:
    """Whether a character composes with the one before it: marks, invisible ones, Korean vowels, Japanese voicing."""
    return (
        unicodedata.category(char) in {"Mn", "Mc", "Me", "Cf"}
        or "\u1160" <= char <= "\u11ff"
        or "\ud7b0" <= char <= "\ud7fb"
        or char in "\uff9e\uff9f"
    )


def _is_invisible(char: str) -> bool:
    """Format characters, and the variation selectors and joiners that Unicode counts as marks."""
    return (
        unicodedata.category(char) == "Cf"
        or char in "\u034f\ufeff"
        or "\ufe00" <= char <= "\ufe0f"
        or char >= "\U000e0100"
    )
