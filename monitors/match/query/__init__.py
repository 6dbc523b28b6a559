"""The query language: its grammar, the tree that a query is read into, and what must hold of such a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.match.query.check import Checker, check
from monitors.match.query.errors import QueryError
from monitors.match.query.parse import parse
from monitors.match.query.references import Resolver, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.match.query.tree import Part

__all__ = ["Checker", "QueryError", "Resolver", "check", "parse", "read_query", "resolve"]


def read_query(text: str, queries: Mapping[str, Part] | None = None) -> Part:
    """Return the tree of a query, with the named queries that it refers to looked up.

    Raises:
        QueryError: it cannot be read, makes no sense, or can never match.
    """
    part = resolve(parse(text), queries or {}, text)
    check(part, text)
    return part
