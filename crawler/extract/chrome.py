"""Keeps what is not the article out of its text: icons, placeholders, paywalls, promotions, links to other pieces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from crawler.extract.phrases import PLACEHOLDER, PROMOTION, SEE_ALSO
from crawler.extract.titles import fold
from crawler.extract.tree import text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lxml.html import HtmlElement

_NEVER_TEXT = ("script", "style", "svg", "iframe", "template", "noscript", "button", "select", "textarea", "dialog")
_BLOCKS = ("p", "li", "h2", "h3", "h4", "h5", "h6", "blockquote", "dd")
_LETTER = re.compile(r"\w")
_SHORT = 250
"""Up to how many characters a line may be a promotion; a paragraph that speaks of one is longer."""
_LABEL = 40
"""How long the words around a link to another piece may be: "Read more: …"."""
_MARKS = 4
"""How long without any such words: a bullet, an arrow, quotation marks."""


def remove_chrome(root: HtmlElement) -> None:
    """Take out of a tree what never is part of an article. Changes the tree."""
    etree.strip_elements(root, *_NEVER_TEXT, with_tail=False)
    around_links = dict.fromkeys(next(link.iterancestors(*_BLOCKS), None) for link in root.iter("a"))
    for block in [block for block in around_links if block is not None and _points_elsewhere(block)]:
        block.drop_tree()


def article_lines(lines: Iterable[str], *, known: Collection[str]) -> list[str]:
    """Return the lines that belong to the article. `known` is what the reader has been told already, folded.

    Much longer lines are not compared.
    """
    longest = 2 * max(map(len, known), default=0)
    return [line for line in lines if (len(line) > longest or fold(line) not in known) and not is_chrome(line)]


def is_chrome(line: str) -> bool:
    """Tell whether a line is without words, a template's placeholder, a promotion or a pointer to another piece."""
    if PLACEHOLDER.search(line) or not _LETTER.search(line):
        return True
    return len(line) <= _SHORT and bool(SEE_ALSO.match(line) or PROMOTION.search(line))


def _points_elsewhere(block: HtmlElement) -> bool:
    """Tell whether a block is a link to another piece, with no more than a label around it."""
    text, linked = text_of(block), sum(len(text_of(link)) for link in block.iter("a"))
    around = len(text) - linked
    return bool(linked) and (around <= _MARKS or (around <= _LABEL and bool(SEE_ALSO.match(text))))
