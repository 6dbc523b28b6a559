"""Reads the queries of a file: the named ones, each once, and those of watchlists, which may refer to them."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from crawler.yaml_file import nearest
from monitors.match.query import Checker, QueryError, Resolver, parse
from monitors.match.query.tree import About, Meaning, Mention, Reference

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import Self

    from crawler.yaml_tree import Value
    from monitors.match.query.tree import Part

Mistakes = dict[int, str]
"""What is wrong in the text of a query, by its offset."""


class BrokenQueryError(Exception):
    """A query has mistakes; none of its own, if they are all in named queries that it refers to."""

    def __init__(self, mistakes: Mistakes) -> None:
        super().__init__(mistakes)
        self.mistakes = mistakes


@dataclass(frozen=True)
class NamedQueries:
    """The `queries:` section, as far as it can be read."""

    names: frozenset[str] = frozenset()
    entities: Collection[str] = ()
    """The ids of those that there are."""
    concepts: Collection[str] = ()
    """The same."""
    trees: Mapping[str, Part] = field(default_factory=dict)
    """What can be read, with the queries that it refers to looked up."""
    mistakes: Mapping[str, Mistakes] = field(default_factory=dict)
    """None where all that is wrong is in another query, where it is told."""

    @classmethod
    def of(cls, written: Value, entities: Collection[str], concepts: Collection[str] = ()) -> Self:
        """Read every query of the section."""
        texts = written if isinstance(written, dict) else {}
        named = cls(frozenset(texts), entities, concepts)
        mistakes: dict[str, Mistakes] = {}
        parsed: dict[str, tuple[str, Part]] = {}
        for name, text in texts.items():
            with _collected(mistakes, name):
                if isinstance(text, str):
                    parsed[name] = text, named._parsed(text)
        parts = {name: part for name, (_, part) in parsed.items()}
        trees: dict[str, Part] = {}
        for name, (text, part) in parsed.items():
            with _collected(mistakes, name):
                trees[name] = named._resolved(part, text, Resolver(parts, part), Checker())
        section = cls(named.names, entities, concepts, trees, mistakes)
        for name in [name for name, told in mistakes.items() if not told]:  # of some, all that they refer to is sound
            with _collected(mistakes, name):
                section.read(parsed[name][0])
        return section

    def read(self, text: str) -> Part:
        """Read a query that may refer to the named ones.

        Raises:
            BrokenQueryError: it has mistakes, or refers to a query that has.
        """
        return self._resolved(self._parsed(text), text, self._resolver, self._checker)

    @cached_property
    def _resolver(self) -> Resolver:
        resolver = Resolver(self.trees)
        for name in self.trees:  # each by itself first: so it is never blamed for what is wrong around it
            with suppress(QueryError):
                resolver.resolve(Reference(name=name, text=f"@{name}"))
        return resolver

    @cached_property
    def _checker(self) -> Checker:
        return Checker()

    def _parsed(self, text: str) -> Part:
        try:
            part = parse(text)
        except QueryError as error:
            raise BrokenQueryError({error.at: error.message}) from error
        if missing := dict(self._missing(part)):
            raise BrokenQueryError(missing)
        return part

    def _resolved(self, part: Part, text: str, resolver: Resolver, checker: Checker) -> Part:
        """Look up what a query refers to; what is wrong in there is told where it stands, and only there."""
        if any(isinstance(leaf, Reference) and leaf.name not in resolver.queries for leaf in part.walk()):
            raise BrokenQueryError({})
        try:
            resolved = resolver.resolve(part, text)
            checker.check(resolved, text)
        except QueryError as error:
            told_there = error.query is not None and error.query not in self.trees
            raise BrokenQueryError({} if told_there else {error.at: error.message}) from error
        return resolved

    def _missing(self, part: Part) -> Iterator[tuple[int, str]]:
        """Find what a query asks for and what there is not."""
        for leaf in part.walk():
            match leaf:
                case Mention(entity=entity) | About(entity=entity) if entity not in self.entities:
                    yield leaf.at, f"there is no entity `{entity}`{nearest(entity, self.entities)}"
                case Reference(name=name) if name not in self.names:
                    yield leaf.at, f"there is no query `{name}` in `queries`{nearest(name, self.names)}"
                case Meaning(concept=concept) if concept not in self.concepts:
                    yield leaf.at, f"there is no concept `{concept}`{nearest(concept, self.concepts)}"


@contextmanager
def _collected(mistakes: dict[str, Mistakes], name: str) -> Iterator[None]:
    try:
        yield
    except BrokenQueryError as error:
        mistakes[name] = error.mistakes
