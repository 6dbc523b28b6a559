"""What of a text is gone and what has come, word by word, in a time that grows with it and not with its square."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Piece = tuple[str, Literal["same", "gone", "come"]]
Pieces = tuple[Piece, ...]
"""A passage: what is the same and gone, joined, is what it was; the same and what has come, what it is."""

# Words, single letters of scripts that write none, and what stands between.
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+|\s+|[^\w\s]")
_WORD = re.compile(r"\w")
LIKENESS = 0.4
"""Below it, two paragraphs are two, and not one that was changed."""
LOOKS_AHEAD = 20
"""Among so many paragraphs the one is sought that another became."""
SMALL = 4_000
"""Comparisons of every word with every other that are made where no word stands out."""
DEPTH = 10
"""How often what lies between two words that stand out is cut again at words that stand out there."""

_Stretch = tuple[int, int, int, int]
"""From and to in what was, from and to in what is."""


def word_diff(before: str, after: str) -> Pieces:
    """Return a text in pieces: what stayed, what of it is gone and what has come."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    at = 0
    for a, b, c, d in [*_changes(old, new), (len(old), len(old), len(new), len(new))]:
        pieces += [("".join(old[at:a]), "same"), ("".join(old[a:b]), "gone"), ("".join(new[c:d]), "come")]
        at = b
    return _tidy(piece for piece in pieces if piece[0])


def changed_paragraphs(before: str, after: str) -> Iterator[Pieces]:
    """Yield the paragraphs that differ, each with what of it is gone and what has come, in the order of the text."""
    old, new = before.split("\n"), after.split("\n")
    for a, b, c, d in _changes(old, new):
        yield from _paired(old[a:b], new[c:d])


def _paired(gone: Sequence[str], come: Sequence[str]) -> Iterator[Pieces]:
    """Tell of each paragraph that is gone which one it became, if any, in the order of the text."""
    words = [Counter(words_of(one)) for one in come]
    next_one = 0
    for one in gone:
        its = Counter(words_of(one))
        ahead = range(next_one, min(next_one + LOOKS_AHEAD, len(come)))
        at = next((at for at in ahead if _likeness(its, words[at]) >= LIKENESS), None)
        if at is None:
            yield from _whole(one, "gone")
            continue
        for other in come[next_one:at]:
            yield from _whole(other, "come")
        yield word_diff(one, come[at])
        next_one = at + 1
    for other in come[next_one:]:
        yield from _whole(other, "come")


def _whole(paragraph: str, what: Literal["gone", "come"]) -> Iterator[Pieces]:
    if paragraph:
        yield ((paragraph, what),)


def words_of(text: str) -> list[str]:
    """Return what is compared of a text but its spaces: words, letters of scripts that write none, and marks."""
    return [token for token in _TOKEN.findall(text) if not token.isspace()]


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    most = one.total() + other.total()
    return 2 * (one & other).total() / most if most else 1.0


# -- where two sequences differ ---------------------------------------------------------------------------------------


def _changes(old: Sequence[str], new: Sequence[str]) -> list[_Stretch]:
    """Return where two sequences differ; between, they are the same."""
    return list(_differing(old, new, (0, len(old), 0, len(new)), DEPTH))


def _differing(old: Sequence[str], new: Sequence[str], where: _Stretch, depth: int) -> Iterator[_Stretch]:
    """Yield where a stretch differs: between what stands out on both sides, and what is small, in detail."""
    a, b, c, d = where = _without_ends(old, new, where)
    if a == b and c == d:
        return
    if a == b or c == d:
        yield where
    elif anchors := _anchors(old, new, where) if depth else []:
        for (p, q), (r, s) in pairwise([(a - 1, c - 1), *anchors, (b, d)]):
            yield from _differing(old, new, (p + 1, r, q + 1, s), depth - 1)
    elif (b - a) * (d - c) <= SMALL:
        yield from _in_detail(old, new, where)
    else:
        yield where


def _without_ends(old: Sequence[str], new: Sequence[str], where: _Stretch) -> _Stretch:
    a, b, c, d = where
    while a < b and c < d and old[a] == new[c]:
        a, c = a + 1, c + 1
    while a < b and c < d and old[b - 1] == new[d - 1]:
        b, d = b - 1, d - 1
    return a, b, c, d


def _anchors(old: Sequence[str], new: Sequence[str], where: _Stretch) -> list[tuple[int, int]]:
    """Return the pairs of places of what stands once on either side: the most of them that keep the order."""
    a, b, c, d = where
    once_old, once_new = _once(old, a, b), _once(new, c, d)
    return _rising([(at, once_new[token]) for token, at in once_old.items() if token in once_new])


def _once(tokens: Sequence[str], start: int, end: int) -> dict[str, int]:
    often = Counter(tokens[start:end])
    return {tokens[at]: at for at in range(start, end) if often[tokens[at]] == 1}


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs, given by their first, whose second rises too (patience sorting)."""
    tops: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        before.append(last[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [place]
        last[pile : pile + 1] = [number]
    run: list[tuple[int, int]] = []
    at = last[-1] if last else -1
    while at >= 0:
        run.append(pairs[at])
        at = before[at]
    return run[::-1]


def _in_detail(old: Sequence[str], new: Sequence[str], where: _Stretch) -> Iterator[_Stretch]:
    a, b, c, d = where
    for tag, start, end, start_new, end_new in SequenceMatcher(None, old[a:b], new[c:d], autojunk=False).get_opcodes():
        if tag != "equal":
            yield a + start, a + end, c + start_new, c + end_new


# -- pieces that read well --------------------------------------------------------------------------------------------


def _tidy(pieces: Iterable[Piece]) -> Pieces:
    """Make one change of two with no word between them, and put what is gone before what has come."""
    tidy: list[Piece] = []
    gone = come = between = ""
    for text, what in pieces:
        if what == "gone":
            gone, come, between = gone + between + text, come + between, ""
        elif what == "come":
            gone, come, between = gone + between, come + between + text, ""
        elif _WORD.search(text) or not (gone or come):
            tidy += _change(gone, come)
            tidy.append((between + text, "same"))
            gone = come = between = ""
        else:
            between += text
    tidy += _change(gone, come)
    return (*tidy, (between, "same")) if between else tuple(tidy)


def _change(gone: str, come: str) -> list[Piece]:
    change: tuple[Piece, Piece] = (gone, "gone"), (come, "come")
    return [piece for piece in change if piece[0]]
