"""The tree on the terminal leaves out what says nothing, and never runs out of room."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.console import Console
from stand_ins.related import related

from crawler.domain import Article
from monitors.cli.explanation_tree import MOST_DEEP, summary, tree, verdict
from monitors.domain import Keyword, Watchlist
from monitors.match.explain import explain
from monitors.match.query import read_query


def shown(query: str | None, text: str, *, width: int = 80, **asked: object) -> list[str]:
    """Return the lines of the tree below its first, without what draws its branches."""
    named = {"units": read_query('"cloud unit" OR server')}
    watchlist = Watchlist(id="w", name="W", query=read_query(query, named) if query else None, **asked)  # type: ignore[arg-type]
    console = Console(width=width, highlight=False, markup=False)
    with console.capture() as captured:
        console.print(tree(explain(watchlist, (), Article(url="u", title="", text=text, language="en"))))
    return [line.strip(" │├└─").rstrip() for line in captured.get().splitlines()[1:]]


def test_words_of_which_nothing_is_to_be_said_share_a_line() -> None:
    assert shown("cloud AND (sale OR sell OR cs(US)) NOT sport NOT game", "The cloud is for us", width=200)[1:] == [
        "✓ yes  cloud: in the text “cloud”",
        "✗ no  one of: sale OR sell OR cs(US)",
        "✗ no  sale, sell: not in the article",
        "✗ no  cs(US): only as “us”",
        "✓ yes  NOT sport, NOT game: not found, as wanted",
    ]


def test_a_group_of_words_that_was_found_is_one_line() -> None:
    lines = shown("(sale OR sell OR deal) NEAR/9 (cloud OR server)", "It sells, sold and sells clouds", width=200)
    assert lines == [
        "✓ yes  query: (sale OR sell OR deal) NEAR/9 (cloud OR server): nearest pair 1 word apart, “sells clouds”",
        "✓ yes  sale OR sell OR deal: in the text “sells” (2×)",
        "✓ yes  cloud OR server: in the text “clouds”",
    ]


def test_a_group_of_words_of_which_none_is_there_is_one_line() -> None:
    lines = shown("(sale OR sell) NEAR/9 @units", "The servers", width=200)
    assert lines[1:] == [
        "✗ no  sale OR sell: not in the article",
        '✓ yes  named query @units: "cloud unit" OR server: in the text “servers”',
    ]


def test_what_forbids_is_shown_with_what_it_found() -> None:
    lines = shown("cloud NOT (sport NEAR/2 day)", "A cloud on sports days", width=200)
    assert lines[2:] == [
        "✗ no  NOT (sport NEAR/2 day): must not be there, and is: “sports” (text), “days” (text)",
        "✓ yes  sport NEAR/2 day: nearest pair 1 word apart, “sports days”",
        "✓ yes  sport: in the text “sports”",
        "✓ yes  day: in the text “days”",
    ]


def test_the_groups_of_a_watchlist_have_their_names() -> None:
    asked = {name: (Keyword(text=name),) for name in ("keywords", "all", "none")}
    assert shown("cloud", "keywords", width=200, **asked) == [
        "✓ yes  one of keywords, query, entities and concepts",
        "✓ yes  keywords: one of them",
        "✓ yes  keywords: in the text “keywords”",
        "✗ no  query: cloud: not in the article",
        "✗ no  all: every one of them",
        "✗ no  all: not in the article",
        "✓ yes  none: not one of them",
        "✓ yes  none: not found, as wanted",
    ]


def test_what_is_nested_too_deep_is_left_out_and_said_so() -> None:
    query = "a"
    for number in range(28):
        query = f"(b{number} {'AND' if number % 2 else 'OR'} {query})"
    lines = shown(query, "Nothing")
    assert "… there is more: --json tells it" in " ".join(lines)
    assert sum("✗" in line for line in lines) <= 2 * MOST_DEEP
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("width", [20, 40, 80])
def test_any_width_will_do(width: int) -> None:
    assert shown("cloud AND " + "w" * 200, "cloud", width=width)


def test_the_verdict_marks_the_hits_in_the_sentence() -> None:
    watchlist = Watchlist(id="w", name="W", keywords=(Keyword(text="cloud"),))
    article = Article(url="https://example.org/1", title="", text="The cloud \x1b[2J is for sale.", language="en")
    console = Console(width=80, highlight=False, markup=False, force_terminal=True, color_system="standard")
    with console.capture() as captured:
        for line in verdict(explain(watchlist, (), article), watchlist, article, None):
            console.print(line)
    assert "The \x1b[1;4mcloud\x1b[0m [2J is for sale" in captured.get()
    assert "Score: \x1b[0m0.5 = 0.5 (best place: lead) + 0 (1 mention) + 0 (source without a tier)" in captured.get()


def test_what_is_related_is_told_with_what_it_is_related_by() -> None:
    watchlist = Watchlist(id="w", name="W", keywords=(Keyword(text="cloud"),))
    article = Article(url="https://example.org/1", title="", text="The hyperscaler is for sale.", language="en")
    match = related("w", article.text, 4, "hyperscaler", 0.62)
    explanation = replace(explain(watchlist, (), article), verdict="related", match=match)
    console = Console(width=100, highlight=False, markup=False)
    with console.capture() as captured:
        console.print(*verdict(explanation, watchlist, article, None), *summary(explanation), sep="\n")
    lines = captured.get().splitlines()
    assert lines[0] == "≈ RELATED  W (w)"
    assert "Found: “The hyperscaler is for sale.” (text)" in lines
    assert "Related: similarity .43; words: hyperscaler, 中国 (score 0.62, core)" in lines
    assert lines[-4:] == ["≈ related", "0.62", "w", "similarity .43; words: hyperscaler, 中国"]
    assert any(line.startswith("Only related: ") for line in lines)
