"""Finds the feeds of a site: those its page declares, then those in the usual places."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

import lxml.html
from lxml.etree import ParserError

from crawler.extract.charset import decode
from crawler.identity import web_url

if TYPE_CHECKING:
    from collections.abc import Iterator

WELL_KNOWN = ("/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml")

_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
_HEAD = 512 * 1024  # links stand in the head; some heads carry half a megabyte of scripts


def declared_feeds(body: bytes, url: str, charset: str | None = None) -> tuple[str, ...]:
    """Return the feeds that a page names by `<link rel="alternate">`, in its order, those of comments last."""
    try:
        page = lxml.html.document_fromstring(decode(body[:_HEAD], charset).encode(), parser=_parser())
    except (ParserError, ValueError):
        return ()
    base = urljoin(url, next(iter(page.xpath("//base/@href")), "").strip())
    links = sorted(_feed_links(page, base), key=lambda link: link[0])
    return tuple(dict.fromkeys(address for _, address in links))


def well_known_feeds(url: str) -> tuple[str, ...]:
    return tuple(urljoin(url, path) for path in WELL_KNOWN)


def _feed_links(page: lxml.html.HtmlElement, base: str) -> Iterator[tuple[bool, str]]:
    """Yield each feed with whether it looks like one of comments."""
    for link in page.iter("link"):
        kinds = link.get("rel", "").lower().split()
        media_type = link.get("type", "").partition(";")[0].strip().lower()
        if "alternate" not in kinds or media_type not in _FEED_TYPES:
            continue
        try:
            address = web_url(urljoin(base, link.get("href", "").strip()))
        except ValueError:
            continue
        yield "comment" in f"{link.get('title', '')} {address}".lower(), address


def _parser() -> lxml.html.HTMLParser:
    return lxml.html.HTMLParser(encoding="utf-8", no_network=True)
