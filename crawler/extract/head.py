"""Reads what a page says of itself: meta elements, JSON-LD, microdata, headings, times. Judges nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from crawler.extract import jsonld
from crawler.extract.tree import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml.html import HtmlElement

    from crawler.extract.jsonld import Node


_MOST_ELEMENTS = 1000
"""Of one kind. Pages have less; nested in one another, more would take quadratic time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The statements of one page, each list in the order of the page."""

    meta: Mapping[str, Sequence[str]]
    """The content of meta elements by their property, name or itemprop, in lower case."""
    nodes: Sequence[Node]
    """All JSON-LD nodes."""
    articles: Sequence[Node]
    """Those that describe an article."""
    microdata: Mapping[str, Sequence[str]]
    """Values of itemprop attributes in the body."""
    titles: Sequence[str]
    headings: Sequence[str]
    """The h1 elements."""
    times: Sequence[HtmlElement]
    canonical: Sequence[str]
    language: str | None

    def first(self, *keys: str) -> str:
        """Return the first thing said under the first of these meta keys that has any."""
        return next((value for key in keys for value in self.meta.get(key, ()) if value.strip()), "")


def read_head(root: HtmlElement) -> Head:
    """Collect a page's statements about itself."""
    nodes = jsonld.load(script.text or "" for script in root.iter("script") if _is_json_ld(script))
    return Head(
        meta=_meta(root),
        nodes=nodes,
        articles=[node for node in nodes if jsonld.is_article(node)],
        microdata=_microdata(root),
        # an svg has titles too: "Arrow", "Facebook Icon"
        titles=[text_of(title) for title in root.iterfind("head/title")],
        headings=[text_of(heading) for heading in islice(root.iter("h1"), _MOST_ELEMENTS)],
        times=_times(root),
        canonical=[link.get("href", "") for link in root.iter("link") if link.get("rel", "").lower() == "canonical"],
        language=root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang"),
    )


def _is_json_ld(script: HtmlElement) -> bool:
    return "ld+json" in script.get("type", "").lower()


def _times(root: HtmlElement) -> list[HtmlElement]:
    """Return the time elements, those behind the first heading first; a quoted post and a teaser have their own."""
    before: list[HtmlElement] = []
    after: list[HtmlElement] = []
    seen = before
    for element in root.iter("h1", "time"):
        if element.tag == "h1":
            seen = after
        elif next(element.iterancestors("blockquote", "aside", "nav", "footer"), None) is None:
            seen.append(element)
    return (after + before)[:_MOST_ELEMENTS]


def _meta(root: HtmlElement) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for meta in root.iter("meta"):
        key = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        if key and (content := meta.get("content", "").strip()):
            found[key.lower()].append(content)
    return dict(found)


def _microdata(root: HtmlElement) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for element in islice(root.iterfind(".//*[@itemprop]"), _MOST_ELEMENTS):
        value = element.get("content") or element.get("datetime") or text_of(element)[:1000]
        found[element.get("itemprop", "")].append(value)
    return dict(found)
