"""Compiles entities: a mention is one of the names an entity goes by, and never a piece of a longer name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, combinations
from typing import TYPE_CHECKING

from monitors.domain import Alias
from monitors.match.nodes import in_language, needs_of_any
from monitors.match.plan import Clause
from monitors.match.words import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitors.domain import Entity
    from monitors.match.lexicon import Term
    from monitors.match.nodes import Needs, Node
    from monitors.match.reading import Hit, Reading

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Something by its names. Of a name inside a longer one, its own or another's, the longer one counts."""

    names: tuple[Node, ...]
    longer: tuple[Node, ...] = ()
    """Names of others which hold one of these: `New York Times` for New York."""

    def find(self, reading: Reading) -> Sequence[Hit]:
        own = {hit for name in self.names for hit in name.find(reading)}
        others = {hit for name in self.longer for hit in name.find(reading)} if own else set()
        return [hit for hit in _outermost(own | others) if hit in own]

    def needs(self) -> Needs:
        return needs_of_any(self.names)

    def terms(self) -> Iterator[Term]:
        return chain.from_iterable(name.terms() for name in (*self.names, *self.longer))


@dataclass(frozen=True, slots=True)
class _Name:
    entity_id: str
    key: Key
    node: Node


def compile_entities(entities: Sequence[Entity]) -> Mapping[str, Clause]:
    """Return the clause `entity:<id>` of every entity that has a name with a letter or digit in it."""
    names = [name for entity in entities for name in _names(entity)]
    longer = _longer_names(names)
    by_id: dict[str, list[Node]] = defaultdict(list)
    for name in names:
        by_id[name.entity_id].append(name.node)
    return {
        identifier: Clause(f"entity:{identifier}", Named(tuple(nodes), tuple(longer[identifier])))
        for identifier, nodes in by_id.items()
    }


def _names(entity: Entity) -> Iterator[_Name]:
    for alias in (Alias(text=entity.name), *entity.aliases):
        if words := phrase(alias.text, case_sensitive=alias.case_sensitive):
            key = tuple(term.key for term in words.words)
            yield _Name(entity.id, key, in_language(words, alias.lang))


def _longer_names(names: Sequence[_Name]) -> Mapping[str, list[Node]]:
    """Return for each entity the names of others that hold one of its own."""
    owners: dict[Key, set[str]] = defaultdict(set)
    for name in names:
        owners[name.key].add(name.entity_id)
    longer: dict[str, list[Node]] = defaultdict(list)
    for name in names:
        inner = {owner for piece in _pieces(name.key) for owner in owners.get(piece, ())}
        for owner in inner - {name.entity_id}:
            longer[owner].append(name.node)
    return longer


def _pieces(key: Key) -> Iterator[Key]:
    """Yield what stands in a row in a name, but for the whole of it."""
    return (key[start:end] for start, end in combinations(range(len(key) + 1), 2) if end - start < len(key))


def _outermost(hits: set[Hit]) -> Iterator[Hit]:
    """Yield the hits that no other hit holds inside it, in the order of the article."""
    outer: Hit | None = None
    for hit in sorted(hits, key=lambda hit: (hit.field, hit.first, -hit.last)):
        if outer and outer.field == hit.field and hit.last <= outer.last and hit[1:3] != outer[1:3]:
            continue
        outer = hit
        yield hit
