"""All concepts at once: how near an article comes to each, measured against what is usual.

What an article has is z(log(1 + BM25)) + w z(similarity), z over the background, w = ½ min(1, 2 / terms of the
description): the more somebody said, the less there is to guess. See docs/concepts.md.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from crawler.errors import ConfigError
from monitors.match.concepts.background import bundled, centred, looked_up
from monitors.match.concepts.sketch import sketch
from monitors.match.concepts.sought import sought
from monitors.match.concepts.vectors import static_vectors
from monitors.match.concepts.words import WordTables, give_back, hashes_of, term
from monitors.text.stems import stemmed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitors.domain import Concept, Tier
    from monitors.match.concepts.background import Background, Floats
    from monitors.match.concepts.second_look import SecondLook, Towards
    from monitors.match.concepts.sketch import Sketch
    from monitors.match.concepts.sought import Sought
    from monitors.match.concepts.vectors import Vectors
    from monitors.match.concepts.words import Hashes, WordTable
    from monitors.text.tokens import Tokens

    Judged = Mapping[str, tuple[Sequence[Sketch], Sequence[Sketch]]]
    """By the id of a concept, the articles that were said to mean it, and those that were said not to."""

RATE = 0.0007
"""The share of all articles that is over the threshold of a concept that does not say how many a week it wants."""
LANGUAGE = "en"
"""In which concepts are read."""
MOST = 0.05
"""The largest share that `about` can ask for."""
OVER = 0.5
"""The score that the threshold of every concept has."""
MEANING, SHORT = 0.5, 2
"""What the similarity weighs against the words, and up to how many of them."""
LEAST_SPREAD = 0.3, 0.03
"""The least that words and similarity are taken to vary by, for concepts of which the background has nothing."""
_TOGETHER = 25
"""Concepts that are calibrated at once: more take memory, fewer time."""
_FLAT = 50
"""Beyond it, a score is 0 or 1 in any case."""
STEEP = 6
"""How steeply the score rises: an article in the middle of the background has 1 / (1 + e⁶) = .002."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of one number over the background."""

    mean: float
    spread: float

    @classmethod
    def of(cls, values: Floats, least: float) -> Usual:
        return cls(float(values.mean()), max(least, float(values.std())))

    def z(self, values: Floats) -> Floats:
        """Return how many spreads values are above the mean."""
        found: Floats = (values - np.float32(self.mean)) / np.float32(self.spread)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Gauge:
    """A concept, calibrated: what its numbers mean against the background."""

    sought: Sought
    words: Usual
    meaning: Usual
    weight: float
    """What the similarity weighs against the words."""
    middle: float
    threshold: float
    top: Floats
    """What the highest articles of the background have, in descending order: MOST of all."""
    size: int
    """How many articles the background has, but for one."""

    def at(self, share: float) -> float:
        """Return what articles have to have to be among a share of the background, MOST of it at the most."""
        return float(np.interp(share * self.size, np.arange(len(self.top)), self.top))

    def raw(self, words: Floats, similarities: Floats) -> Floats:
        """Return what articles have of which the BM25 and the similarity are known."""
        return self.words.z(np.log1p(words)) + np.float32(self.weight) * self.meaning.z(similarities)

    def scores(self, raw: Floats) -> Floats:
        """Return it as numbers from 0 to 1, the threshold .5."""
        return _as_scores(raw, np.float32(self.middle), np.float32(self.threshold))


def _as_scores(raw: Floats, middle: Floats | np.float32, threshold: Floats | np.float32) -> Floats:
    room = np.maximum(threshold - middle, np.finfo(np.float32).eps)
    found: Floats = (1 / (1 + np.exp(np.clip(STEEP * (1 - (raw - middle) / room), -_FLAT, _FLAT)))).astype(np.float32)
    return found


def gauges(concepts: Sequence[Concept], soughts: Sequence[Sought], background: Background) -> list[Gauge]:
    """Calibrate concepts: the threshold of each is a quantile of what the background has."""
    found = []
    for at in range(0, len(soughts), _TOGETHER):
        some = soughts[at : at + _TOGETHER]
        words, similarities = np.log1p(background.words_scores(some)), background.similarities(some)
        found += [
            _gauge(concept, one, words[:, column], similarities[:, column], background)
            for column, (concept, one) in enumerate(zip(concepts[at : at + _TOGETHER], some, strict=True))
        ]
    return found


def _gauge(concept: Concept, found: Sought, words: Floats, similarities: Floats, background: Background) -> Gauge:
    usual = Usual.of(words, LEAST_SPREAD[0]), Usual.of(similarities, LEAST_SPREAD[1])
    weight = MEANING * min(1, SHORT / max(1, found.described_by))
    raw = np.sort(usual[0].z(words) + np.float32(weight) * usual[1].z(similarities))[::-1]
    threshold = float(np.quantile(raw, 1 - rate(concept, background)))
    top = raw[: 2 + int(MOST * len(raw))].copy()
    return Gauge(found, *usual, weight, float(np.median(raw)), threshold, top, len(raw) - 1)


def threshold_at(gauge: Gauge, concept: Concept, background: Background) -> float:
    """Return what the threshold of a concept would be if it said another `about`."""
    return gauge.at(rate(concept, background))


def rate(concept: Concept, background: Background) -> float:
    """Return the share of all articles that is to be over the threshold of a concept."""
    if concept.per_week is None or not background.per_week:
        return RATE
    return min(MOST, concept.per_week / background.per_week)


class Panel:
    """The concepts of a configuration. Calibrated when it is first asked for, for that takes a moment."""

    def __init__(
        self,
        concepts: Sequence[Concept],
        background: Background | None = None,
        judged: Judged | None = None,
        second_look: SecondLook | None = None,
    ) -> None:
        self.concepts = {concept.id: concept for concept in concepts}
        self.is_bundled = background is None
        """Whether it is measured against the articles that come with Newsvane."""
        self._background = background
        self._judged = judged or {}
        self.second_look = second_look
        # the products are small: to share them out among threads takes longer, and the time of all cores
        self._limits = threadpool_limits(1, "blas") if concepts else None
        self._tables = WordTables()
        self._weights: dict[str | None, tuple[Hashes, Floats]] = {}

    @property
    def tier(self) -> Tier:
        if not static_vectors():
            return "terms"
        return "semantic" if self.second_look else "core"

    @cached_property
    def background(self) -> Background:
        """What is usual. Its articles are let go when the concepts are calibrated."""
        return self._background or bundled()

    @cached_property
    def gauges(self) -> Mapping[str, Gauge]:
        concepts = [*self.concepts.values()]
        found = gauges(concepts, [self.sought(one) for one in concepts], self.background)
        self.background, self._background = self.background.without_articles(), None
        give_back()
        return dict(zip(self.concepts, found, strict=True))

    @cached_property
    def columns(self) -> Mapping[str, int]:
        """Which of the scores each concept has."""
        return {name: column for column, name in enumerate(self.concepts)}

    def sought(self, concept: Concept) -> Sought:
        good, bad = self._judged.get(concept.id, ((), ()))
        return sought(concept, self.background, self.table(LANGUAGE), good=good, bad=bad)

    def sketch(self, fields: Sequence[Tokens], language: str | None) -> Sketch:
        return sketch(fields, self.table(language))

    def table(self, language: str | None) -> WordTable:
        return self._tables[stemmed(language)]

    def scores(
        self, article: Sketch, language: str | None = LANGUAGE, fields: Sequence[Tokens] | None = None
    ) -> Floats:
        """Return what an article has for each concept, from 0 to 1; the threshold of each is .5.

        Without its fields, no second look is taken at it.
        """
        return _as_scores(self.raw(article, language, fields), self._middles, self._thresholds)

    def raw(self, article: Sketch, language: str | None = LANGUAGE, fields: Sequence[Tokens] | None = None) -> Floats:
        """Return what an article has for each concept, in the order of `gauges`; for the rest see `scores`."""
        found = self._first(article, language)
        if fields is None or not (look := self._towards_in(language)):
            return found
        return look.again(found, article, fields, self.background.centre)

    def _towards_in(self, language: str | None) -> Towards | None:
        return self._towards if self.second_look and self.second_look.reads(language) else None

    @cached_property
    def _towards(self) -> Towards | None:
        self.lose_what_is_broken()
        if self.second_look is None or self.tier != "semantic" or not self.concepts:
            return None
        return self.second_look.towards([*self.concepts.values()], self.gauges)

    def lose_what_is_broken(self) -> ConfigError | None:
        """Do without a second look if its model cannot be loaded; return why."""
        try:
            _ = self.second_look and self.concepts and self.second_look.encoder
        except ConfigError as error:
            self.second_look = None
            return error
        return None

    def is_seen_again(self, concept_id: str, article: Sketch, language: str | None) -> bool:
        """Tell whether an article comes near enough to a concept for a second look."""
        column, look = self.columns[concept_id], self._towards_in(language)
        return bool(look and self._first(article, language)[column] >= look.gates[column])

    def _first(self, article: Sketch, language: str | None) -> Floats:
        words = np.log1p(self.words(article, language))
        passages = centred(article.passages, self.background.centre) @ self._directions.T
        nearest = np.partition(passages, -2, axis=0)[-2:].mean(axis=0) if len(passages) > 1 else passages[0]
        mean, spread, near, far, weight = self._usual
        found: Floats = (words - mean) / spread + weight * (nearest - near) / far
        return found

    def words(self, article: Sketch, language: str | None = LANGUAGE) -> Floats:
        """Return the BM25 of an article for each concept, in the order of `gauges`."""
        vocabulary, weights = self._weights_in(stemmed(language))
        places, known = looked_up(vocabulary, article.terms)
        counts = self.background.saturated(article.counts[known], article.length)
        found: Floats = counts @ weights[places[known]]
        return found

    def weights_of(self, concept_id: str, language: str | None) -> Mapping[int, float]:
        """Return the terms of a concept as articles in a language have them, and what each weighs."""
        vocabulary, weights = self._weights_in(stemmed(language))
        its = weights[:, self.columns[concept_id]]
        return {hashed: weight for hashed, weight in zip(vocabulary.tolist(), its.tolist(), strict=True) if weight}

    def _weights_in(self, language: str | None) -> tuple[Hashes, Floats]:
        """Return the terms of all concepts as articles in a language have them, and what each weighs for which."""
        if language not in self._weights:
            weights: dict[int, Floats] = defaultdict(lambda: np.zeros(len(self.gauges), np.float32))
            for column, one in enumerate(self.gauges.values()):
                own = dict(zip(one.sought.terms.tolist(), one.sought.weights.tolist(), strict=True))
                words = [word for word, its in one.sought.words.items() if its in own]
                there = hashes_of(term(word, language) for word in words).tolist()
                for hashed, word in zip(there, words, strict=True):
                    weights[hashed][column] = own[one.sought.words[word]]
                for hashed, weight in own.items():
                    weights[hashed][column] = weight
            vocabulary = np.array(sorted(weights), np.uint32)
            rows = [weights[hashed] for hashed in vocabulary.tolist()]
            self._weights[language] = vocabulary, np.array(rows, np.float32).reshape(-1, len(self.gauges))
        return self._weights[language]

    @cached_property
    def _directions(self) -> Vectors:
        return np.array([one.sought.direction for one in self.gauges.values()], np.float32)

    @cached_property
    def _usual(self) -> Floats:
        """What is usual of words and of similarity, and what this weighs against them: a row each."""
        gauges = self.gauges.values()
        rows = [(one.words.mean, one.words.spread, one.meaning.mean, one.meaning.spread, one.weight) for one in gauges]
        return np.array(rows, np.float32).reshape(-1, 5).T

    @cached_property
    def _middles(self) -> Floats:
        return np.array([one.middle for one in self.gauges.values()], np.float32)

    @cached_property
    def _thresholds(self) -> Floats:
        return np.array([one.threshold for one in self.gauges.values()], np.float32)
