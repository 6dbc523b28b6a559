"""Weighs what was found: the score of a match, and the sentence that shows it best. Explained in docs/matching.md."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from monitors.domain import Passage
from monitors.match.reading import FIELDS, TITLE
from monitors.text.sentences import sentences, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crawler.domain import Article
    from monitors.domain import FieldName, Span
    from monitors.match.keywords import Clause
    from monitors.match.reading import Hit, Reading

IN_TITLE, IN_LEAD, IN_TEXT = 0.7, 0.5, 0.3
OFTEN = 0.2
TIERS: Mapping[int | None, float] = {1: 0.1, 2: 0.06, 3: 0.03}


class Found(NamedTuple):
    """A clause that was true, and its hits."""

    clause: Clause
    hits: Sequence[Hit]


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


def best_sentence(article: Article, spans: Sequence[Span]) -> Passage:
    """Return the sentence with most clauses in it; of several one below the title, with most words, the first."""
    found = defaultdict(list)
    for span in spans:
        found[span.field].append(span)
    candidates = [one for field in FIELDS for one in _sentences_with(field, getattr(article, field), found[field])]
    return max(candidates, key=_shows)[0]


def _shows(candidate: tuple[Passage, Sequence[Span]]) -> tuple[int, bool, int]:
    passage, spans = candidate
    clauses = len({span.clause for span in spans})
    return clauses, passage.field != FIELDS[TITLE], len({span.text.casefold() for span in spans})


def _sentences_with(field: FieldName, text: str, spans: Sequence[Span]) -> Iterator[tuple[Passage, Sequence[Span]]]:
    if not spans:
        return
    bounds = [_whole(text)] if field == FIELDS[TITLE] else list(sentences(text))
    starts = [start for start, _ in bounds]
    inside: dict[int, list[Span]] = defaultdict(list)
    for span in spans:
        inside[max(0, bisect_right(starts, span.start) - 1)].append(span)
    for index, held in inside.items():
        start, end = shorten(text, *bounds[index], around=held[0].start)
        yield Passage(field=field, start=start, end=end, text=text[start:end]), held


def _whole(text: str) -> tuple[int, int]:
    return len(text) - len(text.lstrip()), len(text.rstrip())
