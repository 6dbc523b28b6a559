"""Text in pieces, each with its mark, and how it is cut to a length: around what is marked."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Literal

from monitors.digest.inert import on_its_own, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitors.domain import Diff, Match

Mark = Literal["same", "hit", "gone", "come"]
"""A hit; or what an edit took away and put there."""
Pieces = tuple[tuple[str, Mark], ...]

_CHANGE, _AROUND, _PASSAGE, _MOST_PIECES = 240, 90, 700, 200  # what is shown of an edit
_ROOM = 3
"""How many times its length of a text is looked at on each side of its mark: nobody may see some of it."""
_WORD = 30  # where a cut may look for the end of a word


def unmarked(pieces: Pieces) -> str:
    return "".join(text for text, _ in pieces)


def of_match(match: Match, length: int) -> Pieces:
    """Return the hit sentence with its hits marked, cut to a length."""
    return excerpt([(text, "hit" if hit else "same") for text, hit in match.marked()], length)


def of_diff(diff: Diff) -> Pieces:
    """Return a passage that was changed: the changes, and around them as much as it takes to know the place."""
    last = len(diff) - 1
    pieces: list[tuple[str, Mark]] = []
    for number, (text, mark) in enumerate(diff[:_MOST_PIECES]):
        if mark == "same":
            pieces.append((_surroundings(text, first=number == 0, last=number == last), mark))
        else:
            pieces += _change(text, mark, after=pieces[-1:])
    return excerpt(pieces, _PASSAGE)


def _change(text: str, mark: Mark, *, after: list[tuple[str, Mark]]) -> Iterable[tuple[str, Mark]]:
    """Mark the words of a change and not the spaces around them; what came stands apart from what went."""
    text = _beginning(text, _CHANGE)
    words = text.strip()
    if text[:1].isspace() or (mark == "come" and after and after[0][1] == "gone"):
        yield " ", "same"
    yield from [(words, mark)] if words else []
    if words and text[-1].isspace():
        yield " ", "same"


def _surroundings(text: str, *, first: bool, last: bool) -> str:
    before = "" if first else _beginning(text, _AROUND)
    after = "" if last else _ending(text, _AROUND)
    if first or last:
        return before or after
    return text if len(text) <= 2 * _AROUND else f"{before} {after}"  # excerpt() makes it plain


def _beginning(text: str, length: int) -> str:
    text = plain(text[: _ROOM * length])
    return text if len(text) <= length else text[: _word_before(text, length)] + "…"


def _ending(text: str, length: int) -> str:
    text = plain(text[-_ROOM * length :])
    return text if len(text) <= length else "…" + text[_word_after(text, len(text) - length) :]


def excerpt(marked: Iterable[tuple[str, Mark]], length: int) -> Pieces:
    """Cut a text to a length: its beginning, or what stands around its first mark."""
    pieces = [(plain(text), mark) for text, mark in _around_the_mark(tuple(marked), _ROOM * length)]
    start, end = _window(pieces, length)
    cut: list[tuple[str, Mark]] = [("…", "same")] if start else []
    at = 0
    for text, mark in pieces:
        part = text[max(start - at, 0) : max(end - at, 0)]
        cut += [(part, mark)] if part else []
        at += len(text)
    cut += [("…", "same")] if end < at else []
    return _trimmed(cut)


def _around_the_mark(marked: Pieces, room: int) -> Pieces:
    """Leave out what is too far from the first mark to be shown: a sentence may be as long as a book."""
    number = next((number for number, (_, mark) in enumerate(marked) if mark != "same"), 0)
    before = "".join(text for text, _ in marked[:number])[-room:]
    after: list[tuple[str, Mark]] = []
    for text, mark in marked[number:]:
        after += [(text[:room], mark)] if room else []
        room -= min(len(text), room)
    return (before, "same"), *after


def _window(pieces: Sequence[tuple[str, Mark]], length: int) -> tuple[int, int]:
    """Return from where to where to show a text, so that its first mark is in it and words stay whole if they can."""
    whole = "".join(text for text, _ in pieces)
    if len(whole) <= length:
        return 0, len(whole)
    before = sum(len(text) for text, _ in takewhile(lambda piece: piece[1] == "same", pieces))
    around = min(before - length // 3, len(whole) - length)
    start = _word_after(whole, around) if length * 2 // 3 < before < len(whole) else 0
    return start, _word_before(whole, start + length)


def _word_after(text: str, at: int) -> int:
    space = text.find(" ", at, at + _WORD)
    return space + 1 if space >= 0 else at


def _word_before(text: str, at: int) -> int:
    space = text.rfind(" ", at - _WORD, at)
    return space if at < len(text) and space >= 0 else min(at, len(text))


def _trimmed(pieces: list[tuple[str, Mark]]) -> Pieces:
    kept: list[tuple[str, Mark]] = []
    for text, mark in pieces:
        text = text if kept else on_its_own(text)  # noqa: PLW2901 -- the same text, without what would join the title
        kept += [(text, mark)] if text else []
    if kept:
        kept[-1] = (kept[-1][0].rstrip(), kept[-1][1])
    return tuple((text, mark) for text, mark in kept if text)
