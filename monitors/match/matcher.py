"""Decides which watchlists an article matches: live, on files, and in tests alike."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from crawler.errors import ConfigError
from monitors.domain import Match
from monitors.match.entities import compile_entities
from monitors.match.evidence import best_sentence, score, spans
from monitors.match.keywords import compile_keyword
from monitors.match.lexicon import Lexicon
from monitors.match.plan import Plan
from monitors.match.reading import Reading
from monitors.text.stems import primary, stemmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crawler.domain import Article, Source
    from monitors.domain import Entity, Keyword, Watchlist
    from monitors.match.lexicon import Term
    from monitors.match.plan import Clause, Found


@dataclass(frozen=True, slots=True)
class MatchError:
    """A watchlist that could not be compiled, or that failed on an article."""

    watchlist_id: str
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Matched:
    """What became of an article."""

    matches: tuple[Match, ...]
    errors: tuple[MatchError, ...] = ()


class Matcher:
    """Matches articles against all watchlists. One at a time: what it learns of words it keeps for the next."""

    def __init__(self, watchlists: Sequence[Watchlist], entities: Sequence[Entity]) -> None:
        self._plans: list[Plan] = []
        self._broken: list[MatchError] = []
        by_id = compile_entities(entities)
        for watchlist in watchlists:
            try:
                self._plans.append(_plan(watchlist, by_id))
            except ConfigError as error:
                self._broken.append(MatchError(watchlist.id, str(error)))
        self._presearch: dict[Term, list[int]] = defaultdict(list)
        for number, plan in enumerate(self._plans):
            for term in plan.rarest_needs():
                self._presearch[term].append(number)
        self._lexicons: dict[str | None, Lexicon] = {}

    def match(self, article: Article, source: Source | None = None) -> Matched:
        """Return the matches of an article. A watchlist that fails is among the errors; the others stand."""
        language = primary(article.language) or primary(source.language if source else None)
        reading = Reading(article, language, self._lexicon(language))
        tier = source.tier if source else None
        matches: list[Match] = []
        errors = list(self._broken)
        for plan in self._candidates(reading):
            if not plan.admits(source, language):
                continue
            try:
                if found := plan.find(reading):
                    matches.append(_match(plan.watchlist, found, reading, tier=tier))
            except Exception as error:  # noqa: BLE001  # a bug in one watchlist must not cost another its match
                errors.append(MatchError(plan.watchlist.id, f"{type(error).__name__}: {error}"))
        return Matched(tuple(matches), tuple(errors))

    def _candidates(self, reading: Reading) -> Iterable[Plan]:
        """Return the watchlists of whose needed terms one stands in the article, in their order."""
        numbers = {number for term in reading.spellings for number in self._presearch.get(term, ())}
        return (self._plans[number] for number in sorted(numbers))

    def _lexicon(self, language: str | None) -> Lexicon:
        language = stemmed(language)
        if language not in self._lexicons:
            self._lexicons[language] = Lexicon(chain.from_iterable(plan.terms() for plan in self._plans), language)
        return self._lexicons[language]


def _plan(watchlist: Watchlist, entities: Mapping[str, Clause]) -> Plan:
    missing = [identifier for identifier in watchlist.entities if identifier not in entities]
    if missing:
        raise ConfigError(f"no entity {', '.join(missing)} that has a name")
    some = (*_compiled(watchlist.keywords), *(entities[identifier] for identifier in watchlist.entities))
    plan = Plan(watchlist, some, _compiled(watchlist.all), _compiled(watchlist.none))
    if not (plan.some or plan.all):
        raise ConfigError("nothing to look for: it needs keywords, entities or all")
    return plan


def _compiled(keywords: Iterable[Keyword]) -> tuple[Clause, ...]:
    return tuple(compile_keyword(keyword) for keyword in keywords)


def _match(watchlist: Watchlist, found: Sequence[Found], reading: Reading, *, tier: int | None) -> Match:
    every = spans(found, reading)
    return Match(
        watchlist_id=watchlist.id,
        kind="match",
        score=score(found, reading, tier=tier),
        sentence=best_sentence(every, reading),
        spans=every,
    )
