"""What feeds of all kinds become: entries, each text bounded and free of markup."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import lxml.html
from lxml.etree import ParserError

from crawler.domain import Entry
from crawler.extract.clean import clean, one_line
from crawler.identity import canonical_url, web_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, timedelta

MOST_ENTRIES = 10_000
LONGEST_TITLE = 1_000
LONGEST_SUMMARY = 4_000
LONGEST_CONTENT = 400_000
"""Characters with their markup. Beyond, an article is cut, and then it is not taken for the whole of one."""
MOST_AUTHORS = 20
MOST_CATEGORIES = 20
LONGEST_CATEGORY = 100
_YEARS = range(1900, 2200)

_BLOCK = re.compile(r"</?(?:p|div|br|li|ul|ol|tr|td|th|h[1-6]|blockquote)\b", re.IGNORECASE)
_MARKUP = re.compile(r"<[A-Za-z/!]|&[#\w]{1,32};")
_UNSEEN = "//script|//style|//comment()|//processing-instruction()"
_BLANK_LINE = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed says, in its order."""

    title: str
    entries: tuple[Entry, ...]
    refused: int = 0
    """How many entries had a link that is no address of the web: `javascript:`, `file:`, …"""
    ttl: timedelta | None = None
    """For how long it says that it will not change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a feed as it was written, whatever the kind of feed: texts may hold markup."""

    url: str
    """Absolute, unless that cannot be."""
    title: str = ""
    summary: str = ""
    content: str = ""
    """HTML; empty where the feed has no more than a summary."""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    categories: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    """Addresses of the feed and of its site."""
    remark: bool = False
    """It says itself that its text is about a page of somebody else's."""
    recording: bool = False
    """It announces something to hear or to watch, of which its text is no more than the description."""

    def entry(self) -> Entry:
        """Return what is kept of it.

        Raises:
            ValueError: its link is no address of the web.
        """
        link, address = canonical_url(self.url), web_url(self.url)
        return Entry(
            link=link,
            address=address if address != link else "",
            title=plain_text(self.title[: LONGEST_TITLE * 4])[:LONGEST_TITLE],
            summary=plain_text(self.summary[: LONGEST_SUMMARY * 4])[:LONGEST_SUMMARY],
            content=clean(self.content[:LONGEST_CONTENT]),
            authors=_distinct(one_line(name)[:LONGEST_TITLE] for name in self.authors)[:MOST_AUTHORS],
            published=self.published,
            categories=_categories(self.categories),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A feed as it was written."""

    title: str
    items: Iterator[Item]
    ttl: timedelta | None = None


def plain_text(markup: str) -> str:
    """Return the text of a piece of HTML on one line."""
    if not _MARKUP.search(markup):
        return one_line(markup)
    try:
        root = lxml.html.fragment_fromstring(_BLOCK.sub(r" \g<0>", one_line(markup)), create_parent="div")
    except (ParserError, ValueError):
        return ""
    for element in root.xpath(_UNSEEN):
        element.drop_tree()
    return one_line(root.text_content())


def as_html(text: str) -> str:
    """Return plain text as HTML; a blank line ends a paragraph."""
    return "".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in _BLANK_LINE.split(text.strip()))


def _categories(terms: Iterable[str]) -> tuple[str, ...]:
    """Return the names of categories; one that is too long is left out, for half of it would be the name of another."""
    names = (plain_text(term[: LONGEST_CATEGORY * 4]) for term in tuple(terms)[:MOST_CATEGORIES])
    return _distinct(name for name in names if len(name) <= LONGEST_CATEGORY)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))


def absolute(base: str, link: str) -> str:
    """Return where a link leads; as it is if that cannot be told."""
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def plausible(date: datetime) -> datetime | None:
    """Return a date as an aware one; None if it is so far out that a change of zone can leave the calendar."""
    return (date if date.tzinfo else date.replace(tzinfo=UTC)) if date.year in _YEARS else None
