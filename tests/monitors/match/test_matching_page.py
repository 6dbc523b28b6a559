"""docs/matching.md keeps its word: every score on it is the one that is given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawler.domain import Article
from monitors.domain import Watchlist
from monitors.match import evidence
from monitors.match.matcher import Matcher
from monitors.match.query import read_query

PAGE = (Path(__file__).parents[3] / "docs" / "matching.md").read_text(encoding="utf-8")
_SCORE = re.compile(r"(?P<query>\S.*?)\s{2,}(?P<score>0\.\d+)\s{2,}(?P<article>.+)")
[SCORES] = re.findall(r"^```scores\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("line", SCORES.splitlines())
def test_every_score_of_the_page_is_the_one_that_is_given(line: str) -> None:
    parts = _SCORE.fullmatch(line)
    assert parts, line
    title, _, text = parts["article"].rpartition(" ¶ ")
    article = Article(url="u", title=title, text=re.sub(r"\A\| ", "Nothing.\n", text), language="en")
    [match] = Matcher([Watchlist(id="w", name="W", query=read_query(parts["query"]))], []).match(article).matches
    assert match.score == float(parts["score"])


def test_the_page_gives_the_numbers_of_the_code() -> None:
    assert f"title {evidence.IN_TITLE}, lead {evidence.IN_LEAD}, text {evidence.IN_TEXT}" in PAGE
    assert f"{evidence.OFTEN} · (1 − 1/*m*)" in PAGE
    assert ", ".join(f"tier {tier}: {value}" for tier, value in evidence.TIERS.items()) in PAGE


def test_the_pages_lead_to_one_another() -> None:
    language = (Path(__file__).parents[3] / "docs" / "query-language.md").read_text(encoding="utf-8")
    assert "](matching.md)" in language
    assert "](query-language.md)" in PAGE
    for page, links in ((language, re.findall(r"\(matching\.md#([\w-]+)\)", PAGE + language)), (PAGE, [])):
        assert page
        assert all(f"## {link.replace('-', ' ')}" in PAGE.lower() for link in links)
