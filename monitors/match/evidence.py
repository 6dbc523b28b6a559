"""Weighs what was found: the score of a match, and the sentence that shows it best. Explained in docs/matching.md."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from math import inf
from typing import TYPE_CHECKING

from monitors.domain import Passage
from monitors.match.reading import FIELDS, TITLE
from monitors.text.sentences import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitors.domain import Span
    from monitors.match.plan import Found
    from monitors.match.reading import Hit, Reading

IN_TITLE, IN_LEAD, IN_TEXT = 0.7, 0.5, 0.3
OFTEN = 0.2
TIERS: Mapping[int | None, float] = {1: 0.1, 2: 0.06, 3: 0.03}


def score(found: Sequence[Found], reading: Reading, *, tier: int | None) -> float:
    """Return the best place, plus how often (0.2 at most), plus the rank of the source (0.1 at most)."""
    place = max(_place(hit, reading) for one in found for hit in one.hits)
    mentions = sum(-(-len(one.hits) // one.clause.parts) for one in found)
    return round(place + OFTEN * (1 - 1 / mentions) + TIERS.get(tier, 0), 3)


def _place(hit: Hit, reading: Reading) -> float:
    if hit.field == TITLE:
        return IN_TITLE
    return IN_LEAD if reading.in_lead(hit) else IN_TEXT


def spans(found: Sequence[Found], reading: Reading) -> tuple[Span, ...]:
    """Return every span in the order of the article."""
    every = [span for one in found for span in reading.spans(one.hits, one.clause.text)]
    return tuple(sorted(every, key=lambda span: (FIELDS.index(span.field), span.start, span.end)))


def best_sentence(spans: Sequence[Span], reading: Reading) -> Passage:
    """Return the sentence with most clauses in it; of several one below the title, with most words, the first."""
    held: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for span in spans:
        field = FIELDS.index(span.field)
        held[field, max(0, bisect_right(reading.sentences[field], (span.start, inf)) - 1)].append(span)
    field, number = max(held, key=lambda place: _shows(field=place[0], spans=held[place]))
    text = reading.fields[field].text
    start, end = shorten(text, *reading.sentences[field][number], around=held[field, number][0].start)
    return Passage(field=FIELDS[field], start=start, end=end, text=text[start:end])


def _shows(field: int, spans: Sequence[Span]) -> tuple[int, bool, int]:
    clauses = len({span.clause for span in spans})
    return clauses, field != TITLE, len({span.text.casefold() for span in spans})
