"""Weighs what was found: the score of a match, and the sentence that shows it best. Explained in docs/matching.md."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from monitors.domain import Passage
from monitors.match.reading import FIELDS, TITLE
from monitors.text.sentences import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitors.domain import Span
    from monitors.match.conditions import Found
    from monitors.match.reading import Hit, Reading

IN_TITLE, IN_LEAD, IN_TEXT = 0.7, 0.5, 0.3
OFTEN = 0.2
TIERS: Mapping[int | None, float] = {1: 0.1, 2: 0.06, 3: 0.03}


class Score(NamedTuple):
    """What a score is made of. A clause of weight 5 counts as five; one of weight 0.2 as a fifth, its place too."""

    place: float
    mentions: float
    tier: float

    @property
    def often(self) -> float:
        return OFTEN * (1 - 1 / max(1, self.mentions))

    @property
    def total(self) -> float:
        return round(self.place + self.often + self.tier, 3)


def score(found: Sequence[Found], reading: Reading) -> Score:
    """Return the best place, how often (0.2 at most), and the rank of the source (0.1 at most)."""
    places = [min(1, one.clause.weight) * _best_place(one.hits, reading) for one in found]
    mentions = sum(-(-len(one.hits) // one.clause.mention) * one.clause.weight for one in found)
    tier = reading.source.tier if reading.source else None
    return Score(max(places, default=IN_TEXT), mentions, TIERS.get(tier, 0))


def _best_place(hits: Sequence[Hit], reading: Reading) -> float:
    """Return what the best place of some hits is worth; of a fact, which stands nowhere, as much as of the text."""
    if not hits:
        return IN_TEXT
    if any(hit.field == TITLE for hit in hits):
        return IN_TITLE
    return IN_LEAD if any(map(reading.in_lead, hits)) else IN_TEXT


def spans(found: Sequence[Found], reading: Reading) -> tuple[Span, ...]:
    """Return every span in the order of the article; facts at the end."""
    every = [span for one in found for span in reading.spans(one.hits, one.clause.text)]
    every.sort(key=lambda span: (FIELDS.index(span.field), span.start, span.end))
    return (*every, *(fact for one in found for fact in one.facts))


def best_sentence(found: Sequence[Found], reading: Reading) -> Passage:
    """Return the sentence with most clauses in it; of several one below the title, with most words, the first."""
    held: dict[tuple[int, int, int], list[tuple[Found, Hit]]] = defaultdict(list)
    for one in found:
        for hit in one.hits:
            held[hit.field, *reading.sentence(hit.field, reading.stretch(hit)[0])].append((one, hit))
    if not held:
        return _opening(reading)
    best = max(held, key=lambda place: _shows(place[0], held[place], reading))
    field, start, end = best
    around = min(reading.stretch(hit)[0] for _, hit in held[best])
    return _passage(field, *shorten(reading.fields[field].text, start, end, around=around), reading)


def _shows(field: int, held: Sequence[tuple[Found, Hit]], reading: Reading) -> tuple[float, bool, int]:
    weights = {one.clause.text: one.clause.weight for one, _ in held}
    words = {reading.fields[hit.field].words[hit.first] for _, hit in held}
    return sum(weights.values()), field != TITLE, len(words)


def _opening(reading: Reading) -> Passage:
    """Return the title, or else the first sentence there is: what to show of a match that no word made."""
    for field, tokens in enumerate(reading.fields):
        if tokens.text.strip():
            start, end = reading.sentence(field, 0)
            return _passage(field, *shorten(reading.fields[field].text, start, end, around=start), reading)
    return Passage(field="title", start=0, end=0, text="")


def _passage(field: int, start: int, end: int, reading: Reading) -> Passage:
    return Passage(field=FIELDS[field], start=start, end=end, text=reading.fields[field].text[start:end])
