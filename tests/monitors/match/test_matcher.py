"""How a watchlist combines what it asks for, whom it listens to, and how a match is scored and shown."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crawler.domain import Article, Source
from monitors.domain import Entity, Keyword, Resemblance, SourceFilter, Watchlist
from monitors.match.conditions import Clause
from monitors.match.matcher import Matcher
from monitors.match.plan import Plan
from monitors.match.report import match_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs
    from monitors.match.reading import Hit, Reading
    from tests.monitors.match.conftest import Matches

WIRE = Source(id="wire", url="https://wire.example/feed", name="The Wire", groups=frozenset({"wires"}))
BODY = "First things.\n"


def law(identifier: str = "law", **limits: object) -> Watchlist:
    return Watchlist(id=identifier, name=identifier, keywords=(Keyword(text="law"),), **limits)  # type: ignore[arg-type] # whatever a test is about


def ids(
    matcher: Matcher, source: Source | None = None, *, text: str = "A law", language: str | None = "en"
) -> list[str]:
    article = Article(url="https://example.org", title="", text=text, language=language)
    return [match.watchlist_id for match in matcher.match(article, source).matches]


def test_one_keyword_suffices_but_all_and_none_must_hold(matched: Matches) -> None:
    assert matched("tax", "law", text="A law")
    assert matched("law", all=["China", "data*"], text="A China law on datacenters")
    assert not matched("law", all=["China", "data*"], text="A China law")
    assert not matched("law", none=["sport"], text="A law on sports")
    assert not matched("law", all=["China"], text="China")
    assert matched(all=["China", "law"], text="A law of China")


def test_what_must_hold_is_shown_too(matched: Matches) -> None:
    match = matched("law", all=["China"], text="A law of China")
    assert match
    assert match.clauses == ("law", "China")


@pytest.mark.parametrize(
    ("limits", "admitted"),
    [
        (SourceFilter(ids=frozenset({"wire"})), True),
        (SourceFilter(groups=frozenset({"wires", "x"})), True),
        (SourceFilter(ids=frozenset({"other"}), groups=frozenset({"others"})), False),
        (None, True),
    ],
)
def test_a_watchlist_listens_to_its_sources(limits: SourceFilter | None, admitted: bool) -> None:  # noqa: FBT001  # a column
    matcher = Matcher([law(sources=limits)], [])
    assert bool(ids(matcher, WIRE)) is admitted
    assert ids(matcher, None), "an article of no known source is for every watchlist"


def test_a_watchlist_reads_its_languages_and_what_nobody_could_tell() -> None:
    matcher = Matcher([law(languages=frozenset({"en", "zh"}))], [])
    assert ids(matcher, language="en-GB")
    assert ids(matcher, language=None)
    assert not ids(matcher, language="de")


def test_the_language_of_the_source_counts_where_the_article_has_none() -> None:
    matcher = Matcher([law(languages=frozenset({"de"}))], [])
    english = Source(id="x", url="https://x.example", name="X", language="en")
    assert not ids(matcher, english, language=None)
    assert ids(matcher, english, language="de")


def test_watchlists_that_cannot_be_compiled_cost_no_other_its_match() -> None:
    broken = [
        Watchlist(id="unreadable", name="", keywords=(Keyword(text="(law"),)),
        Watchlist(id="unknown", name="", entities=("nobody",)),
        Watchlist(id="nameless", name="", entities=("signs",)),
        Watchlist(id="empty", name="", none=(Keyword(text="x"),)),
    ]
    matcher = Matcher([*broken, law()], [Entity(id="signs", name="!!!")])
    matched = matcher.match(Article(url="u", title="A law"))
    assert [match.watchlist_id for match in matched.matches] == ["law"]
    assert [error.watchlist_id for error in matched.errors] == ["unreadable", "unknown", "nameless", "empty"]
    assert "nothing closes" in str(matched.errors[0])


class Defect:
    """A node with a bug."""

    def find(self, reading: Reading) -> Sequence[Hit]:
        raise ZeroDivisionError(reading.language)

    def needs(self) -> Needs:
        return ()

    def reach(self) -> int | None:
        return None

    def terms(self) -> Iterator[Term]:
        return iter(())


def test_a_watchlist_that_fails_on_an_article_costs_no_other_its_match() -> None:
    matcher = Matcher([law("a"), law("b"), law("c")], [])
    matcher._plans[1] = Plan(law("b"), Clause("law", Defect()), None, mentions=False)
    matched = matcher.match(Article(url="u", title="A law", language="en"))
    assert [match.watchlist_id for match in matched.matches] == ["a", "c"]
    assert [(error.watchlist_id, str(error)) for error in matched.errors] == [("b", "ZeroDivisionError: en")]


SCORES = {
    "in the text, once": ({"text": f"{BODY}A law"}, 0.3),
    "in the text, often": ({"text": BODY + "law " * 4}, 0.45),
    "in the first paragraph": ({"text": "A law\nMore"}, 0.5),
    "in the deck": ({"lead": "A law", "text": BODY}, 0.5),
    "in the first paragraph under a deck": ({"lead": "Deck", "text": "A law\nMore"}, 0.3),
    "in the title": ({"title": "Law"}, 0.7),
    "in the title and the text": ({"title": "Law", "text": f"{BODY}A law"}, 0.8),
}


@pytest.mark.parametrize(("fields", "score"), SCORES.values(), ids=SCORES)
def test_the_score_says_where_and_how_often(matched: Matches, fields: dict[str, str], score: float) -> None:
    match = matched("law", **fields)  # type: ignore[arg-type]  # the texts of an article
    assert match
    assert match.score == pytest.approx(score)


def test_a_keyword_of_several_words_is_mentioned_once_when_each_was_found_once(matched: Matches) -> None:
    match = matched("China data law", text=f"{BODY}A China data law")
    assert match
    assert match.score == pytest.approx(0.3)


@pytest.mark.parametrize(("tier", "score"), [(1, 0.8), (2, 0.76), (3, 0.73), (4, 0.7), (None, 0.7)])
def test_a_better_source_scores_more(matched: Matches, tier: int | None, score: float) -> None:
    match = matched("law", title="Law", source=Source(id="s", url="https://s.example", name="S", tier=tier))
    assert match
    assert match.score == pytest.approx(score)


def test_no_score_is_above_one(matched: Matches) -> None:
    first = Source(id="s", url="https://s.example", name="S", tier=1)
    match = matched("law", title="law " * 10_000, source=first)
    assert match
    assert 0.99 < match.score <= 1


SENTENCES = {
    "most clauses": ({"text": "A law. Tax came. The law on tax came. Law."}, "The law on tax came."),
    "the first of equals": ({"text": "Nothing. The law one. The law two."}, "The law one."),
    "most words": ({"text": "Data came. It was a data transfer. More data."}, "It was a data transfer."),
    "below the title": ({"title": "The law", "text": "No. That law."}, "That law."),
    "the title with more clauses": ({"title": "Law and tax", "text": "That law."}, "Law and tax"),
    "the title alone": ({"title": " The law ", "text": "No."}, "The law"),
    "the deck": ({"lead": "Deck. On law.", "text": "Law."}, "On law."),
}


@pytest.mark.parametrize(("fields", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_the_sentence_shown_is_the_one_that_says_most(matched: Matches, fields: dict[str, str], sentence: str) -> None:
    match = matched("law", "tax", "data transfer", **fields)  # type: ignore[arg-type]  # the texts of an article
    assert match
    assert match.sentence.text == sentence
    assert fields[match.sentence.field][match.sentence.start : match.sentence.end] == sentence
    assert "".join(piece for piece, _ in match.marked()) == sentence
    assert any(hit for _, hit in match.marked())


def test_a_match_as_json_has_every_span(matched: Matches) -> None:
    match = matched("law", title="Law", text=f"{BODY}The laws")
    assert match
    assert match_line("a1", match) == {
        "article": "a1",
        "watchlist": "w",
        "kind": "match",
        "score": 0.8,
        "sentence": "The laws",
        "spans": [
            {"field": "title", "start": 0, "end": 3, "text": "Law", "clause": "law"},
            {"field": "text", "start": 18, "end": 22, "text": "laws", "clause": "law"},
        ],
        "resemblance": None,
    }


def test_a_related_match_as_json_says_by_what(matched: Matches) -> None:
    match = matched("law", title="Law")
    assert match
    near = Resemblance(score=0.6, similarity=0.4, terms=("law", "decree"), tier="core")
    line = match_line(7, replace(match, kind="related", resemblance=near))
    assert line["kind"] == "related"
    assert json.loads(json.dumps(line))["resemblance"] == {
        "score": 0.6, "similarity": 0.4, "terms": ["law", "decree"], "tier": "core",
    }  # fmt: skip


def test_the_article_this_project_started_from_is_found_by_words_that_it_uses(matched: Matches, shared: Path) -> None:
    text = (shared / "seed" / "nikkei-amazon-china-cloud.txt").read_text(encoding="utf-8")
    match = matched("(China|Chinese|Beijing) (cyber*|internet|data) (law|rule|regulation|legislation)", text=text)
    assert match
    assert match.sentence.text.startswith("China's internet safety laws")
    assert matched("(sell|sale|divest*|offload) Chinese cloud", text=text)
