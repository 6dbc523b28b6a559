"""Takes the article's running text out of a page; the only importer of trafilatura."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trafilatura import bare_extraction

from crawler.extract.chrome import article_lines, remove_chrome
from crawler.extract.clean import paragraphs

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from crawler.extract.metadata import Metadata


def body_lines(root: HtmlElement, meta: Metadata) -> tuple[str, list[str]]:
    """Return the deck, empty if there is none, and the paragraphs of the article. Changes the tree."""
    remove_chrome(root)
    return "", article_lines(paragraphs(_text(root, fast=True)), title=meta.title)


def _text(root: HtmlElement, *, fast: bool) -> str:
    document = bare_extraction(root, fast=fast, include_comments=False)
    return getattr(document, "text", None) or ""
