"""An explanation of concepts: the score and the threshold, the nearest sentence, how near it is, and by which words."""

from __future__ import annotations

import pytest

from crawler.domain import Article
from monitors.domain import Concept, Keyword, Watchlist
from monitors.match.explain import Explanation, explain
from monitors.match.matcher import Matcher
from monitors.match.query import read_query

ARTICLE = Article(
    url="u",
    title="Amid crackdown, a retailer sells its Chinese servers",
    text="China's internet safety laws require that data is stored locally.\nThe sale is to be settled later.",
    language="en",
)
SPORT = Article(url="u", title="Cup final", text="The home side won with a goal after extra time.", language="en")
LOCAL = Concept(id="local", description="Rules that require data to be stored inside a country")
KEYWORDS = (Keyword(text="China cybersecurity law"),)


def explained(watchlist: Watchlist, article: Article = ARTICLE) -> Explanation:
    matcher = Matcher([watchlist], (), [LOCAL])
    found = explain(watchlist, (), article, panel=matcher.panel)
    matches = matcher.match(article).matches
    assert found.match == (matches[0] if matches else None), "what decides is also what explains"
    return found


def test_what_is_only_related_says_by_what_and_which_keyword_is_missing() -> None:
    found = explained(Watchlist(id="w", name="W", keywords=KEYWORDS, related=True))
    assert found.verdict == "related"
    assert found.first_failure == "keyword `China cybersecurity law`: `cybersecurity` is missing"
    assert found.related
    score, nearest, words = found.related.notes
    assert score.endswith("0.5 is the threshold")
    assert nearest.startswith("nearest is “China's internet safety …")
    assert "similar" in nearest
    assert words == "words that are its own: “china”, “laws”"


def test_what_is_not_even_related_says_how_far_it_is() -> None:
    found = explained(Watchlist(id="w", name="W", keywords=KEYWORDS, related=True), SPORT)
    assert (found.verdict, found.related and found.related.state) == ("no", "no")
    assert found.related
    assert found.related.notes[0] == "scores 0.00, 0.5 is the threshold"


@pytest.mark.parametrize("more", [{"related": False}, {"none": (Keyword(text="retailer"),)}])
def test_without_it_or_where_a_limit_forbids_it_nothing_is_related(more: dict[str, object]) -> None:
    found = explained(Watchlist(**{"id": "w", "name": "W", "keywords": KEYWORDS, "related": True} | more))  # type: ignore[arg-type]  # one of two
    assert (found.verdict, found.match) == ("no", None)


@pytest.mark.parametrize(("query", "verdict"), [("concept:local", "match"), ("concept:local>0.999", "no")])
def test_a_concept_of_a_query_tells_its_score_and_what_is_asked_for(query: str, verdict: str) -> None:
    found = explained(Watchlist(id="w", name="W", query=read_query(query)))
    assert found.verdict == verdict
    (part,) = found.tree.parts
    said = " ".join(part.notes or part.parts[0].notes)
    assert said.startswith("scores 0.")
    assert ("more than 0.999 is asked for" if ">" in query else "0.5, its threshold, is asked for") in said
    assert "nearest is “China's internet safety …" in said
