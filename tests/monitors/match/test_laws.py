"""Laws of the matcher, on random queries and random texts: proximity misses nothing, the presearch hides nothing."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.domain import Article
from monitors.domain import Alias, Entity, Keyword, Watchlist
from monitors.match.keywords import check_keyword
from monitors.match.matcher import Matcher
from monitors.match.proximity import Mention, close_together
from monitors.match.reading import Reading

PARTS = 3

mentions = st.lists(
    st.builds(
        lambda start, length, part: Mention(start, start + length, part),
        st.integers(0, 30),
        st.integers(1, 6),
        st.integers(0, PARTS - 1),
    ),
    max_size=12,
).map(sorted)


@settings(max_examples=500)
@given(mentions, st.integers(1, 20))
def test_proximity_finds_exactly_what_trying_every_combination_finds(mentions: list[Mention], width: int) -> None:
    by_part = [[index for index, mention in enumerate(mentions) if mention.part == part] for part in range(PARTS)]
    combined = set()
    for combination in product(*by_part):
        chosen = [mentions[index] for index in combination]
        if max(one.end for one in chosen) - min(one.start for one in chosen) <= width:
            combined.update(combination)
    assert close_together(mentions, parts=PARTS, width=width) == sorted(combined)


WORDS = [
    "law",
    "laws",
    "data",
    "center",
    "cyber",
    "cybers",
    "China",
    "Chinas",
    "new",
    "York",
    "Times",
    "the",
    "C++",
    "AT&T",
    "网络",
    "安全",
    "café",
    "cafe",
    "US",
    "us",
]
words = st.sampled_from(WORDS)
texts = st.lists(words | st.sampled_from([".", "\n", "-", "’s"]), max_size=25).map(" ".join)


def can_match(keyword: Keyword) -> bool:
    return not check_keyword(keyword.text, None, case_sensitive=keyword.case_sensitive, exact=keyword.exact)


plain = words | st.sampled_from(["cyb*", "la?s", "cen*r", "data-center", '"new york"', '"data center"', '"law"'])
groups = st.lists(words, min_size=1, max_size=3).map(lambda alternatives: f"({'|'.join(alternatives)})")
items = plain | groups | (words | groups).map(lambda item: f"-{item}")
keywords = st.builds(
    Keyword,
    text=st.lists(items, min_size=1, max_size=4).map(" ".join),
    case_sensitive=st.booleans(),
    exact=st.booleans(),
    lang=st.sampled_from([None, "en", "zh"]),
).filter(can_match)
entities = [
    Entity(id="ny", name="New York", aliases=(Alias(text="York", case_sensitive=True),)),
    Entity(id="nyt", name="New York Times"),
    Entity(id="net", name="网络", aliases=(Alias(text="安全", lang="zh"),)),
]
some = st.lists(keywords, max_size=2).map(tuple)
watchlists = st.builds(
    Watchlist,
    id=st.uuids().map(str),
    name=st.just("W"),
    keywords=some,
    all=some,
    none=some,
    entities=st.lists(st.sampled_from(["ny", "nyt", "net"]), max_size=2).map(tuple),
).filter(lambda watchlist: bool(watchlist.keywords or watchlist.all or watchlist.entities))
articles = st.builds(
    Article, url=st.just("u"), title=texts, lead=texts, text=texts, language=st.sampled_from([None, "en", "zh"])
)


def every_node(matcher: Matcher, article: Article) -> list[str]:
    """Evaluate every tree of every watchlist, whatever it needs."""
    reading = Reading(article, article.language, matcher._lexicon(article.language))
    found = []
    for plan in matcher._plans:
        some, required, forbidden = (
            [bool(clause.node.find(reading)) for clause in clauses] for clauses in (plan.some, plan.all, plan.none)
        )
        if (any(some) or not some) and all(required) and not any(forbidden):
            found.append(plan.watchlist.id)
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(watchlists, min_size=1, max_size=5), st.lists(articles, min_size=1, max_size=4))
def test_the_presearch_never_hides_a_match(watchlists: list[Watchlist], articles: list[Article]) -> None:
    matcher = Matcher(watchlists, entities)
    for article in articles:
        matched = matcher.match(article)
        assert not matched.errors
        assert [match.watchlist_id for match in matched.matches] == every_node(matcher, article)


@settings(max_examples=200, deadline=None)
@given(keywords, articles)
def test_every_span_and_the_sentence_are_what_stands_in_the_article(keyword: Keyword, article: Article) -> None:
    matcher = Matcher([Watchlist(id="w", name="W", keywords=(keyword,))], [])
    for match in matcher.match(article).matches:
        assert match.spans
        assert 0 < match.score <= 1
        for stretch in (*match.spans, match.sentence):
            assert getattr(article, stretch.field)[stretch.start : stretch.end] == stretch.text
        assert any(hit for _, hit in match.marked())
