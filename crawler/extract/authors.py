"""Finds who wrote an article: people by their full names, before an organisation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.extract.jsonld import strings
from crawler.extract.titles import fold, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

    from crawler.extract.head import Head

_META_KEYS = (
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
    "byline",
)
_PREFIX = re.compile(r"^(?:by|von|par|por|di|da|door|av|af|written by|text|autor|author)\s*:?\s+", re.IGNORECASE)
_SUFFIX = re.compile(r"\s*[(（\[|｜@–—/].*$|\s+-\s.*$")
_BETWEEN = re.compile(r"\s*[;,、，·•|]\s*|\s+(?:and|und|et|y|e|en|och|og|ja|&)\s+")
_NO_NAME = re.compile(r"https?:|www\.|@|\d{2}|[<>{}=]")
_MAX_NAME = 60
_MAX_WORDS = 6
_MAX_AUTHORS = 20


def find_authors(head: Head, root: HtmlElement) -> tuple[str, ...]:
    """Return the authors' names, each once."""
    stated = _names(text for node in head.articles for text in strings(node.get("author")))
    if any(map(_is_full, stated)):
        return stated
    others = _names(text for key in _META_KEYS for text in head.meta.get(key, ()))
    if any(map(_is_full, others)):
        return others
    return stated or others


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for text in texts:
        for part in _BETWEEN.split(_PREFIX.sub("", tidy(text)[:500])):
            name = _SUFFIX.sub("", part).strip(" .,;:")
            if name and len(name) <= _MAX_NAME and len(name.split()) <= _MAX_WORDS and not _NO_NAME.search(part):
                found.setdefault(fold(name), name)
    return tuple(found.values())[:_MAX_AUTHORS]


def _is_full(name: str) -> bool:
    """Tell whether a name has the form of a person's: two words or more, or CJK characters."""
    return " " in name or any(
        "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af" for character in name
    )
