"""Reads a page's JSON-LD: its nodes, whatever list, graph or wrapper they stand in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Node = dict[str, Any]

_ARTICLE = re.compile(r"(?:Article|Posting|Report|Review)$")
_WRAPPERS = ("@graph", "mainEntity", "mainEntityOfPage")
_WRAPPING = re.compile(r"^\s*(?://\s*)?<!(?:\[CDATA\[|--)|(?://\s*)?(?:\]\]|--)>\s*;?\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_FIELD = re.compile(r'"(headline|datePublished)"\s*:\s*("(?:[^"\\]|\\.){1,500}")')
_MAX_DEPTH = 8
_MAX_ITEMS = 200


def load(scripts: Iterable[str]) -> list[Node]:
    """Return every node of the scripts, in the order of the page."""
    return [node for script in scripts for node in _walk(_parse(script), _MAX_DEPTH)]


def is_article(node: Node) -> bool:
    """Tell whether a node describes an article: NewsArticle, BlogPosting, ReportageNewsArticle …"""
    return any(_ARTICLE.search(kind) for kind in strings(node.get("@type")))


def strings(value: object) -> list[str]:
    """Return the strings of a value: itself, the members of a list, the name of a node."""
    match value:
        case str():
            return [value]
        case list():
            return [text for item in value[:_MAX_ITEMS] if not isinstance(item, list) for text in strings(item)]
        case {"name": str() | list() as name}:
            return strings(name)
        case {"@value": str() as text}:
            return [text]
    return []


def members(value: object) -> list[object]:
    """Return the members of a list, of lists in it too; the value itself if it is none."""
    if not isinstance(value, list):
        return [value]
    return [member for item in value[:_MAX_ITEMS] for member in (item if isinstance(item, list) else [item])]


def _parse(script: str) -> object:
    for mend in (str.strip, _unwrapped):
        try:
            # strict=False: line breaks inside strings are common
            return json.loads(mend(script), strict=False)
        except (ValueError, RecursionError):
            continue
    return _salvaged(script)


def _unwrapped(script: str) -> str:
    return _TRAILING_COMMA.sub("", _WRAPPING.sub("", script))


def _salvaged(text: str) -> Node | None:
    """Return what two fields of broken JSON say, if it was to describe an article."""
    if 'Article"' not in text:
        return None
    node: Node = {"@type": "Article"}
    for name, quoted in _FIELD.findall(text):
        try:
            node.setdefault(name, json.loads(quoted, strict=False))
        except ValueError:
            continue
    return node


def _walk(value: object, depth: int) -> Iterator[Node]:
    if not depth:
        return
    if isinstance(value, list):
        for item in value[:_MAX_ITEMS]:
            yield from _walk(item, depth - 1)
    elif isinstance(value, dict):
        yield value
        for key in _WRAPPERS:
            yield from _walk(value.get(key), depth - 1)
