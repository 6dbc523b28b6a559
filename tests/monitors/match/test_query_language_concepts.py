"""`concept:…` in queries and `concepts:` of watchlists, quoted, with what they find in articles that mean something."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from stand_ins.meanings import MeaningMatcher, Meant

from crawler.domain import Article
from monitors.domain import Entity, Keyword, Watchlist
from monitors.match.entities import Roster
from monitors.match.explain.findings import find
from monitors.match.explain.outline import outline
from monitors.match.matcher import Matcher
from monitors.match.query import read_query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitors.domain import Match

ARTICLE = Article(
    url="https://example.org/1",
    title="Halden keeps its servers",
    lead="The firm stays.",
    text="The law is new.\nRecords of residents stay inside the country. Servers abroad are forbidden.",
    language="en",
)


def watchlist(query: str | None = None, **says: object) -> Watchlist:
    return Watchlist(id="w", name="W", query=read_query(query) if query else None, **says)  # type: ignore[arg-type] # as its fields


def matched(
    asked: Watchlist, scores: Mapping[str, float] | None, words: Mapping[str, Sequence[str]] | None = None
) -> Match | None:
    """Match the article, which means the concepts by these scores; None: it was compared with none."""
    meant = None if scores is None else Meant(ARTICLE, scores, words or {})
    result = MeaningMatcher([asked], [Entity(id="halden", name="Halden")], lambda _: meant).match(ARTICLE)
    assert not result.errors
    return result.matches[0] if result.matches else None


@pytest.mark.parametrize(
    ("query", "score", "finds"),
    [
        ("concept:data-localization", 0.5, True),
        ("concept:data-localization", 1.0, True),
        ("concept:data-localization", 0.4999, False),
        ("concept:data-localization", 0.0, False),
        ("concept:data-localization>0.7", 0.71, True),
        ("concept:data-localization>0.7", 0.7, False),
        ("concept:data-localization>0.2", 0.3, True),
        ("concept:data-localization>0", 0.0, False),
        ("law AND concept:data-localization", 0.6, True),
        ("law AND concept:data-localization", 0.4, False),
        ("sport AND concept:data-localization", 0.6, False),
        ("sport OR concept:data-localization", 0.6, True),
        ("law NOT concept:data-localization", 0.6, False),
        ("law NOT concept:data-localization", 0.4, True),
        ("law NOT concept:data-localization>0.7", 0.6, True),
        ("NOT concept:data-localization>0.7 AND concept:data-localization", 0.6, True),
        ("concept:(data-localization OR outage)", 0.6, True),
        ("concept:(outage OR data-localization>0.7)", 0.6, False),
        ("concept:data-localization^5", 0.6, True),
    ],
)
def test_a_concept_is_true_from_its_threshold_on_or_over_the_one_given(
    query: str,
    score: float,
    finds: bool,  # noqa: FBT001  # a column
) -> None:
    assert (matched(watchlist(query), {"data-localization": score}) is not None) is finds


@pytest.mark.parametrize(
    ("query", "finds"), [("concept:x>0.7", False), ("concept:x", False), ("law NOT concept:x", True)]
)
def test_no_concept_is_true_of_an_article_that_was_compared_with_none(query: str, finds: bool) -> None:  # noqa: FBT001  # a column
    assert (matched(watchlist(query), None) is not None) is finds
    assert bool(Matcher([watchlist(query)], []).match(ARTICLE).matches) is finds


@pytest.mark.parametrize(
    ("says", "scores", "clauses"),
    [
        pytest.param({"concepts": ("a", "b")}, {"b": 0.5}, (), id="one of them suffices"),
        pytest.param({"concepts": ("a",)}, {"b": 0.9}, None, id="none of them"),
        pytest.param({"concepts": ("a",), "keywords": (Keyword(text="law"),)}, {}, ("law",), id="or a keyword"),
        pytest.param({"concepts": ("a",), "keywords": (Keyword(text="sport"),)}, {"a": 0.6}, (), id="beside a keyword"),
        pytest.param({"concepts": ("a",), "all": (Keyword(text="sport"),)}, {"a": 0.6}, None, id="all of all"),
        pytest.param({"concepts": ("a",), "none": (Keyword(text="law"),)}, {"a": 0.6}, None, id="none of none"),
        pytest.param({"concepts": ("a",), "languages": frozenset({"de"})}, {"a": 0.6}, None, id="in its languages"),
        pytest.param(
            {"concepts": ("a",), "entities": ("halden",)}, {"a": 0.6}, ("entity:halden",), id="beside an entity"
        ),
    ],
)
def test_a_watchlist_asks_for_concepts(
    says: dict[str, object], scores: dict[str, float], clauses: tuple[str, ...] | None
) -> None:
    match = matched(watchlist(**says), scores)
    assert (match and match.clauses) == clauses
    assert match is None or match.kind == "match"


def test_the_words_of_a_concept_are_shown_and_choose_the_sentence() -> None:
    match = matched(watchlist(concepts=("a",)), {"a": 0.8}, {"a": ["inside", "residents", "country", "servers"]})
    assert match is not None
    assert [(span.field, span.text) for span in match.spans] == [
        ("title", "servers"),
        ("text", "residents"),
        ("text", "inside"),
        ("text", "country"),
    ]
    assert match.clauses == ("concept:a",)
    assert match.sentence.text == "Records of residents stay inside the country."
    assert [text for text, hit in match.marked() if hit] == ["residents", "inside", "country"]


def test_words_that_were_asked_for_and_those_of_a_concept_stand_in_the_order_of_the_article() -> None:
    query = "stay AND concept:a>0.7 AND lang:en"
    match = matched(watchlist(query), {"a": 0.8}, {"a": ["residents", "country"]})
    assert match is not None
    assert [(span.text, span.clause) for span in match.spans] == [
        ("stays", "stay"),
        ("residents", "concept:a>0.7"),
        ("stay", "stay"),
        ("country", "concept:a>0.7"),
        ("en", "lang:en"),
    ]
    assert match.sentence.text == "Records of residents stay inside the country."


def test_without_a_word_of_it_the_opening_is_shown() -> None:
    match = matched(watchlist(concepts=("a",)), {"a": 0.8})
    assert match is not None
    assert match.spans == ()
    assert match.sentence.text == ARTICLE.title


def test_a_concept_counts_for_the_score_as_a_fact_does_however_many_of_its_words_stand_where() -> None:
    words = {"a": ["Halden", "servers", "stays", "residents", "country"]}
    alone, beside = (matched(watchlist(query), {"a": 0.8}, words) for query in ("concept:a", "law AND concept:a"))
    fact = matched(watchlist("law AND lang:en"), {})
    assert alone is not None
    assert beside is not None
    assert fact is not None
    assert (alone.score, beside.score) == (0.3, fact.score)


def test_only_concepts_that_are_asked_for_are_scored() -> None:
    meant = Meant(ARTICLE, {"a": 0.8})
    queries = ["law AND concept:a", "sport AND concept:b", "law"]
    lists = [replace(watchlist(query), id=query) for query in queries]
    assert len(MeaningMatcher(lists, [], lambda _: meant).match(ARTICLE).matches) == 2
    assert meant.asked == ["a"]


@pytest.mark.parametrize(
    ("asked", "score", "told"),
    [
        (watchlist("concept:a"), 0.31, "concept:a: no (scores 0.31, 0.5, its threshold, is asked for"),
        (watchlist("concept:a>0.7"), 0.6, "concept:a>0.7: no (scores 0.60, more than 0.7 is asked for"),
        (watchlist(concepts=("a",)), 0.9, "concept:a: yes (scores 0.90, 0.5, its threshold, is asked for"),
        (watchlist("concept:a"), None, "concept:a: no (the article was compared with no concept"),
    ],
)
def test_an_explanation_says_how_near_it_came(asked: Watchlist, score: float | None, told: str) -> None:
    reading = Matcher([asked], []).read(ARTICLE)
    reading.meaning = None if score is None else Meant(ARTICLE, {"a": score})  # type: ignore[assignment] # as it is asked
    finding = find(outline(asked, Roster([])), reading)
    while finding.parts:
        [finding] = finding.parts
    assert f"{finding.text}: {finding.state} ({finding.notes[0]}" == told
    assert finding.notes[1:2] == (() if score is None else (f"nearest is “{ARTICLE.title}” (title, 0.40 similar)",))
    assert finding.kind == "concept"
