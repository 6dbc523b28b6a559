"""What must be true of an article, as a tree: clauses, and how AND, OR and NOT combine them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING, NamedTuple, Protocol

from monitors.domain import Span
from monitors.match.concepts.panel import OVER
from monitors.match.needs import Row, all_of, alternatives, any_of_rows
from monitors.match.nodes import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.facts import FactTest
    from monitors.match.lexicon import Term
    from monitors.match.nodes import Node
    from monitors.match.reading import Hit, Reading

_MOST_ROWS = 16
"""Into so many alternatives a condition is split for the presearch; beyond, it looks for one term of each."""


class Condition(Protocol):
    """Something that is true of an article, or not."""

    def find(self, reading: Reading) -> list[Found] | None:
        """Return the clauses that make it true; None if it is not."""

    def rows(self) -> Sequence[Row]:
        """Return alternatives: wherever it is true, one of them is met."""

    def terms(self) -> Iterator[Term]:
        """Return every term in it."""


class Found(NamedTuple):
    """A clause that is true of an article, and where."""

    clause: Clause | FactClause | ConceptClause
    hits: Sequence[Hit] = ()
    facts: Sequence[Span] = ()
    """What makes it true beside hits, which count for the score: facts, and the words of a concept."""


@dataclass(frozen=True, slots=True)
class Clause:
    """Words in the text of an article, as their author wrote them, and what that compiled to."""

    text: str
    node: Node
    mention: int = 1
    """How many hits make one mention of it."""
    weight: float = 1

    def find(self, reading: Reading) -> list[Found] | None:
        hits = self.node.find(reading)
        return [Found(self, hits)] if hits else None

    def rows(self) -> Sequence[Row]:
        return rows_of(self.node)

    def terms(self) -> Iterator[Term]:
        return self.node.terms()


@dataclass(frozen=True, slots=True)
class FactClause:
    """Something that is known of an article beside its text."""

    text: str
    test: FactTest
    if_unknown: bool = True
    """What holds where nobody knows: never what would hide an article."""
    mention: int = 1
    weight: float = 1

    def find(self, reading: Reading) -> list[Found] | None:
        found = self.test(reading)
        if found is None:
            return [Found(self)] if self.if_unknown else None
        spans = [Span(field, 0, len(value), value, self.text) for field, value in found]
        return [Found(self, facts=spans)] if spans else None

    def rows(self) -> Sequence[Row]:
        return [Row(())]

    def terms(self) -> Iterator[Term]:
        return iter(())


@dataclass(frozen=True, slots=True)
class ConceptClause:
    """A concept that an article means: its score reaches the threshold or, if a number is given, is over that."""

    text: str
    concept: str
    over: float | None = None
    mention: int = 1
    weight: float = 1

    def find(self, reading: Reading) -> list[Found] | None:
        meaning = reading.meaning
        if meaning is None:
            return None
        score = meaning.score(self.concept)
        if score < OVER if self.over is None else score <= self.over:
            return None
        return [Found(self, facts=meaning.spans(self.concept, self.text))]

    def rows(self) -> Sequence[Row]:
        return [Row(())]

    def terms(self) -> Iterator[Term]:
        return iter(())


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Condition, ...]

    def find(self, reading: Reading) -> list[Found] | None:
        every: list[Found] = []
        for part in self.parts:
            found = part.find(reading)
            if found is None:
                return None
            every += found
        return every

    def rows(self) -> Sequence[Row]:
        choices = [part.rows() for part in self.parts]
        if prod(map(len, choices)) > _MOST_ROWS:
            choices = [[any_of_rows(rows)] for rows in choices]
        return [all_of(rows) for rows in product(*choices)]

    def terms(self) -> Iterator[Term]:
        return (term for part in self.parts for term in part.terms())


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Condition, ...]

    def find(self, reading: Reading) -> list[Found] | None:
        every: list[Found] = []
        holds = False
        for part in self.parts:
            found = part.find(reading)
            if found is not None:
                holds = True
                every += found
        return every if holds else None

    def rows(self) -> Sequence[Row]:
        return alternatives(part.rows() for part in self.parts)

    def terms(self) -> Iterator[Term]:
        return (term for part in self.parts for term in part.terms())


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition

    def find(self, reading: Reading) -> list[Found] | None:
        return [] if self.part.find(reading) is None else None

    def rows(self) -> Sequence[Row]:
        return [Row(())]

    def terms(self) -> Iterator[Term]:
        return self.part.terms()
