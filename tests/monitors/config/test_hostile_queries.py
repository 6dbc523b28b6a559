"""What could hang, blind or break a service is refused in the YAML with its line, or found in no time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.domain import Article
from monitors.match.matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitors.watchlist_file import Configuration

HEAD = """\
settings: {contact: a@b.org}
sources: ["https://a.example"]
"""
REFUSED = {
    "a backreference": (r"'re/(a)\1/'", "no backreferences"),
    "a lookahead": ("'law AND re/a(?=b)/'", "no lookaround"),
    "a repetition of repetitions": ("'re/((a{1,100}){1,100}){1,100}/'", "invalid repetition size"),
    "an expression that fits everywhere": ("'re/a*/'", "fits where no character stands"),
    "a NUL": ('"law\\0"', "U+0000"),
    "half a character": ('"law \\ud800"', "invalid Unicode character"),
    "parentheses": (f"'{'(' * 2000}a{')' * 2000}'", "inside of each other"),
    "a wildcard alone": ("'law AND *'", "at least 3 letters"),
    "a circle": ("'@round'", "refers to itself"),
}


@pytest.mark.parametrize(("query", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_could_do_harm_is_refused_with_its_line(told: Callable[..., list[str]], query: str, problem: str) -> None:
    text = f"{HEAD}queries:\n  round: 'law OR @round'\nwatchlists:\n  - id: w\n    name: W\n    query: {query}\n"
    problems = told(text if query == "'@round'" else text.replace("  round: 'law OR @round'\n", "  round: law\n"))
    assert any(problem in one for one in problems), problems
    assert all(int(one.split()[0]) in {4, 8} for one in problems), problems


HIDDEN = {
    "zero width": "cyber\u200bsecurity",
    "soft hyphen": "cyber\u00adsecurity",
    "full width": "ｃｙｂｅｒｓｅｃｕｒｉｔｙ",
    "a decomposed letter": "cybe\u0301rsecurity",
    "turned": "\u202ecybersecurity\u202c",
}
WATCHLISTS = [
    "keywords: ['{} law']",
    "keywords: ['\"{} law\"']",
    "query: '{} NEAR/3 law'",
    "query: 'title:\"{}\"'",
    "query: '@named'",
    "entities: [cyber]",
    "all: ['{}']",
]


@pytest.mark.parametrize("watchlist", WATCHLISTS)
@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
def test_what_nobody_sees_in_the_yaml_hides_nothing(
    configured: Callable[..., Configuration], hidden: str, watchlist: str
) -> None:
    configuration = configured(
        f"{HEAD}queries: {{named: '{hidden}'}}\nentities: [{{id: cyber, name: '{hidden}'}}]\n"
        f"watchlists: [{{id: w, name: W, {watchlist.format(hidden)}}}]\n"
    )
    matcher = Matcher(configuration.watchlists, configuration.entities)
    assert matcher.match(Article(url="u", title="The Cybersecurity law", language="en")).matches
