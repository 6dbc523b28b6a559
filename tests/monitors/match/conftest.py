"""One article against one watchlist, said in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import pytest

from crawler.domain import Article
from monitors.domain import Keyword, Watchlist
from monitors.match.entities import Roster
from monitors.match.lexicon import Lexicon
from monitors.match.matcher import Matcher
from monitors.match.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.domain import Source
    from monitors.domain import Entity, Match
    from monitors.match.nodes import Node


class Matches(Protocol):
    """Matches an article against a watchlist of keywords, entities or both."""

    def __call__(
        self,
        *keywords: str | Keyword,
        text: str = "",
        title: str = "",
        lead: str = "",
        language: str | None = "en",
        entities: Sequence[Entity] = (),
        source: Source | None = None,
        all: Sequence[str] = (),  # noqa: A002  # as the watchlist calls it
        none: Sequence[str] = (),
    ) -> Match | None: ...


def _keywords(keywords: Sequence[str | Keyword]) -> tuple[Keyword, ...]:
    return tuple(Keyword(text=keyword) if isinstance(keyword, str) else keyword for keyword in keywords)


@pytest.fixture
def matched() -> Matches:
    def matched(
        *keywords: str | Keyword,
        text: str = "",
        title: str = "",
        lead: str = "",
        language: str | None = "en",
        entities: Sequence[Entity] = (),
        source: Source | None = None,
        all: Sequence[str] = (),  # noqa: A002  # as the watchlist calls it
        none: Sequence[str] = (),
    ) -> Match | None:
        watchlist = Watchlist(
            id="w",
            name="W",
            keywords=_keywords(keywords),
            all=_keywords(all),
            none=_keywords(none),
            entities=tuple(entity.id for entity in entities[:1]),
        )
        article = Article(url="https://example.org/1", title=title, lead=lead, text=text, language=language)
        result = Matcher([watchlist], entities).match(article, source)
        assert not result.errors
        return result.matches[0] if result.matches else None

    return matched


class Sighted(NamedTuple):
    """What stands in an article of the mentions of an entity; the certain ones are possible, too."""

    certain: list[str]
    possible: list[str]


class Sights(Protocol):
    """Looks in an article for the first of some entities."""

    def __call__(
        self,
        entities: Sequence[Entity],
        text: str,
        *,
        title: str = "",
        lead: str = "",
        language: str | None = "en",
    ) -> Sighted: ...


@pytest.fixture
def sights() -> Sights:
    def sights(
        entities: Sequence[Entity],
        text: str,
        *,
        title: str = "",
        lead: str = "",
        language: str | None = "en",
    ) -> Sighted:
        roster = Roster(entities)
        certain, possible = roster.mentions(entities[0].id), roster.possible(entities[0].id)
        reading = read(certain, text, title=title, lead=lead, language=language)
        assert reading.meets(certain.needs()) or not possible.find(reading)
        return Sighted(*([span.text for span in reading.spans(node.find(reading), "")] for node in (certain, possible)))

    return sights


def read(node: Node, text: str, *, title: str = "", lead: str = "", language: str | None = "en") -> Reading:
    """Read an article for the sake of one node."""
    lexicon = Lexicon(node.terms(), language, {})
    article = Article(url="https://example.org/1", title=title, lead=lead, text=text, language=language)
    reading = Reading(article, language, lexicon)
    for word in reading.words:
        lexicon[word]
    return reading
