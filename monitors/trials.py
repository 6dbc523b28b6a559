"""Runs the tests of watchlists: texts that a watchlist has to match, and texts that it must not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from crawler.domain import Article
from monitors.match.explain import why

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from monitors.domain import Watchlist
    from monitors.match.matcher import Matcher
    from monitors.watchlist_file import Configuration

MOST_EXPLAINED = 100
"""An explanation takes much longer than a test, and nobody reads thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One test of a watchlist."""

    text: str
    """Of the body of an article that has nothing else but a title."""
    title: str = ""
    language: str | None = None
    """None: told by the watchlist, or else by the text."""
    matches: bool
    """Whether the watchlist has to match it. Only possible mentions are no match."""


class Failure(NamedTuple):
    """A test that failed: that of a watchlist, both by their numbers, and why."""

    watchlist: int
    trial: int
    reason: str


def failures(configuration: Configuration) -> Iterator[Failure]:
    """Run the tests of the watchlists and find those that fail, in the order of the file."""
    spoken = configuration.settings.languages
    to_explain = MOST_EXPLAINED
    for number, watchlist in enumerate(configuration.watchlists):
        for index, trial in enumerate(configuration.trials.get(watchlist.id, ())):
            article = _article(trial, watchlist.languages or spoken)
            if told := _try(watchlist, trial, article, configuration.matcher):
                explained = to_explain > 0
                to_explain -= 1
                reason = f"{told}: {_why(configuration, watchlist, article)}" if explained else told
                yield Failure(number, index, reason)


def _why(configuration: Configuration, watchlist: Watchlist, article: Article) -> str:
    return why(watchlist, configuration.entities, article, panel=configuration.matcher.panel)


def _try(watchlist: Watchlist, trial: Trial, article: Article, matcher: Matcher) -> str | None:
    """Return how a test fails, if it does."""
    matched = matcher.match_one(watchlist.id, article)
    if matched.errors:
        return "cannot be tried"
    kind = next((match.kind for match in matched.matches), None)
    if (kind == "match") == trial.matches:
        return None
    if kind == "match":
        return "matches, but should not"
    return "does not match (a possible mention is no match)" if kind == "possible" else "does not match"


def _article(trial: Trial, languages: Collection[str]) -> Article:
    language = trial.language or (next(iter(languages)) if len(languages) == 1 else _detected(trial, languages))
    return Article(url="", title=trial.title, text=trial.text, language=language)


def _detected(trial: Trial, languages: Collection[str]) -> str | None:
    from crawler.extract.language import detect  # its model takes a moment to load, and most tests name their language

    return detect(f"{trial.title}\n{trial.text}".strip(), languages=sorted(languages))
