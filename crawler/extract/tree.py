"""Parses a page once, for everybody who reads from it."""

from __future__ import annotations

import re
from functools import cache

from lxml import etree
from lxml.html import HtmlElement

_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\r")
# A slash in the doctype or in <html/> makes libxml2 end the document there: bugs.launchpad.net/lxml/+bug/1955915
_DOCTYPE = re.compile(r"\A\s*<\s?!\s?doctype[^>]*>", re.IGNORECASE)
_CLOSED_ROOT = re.compile(r"(<html\b[^<>]{0,1000}?)\s*/>", re.IGNORECASE)
_ROOT_WINDOW = 4096


def parse(html: str) -> HtmlElement | None:
    """Return the root element of a page, None if there is nothing in it."""
    html = _DOCTYPE.sub("", html, count=1)
    html = _CLOSED_ROOT.sub(r"\1>", html[:_ROOT_WINDOW], count=1) + html[_ROOT_WINDOW:]
    try:
        root = etree.fromstring(html.encode(errors="ignore").translate(None, _CONTROLS), parser=_parser())
    except etree.XMLSyntaxError:
        return None
    return root if isinstance(root, HtmlElement) else None


def text_of(element: HtmlElement) -> str:
    """Return the text inside an element on one line."""
    return " ".join("".join(element.itertext()).split())


@cache
def _parser() -> etree.HTMLParser:
    # huge_tree: without it, text below 256 nested elements is dropped without a word.
    parser = etree.HTMLParser(
        encoding="utf-8",
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        default_doctype=False,
    )
    # trafilatura asks for HtmlElements. This lookup makes them in C; lxml.html's own asks Python for every element.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser
