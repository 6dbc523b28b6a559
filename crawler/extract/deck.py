"""Finds an article's deck (standfirst): what stands between its title and its body, and is neither."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from crawler.extract.clean import one_line
from crawler.extract.titles import fold
from crawler.extract.tree import text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from lxml.html import HtmlElement

_BLOCKS = ("p", "h2", "h3", "h4", "div", "span", "section")
_INNER_BLOCKS = frozenset({"p", "div", "ul", "ol", "section", "article", "figure", "table", "h1", "h2", "h3", "h4"})
_ELSEWHERE = ("nav", "aside", "footer", "figure", "figcaption", "li", "a", "form", "blockquote")
# What publishers of many countries call it in class names; `sub-title` and `subTitle` count as `subtitle`.
_NAMES = frozenset(
    {
        "deck", "dek", "standfirst", "strapline", "subhead", "subheadline", "subheading", "subheader", "subtitle",
        "intro", "introtext", "introduction", "lead", "leadtext", "lede", "preface", "preamble", "ingress",
        "vorspann", "einleitung", "teaser", "excerpt", "abstract", "summary", "sapo", "chapo", "chapeau", "bajada",
        "entradilla", "copete", "sommario", "manchet", "perex", "anons", "spot", "description",
    }
)  # fmt: skip
_BYLINE = frozenset({"byline", "author", "authors", "meta", "date", "dateline", "timestamp", "published"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_SHORTEST, _LONGEST = 30, 700
"""In Latin letters; a Chinese character says as much as two."""
_RUNNING = 60
_MAX_TWINS = 2
"""A class name of this kind on more paragraphs than these names something else."""
_LOOKED_AT = 80
"""How many blocks behind the title are looked at: a byline, share buttons and a picture may come before."""
_SENTENCE = 8
"""A line of fewer words in a header is a rubric, a byline or a place."""
_CUT = 10
"""How much a description that was cut off may differ at its end: an ellipsis, half a word."""


def find_deck(root: HtmlElement, *, titles: Collection[str], descriptions: Iterable[str]) -> str:
    """Return the deck that the page shows above the body, empty if it shows none.

    A block behind the title is the deck if its name says so; or if it stands apart from the body's paragraphs and
    either is what the page gives as its description or stands in the title's own header. `titles` are folded.
    """
    told = [fold(description) for description in descriptions]
    for block, in_header in _behind_title(root, titles):
        text = one_line(text_of(block))
        if not _SHORTEST <= _width(text) <= _LONGEST or fold(text) in titles or _is_byline(block):
            continue
        twins = _twins(block)
        if twins <= _MAX_TWINS and _is_named(block):
            return text
        if twins:
            break
        if any(_same(fold(text), description) for description in told) or (
            in_header and len(text.split()) >= _SENTENCE
        ):
            return text
    return ""


def _behind_title(root: HtmlElement, titles: Collection[str]) -> Iterator[tuple[HtmlElement, bool]]:
    """Yield the innermost blocks of text behind the title, each with whether it shares a header with it."""
    title = next((heading for heading in root.iter("h1") if fold(text_of(heading)) in titles), None)
    if title is None:
        return
    header = next(title.iterancestors("header"), None)
    blocks = (block for block in _following(root, title) if not any(child.tag in _INNER_BLOCKS for child in block))
    for block in islice(blocks, _LOOKED_AT):
        if next(block.iterancestors(*_ELSEWHERE), None) is None:
            yield block, header is not None and header in block.iterancestors("header")


def _following(root: HtmlElement, title: HtmlElement) -> Iterator[HtmlElement]:
    elements = root.iter("h1", *_BLOCKS)
    for element in elements:
        if element is title:
            break
    return (element for element in elements if element.tag != "h1")


def _twins(block: HtmlElement) -> int:
    """Return how many paragraphs of running text stand beside a block, in the same form."""
    parent = block.getparent()
    same = parent.iterchildren(block.tag) if parent is not None else ()
    return sum(1 for other in same if other is not block and len(text_of(other)) >= _RUNNING)


def _is_named(block: HtmlElement) -> bool:
    """Tell whether a block, or what holds it and nothing else, is called a deck."""
    length = len(text_of(block))
    element: HtmlElement | None = block
    while element is not None and len(text_of(element)) == length:
        if not _NAMES.isdisjoint(_called(element)):
            return True
        element = element.getparent()
    return False


def _is_byline(block: HtmlElement) -> bool:
    """Tell whether a block says who wrote the article and when."""
    signed = any(element.tag == "time" or element.get("rel") == "author" for element in block.iter("time", "a"))
    return signed or not _BYLINE.isdisjoint(_called(block))


def _called(element: HtmlElement) -> Iterator[str]:
    """Yield the words of an element's names, and each two neighbours as one: `sub-title` is `subtitle`, too."""
    for key in ("class", "id", "itemprop", "data-testid"):
        words = [word.lower() for word in _WORD.findall(element.get(key, ""))]
        yield from words
        yield from map("".join, pairwise(words))


def _width(text: str) -> int:
    return len(text) + sum(unicodedata.east_asian_width(char) in "WF" for char in text)


def _same(text: str, description: str) -> bool:
    """Tell whether a text is the description, or the whole of one that was cut off."""
    return text == description or (len(description) >= _RUNNING and text.startswith(description[:-_CUT]))
