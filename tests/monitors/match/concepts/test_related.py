"""Watchlists are read as concepts: what means their keywords in other words is related."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from crawler.domain import Article
from monitors.domain import Keyword, Watchlist
from monitors.match.matcher import Matcher

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.domain import Match

ARTICLE = Article(
    url="u",
    title="Amid crackdown, a retailer sells its Chinese servers",
    text="China's internet safety laws require that data is stored locally.\nThe sale is to be settled later.",
    language="en",
)
SPORT = Article(url="u", title="Cup final", text="The home side won with a goal after extra time.", language="en")


def watchlist(**more: Any) -> Watchlist:
    keywords = tuple(Keyword(text=text) for text in more.pop("keywords", ["China cybersecurity law"]))
    return Watchlist(id="w", name="China cybersecurity law", keywords=keywords, related=True, **more)


def match(one: Watchlist, article: Article = ARTICLE) -> Match | None:
    matched = Matcher([one], ()).match(article)
    assert matched.errors == ()
    return next(iter(matched.matches), None)


def test_it_says_which_sentence_comes_nearest_by_which_words_and_how_near() -> None:
    found = match(watchlist())
    assert found
    assert (found.kind, found.sentence.text) == (
        "related",
        "China's internet safety laws require that data is stored locally.",
    )
    assert found.resemblance
    assert found.resemblance.terms == ("china", "laws")
    assert 0.2 < found.resemblance.similarity < 1
    assert found.score == found.resemblance.score >= 0.5
    assert [span.text for span in found.spans if span.field == "text"] == ["China", "laws"]


def test_what_says_it_is_a_match_and_not_related() -> None:
    found = match(watchlist(), Article(url="u", title="China's cybersecurity law takes effect", language="en"))
    assert found
    assert (found.kind, found.resemblance) == ("match", None)


def test_what_is_about_something_else_is_nothing() -> None:
    assert match(watchlist(), SPORT) is None


@pytest.mark.parametrize(
    ("limits", "related"),
    [
        ({"none": (Keyword(text="retailer"),)}, False),
        ({"none": (Keyword(text="horoscope"),)}, True),
        ({"all": (Keyword(text="servers"),)}, True),
        ({"all": (Keyword(text="football"),)}, False),
        ({"languages": frozenset({"de"})}, False),
    ],
)
def test_what_limits_a_watchlist_limits_what_is_related_too(limits: dict[str, Any], *, related: bool) -> None:
    assert (match(watchlist(**limits)) is not None) is related


def test_a_watchlist_that_does_not_ask_for_it_has_none() -> None:
    one = Watchlist(id="w", name="w", keywords=(Keyword(text="China cybersecurity law"),))
    matcher = Matcher([one], ())
    assert (matcher.panel, matcher.match(ARTICLE).matches) == (None, ())


def test_one_watchlist_alone_is_related_too() -> None:
    matcher = Matcher([watchlist(), Watchlist(id="v", name="v", keywords=(Keyword(text="sport"),), related=True)], ())
    assert [one.kind for one in matcher.match_one("w", ARTICLE).matches] == ["related"]
    assert matcher.match_one("v", ARTICLE).matches == ()


# -- the example article, as somebody would look for it ---------------------------------------------------------------

PHRASES = ("China cybersecurity law", "cloud divestment")


@pytest.fixture(scope="module")
def lines(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as it is extracted, the text with its junk, and all articles of the background."""
    page, background = shared / "seed" / "nikkei-amazon-china-cloud.html", shared / "data" / "articles.jsonl.gz"
    if not page.exists() or not background.exists():
        pytest.skip("needs the example article and the real data beside the project")
    file = tmp_path_factory.mktemp("lines") / "articles.jsonl"
    extract = [sys.executable, "-m", "monitors.cli", "extract", str(page), "--url", "https://example.org/"]
    extracted = json.loads(subprocess.run(extract, capture_output=True, check=True, text=True).stdout) | {"id": "page"}
    junk = {"id": "junk", "text": page.with_suffix(".txt").read_text(encoding="utf-8")}
    with file.open("w", encoding="utf-8") as out, gzip.open(background, "rt", encoding="utf-8") as usual:
        out.write(f"{json.dumps(extracted)}\n{json.dumps(junk)}\n")
        out.writelines(usual)
    return file


def test_the_example_is_found_by_phrases_that_it_does_not_hold_and_little_else(lines: Path, tmp_path: Path) -> None:
    file = tmp_path / "newsvane.yaml"
    file.write_text(
        "settings: {semantic: off}\nwatchlists:\n"
        + "".join(f"  - {{name: {one}, keywords: [{one}]}}\n" for one in PHRASES)
    )
    program = [sys.executable, "-m", "monitors.cli", "match", "--config", str(file), "--articles", str(lines)]
    found = [json.loads(line) for line in subprocess.run(program, capture_output=True, check=True).stdout.splitlines()]
    flagged = [(one["watchlist"], one["article"]) for one in found if one["kind"] == "related"]
    names = {name for name, _ in flagged}
    assert len(names) == len(PHRASES)
    for name in names:
        assert {(name, "page"), (name, "junk")} <= {*flagged}
        assert sum(one == name for one, _ in flagged) - 2 <= 41_535 / 1_000
