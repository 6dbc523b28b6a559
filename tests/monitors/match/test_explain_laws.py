"""What explains is what decides: on random watchlists and articles the explanation and the matcher agree."""

from __future__ import annotations

import json
from dataclasses import asdict
from random import Random
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from stand_ins.queries import Vocabulary, random_query

from crawler.domain import Article, Source
from monitors.domain import Alias, Entity, Keyword, NeverNear, SourceFilter, Watchlist
from monitors.match.explain import Explainer
from monitors.match.matcher import Matcher
from monitors.match.query import read_query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.explain import Explanation, Finding

WORDS = ("law", "laws", "data", "center", "cyber", "China", "US", "us", "C++", "网络", "安全", "café", "data-center")
ENTITIES = (
    Entity(id="york", name="York"),
    Entity(id="times", name="York Times"),
    Entity(id="powell", name="Jerome Powell", person=True),
    Entity(
        id="amazon",
        name="Amazon Web Services",
        aliases=(Alias(text="Amazon", ambiguous=True), Alias(text="网络", lang="zh", ambiguous=True)),
        context=("law", "data", "cyb*"),
        never_near=NeverNear(any=("river", "us"), within=3),
    ),
)
NAMES = ("York", "York Times", "Jerome Powell", "Powell", "Amazon Web Services", "Amazon", "river")
NAMED = {name: read_query(text) for name, text in {"one": "law OR (data)", "pair": "China NEAR/3 law"}.items()}
VOCABULARY = Vocabulary(words=WORDS, entities=[entity.id for entity in ENTITIES], queries=NAMED)
KEYWORDS = ("cyb*", "China law", "data center law us", '"data center"', "(law|data) 网络", "China -law", "网络安全")
SOURCES = (
    None,
    Source(id="wire", url="https://wire.example", name="Wire", tier=1, country="CH", groups=frozenset({"wires"})),
    Source(id="other", url="https://other.example", name="Other", language="zh"),
)
STATES = ("no", "possible", "yes")


def random_keywords(rng: Random, likely: float) -> tuple[Keyword, ...]:
    return tuple(
        Keyword(text=text, case_sensitive=rng.random() < 0.1, lang=rng.choice([None, None, None, "zh"]))
        for text in rng.sample(KEYWORDS, 2)
        if rng.random() < likely
    )


def random_watchlist(rng: Random) -> Watchlist:
    return Watchlist(
        id="w",
        name="W",
        query=read_query(random_query(rng, VOCABULARY), NAMED),
        keywords=random_keywords(rng, 0.2),
        entities=("amazon",) if rng.random() < 0.2 else (),
        all=random_keywords(rng, 0.1),
        none=random_keywords(rng, 0.1),
        languages=frozenset({"en"}) if rng.random() < 0.1 else frozenset(),
        sources=SourceFilter(groups=frozenset({"wires"})) if rng.random() < 0.1 else None,
    )


def random_article(rng: Random) -> Article:
    spoken = (*WORDS, *NAMES, "w1", "w2", ". And", "\n", "的")
    title, lead, text = (" ".join(rng.choices(spoken, k=rng.randint(0, most))) for most in (6, 6, 40))
    return Article(
        url="https://example.org/1",
        title=title.replace("\n", " "),
        lead=lead if rng.random() < 0.5 else "",
        text=text,
        authors=("Jane Doe",) if rng.random() < 0.5 else (),
        language=rng.choice([None, "en", "zh"]),
    )


def walk(finding: Finding) -> Iterator[Finding]:
    yield finding
    for part in finding.parts:
        yield from walk(part)


def of_a_watchlist(finding: Finding) -> bool:
    return finding.kind in {"watchlist", "some", "keywords", "query", "entities", "all", "none"}


seeds = st.integers(0, 10**9)


def example(seed: int) -> tuple[Explanation, Sequence[object], Article]:
    rng = Random(seed)  # noqa: S311  # repeats itself
    watchlist, article, source = random_watchlist(rng), random_article(rng), rng.choice(SOURCES)
    matched = Matcher([watchlist], ENTITIES).match(article, source)
    assert not matched.errors
    return Explainer(ENTITIES).explain(watchlist, article, source), matched.matches, article


@settings(max_examples=400)
@given(seeds)
def test_the_verdict_is_that_of_the_matcher(seed: int) -> None:
    explanation, matches, _ = example(seed)
    assert [explanation.match] if explanation.match else [*matches] == []
    assert (explanation.first_failure is None) == (explanation.verdict == "match")


@settings(max_examples=400)
@given(seeds)
def test_the_tree_and_the_limits_say_what_the_verdict_says(seed: int) -> None:
    explanation, _, _ = example(seed)
    whole = {"yes": "match", "possible": "possible", "no": "no"}[explanation.tree.state]
    assert explanation.admitted == all(limit.state == "yes" for limit in explanation.limits)
    assert explanation.verdict == (whole if explanation.admitted else "no")


@settings(max_examples=200)
@given(seeds)
def test_every_part_that_is_not_true_says_why(seed: int) -> None:
    explanation, _, _ = example(seed)
    for finding in walk(explanation.tree):
        of_parts = finding.kind in {"all of", "either", "named query"} or of_a_watchlist(finding)
        if finding.state != "yes" and not of_parts:
            assert finding.notes, finding
            assert all(finding.notes), finding


@settings(max_examples=200)
@given(seeds)
def test_every_span_is_what_stands_in_the_article(seed: int) -> None:
    explanation, _, article = example(seed)
    texts = {"title": article.title, "lead": article.lead, "text": article.text}
    for finding in walk(explanation.tree):
        for span in (*finding.spans, *finding.possible):
            assert span.field not in texts or texts[span.field][span.start : span.end] == span.text
        assert finding.state != "no" or not (finding.spans or finding.possible)


@settings(max_examples=50)
@given(seeds)
def test_an_explanation_can_be_written_as_json(seed: int) -> None:
    explanation, _, _ = example(seed)
    assert json.loads(json.dumps(asdict(explanation)))["verdict"] == explanation.verdict
