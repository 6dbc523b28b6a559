"""A watchlist, compiled to clauses, and what of it is true of an article."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from monitors.match.nodes import rarest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.domain import Source
    from monitors.domain import Watchlist
    from monitors.match.lexicon import Term
    from monitors.match.nodes import Needs, Node
    from monitors.match.reading import Hit, Reading


@dataclass(frozen=True)
class Clause:
    """A clause of a watchlist: as its author wrote it, and what it compiled to."""

    text: str
    node: Node
    parts: int = 1
    """How many hits make one mention of it."""

    @cached_property
    def needs(self) -> Needs:
        return self.node.needs()

    def find(self, reading: Reading) -> Sequence[Hit]:
        return self.node.find(reading) if reading.meets(self.needs) else ()


class Found(NamedTuple):
    """A clause that is true of an article, and its hits."""

    clause: Clause
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a watchlist asks of an article."""

    watchlist: Watchlist
    some: tuple[Clause, ...]
    """One of them suffices; where there are none, `all` does."""
    all: tuple[Clause, ...]
    none: tuple[Clause, ...]

    def rarest_needs(self) -> frozenset[Term]:
        """Return terms of which one stands in every article that matches, and in as few others as possible."""
        choices = [rarest(clause.needs) for clause in self.all]
        if self.some:
            choices.append(frozenset().union(*(rarest(clause.needs) for clause in self.some)))
        return rarest(choices)

    def terms(self) -> Iterator[Term]:
        return chain.from_iterable(clause.node.terms() for clause in (*self.some, *self.all, *self.none))

    def admits(self, source: Source | None, language: str | None) -> bool:
        """Whether to look at an article. Where its source or its language is not known, yes: nothing is missed."""
        limits, languages = self.watchlist.sources, self.watchlist.languages
        if languages and language and language not in languages:
            return False
        return limits is None or source is None or source.id in limits.ids or bool(source.groups & limits.groups)

    def find(self, reading: Reading) -> list[Found]:
        """Return the clauses that are true, if with them the watchlist is."""
        some = [Found(clause, hits) for clause in self.some if (hits := clause.find(reading))]
        if self.some and not some:
            return []
        required = [Found(clause, clause.find(reading)) for clause in self.all]
        if not all(one.hits for one in required) or any(clause.find(reading) for clause in self.none):
            return []
        return some + required
