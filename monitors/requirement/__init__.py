"""What a match must fulfil to be told at once: `if: "score >= 0.8 or tier == 1"` of a delivery. Pure.

`parse.py` reads it. It is judged when the match is recorded, of what is known of it then.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crawler.domain import Article, Source

Name = Literal["score", "tier", "source", "group", "country", "language"]
Comparison = Literal["==", "!=", "<", "<=", ">", ">="]
Value = float | str

COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a match; of what is not, there is nothing."""

    score: float | None = None
    tier: int | None = None
    source: str | None = None
    groups: frozenset[str] = frozenset()
    country: str | None = None
    language: str | None = None

    @classmethod
    def of(cls, score: float, article: Article, source: Source | None) -> Facts:
        language = (source.language if source else None) or article.language
        if source is None:
            return cls(score=score, language=language)
        return cls(
            score=score,
            tier=source.tier,
            source=source.id,
            groups=source.groups,
            country=source.country,
            language=language,
        )

    def named(self, name: Name) -> frozenset[Value]:
        """Return what a name stands for: of groups there may be several, of what is not known none."""
        if name == "group":
            return frozenset(self.groups)
        value: Value | None = getattr(self, name)
        return frozenset() if value is None else frozenset({value})


@dataclass(frozen=True, slots=True)
class Compared:
    """`tier == 1`, `source in [cac, scmp]`. False where nothing is known of it, whatever the comparison."""

    name: Name
    comparison: Comparison
    values: tuple[Value, ...]
    """With several, `==` is one of them and `!=` none of them."""
    text: str
    """As it was written."""
    at: int
    """Where it stands in the condition."""

    def holds(self, facts: Facts) -> bool:
        known = facts.named(self.name)
        if self.comparison == "!=":
            return bool(known) and known.isdisjoint(self.values)
        compare = COMPARISONS[self.comparison]
        return any(compare(one, value) for one in known for value in self.values)


@dataclass(frozen=True, slots=True)
class Negated:
    part: Part

    def holds(self, facts: Facts) -> bool:
        return not self.part.holds(facts)


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[Part, ...]

    def holds(self, facts: Facts) -> bool:
        return all(part.holds(facts) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Part, ...]

    def holds(self, facts: Facts) -> bool:
        return any(part.holds(facts) for part in self.parts)


Part = Compared | Negated | Every | AnyOf


@dataclass(frozen=True, slots=True)
class Requirement:
    """What `if` says."""

    text: str
    part: Part

    def holds(self, facts: Facts) -> bool:
        """Tell whether a match fulfils it."""
        return self.part.holds(facts)

    def comparisons(self) -> Iterator[Compared]:
        """Yield every comparison in it, from left to right."""
        yield from _comparisons(self.part)


def _comparisons(part: Part) -> Iterator[Compared]:
    match part:
        case Compared():
            yield part
        case Negated(part=inner):
            yield from _comparisons(inner)
        case Every(parts=parts) | AnyOf(parts=parts):
            for inner in parts:
                yield from _comparisons(inner)
