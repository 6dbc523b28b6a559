"""Chooses the passages that tell best what was changed in a text, and cuts them to what a reader needs to see of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Literal

from monitors.text.word_diff import changed_paragraphs, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from monitors.text.word_diff import Piece, Pieces

MOST = 3
"""Passages that are shown of one edit."""
SIZE = 300
"""Characters of one, its marks of omission left out."""
CONTEXT = 60
"""Characters of what stayed, before and after a change."""
CHANGE = 140
"""Characters of what is gone or has come, in one piece."""
LOOKED_AT = 200
"""Changed paragraphs among which those are chosen."""
GAP = "…"


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for in a change: words that are gone or have come."""

    words: tuple[str, ...]
    """Each as it stands in the text."""
    what: Literal["gone", "come"] = "come"

    def rank(self, pieces: Pieces) -> int:
        """Return 0 for a passage in which the words are gone or have come, 1 if they stand in it, else 2."""
        if any(self.at(piece) is not None for piece in pieces):
            return 0
        whole = "".join(text for text, what in pieces if what in {"same", self.what})
        return 1 if self._place(whole) is not None else 2

    def at(self, piece: Piece) -> int | None:
        """Return where in a changed piece the first of the words stands."""
        text, what = piece
        return self._place(text) if what == self.what else None

    def _place(self, text: str) -> int | None:
        keyed = _keyed(text) if self.words else ""
        if not any(word in keyed for word in self._keyed_words):
            return None
        folded = text.casefold()
        places = [folded.find(word.casefold()) for word in self.words]
        return min((place for place in places if place >= 0), default=0)

    @cached_property
    def _keyed_words(self) -> tuple[str, ...]:
        return tuple(_keyed(word) for word in self.words)


def _keyed(text: str) -> str:
    """Return the words of a text so that one text is in another only as whole words."""
    return "\n".join(["", *words_of(text.casefold()), ""])


ANYTHING = Wanted(())


def changes_worth_telling(before: str, after: str, tells: Callable[[str, str], bool]) -> tuple[Pieces, ...]:
    """Return the paragraphs that were changed; `tells` says of what one was and is whether that is worth telling."""
    changed = (one for one in changed_paragraphs(before, after) if tells(side(one, "gone"), side(one, "come")))
    return tuple(islice(changed, LOOKED_AT))


def passages(changed: Iterable[Pieces], wanted: Wanted = ANYTHING, *, most: int = MOST) -> tuple[Pieces, ...]:
    """Return some of the paragraphs, those with the wanted words first, each cut around its change."""
    return tuple(cut(pieces, wanted) for pieces in sorted(changed, key=wanted.rank)[:most])


def side(pieces: Iterable[Piece], which: Literal["gone", "come"]) -> str:
    """Return what a passage was (`gone`), or what it is (`come`)."""
    return "".join(text for text, what in pieces if what in {"same", which})


def cut(pieces: Pieces, wanted: Wanted = ANYTHING) -> Pieces:
    """Return the part of a passage around its change, or around the wanted words in it."""
    first = _first(pieces, wanted)
    last, size = first, 0
    shown: list[Piece] = [(f"{GAP} ", "same")] if first else []
    while last < len(pieces):
        piece = _shortened(pieces, last, first, wanted)
        size += len(piece[0])
        if size > SIZE and last > first + 2:  # what stayed, what is gone and what has come belong together
            break
        shown.append(piece)
        last += 1
    if last < len(pieces):
        shown.append((f" {GAP}", "same"))
    return tuple(shown)


def _first(pieces: Pieces, wanted: Wanted) -> int:
    """Return the piece to begin with: what stayed before the change that is wanted, or before the first."""
    changed = [at for at, (_, what) in enumerate(pieces) if what != "same"]
    at = next((at for at in changed if wanted.at(pieces[at]) is not None), changed[0] if changed else 0)
    if pieces[at : at + 1] and pieces[at][1] == "come" and at and pieces[at - 1][1] == "gone":
        at -= 1
    return at - 1 if at and pieces[at - 1][1] == "same" else at


def _shortened(pieces: Sequence[Piece], at: int, first: int, wanted: Wanted) -> Piece:
    text, what = pieces[at]
    if what != "same":
        return _around(text, wanted.at(pieces[at]) or 0, CHANGE), what
    begin = "" if at == first else head(text, CONTEXT)
    end = "" if at == len(pieces) - 1 else tail(text, CONTEXT)
    if len(text) <= len(begin) + len(end) + len(GAP) or len(text) <= CONTEXT:
        return text, what
    return f"{begin}{' ' if begin else ''}{GAP}{' ' if end else ''}{end}", what


def _around(text: str, place: int, size: int) -> str:
    """Return so many characters of a text, so that they hold a place in it."""
    if len(text) <= size:
        return text
    start = max(0, place - size // 3)
    shown = head(text, start + size)
    shown = tail(shown, size) if start else shown
    return f"{f'{GAP} ' if start else ''}{shown}{f' {GAP}' if start + size < len(text) else ''}"


def head(text: str, size: int) -> str:
    """Return the beginning of a text, whole words of it where it has any."""
    if len(text) <= size:
        return text
    words = text[: size + 1].rsplit(maxsplit=1)[0]
    return (words if len(words) > size // 2 else text[:size]).rstrip()


def tail(text: str, size: int) -> str:
    """Return the end of a text, whole words of it where it has any."""
    if len(text) <= size:
        return text
    words = text[-size - 1 :].split(maxsplit=1)[-1]
    return (words if len(words) > size // 2 else text[-size:]).lstrip()
