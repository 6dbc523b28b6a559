"""Puts what notes have in common into words: quotations, places, numbers, lists."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from crawler.extract.clean import one_line
from monitors.match.reading import FIELDS, LEAD, TEXT, TITLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitors.match.reading import Hit, Reading

LONGEST = 60
"""Characters of a quotation."""
MOST_NAMED = 3

NOT_THERE, NO_MATCH, NO_NAME = "not in the article", "matches nothing", "none of its names is in the article"
OTHER_LANGUAGE = "counts only in articles in"
NOTHING = (NOT_THERE, NO_MATCH, NO_NAME, OTHER_LANGUAGE)
"""How a note begins that tells of nothing found at all."""


def quoted(text: str) -> str:
    """Quote an article: on one line, without characters that nobody sees, and not much of it."""
    text = one_line(text[: 10 * LONGEST])
    return f"“{text if len(text) <= LONGEST else _cut(text)}”"


def _cut(text: str) -> str:
    """Leave out the middle, if possible between two words."""
    half = (LONGEST - 3) // 2
    begin, end = text[:half], text[-half:]
    return f"{begin.rpartition(' ')[0] or begin} … {end.partition(' ')[2] or end}"


def written(text: str) -> str:
    """Quote what the author of a watchlist wrote."""
    return f"`{text if len(text) <= LONGEST else _cut(text)}`"


def spelled(hits: Iterable[Hit], reading: Reading) -> str:
    """Quote what stands at some hits, each spelling once, the first few."""
    texts = dict.fromkeys(text_at(hit, reading) for hit in hits)
    named = ", ".join(map(quoted, islice(texts, MOST_NAMED)))
    return f"{named}, …" if len(texts) > MOST_NAMED else named


def text_at(hit: Hit, reading: Reading) -> str:
    start, end = reading.stretch(hit)
    return reading.fields[hit.field].text[start:end]


def places(hits: Iterable[Hit], reading: Reading) -> str:
    """Say where hits stand: `the title and the text (2×)`."""
    counted = Counter(_place(hit, reading) for hit in hits)
    return listed([f"the {FIELDS[place]}{times(counted[place])}" for place in sorted(counted)])


def _place(hit: Hit, reading: Reading) -> int:
    if hit.field == TITLE:
        return TITLE
    return LEAD if reading.in_lead(hit) else TEXT


def times(number: int) -> str:
    return f" ({number}×)" if number > 1 else ""


def listed(names: Sequence[str], last: str = "and") -> str:
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
