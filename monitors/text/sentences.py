"""Cuts a text into paragraphs and sentences. Good enough to show one: rather too long than cut at an abbreviation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_ENDS = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
"""Where Python's splitlines cuts, as the inside of a character class."""
_STOPS = ".!?…"
_WIDE_STOPS = "。！？｡．।॥؟۔"
"""They need no space after them."""
_SMALL = "".join(char for char in map(chr, range(0x2000)) if char.islower())
_CAPITAL = "A-ZÀ-ÖØ-ÞĀ-ŽΑ-ΩЀ-Я"
# Titles, companies, months and a few more of several languages; a capital letter seldom follows any other.
_ABBREVIATIONS = (
    "mr|ms|dr|st|lt|sr|jr|hr|fr|co|vs|cf|ca|nr|pp|bd",
    "mrs|sen|rep|gov|gen|col|sgt|hon|rev|mme|sra|inc|ltd|cos|plc|llc|est|nos|vol|tel|abs|etc|bzw|usw|ggf|mio|mrd",
    "jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec",
    "prof|capt|mlle|srta|corp|bros|dept|univ|assn|sept|evtl",
    "messrs|approx",
)
_GOES_ON = "".join(
    rf"(?<!{before}\.)"  # each of a fixed width, as one that looks behind has to be
    for before in (
        *(rf"(?<![\w.])(?i:{some})" for some in _ABBREVIATIONS),
        *(rf"(?<![\w.]){one}" for one in (r"\d", r"\d\d", f"[{_CAPITAL}]")),  # am 3. Oktober; J. Smith
        *(r"\." + length * r"[^\W\d_]" for length in (1, 2, 3)),  # U.S. Senate, z.B., Amazon.com
    )
)
_END = re.compile(
    rf"""
    [{_WIDE_STOPS}{_STOPS}]  # by itself, so that everything else is passed over fast
    (?: (?<=[{_WIDE_STOPS}]) [{_WIDE_STOPS}]*+ ["'”’»）」』】]*+
      | (?<=[{_STOPS}]) (?<![{_STOPS}][{_STOPS}])
        (?: (?<!\.) [{_STOPS}]*+ | [{_STOPS}]++ | (?![{_STOPS}]) {_GOES_ON} (?! (?<=(?i:\bno)\.) \s+ \d) )
        ["'”’“»)\]]*+ (?= \s++ (?![{_SMALL}]) )  # in German, “ closes a quotation
    )
    () \s*
    """,
    re.VERBOSE,
)
_LONGEST = 500
"""A stretch without an end (a table, a list of names) is cut to so many characters around the hit."""


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence starts and ends, spaces left out."""
    return (sentence for paragraph in paragraphs(text) for sentence in sentences_in(text, *paragraph))


def sentences_in(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Do the same for a paragraph."""
    for stop in _END.finditer(text, start, end):
        yield start, stop.end(1)
        start = stop.end()
    if start < end:
        yield start, end


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each paragraph that is not blank starts and ends, spaces left out: a line, as Python has lines."""
    start = 0
    for line in text.splitlines(keepends=True):
        if bare := line.strip():
            indent = len(line) - len(line.lstrip()) if line[0].isspace() else 0
            yield start + indent, start + indent + len(bare)
        start += len(line)


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
