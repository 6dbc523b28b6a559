"""Decides which watchlists an article matches: live, on files, and in tests alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING

from crawler.errors import ConfigError
from monitors.match.concepts.meaning import Meaning
from monitors.match.concepts.panel import Panel
from monitors.match.entities import Roster
from monitors.match.evidence import match_of
from monitors.match.lexicon import Lexicon
from monitors.match.plan import plan
from monitors.match.presearch import Presearch
from monitors.match.reading import Reading
from monitors.match.related import concept_of, related_match
from monitors.text.stems import primary, stemmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crawler.domain import Article, Source
    from monitors.domain import Concept, Entity, Match, Watchlist
    from monitors.match.concepts.second_look import SecondLook
    from monitors.match.plan import Plan


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

    def __init__(
        self,
        watchlists: Sequence[Watchlist],
        entities: Sequence[Entity],
        concepts: Sequence[Concept] = (),
        second_look: SecondLook | None = None,
    ) -> None:
        self._plans: list[Plan] = []
        self._broken: list[MatchError] = []
        roster = Roster(entities)
        for watchlist in watchlists:
            try:
                self._plans.append(plan(watchlist, roster))
            except ConfigError as error:
                self._broken.append(MatchError(watchlist.id, str(error)))
        rows = [(number, row) for number, one in enumerate(self._plans) for row in one.condition.rows()]
        self._presearch = Presearch(rows)
        self._lexicons: dict[str | None, Lexicon] = {}
        related = {concept_of(one.watchlist): one for one in self._plans if one.watchlist.related}
        self._related = {concept.id: one for concept, one in related.items()}
        meant = [*concepts, *related]
        self.panel = Panel(meant, second_look=second_look) if meant else None
        """What the concepts and the watchlists mean; None where there are none to compare with. To be put in another's
        place when it is measured anew."""

    def match(self, article: Article, source: Source | None = None) -> Matched:
        """Return the matches of an article. A watchlist that fails is among the errors; the others stand."""
        reading = self.read(article, source)
        candidates = (self._plans[number] for number in reading.candidates(self._presearch))
        return self._matched(candidates, reading, self._broken)

    def match_one(self, watchlist_id: str, article: Article) -> Matched:
        """Do the same for one watchlist alone, however many there are."""
        one = self._plan_of.get(watchlist_id)
        broken = [error for error in self._broken if error.watchlist_id == watchlist_id]
        return self._matched([one] if one else [], self.read(article), broken, only=watchlist_id)

    @cached_property
    def _plan_of(self) -> Mapping[str, Plan]:
        return {one.watchlist.id: one for one in self._plans}

    def _matched(
        self, plans: Iterable[Plan], reading: Reading, broken: Iterable[MatchError], *, only: str | None = None
    ) -> Matched:
        matches: dict[str, Match] = {}
        errors = list(broken)
        finds = [(one, partial(self._match, one)) for one in plans]
        if reading.meaning and self._related:
            related = ((self._related[name], name) for name in reading.meaning.over() if name in self._related)
            finds += [
                (one, partial(self._relate, one, name)) for one, name in related if only in {None, one.watchlist.id}
            ]
        for one, find in finds:
            if one.watchlist.id in matches:
                continue
            try:
                match = find(reading)
            except Exception as error:  # noqa: BLE001  # a bug in one watchlist must not cost another its match
                errors.append(MatchError(one.watchlist.id, f"{type(error).__name__}: {error}"))
            else:
                matches |= {one.watchlist.id: match} if match else {}
        return Matched(tuple(matches.values()), tuple(errors))

    def read(self, article: Article, source: Source | None = None) -> Reading:
        language = primary(article.language) or primary(source.language if source else None)
        reading = Reading(article, language, self._lexicon(language), source)
        if self.panel:
            reading.meaning = Meaning(self.panel, reading.fields, language)
        return reading

    def _match(self, plan: Plan, reading: Reading) -> Match | None:
        if not plan.admits(reading.source, reading.language):
            return None
        found = plan.find(reading)
        return match_of(plan.watchlist, *found, reading) if found else None

    def _relate(self, plan: Plan, concept_id: str, reading: Reading) -> Match | None:
        if reading.meaning is None or not plan.admits(reading.source, reading.language):
            return None
        if not plan.limits_hold(reading):
            return None
        return related_match(plan.watchlist.id, concept_id, reading.meaning)

    def _lexicon(self, language: str | None) -> Lexicon:
        language = stemmed(language)
        if language not in self._lexicons:
            terms = chain.from_iterable(one.condition.terms() for one in self._plans)
            self._lexicons[language] = Lexicon(terms, language, self._presearch.slots)
        return self._lexicons[language]
