"""Takes the article's running text out of a page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml.etree import XPath
from trafilatura import bare_extraction

from crawler.extract.chrome import article_lines, remove_chrome
from crawler.extract.clean import paragraphs
from crawler.extract.deck import find_deck
from crawler.extract.instead import without_banner
from crawler.extract.titles import fold
from crawler.extract.tree import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a page has of an article's text."""

    lead: str
    """The deck, empty if there is none."""
    lines: Sequence[str]
    """The paragraphs of the article."""
    found: Sequence[str]
    """All that was taken for text, with what then turned out to be chrome."""
    largest: int
    """How much running text the fullest element of the page holds, in characters."""


def read_body(root: HtmlElement, meta: Metadata) -> Body:
    """Return the deck and the paragraphs of the article. Takes the chrome out of the tree."""
    remove_chrome(root)
    deck = find_deck(root, titles=meta.titles, descriptions=meta.descriptions)
    prose = _Prose(root)
    found = paragraphs(_text(root, prose.largest_family()))
    lines = article_lines(without_banner(found), known=meta.titles)
    body = article_lines(lines, known={fold(deck)}) if deck else lines
    # what would leave no body is the body
    deck, lines = (deck, body) if _length(body) >= 2 * len(deck) else ("", lines)
    return Body(lead=deck, lines=lines, found=found, largest=prose.largest_element())


def _text(root: HtmlElement, prose: Sequence[str]) -> str:
    """Return the text of the fast extractor, where it fails that of the thorough one, else the page's prose."""
    for fast in (True, False):
        document = bare_extraction(root, fast=fast, include_comments=False)
        text: str = getattr(document, "text", None) or ""
        if len(text) >= _TOO_LITTLE * _length(prose) and (prose or not _is_menu(text)):
            return text
    return "\n".join(prose) or text


class _Prose:
    """The paragraphs of running text on a page, by what holds them."""

    def __init__(self, root: HtmlElement) -> None:
        self._elements: defaultdict[HtmlElement, dict[str, None]] = defaultdict(dict)
        for paragraph in _PARAGRAPHS(root):
            text = text_of(paragraph)
            linked = sum(len(text_of(link)) for link in paragraph.iter("a"))
            if len(text) >= _RUNNING and linked < _MAX_LINKED * len(text):
                self._elements[paragraph.getparent()][text] = None

    def largest_family(self) -> list[str]:
        """Return the paragraphs of the largest family: those that stand in containers of one kind."""
        families: defaultdict[tuple[str, str | None], dict[str, None]] = defaultdict(dict)
        for parent, texts in self._elements.items():
            families[parent.tag, parent.get("class")] |= texts
        return max(map(list, families.values()), key=_length, default=[])

    def largest_element(self) -> int:
        """Return how many characters the fullest container holds."""
        return max(map(_length, self._elements.values()), default=0)


def _is_menu(text: str) -> bool:
    lines = text.split("\n")
    return sum(len(line) for line in lines if len(line) >= _RUNNING) < len(text) / 2


def _length(texts: Iterable[str]) -> int:
    return sum(map(len, texts))
