"""Finds the page on which a list goes on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from crawler.discover.wording import says_next
from crawler.identity import same_site

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.discover.links import Link, Links

_IN_PATH = re.compile(r"/(?:page|seite|pagina|p)[/-]?(\d{1,4})/?$", re.IGNORECASE)
_IN_QUERY = frozenset({"page", "paged", "p", "pg", "seite", "pagina"})
_NUMBER = re.compile(r"[0-9]{1,4}")


def next_url(page: Links, url: str) -> str | None:
    """Return what the page at `url` calls its next one, or what has the next number, or says "older"."""
    if page.next_url and same_site(page.next_url, url):
        return page.next_url
    ours = [link for link in page.links if link.is_ours]
    number = _number_of(url) or 1
    ways: tuple[Callable[[Link], bool], ...] = (
        lambda link: "next" in link.rel,
        lambda link: _number_of(link.url) == number + 1,
        lambda link: says_next(link.text),
    )
    return next((link.address for is_next in ways for link in ours if is_next(link)), None)


def _number_of(url: str) -> int | None:
    parts = urlsplit(url)
    if found := _IN_PATH.search(parts.path):
        return int(found[1])
    numbers = (value for name, value in parse_qsl(parts.query) if name.lower() in _IN_QUERY)
    return next((int(value) for value in numbers if _NUMBER.fullmatch(value)), None)
