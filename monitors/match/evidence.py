"""Makes a match of what was found: its score, its spans, and the sentence that shows it best. See docs/matching.md."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from monitors.domain import Match, Passage, Span
from monitors.match.reading import FIELDS, TITLE
from monitors.text.sentences import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitors.domain import FieldName, MatchKind, Watchlist
    from monitors.match.conditions import Found
    from monitors.match.reading import Hit, Reading

IN_TITLE, IN_LEAD, IN_TEXT = 0.7, 0.5, 0.3
OFTEN = 0.2
TIERS: Mapping[int | None, float] = {1: 0.1, 2: 0.06, 3: 0.03}
_WHERE = itemgetter(0, 1, 2)
_FIELDS: Mapping[FieldName, int] = {field: number for number, field in enumerate(FIELDS)}


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
    if hits[0].field == TITLE:
        return IN_TITLE
    return IN_LEAD if any(map(reading.in_lead, hits)) else IN_TEXT


class _Place(NamedTuple):
    """Where in the original a clause was found."""

    field: int
    start: int
    end: int
    found: Found
    hit: Hit | None = None
    """None for what makes a clause true and is no mention of it: a word of a concept."""


def match_of(watchlist: Watchlist, kind: MatchKind, found: Sequence[Found], reading: Reading) -> Match:
    places = [_Place(hit.field, *reading.stretch(hit), one, hit) for one in found for hit in one.hits]
    facts = []
    for one in found:
        for fact in one.facts:
            if fact.field in _FIELDS:
                places.append(_Place(_FIELDS[fact.field], fact.start, fact.end, one))
            else:
                facts.append(fact)
    return Match(
        watchlist_id=watchlist.id,
        kind=kind,
        score=score(found, reading).total,
        sentence=_best_sentence(places, reading),
        spans=(*_spans(places, reading), *facts),
    )


def _spans(places: Sequence[_Place], reading: Reading) -> Iterable[Span]:
    """Return every stretch that a clause was found at, once for each, in the order of the article."""
    ordered = dict.fromkeys((*place[:3], place.found.clause.text) for place in sorted(places, key=_WHERE))
    texts = [tokens.text for tokens in reading.fields]
    return [Span(FIELDS[field], start, end, texts[field][start:end], clause) for field, start, end, clause in ordered]


def _best_sentence(places: Sequence[_Place], reading: Reading) -> Passage:
    """Return the sentence with most clauses in it; of several one below the title, with most words, the first."""
    if not places:
        return _opening(reading)
    held: dict[tuple[int, tuple[int, int]], list[_Place]] = {}
    for place in places:
        held.setdefault((place.field, reading.sentence(place.field, place.start)), []).append(place)
    best = max(held, key=lambda sentence: _shows(held[sentence], reading)) if len(held) > 1 else next(iter(held))
    field, (start, end) = best
    return _passage(field, start, end, min(place.start for place in held[best]), reading)


def _shows(places: Sequence[_Place], reading: Reading) -> tuple[float, bool, int]:
    weights = {place.found.clause.text: place.found.clause.weight for place in places}
    field = places[0].field
    words = {_word(place, reading) for place in places}
    return sum(weights.values()), field != TITLE, len(words)


def _word(place: _Place, reading: Reading) -> str:
    tokens = reading.fields[place.field]
    return tokens.word(place.hit.first) if place.hit else tokens.text[place.start : place.end].casefold()


def _opening(reading: Reading) -> Passage:
    """Return the title, or else the first sentence there is: what to show of a match that no word made."""
    for field, tokens in enumerate(reading.fields):
        if tokens.text.strip():
            start, end = reading.sentence(field, 0)
            return _passage(field, start, end, start, reading)
    return Passage(field="title", start=0, end=0, text="")


def _passage(field: int, start: int, end: int, around: int, reading: Reading) -> Passage:
    """Return a sentence or, of one that is too long, what stands around a place in it."""
    text = reading.fields[field].text
    start, end = shorten(text, start, end, around=around)
    return Passage(field=FIELDS[field], start=start, end=end, text=text[start:end])
