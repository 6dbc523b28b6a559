"""Compiles the tree of a query or a keyword to conditions: boolean parts to AND, OR and NOT, all others to clauses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.errors import ConfigError
from monitors.match.conditions import And, Clause, ConceptClause, FactClause, Not, Or
from monitors.match.facts import fact_test
from monitors.match.nodes import AnyOf, InHead, InLanguage, Mentioned, Scoped, Within, any_of
from monitors.match.pairs import AtLeast, Near, NotNear, Same, same_paragraph, sentence_begin
from monitors.match.patterns import Pattern
from monitors.match.query import tree
from monitors.match.words import wildcard_phrase
from monitors.text.stems import primary

if TYPE_CHECKING:
    from monitors.match.conditions import Condition
    from monitors.match.entities import Roster
    from monitors.match.nodes import Node


def compile_part(part: tree.Part, roster: Roster, *, label: str | None = None) -> Condition:
    """Compile what stands in a query or keyword.

    Every clause is called `label`, or else what its author wrote.

    Raises:
        ConfigError: it asks for what there is not: an entity, or one without a name.
    """
    return Compiler(roster, label).condition(part, Around())


@dataclass(frozen=True, slots=True)
class Around:
    """What the parts around a part say of it."""

    scopes: tuple[tree.FieldScope, ...] = ()
    first: int | None = None
    weight: float = 1
    language: str | None = None
    wanted: bool = True
    """Whether it has to be true, not false, for the query to match."""


class Compiler:
    """Compiles any part, the parts around it given: what is asked of it alone is what is asked of it in its query."""

    def __init__(self, roster: Roster, label: str | None = None) -> None:
        self._roster = roster
        self._label = label

    def condition(self, part: tree.Part, around: Around) -> Condition:  # noqa: PLR0911  # one for each kind of part
        match part:
            case tree.Either():
                return Or(tuple(self.condition(one, around) for one in part.alternatives))
            case tree.Both():
                ordered = sorted(part.conditions, key=lambda one: isinstance(one, tree.Not))
                return And(tuple(self.condition(one, around) for one in ordered))
            case tree.Not():
                return Not(self.condition(part.part, replace(around, wanted=not around.wanted)))
            case tree.Reference(query=query) if query is not None:
                return self.condition(query, around)
            case tree.In() | tree.First() | tree.Weighted() | tree.InTongue():
                return self.condition(part.part, within(part, around))
            case tree.Fact():
                test = fact_test(part)
                return FactClause(self._called(part), test, if_unknown=around.wanted, weight=around.weight)
            case tree.Meaning():
                return ConceptClause(self._called(part), part.concept, part.over, weight=around.weight)
        return self.clause(part, around)

    def clause(self, part: tree.Part, around: Around) -> Clause:
        weight = around.weight * max((one.weight for one in part.walk() if isinstance(one, tree.Weighted)), default=1)
        return Clause(self._called(part), self.node(part, around), _hits_of_a_mention(part), weight)

    def node(self, part: tree.Part, around: Around) -> Node:  # noqa: PLR0911  # one for each kind of part
        """Compile a part of which it counts where it stands."""
        match part:
            case tree.Words() | tree.Regex() | tree.Mention() | tree.About():
                return _limited(self._leaf(part, around), around)
            case tree.Either():
                return any_of([self.node(one, around) for one in part.alternatives])
            case tree.Reference(query=query) if query is not None:
                return self.node(query, around)
            case tree.In() | tree.First() | tree.Weighted() | tree.InTongue():
                return self.node(part.part, within(part, around))
            case tree.Pair():
                return self._pair(part, around)
            case tree.Together():
                nodes = tuple(self.node(one, around) for one in part.members)
                close = Within(nodes, part.width)
                return AnyOf((close, InHead(nodes))) if part.or_in_head else close
            case tree.AtLeast():
                return AtLeast(self.node(part.part, around), part.count)
        raise ConfigError(f"{part.text}: not supported here")

    def _leaf(self, part: tree.Words | tree.Regex | tree.Mention | tree.About, around: Around) -> Node:
        match part:
            case tree.Words():
                node = wildcard_phrase(
                    part.words, inflected=part.form == "inflected", case_sensitive=part.form == "cased"
                )
                if node is None:
                    raise ConfigError(f"{part.text}: no letter or digit in it")
                return node
            case tree.Regex():
                return Pattern(part.pattern)
            case tree.About():
                return self._roster.about(part.entity)
            case tree.Mention():
                certain = self._roster.mentions(part.entity)
                return Mentioned(certain, self._roster.possible(part.entity)) if around.wanted else certain

    def _pair(self, part: tree.Pair, around: Around) -> Node:
        left = self.node(part.left, around)
        right = self.node(part.right, around if part.kind != "not near" else replace(around, wanted=not around.wanted))
        match part.kind:
            case "near" | "onear":
                return Near(left, right, part.distance, ordered=part.kind == "onear")
            case "not near":
                return NotNear(left, right, part.distance)
            case "sentence":
                return Same(left, right, sentence_begin)
            case "paragraph":
                return Same(left, right, same_paragraph)

    def _called(self, part: tree.Part) -> str:
        return self._label or part.text


def _hits_of_a_mention(part: tree.Part) -> int:
    match part:
        case tree.Together(members=members):
            return len(members)
        case tree.Pair(kind=kind):
            return 1 if kind == "not near" else 2
        case tree.Either(alternatives=alternatives):
            return min(map(_hits_of_a_mention, alternatives))
        case tree.AtLeast() | tree.In() | tree.First() | tree.Weighted() | tree.InTongue() | tree.Reference():
            return max(map(_hits_of_a_mention, part.parts), default=1)
    return 1


def within(part: tree.In | tree.First | tree.Weighted | tree.InTongue, around: Around) -> Around:
    """Return what is around the part of a part."""
    match part:
        case tree.In():
            return replace(around, scopes=(*around.scopes, part.scope))
        case tree.First():
            return replace(around, first=min(part.words, around.first or part.words))
        case tree.Weighted():
            return replace(around, weight=around.weight * part.weight)
        case tree.InTongue():
            return replace(around, language=primary(part.language))


def _limited(node: Node, around: Around) -> Node:
    if around.scopes or around.first is not None:
        node = Scoped(node, tuple(dict.fromkeys(around.scopes)), around.first)
    return InLanguage(node, around.language) if around.language else node
