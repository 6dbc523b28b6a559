"""A matcher that finds related articles by a word of theirs, whatever else Newsvane makes of meanings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitors.domain import Match, Passage, Resemblance, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.domain import Article, Source
    from monitors.match.concepts.panel import Panel
    from monitors.match.matcher import Matched, Matcher
    from stand_ins.newsroom import Newsroom


@dataclass(frozen=True)
class Relating:
    """Matches as another does; what holds a word and does not match is related to the watchlist."""

    matcher: Matcher
    watchlist_id: str
    words: Mapping[str, float]
    """The words, each with the score of an article that holds it."""

    @property
    def panel(self) -> Panel | None:
        return self.matcher.panel

    def match(self, article: Article, source: Source | None = None) -> Matched:
        matched = self.matcher.match(article, source)
        if any(match.watchlist_id == self.watchlist_id for match in matched.matches):
            return matched
        return replace(matched, matches=(*matched.matches, *self._related(article)))

    def _related(self, article: Article) -> list[Match]:
        for word, score in self.words.items():
            if (at := article.text.lower().find(word)) >= 0:
                return [related(self.watchlist_id, article.text, at, word, score)]
        return []


def related(watchlist_id: str, text: str, at: int, word: str, score: float) -> Match:
    start, end = text.rfind("\n", 0, at) + 1, at + len(word)
    stop = text.find("\n", at)
    stop = len(text) if stop < 0 else stop
    return Match(
        watchlist_id=watchlist_id,
        kind="related",
        score=score,
        sentence=Passage(field="text", start=start, end=stop, text=text[start:stop]),
        spans=(Span("text", at, end, text[at:end], word),),
        resemblance=Resemblance(score=score, similarity=0.43, terms=(word, "中国"), tier="core"),
    )


def relate(room: Newsroom, watchlist_id: str, **words: float) -> Newsroom:
    """Have a newsroom take what holds one of these words for related to a watchlist."""
    in_force = room.app.in_force
    room.app.in_force = replace(in_force, matcher=Relating(in_force.matcher, watchlist_id, words))  # type: ignore[arg-type]  # it matches, and is asked for little more
    return room
