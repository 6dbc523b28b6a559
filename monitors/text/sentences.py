"""Cuts a text into paragraphs and sentences. Good enough to show one: rather too long than cut at an abbreviation."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_END = re.compile(
    r"""
    [\n\r\x85\u2028\u2029。！？｡．।॥؟۔.!?…]  # by itself, so that everything else is passed over fast
    (?: (?<=[\n\r\x85\u2028\u2029]) [\n\r\x85\u2028\u2029]*          # a paragraph ends at a line break
      | (?<=[。！？｡．।॥؟۔]) [。！？｡．।॥؟۔]* ["'”’»）」』】]* \s*  # these need no space after them
      | (?<=[.!?…]) (?<![.!?…][.!?…]) (?P<more>[.!?…]*+) ["'”’“»)\]]*+  # in German, “ closes a quotation
        [^\S\n\r\x85\u2028\u2029]+
    )
    """,
    re.VERBOSE,
)
_PARAGRAPH = re.compile(r"[^\n\r\x85\u2028\u2029]+")
_LAST_WORD = re.compile(r"[^\W_][\w.]*\Z")
# Titles, companies, months and a few more of several languages; a capital letter seldom follows any other.
_ABBREVIATIONS = re.compile(
    "mr|mrs|ms|dr|prof|st|sen|rep|gov|gen|col|lt|sgt|capt|hon|rev|sr|jr|messrs|mme|mlle|hr|fr|sra|srta|"
    "inc|ltd|corp|co|cos|plc|llc|bros|dept|univ|assn|est|vs|cf|ca|no|nos|nr|vol|pp|tel|approx|"
    "jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|etc|bzw|usw|evtl|ggf|mio|mrd|abs|bd",
    re.IGNORECASE,
)
_LINE_ENDS = "\n\r\x85\u2028\u2029"
_BACK = 300
"""So many characters before a place the end of the sentence before it is looked for, at first."""
_FEW = 30
"""Beyond so many that are asked for, cutting all costs less than to look around each."""
_LONGEST = 500
"""A stretch without an end (a table, a list of names) is cut to so many characters around the hit."""


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence starts and ends, spaces left out."""
    start = 0
    for end in _END.finditer(text):
        if end["more"] is not None and _goes_on(text, start, end):
            continue
        if stretch := _stripped(text, start, end.end()):
            yield stretch
        start = end.end()
    if stretch := _stripped(text, start, len(text)):
        yield stretch


def sentence_at(text: str, at: int) -> tuple[int, int]:
    """Return the sentence that a place stands in (in the spaces after one: that one), without cutting all others."""
    first = max(text.rfind(end, 0, at) for end in _LINE_ENDS) + 1
    last = min((found for end in _LINE_ENDS if (found := text.find(end, at)) >= 0), default=len(text))
    back = _BACK
    while True:
        window = max(first, at - back)
        start, stop = _around(text, at, first, window, last)
        if start > first or window == first:
            return _stripped(text, start, stop) or (at, at)
        back *= 4


class Sentences:
    """The sentences of a text, found one by one while few are asked for; then all are cut at once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last = 0, 0
        self._asked = 0

    def at(self, place: int) -> tuple[int, int]:
        """Return the sentence that a place stands in."""
        start, end = self._last
        if not start <= place < end:  # a hostile page has thousands of hits in one endless sentence
            self._asked += 1
            start, end = self._last = sentence_at(self._text, place) if self._asked <= _FEW else self._among_all(place)
        return start, end

    def _among_all(self, place: int) -> tuple[int, int]:
        return self._all[max(0, bisect_right(self._all, (place, inf)) - 1)]

    @cached_property
    def _all(self) -> Sequence[tuple[int, int]]:
        return list(sentences(self._text))


def _around(text: str, at: int, first: int, window: int, last: int) -> tuple[int, int]:
    """Return the last end of a sentence before a place, looking from a window on, and the first one after it."""
    start = first
    for end in _END.finditer(text, window, last):
        if end["more"] is not None and _goes_on(text, start, end):
            continue
        if end.end() > at:
            return start, end.end()
        start = end.end()
    return start, last


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each paragraph that is not blank starts and ends, spaces left out."""
    for line in _PARAGRAPH.finditer(text):
        if stretch := _stripped(text, *line.span()):
            yield stretch


def shorten(text: str, start: int, end: int, *, around: int) -> tuple[int, int]:
    """Cut a sentence that is too long to show to the words around a place in it."""
    if end - start <= _LONGEST:
        return start, end
    first = max(start, min(around - _LONGEST // 3, end - _LONGEST))
    last = min(end, first + _LONGEST)
    if first > start:
        first = min(around, text.find(" ", first, around) + 1 or first)
    if last < end:
        last = max(text.rfind(" ", around, last), around + 1) if " " in text[around:last] else last
    return first, last


def _goes_on(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether a full stop belongs to an abbreviation, an initial or an ordinal number, or small letters follow."""
    following = text[end.end() : end.end() + 1]
    if following.islower():
        return True
    word = _LAST_WORD.search(text, max(start, end.start() - 20), end.start())
    if text[end.start()] != "." or end["more"] or word is None:
        return False
    last = word.group()
    ordinal = last.isdigit() and len(last) <= 2  # noqa: PLR2004  # am 3. Oktober; a year has four
    initial = (len(last) == 1 and last.isupper()) or "." in last  # J. Smith, U.S. Senate
    abbreviation = _ABBREVIATIONS.fullmatch(last) and (last.lower() != "no" or following.isdigit())
    return bool(ordinal or initial or abbreviation)


def _stripped(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Leave out the spaces around a stretch, of which there are few; nothing if there is nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
