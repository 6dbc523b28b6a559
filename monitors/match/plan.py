"""A watchlist, compiled: whether to look at an article, and what of the watchlist is true of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.errors import ConfigError
from monitors.match.compile import compile_part
from monitors.match.conditions import And, Found, Not, Or
from monitors.match.keywords import read_keyword
from monitors.match.query.tree import Meaning, Mention

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.domain import Source
    from monitors.domain import Keyword, MatchKind, Watchlist
    from monitors.match.conditions import Condition
    from monitors.match.entities import Roster
    from monitors.match.reading import Reading


@dataclass(frozen=True, slots=True)
class Plan:
    """What a watchlist asks of an article."""

    watchlist: Watchlist
    condition: Condition
    limits: Condition | None
    """What has to be true in any case: its `all` and its `none`."""
    mentions: bool
    """Whether it asks for entities, of which there may be mentions that are only possible."""

    def admits(self, source: Source | None, language: str | None) -> bool:
        """Whether to look at an article. Where its source or its language is not known, yes: nothing is missed."""
        limits, languages = self.watchlist.sources, self.watchlist.languages
        if languages and language and language not in languages:
            return False
        return limits is None or source is None or source.id in limits.ids or bool(source.groups & limits.groups)

    def limits_hold(self, reading: Reading) -> bool:
        """Tell whether all of `all` and nothing of `none` is true."""
        return self.limits is None or self.limits.find(reading) is not None

    def find(self, reading: Reading) -> tuple[MatchKind, list[Found]] | None:
        """Return the clauses that are true, if with them the watchlist is, at least possibly."""
        found = self.condition.find(reading)
        if found is not None:
            return "match", _each_once(found)
        if not self.mentions:
            return None
        reading.possible = True
        try:
            found = self.condition.find(reading)
        finally:
            reading.possible = False
        return None if found is None else ("possible", _each_once(found))


def plan(watchlist: Watchlist, roster: Roster) -> Plan:
    """Compile a watchlist.

    Raises:
        ConfigError: it asks for nothing, or for an entity that there is not.
    """
    some = list(_some(watchlist, roster))
    required = [_keyword(keyword, roster) for keyword in watchlist.all]
    if not (some or required):
        raise ConfigError("nothing to look for: it needs keywords, a query, entities, concepts or all")
    limits = [*required, *(Not(_keyword(keyword, roster)) for keyword in watchlist.none)]
    mentions = bool(watchlist.entities) or any(isinstance(part, Mention) for part in _walk(watchlist))
    return Plan(watchlist, _both([*_either(some), *limits]), _both(limits) if limits else None, mentions)


def _both(wanted: list[Condition]) -> Condition:
    return wanted[0] if len(wanted) == 1 else And(tuple(wanted))


def _some(watchlist: Watchlist, roster: Roster) -> Iterator[Condition]:
    """Yield what one of suffices."""
    for keyword in watchlist.keywords:
        yield _keyword(keyword, roster)
    if watchlist.query:
        yield compile_part(watchlist.query, roster)
    for entity in watchlist.entities:
        yield compile_part(Mention(text=f"entity:{entity}", entity=entity), roster)
    for concept in watchlist.concepts:
        yield compile_part(Meaning(text=f"concept:{concept}", concept=concept), roster)


def _keyword(keyword: Keyword, roster: Roster) -> Condition:
    return compile_part(read_keyword(keyword), roster, label=keyword.text)


def _either(some: list[Condition]) -> list[Condition]:
    return some if len(some) < 2 else [Or(tuple(some))]  # noqa: PLR2004


def _each_once(found: list[Found]) -> list[Found]:
    """Make one of what a clause found that stands in a watchlist several times; it weighs what it weighs at most."""
    once: dict[str, Found] = {}
    for one in found:
        other = once.setdefault(one.clause.text, one)
        if other is not one:
            clause = max(other.clause, one.clause, key=lambda clause: clause.weight)
            facts = tuple(dict.fromkeys((*other.facts, *one.facts)))
            once[clause.text] = Found(clause, sorted({*other.hits, *one.hits}), facts)
    return list(once.values())


def _walk(watchlist: Watchlist) -> Iterator[object]:
    return watchlist.query.walk() if watchlist.query else iter(())
