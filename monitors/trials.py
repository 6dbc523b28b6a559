"""Runs the tests of watchlists: texts that a watchlist has to match, and texts that it must not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from crawler.domain import Article
from monitors.match.explain import why
from monitors.match.matcher import Matcher
from monitors.match.query.tree import About, Mention

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from monitors.domain import Entity, Watchlist

AT_ONCE = 20
"""So many watchlists that ask for entities are compiled together, so that entities are not looked up for each anew."""

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


def failures(
    watchlists: Sequence[Watchlist],
    trials: Mapping[str, Sequence[Trial]],
    entities: Sequence[Entity],
    languages: Collection[str],
) -> Iterator[Failure]:
    """Run the tests of each watchlist, by its id, and find those that fail.

    `languages` are those that articles are detected to be in, where a watchlist has none of its own.
    """
    tried = [number for number, watchlist in enumerate(watchlists) if trials.get(watchlist.id)]
    to_explain = MOST_EXPLAINED
    for numbers in _compiled_together(tried, watchlists):
        asked = entities if _asks_for_entities(watchlists[numbers[0]]) else ()
        matcher = Matcher([watchlists[number] for number in numbers], asked)
        for number in numbers:
            watchlist = watchlists[number]
            for index, trial in enumerate(trials[watchlist.id]):
                article = _article(trial, watchlist.languages or languages)
                if told := _try(watchlist, trial, article, matcher):
                    explained = f"{told}: {why(watchlist, asked, article)}" if to_explain > 0 else told
                    to_explain -= 1
                    yield Failure(number, index, explained)


def _compiled_together(numbers: Sequence[int], watchlists: Sequence[Watchlist]) -> Iterator[Sequence[int]]:
    """Part watchlists into groups: each by itself, unless entities come with it."""
    with_entities = [number for number in numbers if _asks_for_entities(watchlists[number])]
    known = frozenset(with_entities)
    yield from ([number] for number in numbers if number not in known)
    for first in range(0, len(with_entities), AT_ONCE):
        yield with_entities[first : first + AT_ONCE]


def _asks_for_entities(watchlist: Watchlist) -> bool:
    parts = watchlist.query.walk() if watchlist.query else ()
    return bool(watchlist.entities) or any(isinstance(part, Mention | About) for part in parts)


def _try(watchlist: Watchlist, trial: Trial, article: Article, matcher: Matcher) -> str | None:
    """Return how a test fails, if it does."""
    matched = matcher.match(article)
    if any(error.watchlist_id == watchlist.id for error in matched.errors):
        return "cannot be tried"
    kind = next((match.kind for match in matched.matches if match.watchlist_id == watchlist.id), None)
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
