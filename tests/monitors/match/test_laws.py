"""Laws of the matcher, on random queries and random texts: proximity misses nothing, the presearch hides nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from random import Random
from typing import TYPE_CHECKING
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stand_ins.meanings import MeaningMatcher, Meant
from stand_ins.queries import PATTERNS, Vocabulary, random_query

from crawler.domain import Article, Source
from crawler.errors import ConfigError
from monitors.domain import Alias, Entity, Keyword, NeverNear, SourceFilter, Watchlist
from monitors.match.keywords import check_keyword
from monitors.match.proximity import Mention, close_together
from monitors.match.query import read_query

if TYPE_CHECKING:
    from monitors.domain import MatchKind
    from monitors.match.matcher import Matcher
    from monitors.match.query import tree

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


# -- random watchlists and articles of the same few words -------------------------------------------------------------

WORDS = (
    *("law", "laws", "data", "center", "cyber", "cybers", "China", "Chinas", "new", "York", "Times", "the", "US", "us"),
    *(
        "C++",
        "AT&T",
        "网络",
        "安全",
        "café",
        "cafe",
        "data-center",
        "Jerome Powell",
        "Powell",
        "cloud",
        "river",
        "Amazon",
    ),
)
FILLER = (*(f"w{number}" for number in range(40)), "的", "word", "。")
ENTITIES = (
    Entity(id="ny", name="New York", aliases=(Alias(text="York", case_sensitive=True),)),
    Entity(id="nyt", name="New York Times"),
    Entity(id="net", name="网络", aliases=(Alias(text="安全", lang="zh"),)),
    Entity(id="powell", name="Jerome Powell", person=True),
    Entity(
        id="amazon",
        name="Amazon Web Services",
        aliases=(Alias(text="Amazon", ambiguous=True), Alias(text="NASDAQ:AMZN")),
        context=("cloud", "data", "law*"),
        never_near=NeverNear(any=("river", '"the river"'), within=4),
    ),
)
SPOKEN = (*WORDS, "Amazon", "Amazon Ltd", "Amazon Web Services", "$AMZN", "J. Powell", "Jerome H. Powell", "New York")
NAMED = {
    name: read_query(text)
    for name, text in {
        "routine": "law OR data*",
        "pair": "China NEAR/3 law",
        "strict": "title:(cyber* OR café) NOT river",
    }.items()
}
VOCABULARY = Vocabulary(
    words=[word for word in WORDS if word != "the"],
    entities=[entity.id for entity in ENTITIES],
    concepts=["outage", "data-localization"],
    patterns=[*PATTERNS, "(?i)powell"],
    queries=NAMED,
)
SOURCES = (
    None,
    Source(id="wire", url="https://wire.example", name="Wire", tier=1, country="CH", groups=frozenset({"wires"})),
    Source(id="other", url="https://other.example", name="Other", language="zh", groups=frozenset({"china"})),
)
KEYWORDS = (
    *("cyb*", "la?s", "cen*r", '"new york"', '"data center"', "law data", "China cyber law", "网络 法", "网络安全"),
    *("(law|data center) cloud", "China -river", "York (new|times|the) cyber law data", "C++ -AT&T", "powell"),
)


def random_keyword(rng: Random) -> Keyword:
    while True:
        text = rng.choice([*KEYWORDS, *WORDS, " ".join(rng.sample(WORDS, rng.randint(1, 4)))])
        cased, exact = rng.random() < 0.15, rng.random() < 0.15
        if check_keyword(text, None, case_sensitive=cased, exact=exact) is None:
            return Keyword(text=text, case_sensitive=cased, exact=exact, lang=rng.choice([None, None, "en", "zh"]))


FAR = (0, 1, 3, 7, 8, 14, 15, 16, 17, 29, 30, 31, 32, 33, 60)
"""How far apart words stand: around the length of the blocks of the presearch, and of two of them."""
SIDES = (
    *("law", "cloud", '"data center"', "cyb*", "(China OR York)", "网络", "title:law"),
    *(f"entity:{entity.id}" for entity in ENTITIES),
)


def random_pair(rng: Random) -> tree.Part:
    while True:
        operator = f"{rng.choice(['NEAR', 'ONEAR', 'NOT NEAR'])}/{rng.choice(FAR) + 1}"
        try:
            return read_query(f"{rng.choice(SIDES)} {operator} {rng.choice(SIDES)}", NAMED)
        except ConfigError:  # a pair that can never be found
            continue


def random_watchlist(rng: Random, number: int) -> Watchlist:
    query = None
    if rng.random() < 0.7:
        query = random_pair(rng) if rng.random() < 0.3 else read_query(random_query(rng, VOCABULARY), NAMED)
    entities = rng.sample(VOCABULARY.entities, 1) if rng.random() < 0.2 else ()
    concepts = rng.sample(VOCABULARY.concepts, 1) if rng.random() < 0.1 else ()
    keywords = [random_keyword(rng) for _ in range(rng.choice([0, 0, 1, 2]))]
    return Watchlist(
        id=str(number),
        name="W",
        query=query,
        keywords=tuple(keywords) if query or entities or concepts or keywords else (random_keyword(rng),),
        entities=tuple(entities),
        concepts=tuple(concepts),
        all=(random_keyword(rng),) if rng.random() < 0.2 else (),
        none=(random_keyword(rng),) if rng.random() < 0.2 else (),
        sources=SourceFilter(groups=frozenset({"wires"})) if rng.random() < 0.1 else None,
        languages=frozenset({"en"}) if rng.random() < 0.1 else frozenset(),
    )


def random_line(rng: Random, words: int) -> str:
    return " ".join(rng.choice([*SPOKEN, *SPOKEN, *FILLER, ".", ",", "’s"]) for _ in range(words))


def random_text(rng: Random) -> str:
    """Write a few short paragraphs, or thousands of words with a few words of the watchlists here and there."""
    if rng.random() < 0.5:
        return "\n".join(random_line(rng, rng.randint(0, 12)) for _ in range(rng.randint(0, 4)))
    text = rng.choices(FILLER, k=rng.choice([100, 1_000, 5_000]))
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(text))
        for word in rng.sample(SPOKEN, rng.randint(1, 5)):
            text.insert(at, word)
            at = min(len(text), at + 1 + rng.choice(FAR))
    for _ in range(rng.randint(0, 5)):
        text.insert(rng.randrange(len(text)), rng.choice([".", "\n", ". The"]))
    return " ".join(text)


def random_article(rng: Random) -> Article:
    return Article(
        url=rng.choice(["https://example.org/sponsored/1", "https://other.example/2"]),
        title=random_line(rng, rng.randint(0, 6)),
        lead=random_line(rng, rng.randint(1, 8)) if rng.random() < 0.3 else "",
        text=random_text(rng),
        authors=rng.choice([(), ("Jane Doe",)]),
        published=rng.choice([None, datetime(2026, 2, 3, tzinfo=UTC)]),
        language=rng.choice([None, "en", "en", "zh"]),
        sections=rng.choice([(), ("Business",)]),
    )


def meant(article: Article) -> Meant:
    """Have every article mean something, the same whenever it is asked."""
    scores = {concept: crc32(f"{concept} {article.text}".encode()) % 100 / 100 for concept in VOCABULARY.concepts}
    return Meant(article, scores, {"outage": WORDS[:6]})


rngs = st.randoms(use_true_random=True)


def every_plan(matcher: Matcher, article: Article, source: Source | None) -> list[tuple[str, MatchKind]]:
    """Evaluate every plan, whatever it needs."""
    reading = matcher.read(article, source)
    found = [(plan, plan.find(reading)) for plan in matcher._plans if plan.admits(source, reading.language)]
    return [(plan.watchlist.id, what[0]) for plan, what in found if what]


def prove_that_nothing_is_hidden(rng: Random, *, watchlists: int, articles: int) -> int:
    """Return how many matches there were."""
    written = [random_watchlist(rng, number) for number in range(watchlists)]
    matcher = MeaningMatcher(written, ENTITIES, meant)
    assert not matcher._broken
    matches = 0
    for _ in range(articles):
        article, source = random_article(rng), rng.choice(SOURCES)
        matched = matcher.match(article, source)
        assert not matched.errors
        expected = every_plan(matcher, article, source)
        found = [(match.watchlist_id, match.kind) for match in matched.matches]
        hidden = [written[int(one)] for one, _ in set(expected).symmetric_difference(found)]
        assert not hidden, (hidden, article)
        assert found == expected
        matches += len(found)
    return matches


@settings(max_examples=25)
@given(rngs)
def test_the_presearch_never_hides_a_match(rng: Random) -> None:
    prove_that_nothing_is_hidden(rng, watchlists=20, articles=10)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_the_presearch_never_hides_a_match_among_many(seed: int) -> None:
    rng = Random(seed)  # noqa: S311  # no secret
    assert prove_that_nothing_is_hidden(rng, watchlists=300, articles=100) > 1_000


@settings(max_examples=150)
@given(rngs)
def test_every_span_and_the_sentence_are_what_stands_in_the_article(rng: Random) -> None:
    article, source = random_article(rng), rng.choice(SOURCES)
    texts = {"title": article.title, "lead": article.lead, "text": article.text}
    matcher = MeaningMatcher([random_watchlist(rng, number) for number in range(5)], ENTITIES, meant)
    for match in matcher.match(article, source).matches:
        assert 0 < match.score <= 1
        in_text = [span for span in match.spans if span.field in texts]
        for stretch in (*in_text, match.sentence):
            assert texts[stretch.field][stretch.start : stretch.end] == stretch.text
        assert all(span.text for span in match.spans)
        assert any(hit for _, hit in match.marked()) or not in_text
        assert len({(span, span.clause) for span in match.spans}) == len(match.spans)


@settings(max_examples=100)
@given(rngs)
def test_every_clause_finds_its_hits_once_and_in_the_order_of_the_article(rng: Random) -> None:
    matcher = MeaningMatcher([random_watchlist(rng, number) for number in range(10)], ENTITIES, meant)
    reading = matcher.read(random_article(rng))
    for plan in matcher._plans:
        for one in (plan.find(reading) or ("match", []))[1]:
            assert list(one.hits) == sorted(set(one.hits)), one.clause.text
