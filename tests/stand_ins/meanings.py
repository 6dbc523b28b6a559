"""Articles that mean what a test says they do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitors.domain import Passage, Resemblance, Span
from monitors.match.concepts.panel import OVER
from monitors.match.matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crawler.domain import Article, Source
    from monitors.domain import Entity, Watchlist
    from monitors.match.reading import Reading


@dataclass
class Meant:
    """What an article means: a score for each concept, and words in it that are the concept's."""

    article: Article
    scores: Mapping[str, float]
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The concepts whose score was asked for."""

    def score(self, concept_id: str) -> float:
        self.asked.append(concept_id)
        return self.scores.get(concept_id, 0)

    def over(self) -> list[str]:
        return [concept for concept, score in self.scores.items() if score >= OVER]

    def spans(self, concept_id: str, clause: str) -> list[Span]:
        found = []
        for word in self.words.get(concept_id, ()) if self.scores.get(concept_id) else ():
            for where, text in (
                ("title", self.article.title),
                ("lead", self.article.lead),
                ("text", self.article.text),
            ):
                if (at := text.find(word)) >= 0:
                    found.append(Span(where, at, at + len(word), word, clause))  # type: ignore[arg-type] # one of the three
        return found

    def resemblance(self, concept_id: str) -> tuple[Resemblance, Passage]:
        title = self.article.title
        terms = tuple(self.words.get(concept_id, ()))
        found = Resemblance(score=self.score(concept_id), similarity=0.4, terms=terms, tier="core")
        return found, Passage(field="title", start=0, end=len(title), text=title)


class MeaningMatcher(Matcher):
    """Takes the meaning of each article from a function."""

    def __init__(
        self, watchlists: Sequence[Watchlist], entities: Sequence[Entity], meant: Callable[[Article], Meant | None]
    ) -> None:
        super().__init__(watchlists, entities)
        self._meant = meant

    def read(self, article: Article, source: Source | None = None) -> Reading:
        reading = super().read(article, source)
        reading.meaning = self._meant(article)  # type: ignore[assignment] # it answers the same questions
        return reading
