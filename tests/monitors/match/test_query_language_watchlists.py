"""How a watchlist combines its keywords, query and entities with what must hold, what may not, and whom it hears."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.domain import Article, Source
from monitors.domain import Alias, Entity, Keyword, SourceFilter, Watchlist
from monitors.match.matcher import Matcher
from monitors.match.query import read_query

AMAZON = Entity(id="amazon", name="Amazon.com", aliases=(Alias(text="Amazon", ambiguous=True),))
HALDEN = Entity(id="halden", name="Halden")
WIRE = Source(id="wire", url="https://wire.example", name="Wire", groups=frozenset({"wires"}), language="de")


def watchlist(**says: object) -> Watchlist:
    words = {key: tuple(Keyword(text=text) for text in says.pop(key, ())) for key in ("keywords", "all", "none")}  # type: ignore[attr-defined] # lists of words
    query = read_query(str(says.pop("query"))) if "query" in says else None
    return Watchlist(id="w", name="W", query=query, **words, **says)  # type: ignore[arg-type] # whatever a test is about


def kind(one: Watchlist, text: str, *, language: str | None = "en", source: Source | None = None) -> str | None:
    result = Matcher([one], [AMAZON, HALDEN]).match(Article(url="u", title=text, language=language), source)
    assert not result.errors
    return result.matches[0].kind if result.matches else None


COMBINED = {
    "one of keywords, query and entities suffices": (
        {"keywords": ["tax"], "query": "law NEAR/2 rule", "entities": ("halden",)},
        {"tax": True, "a law, a rule": True, "Halden": True, "a law": False, "tax law Halden": True},
    ),
    "one of several keywords suffices": ({"keywords": ["tax", "duty"]}, {"tax": True, "duty": True, "law": False}),
    "one of several entities suffices": ({"entities": ("halden", "amazon")}, {"Halden": True, "Amazon.com": True}),
    "every entry of all must hold beside a query": (
        {"query": "law", "all": ["China", "data*"]},
        {"law of China on databases": True, "law of China": False, "China databases": False},
    ),
    "all alone suffices": ({"all": ["China", "law"]}, {"law of China": True, "law": False}),
    "none may hold beside a query": (
        {"query": "law OR rule", "none": ["sport", '"football club"']},
        {"a law": True, "a law on sports": False, "rule of a football club": False, "football law": True},
    ),
    "none may hold beside entities": ({"entities": ("halden",), "none": ["sport"]}, {"Halden sports": False}),
    "none of keywords with more than one word": (
        {"query": "law", "none": ["football club"]},
        {"the law of a club for football": False, "the law of a club": True},
    ),
    "a minus forbids for its keyword alone": (
        {"keywords": ["law -sport"], "query": "rule"},
        {"law": True, "law on sport": False, "rule on sport": True, "law and rule on sport": True},
    ),
    "a query may forbid for itself alone": (
        {"keywords": ["law"], "query": "rule NOT sport"},
        {"law on sport": True, "rule on sport": False},
    ),
}


@pytest.mark.parametrize(("says", "answers"), COMBINED.values(), ids=COMBINED)
def test_a_watchlist_combines(says: dict[str, object], answers: dict[str, bool]) -> None:
    assert {text: bool(kind(watchlist(**says), text)) for text in answers} == answers


POSSIBLE = {
    "an entity": ({"entities": ("amazon",)}, "Amazon", "possible"),
    "an entity beside a keyword, not found": (
        {"entities": ("amazon",), "keywords": ["law"]},
        "Amazon",
        "possible",
    ),
    "an entity beside a keyword, found": ({"entities": ("amazon",), "keywords": ["law"]}, "Amazon law", "match"),
    "an entity in a query": ({"query": "entity:amazon AND law"}, "Amazon law", "possible"),
    "with what must hold": ({"entities": ("amazon",), "all": ["law"]}, "Amazon law", "possible"),
    "without what must hold": ({"entities": ("amazon",), "all": ["law"]}, "Amazon", None),
    "with what may not": ({"entities": ("amazon",), "none": ["river"]}, "Amazon river", None),
    "one of two entities": ({"entities": ("amazon", "halden")}, "Amazon and Halden", "match"),
}


@pytest.mark.parametrize(("says", "text", "expected"), POSSIBLE.values(), ids=POSSIBLE)
def test_what_is_only_possible_is_kept_apart(says: dict[str, object], text: str, expected: str | None) -> None:
    assert kind(watchlist(**says), text) == expected


LIMITS = {
    "its source": ({"sources": SourceFilter(ids=frozenset({"wire"}))}, "en", WIRE, True),
    "its group": ({"sources": SourceFilter(groups=frozenset({"wires"}))}, "en", WIRE, True),
    "another source": ({"sources": SourceFilter(ids=frozenset({"other"}))}, "en", WIRE, False),
    "a source that nobody knows": ({"sources": SourceFilter(ids=frozenset({"other"}))}, "en", None, True),
    "its language": ({"languages": frozenset({"en"})}, "en-GB", WIRE, True),
    "another language": ({"languages": frozenset({"de"})}, "en", WIRE, False),
    "the language of the source": ({"languages": frozenset({"en"})}, None, WIRE, False),
    "a language that nobody knows": ({"languages": frozenset({"fr"})}, None, None, True),
}


@pytest.mark.parametrize(("limits", "language", "source", "heard"), LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("says", [{"keywords": ["law"]}, {"query": "law"}, {"entities": ("halden",)}], ids=str)
def test_a_watchlist_hears(
    says: dict[str, object],
    limits: dict[str, object],
    language: str | None,
    source: Source | None,
    heard: bool,  # noqa: FBT001  # a column
) -> None:
    assert bool(kind(replace(watchlist(**says), **limits), "law Halden", language=language, source=source)) is heard  # type: ignore[arg-type] # as above


def test_everything_that_was_found_is_shown_each_clause_once() -> None:
    one = watchlist(keywords=["tax law"], query="law OR entity:halden", entities=("halden",), all=["law"])
    [match] = Matcher([one], [HALDEN]).match(Article(url="u", title="The tax law of Halden", language="en")).matches
    assert match.clauses == ("tax law", "law", "entity:halden")
    assert [(span.text, span.clause) for span in match.spans] == [
        ("tax", "tax law"),
        ("law", "tax law"),
        ("law", "law"),
        ("Halden", "entity:halden"),
    ]


def test_a_watchlist_without_anything_to_look_for_is_an_error() -> None:
    matched = Matcher([watchlist(none=["sport"])], []).match(Article(url="u", title="sport"))
    assert "nothing to look for" in str(matched.errors[0])
