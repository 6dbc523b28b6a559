"""Takes the article's running text out of a page."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lxml.etree import XPath
from trafilatura import bare_extraction

from crawler.extract.chrome import article_lines, remove_chrome
from crawler.extract.clean import paragraphs
from crawler.extract.deck import find_deck
from crawler.extract.titles import fold
from crawler.extract.tree import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from crawler.extract.metadata import Metadata

_PARAGRAPHS = XPath(
    "//p[not(ancestor::nav or ancestor::aside or ancestor::footer"
    " or ancestor::*[contains(@class, 'omment') or contains(@id, 'omment')])]"
)
_RUNNING = 60
"""From how many characters a paragraph is prose; a caption or a menu entry is shorter."""
_MAX_LINKED = 0.4
_TOO_LITTLE = 0.6
"""Below this share of the page's prose, the fast extractor has missed the article: measured on 1,044 pages."""


def body_lines(root: HtmlElement, meta: Metadata) -> tuple[str, list[str]]:
    """Return the deck, empty if there is none, and the paragraphs of the article. Changes the tree."""
    remove_chrome(root)
    lead = find_deck(root, titles=meta.titles, descriptions=meta.descriptions)
    lines = article_lines(paragraphs(_text(root)), known=meta.titles)
    body = [line for line in lines if fold(line) != fold(lead)]
    # what would leave no body is the body
    return (lead, body) if _length(body) >= 2 * len(lead) else ("", lines)


def _text(root: HtmlElement) -> str:
    """Return the text of the fast extractor, where it fails that of the thorough one, else the page's prose."""
    prose = _prose(root)
    for fast in (True, False):
        document = bare_extraction(root, fast=fast, include_comments=False)
        text: str = getattr(document, "text", None) or ""
        if len(text) >= _TOO_LITTLE * _length(prose) and (prose or not _is_menu(text)):
            return text
    return "\n".join(prose) or text


def _prose(root: HtmlElement) -> list[str]:
    """Return the paragraphs of the largest family on the page: those that stand in containers of one kind."""
    families: defaultdict[tuple[str, str | None], dict[str, None]] = defaultdict(dict)
    for paragraph in _PARAGRAPHS(root):
        text = text_of(paragraph)
        linked = sum(len(text_of(link)) for link in paragraph.iter("a"))
        if len(text) >= _RUNNING and linked < _MAX_LINKED * len(text):
            parent = paragraph.getparent()
            families[parent.tag, parent.get("class")][text] = None
    return max(map(list, families.values()), key=_length, default=[])


def _is_menu(text: str) -> bool:
    lines = text.split("\n")
    return sum(len(line) for line in lines if len(line) >= _RUNNING) < len(text) / 2


def _length(texts: Sequence[str]) -> int:
    return sum(map(len, texts))
