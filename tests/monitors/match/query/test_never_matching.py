"""What the check says of queries is true of the engine: what can never match never does, and most others do."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from stand_ins.queries import Vocabulary, random_text

from crawler.domain import Article, Source
from monitors.domain import Entity, Watchlist
from monitors.match.matcher import Matcher
from monitors.match.query import QueryError, check, parse

if TYPE_CHECKING:
    from monitors.match.query.tree import Part

VOCABULARY = Vocabulary(
    words=["law", "laws", "data", "China", "C++", "网络"],
    entities=["amazon", "ny"],
    patterns=["law|data", "[网络]+"],
    facts=[
        'author:"Jane Doe"', "author:Roe", "site:example.org", "source:wire", "source:paper", "group:china", "tier:1",
        "tier:>1", "lang:en", "lang:zh", "country:CH", "country:HK", "words:>5", "words:<=5", "words:<=1",
        "published:[2026-01-01 TO *]", "published:[* TO 2025-12-31]",
    ],
)  # fmt: skip
ENTITIES = [Entity(id="amazon", name="Amazon"), Entity(id="ny", name="New York")]
SOURCES = [
    Source(id="wire", name="Wire", url="https://wire.example.org", tier=1, country="CH", groups=frozenset({"china"})),
    Source(id="paper", name="Paper", url="https://paper.example.com", tier=3, country="HK"),
]


def random_article(rng: random.Random) -> Article:
    words = [*VOCABULARY.words, "Amazon", "New York", "us", ".", "\n"]

    def text(most: int) -> str:
        return " ".join(rng.choices(words, k=rng.randint(0, most)))

    return Article(
        url=f"https://{rng.choice(['www.example.org', 'example.com'])}/1",
        title=text(4),
        lead=rng.choice(["", text(4)]),
        text=text(14),
        authors=("Jane Doe",) if rng.random() < 0.5 else (),
        published=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=rng.randint(-9, 9)),
        language=rng.choice(["en", "zh"]),
    )


def judged(rng: random.Random, count: int) -> tuple[list[Part], list[Part]]:
    """Return clauses that can never match according to the check, and queries that can."""
    never, others = [], []
    for _ in range(count):
        one, other = (random_text(rng, VOCABULARY, leaves=3) for _ in range(2))
        query = parse(rng.choice([one, f"({one}) AND NOT ({other})", f"({one}) AND ({other})"]))
        if can_match(query):
            others.append(query)
        else:
            never.append(smallest(query))
    return never, others


def can_match(query: Part) -> bool:
    try:
        check(query)
    except QueryError as error:
        return "can never match" not in error.message
    return True


def smallest(query: Part) -> Part:
    """The clause that can never match: the query around it may, if it is forbidden there or one of several."""
    return next((smallest(part) for part in query.parts if not can_match(part)), query)


def watchlist(number: int, query: Part) -> Watchlist:
    return Watchlist(id=str(number), name=query.text, query=query)


def run(seed: int, count: int) -> int:
    """Match many articles, and return how many clauses there were that could not match."""
    rng = random.Random(seed)  # noqa: S311  # a seed makes them reproducible
    never, others = judged(rng, count)
    watchlists = [watchlist(number, query) for number, query in enumerate([*never, *others])]
    matcher = Matcher(watchlists, ENTITIES)
    matched = set()
    for _ in range(100):
        found = matcher.match(random_article(rng), rng.choice(SOURCES))
        assert not found.errors
        matched |= {match.watchlist_id for match in found.matches}
    assert [one.name for one in watchlists[: len(never)] if one.id in matched] == []
    assert len(matched) > len(others) / 2
    return len(never)


def test_what_can_never_match_never_does() -> None:
    assert run(seed=1, count=1_500) > 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 14))
def test_of_many_queries_those_that_can_never_match_never_do(seed: int) -> None:
    assert run(seed=seed, count=5_000) > 80
