"""What an article means: its score for each concept, and what in it comes nearest."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from monitors.domain import Passage, Resemblance, Span
from monitors.match.concepts.background import centred
from monitors.match.concepts.panel import OVER
from monitors.match.concepts.sketch import means_of, rows_of
from monitors.text.sentences import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitors.domain import TextField, Tier
    from monitors.match.concepts.background import Floats
    from monitors.match.concepts.panel import Gauge, Panel
    from monitors.match.concepts.sketch import Sketch
    from monitors.match.concepts.vectors import Vectors
    from monitors.match.concepts.words import Rows, WordTable
    from monitors.text.tokens import Tokens

FIELDS: tuple[TextField, ...] = ("title", "lead", "text")
SHOWN = 5
"""Terms that a resemblance names."""
STRONG = 0.4
"""What a word has to weigh against the strongest of its concept to be shown; weaker ones stand in most articles."""


class _Word(NamedTuple):
    """A word of the article that is one of the concept's."""

    field: int
    at: int
    term: int
    weight: float


class _Sentence(NamedTuple):
    field: int
    start: int
    end: int


class Meaning:
    """Of one article, for all concepts of a panel. Valid until the panel is asked for another."""

    def __init__(self, panel: Panel, fields: Sequence[Tokens], language: str | None) -> None:
        self._panel = panel
        self._fields = fields
        self._language = language

    def score(self, concept_id: str) -> float:
        """Return how near the article comes to a concept, from 0 to 1; from .5 on it is over the threshold."""
        return float(self._scores[self._panel.columns[concept_id]])

    def knows(self, concept_id: str) -> bool:
        """Tell whether the article is compared with a concept."""
        return concept_id in self._panel.columns

    def over(self) -> list[str]:
        """Return the concepts over whose threshold the article is."""
        names = list(self._panel.columns)
        return [names[column] for column in np.flatnonzero(self._scores >= OVER).tolist()]

    @cached_property
    def _scores(self) -> Floats:
        return self._panel.scores(self.sketch, self._language, self._fields)

    @cached_property
    def sketch(self) -> Sketch:
        return self._panel.sketch(self._fields, self._language)

    def spans(self, concept_id: str, clause: str) -> list[Span]:
        """Return where words of the concept stand."""
        found = []
        for word in sorted(self._words(concept_id)):
            start, end = self._fields[word.field].span(word.at, word.at)
            found.append(Span(FIELDS[word.field], start, end, self._fields[word.field].text[start:end], clause))
        return found

    def resemblance(self, concept_id: str) -> tuple[Resemblance, Passage]:
        """Return how near the article comes to a concept, and the sentence that comes nearest."""
        words = self._words(concept_id)
        nearest, similarity = self._nearest(self._panel.gauges[concept_id], words)
        terms: dict[int, str] = {}
        for word in sorted(words, key=lambda word: -word.weight):
            terms.setdefault(word.term, self._fields[word.field].word(word.at))
        return (
            Resemblance(
                score=round(self.score(concept_id), 3),
                similarity=round(similarity, 3),
                terms=tuple(terms.values())[:SHOWN],
                tier=self._tier(concept_id),
            ),
            self._passage(nearest, words),
        )

    def _tier(self, concept_id: str) -> Tier:
        tier = self._panel.tier
        if tier == "semantic" and not self._panel.is_seen_again(concept_id, self.sketch, self._language):
            return "core"
        return tier

    def _words(self, concept_id: str) -> list[_Word]:
        """Return the words of the article that tell of a concept."""
        every = self._panel.weights_of(concept_id, self._language)
        least = STRONG * max(every.values(), default=0)
        weights = {term: weight for term, weight in every.items() if weight >= least}
        terms = (self._table.terms[rows].tolist() for rows in self._rows)
        return [
            _Word(field, at, term, weights[term])
            for field, some in enumerate(terms)
            for at, term in enumerate(some)
            if term in weights
        ]

    def _nearest(self, gauge: Gauge, words: Sequence[_Word]) -> tuple[_Sentence, float]:
        """Return the sentence that comes nearest: by its direction or, where no vectors are, by its words."""
        sentences, means = self._sentences
        if not sentences:
            return _Sentence(0, 0, 0), 0.0
        if not means.any():
            held = [sum(word.weight for word in words if self._holds(one, word)) for one in sentences]
            return sentences[int(np.argmax(held))], 0.0
        similarities = centred(means, self._panel.background.centre) @ gauge.sought.direction
        best = int(np.argmax(similarities))
        return sentences[best], float(similarities[best])

    def _holds(self, sentence: _Sentence, word: _Word) -> bool:
        start, end = self._fields[word.field].span(word.at, word.at)
        return sentence.field == word.field and sentence.start < end and start < sentence.end

    @cached_property
    def _sentences(self) -> tuple[list[_Sentence], Vectors]:
        """Every sentence that has a word, and the mean of its words' vectors."""
        sentences: list[_Sentence] = []
        means = []
        for field, (tokens, rows) in enumerate(zip(self._fields, self._rows, strict=True)):
            places = tokens.sentences if len(rows) else ()
            counts = tokens.counts_before([start for start, _ in places]) if places else []
            begins = {at: _Sentence(field, *place) for at, place in zip(counts, places, strict=True) if at < len(rows)}
            sentences += begins.values()
            means.append(means_of(self._table, rows, list(begins)))
        return sentences, np.concatenate(means)

    @cached_property
    def _rows(self) -> Sequence[Rows]:
        return rows_of(self._fields, self._table)

    @property
    def _table(self) -> WordTable:
        return self._panel.table(self._language)

    def _passage(self, sentence: _Sentence, words: Sequence[_Word]) -> Passage:
        """Return a sentence or, of one that is too long, what stands around the first word of the concept in it."""
        text = self._fields[sentence.field].text
        places = [self._fields[word.field].span(word.at, word.at)[0] for word in words if self._holds(sentence, word)]
        around = min(places, default=sentence.start)
        start, end = shorten(text, sentence.start, sentence.end, around=max(around, sentence.start))
        return Passage(field=FIELDS[sentence.field], start=start, end=end, text=text[start:end])
