"""One article against one watchlist, said in a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pytest
from stand_ins.queries import meets

from crawler.domain import Article
from monitors.domain import Keyword, Watchlist
from monitors.match.entities import Roster
from monitors.match.lexicon import Lexicon
from monitors.match.matcher import Matcher
from monitors.match.query import parse, read_query
from monitors.match.reading import FIELDS, Reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


OPENED, CLOSED = "⟨", "⟩"
_MARKS = re.compile(rf"\A[✗?] |[{OPENED}{CLOSED}]")


class Asks(Protocol):
    """Asks an article in one line, `[de] title ¶ deck ‖ text`, of which all but the text may be left out.

    Returns the line with what was found between ⟨ and ⟩, with `✗` before it if the article does not match and `?` if it
    does possibly. Such marks may stand in the line already, so that an expectation can be compared with what it gives.
    """

    def __call__(
        self,
        query: str | Watchlist,
        line: str,
        *,
        language: str | None = "en",
        entities: Sequence[Entity] = (),
        queries: Mapping[str, str] | None = None,
        source: Source | None = None,
        **known: object,
    ) -> str: ...


@pytest.fixture
def asks() -> Asks:
    def asks(
        query: str | Watchlist,
        line: str,
        *,
        language: str | None = "en",
        entities: Sequence[Entity] = (),
        queries: Mapping[str, str] | None = None,
        source: Source | None = None,
        **known: object,
    ) -> str:
        line = _MARKS.sub("", line)
        named = {name: parse(text) for name, text in (queries or {}).items()}
        if isinstance(query, str):
            query = Watchlist(id="w", name="W", query=read_query(query, named))
        matcher = Matcher([query], entities)
        result = matcher.match(written(line, language, **known), source)
        assert not result.errors
        if not result.matches:
            return f"✗ {line}"
        [match] = result.matches
        return f"? {marked(line, match)}" if match.kind == "possible" else marked(line, match)

    return asks


def written(line: str, language: str | None, **known: object) -> Article:
    """Read an article from a line; see Asks."""
    if line[:1] == "[" and line[3:5] == "] ":
        line, language = line[5:], line[1:3]
    title, _, rest = line.rpartition(" ¶ ")
    deck, _, text = rest.rpartition(" ‖ ")
    options = {"url": "https://example.org/1"} | known
    return Article(title=title, lead=deck, text=text, language=language, **options)  # type: ignore[arg-type] # whatever a test is about


def marked(line: str, match: Match) -> str:
    """Return the line of an article with marks around what was found in it."""
    prefix = line[:5] if line[:1] == "[" and line[3:5] == "] " else ""
    line = line[len(prefix) :]
    rest = line.rpartition(" ¶ ")[2]
    begins = {"title": 0, "lead": len(line) - len(rest), "text": len(line) - len(rest.rpartition(" ‖ ")[2])}
    found = {(span.field, span.start, span.end) for span in match.spans if span.field in FIELDS}
    marks = [(begins[field] + end, CLOSED) for field, _, end in found]
    marks += [(begins[field] + start, OPENED) for field, start, _ in found]
    for at, mark in sorted(marks, key=lambda mark: (mark[0], mark[1] == OPENED), reverse=True):
        line = line[:at] + mark + line[at:]
    return prefix + line


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
        assert meets(reading, certain.needs()) or not possible.find(reading)
        return Sighted(*([span.text for span in reading.spans(node.find(reading), "")] for node in (certain, possible)))

    return sights


def read(node: Node, text: str, *, title: str = "", lead: str = "", language: str | None = "en") -> Reading:
    """Read an article for the sake of one node."""
    lexicon = Lexicon(node.terms(), language, {})
    article = Article(url="https://example.org/1", title=title, lead=lead, text=text, language=language)
    return Reading(article, language, lexicon)
