"""One article against one watchlist, said in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from crawler.domain import Article
from monitors.domain import Keyword, Watchlist
from monitors.match.matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.domain import Source
    from monitors.domain import Entity, Match


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
