"""Puts named queries where a query refers to them: `@routine`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from crawler.yaml_file import nearest
from monitors.match.query import tree
from monitors.match.query.errors import MisreadError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitors.match.query.tree import Part

MOST_PARTS = 20_000
"""Of a query with everything that it refers to, as often as it does."""
MOST_DEEP = 100
"""How many parts may stand inside of each other, with those of the queries that are referred to."""
_MOST_TOLD = 8


def _refers(part: Part) -> bool:
    return isinstance(part, tree.Reference) or any(map(_refers, part.parts))


class _Looked(NamedTuple):
    """A part in which every reference was looked up."""

    part: Part
    size: int
    depth: int


def resolve(part: Part, queries: Mapping[str, Part], text: str | None = None) -> Part:
    """Return a part in which every reference, however deep, has its query.

    Args:
        part: of a query.
        queries: the named ones, looked up already or not.
        text: the query as written, for messages; `part.text` where it is not at hand.

    Raises:
        QueryError: there is no query of a name, one refers to itself, or all together are too much.
    """
    return Resolver(queries, part).resolve(part, text)


class Resolver:
    """Looks up references; what a named query stands for it finds out once, however many refer to it."""

    def __init__(self, queries: Mapping[str, Part], root: Part | None = None) -> None:
        self.queries = queries
        self._known: dict[str, _Looked] = {}
        # A named query that is being looked up itself: who refers to it from inside closes a circle.
        self._own = tuple(name for name, part in queries.items() if part is root)[:1]

    def resolve(self, part: Part, text: str | None = None) -> Part:
        """Do what `resolve` does."""
        if not _refers(part):
            return part
        try:
            return self._look_up(part).part
        except MisreadError as error:
            raise error.of(part.text if text is None else text) from None

    def _look_up(self, part: Part, way: tuple[str, ...] = (), depth: int = 1) -> _Looked:
        """Look up the references in a part at a depth, to which a way of names has led."""
        if depth > MOST_DEEP:
            raise _too_deep(part, way)
        if isinstance(part, tree.Reference):
            found = self._referred(part, way, depth)
            looked = _Looked(replace(part, query=found.part), found.size + 1, found.depth + 1)
        elif inner := part.parts:
            all_found = [self._look_up(one, way, depth + 1) for one in inner]
            rebuilt = with_parts(part, [found.part for found in all_found])
            looked = _Looked(rebuilt, 1 + sum(found.size for found in all_found), 1 + max(f.depth for f in all_found))
        else:
            return _Looked(part, 1, 1)
        if looked.size > MOST_PARTS:
            message = f"stands for more than {MOST_PARTS:,} parts, counting those of the queries it refers to"
            raise MisreadError(message, part.at, query=_innermost(way))
        if depth + looked.depth - 1 > MOST_DEEP:
            raise _too_deep(part, way)
        return looked

    def _referred(self, reference: tree.Reference, way: tuple[str, ...], depth: int) -> _Looked:
        name = reference.name
        if name not in self._known:
            self._refuse_circle(reference, way)
            if name not in self.queries:
                message = f"there is no query `{shown(name)}`{nearest(name, self.queries.keys())}"
                raise MisreadError(message, reference.at, query=_innermost(way))
            try:
                self._known[name] = self._look_up(self.queries[name], (*way, name), depth + 1)
            except MisreadError as error:
                raise MisreadError(error.message, reference.at, query=error.query) from None
        return self._known[name]

    def _refuse_circle(self, reference: tree.Reference, way: tuple[str, ...]) -> None:
        whole = (*self._own, *way)
        if reference.name not in whole:
            return
        begin = whole.index(reference.name)
        is_own = bool(self._own) and begin == 0
        told = _told((*whole[begin:], reference.name))
        raise MisreadError(f"refers to itself: {told}", reference.at, query=None if is_own else _innermost(way))


def _innermost(way: tuple[str, ...]) -> str | None:
    return way[-1] if way else None


def _told(circle: tuple[str, ...]) -> str:
    names = [f"@{shown(name)}" for name in circle]
    if len(names) > _MOST_TOLD:
        names = [*names[: _MOST_TOLD - 2], "…", names[-1]]
    return " → ".join(names)


def _too_deep(part: Part, way: tuple[str, ...]) -> MisreadError:
    message = f"more than {MOST_DEEP} parts inside of each other, counting those of the queries it refers to"
    return MisreadError(message, part.at, query=_innermost(way))


def with_parts(part: Part, parts: Sequence[Part]) -> Part:
    """Return the same kind of part made of others, itself where they are the same."""
    if all(one is other for one, other in zip(parts, part.parts, strict=True)):
        return part
    match part:
        case tree.Either():
            part = replace(part, alternatives=tuple(parts))
        case tree.Both():
            part = replace(part, conditions=tuple(parts))
        case tree.Together():
            part = replace(part, members=tuple(parts))
        case tree.Pair():
            part = replace(part, left=parts[0], right=parts[1])
        case tree.Not() | tree.In() | tree.First() | tree.AtLeast() | tree.Weighted() | tree.InTongue():
            part = replace(part, part=parts[0])
    return part
