"""Turns the bytes of a feed into entries."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import feedparser
import lxml.html
from lxml.etree import ParserError

from crawler.domain import Entry
from crawler.errors import PermanentFetchError
from crawler.extract.charset import decode
from crawler.extract.clean import one_line
from crawler.identity import canonical_url, web_url

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_ENTRIES = 10_000
LONGEST_TITLE = 1_000
LONGEST_SUMMARY = 4_000
MOST_AUTHORS = 20
MOST_CATEGORIES = 20
LONGEST_CATEGORY = 100
_YEARS = range(1900, 2200)
_LONGEST_TTL = timedelta(days=1)
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}  # in hours

_PROLOG = 16 * 1024
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ELEMENT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_ROOTS = frozenset({"rss", "feed", "rdf"})
_ENTRY = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s/>]")
_ENTRY_END = re.compile(r"</(?:[A-Za-z_][\w.-]*:)?(?:item|entry)\s*>|<(?:item|entry)\s*/>")
_XML_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,400}>")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:[xX]0*(?P<hex>[0-9A-Fa-f]+)|0*(?P<decimal>[0-9]+));?")
_LONGEST_REFERENCE = len(str(0x10FFFF))
_BLOCK = re.compile(r"</?(?:p|div|br|li|ul|ol|tr|td|th|h[1-6]|blockquote)\b", re.IGNORECASE)
_MARKUP = re.compile(r"<[A-Za-z/!]|&[#\w]{1,32};")
_MAILBOX = re.compile(r"\S+@\S+(?:\s+\((.*)\))?")
_UNSEEN = "//script|//style|//comment()|//processing-instruction()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed says, in its order."""

    title: str
    entries: tuple[Entry, ...]
    refused: int = 0
    """How many entries had a link that is no address of the web: `javascript:`, `file:`, …"""
    ttl: timedelta | None = None
    """For how long it says that it will not change."""


def is_feed(body: bytes, charset: str | None = None) -> bool:
    """Tell a feed by its bytes; servers send feeds as anything from text/html to octet-stream."""
    return _root(_prolog(decode(body[:_PROLOG], charset))) in _ROOTS


def parse_feed(body: bytes, url: str, charset: str | None = None) -> Feed:
    """Read a feed found at `url`; `charset` is what its Content-Type header said.

    Raises:
        PermanentFetchError: it is no feed, or one that declares entities.
    """
    text = decode(body, charset)
    prolog = _prolog(text)
    if "<!ENTITY" in prolog.upper():
        # bombs and the reading of our files begin here; feeds do without
        raise PermanentFetchError("declares XML entities, as no feed needs to", kind="not-a-feed")
    if _root(prolog) not in _ROOTS:
        raise PermanentFetchError("not a feed", kind="not-a-feed")
    text = _first_entries(_without_what_is_no_xml(_XML_DECLARATION.sub("", text, count=1)))
    parsed = feedparser.parse(
        io.BytesIO(text.encode()),  # a str or bytes could be taken for the name of a file
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
        sanitize_html=False,  # all markup is dropped below
        resolve_relative_uris=False,
    )
    found: dict[str, Entry] = {}
    refused = 0
    for item in parsed.entries[:MOST_ENTRIES]:
        link = _link(item)
        if not link:
            continue
        try:
            entry = _entry(item, urljoin(url, link))
        except ValueError:
            refused += 1
        else:
            found.setdefault(entry.link, entry)
    return Feed(title=_title(parsed.feed), entries=tuple(found.values()), refused=refused, ttl=_ttl(parsed.feed))


def _ttl(feed: Any) -> timedelta | None:
    """Return what `<ttl>` (in minutes) or `sy:updatePeriod` and `sy:updateFrequency` say, a day at the most."""
    minutes = _number(feed.get("ttl"))
    if minutes is None and (hours := _PERIODS.get(str(feed.get("sy_updateperiod")).strip().lower())):
        minutes = hours * 60 / (_number(feed.get("sy_updatefrequency")) or 1)
    return min(timedelta(minutes=minutes), _LONGEST_TTL) if minutes else None


def _number(text: Any) -> float | None:
    """Return a number that is no larger than a sensible one can be."""
    text = str(text or "").strip()
    return float(text[:7]) if text.isascii() and text.isdigit() else None


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


def _without_what_is_no_xml(text: str) -> str:
    """Drop characters that XML cannot hold, spelled out or not: feedparser raises on half a character (`&#xd800;`)."""
    return _REFERENCE.sub(_kept_reference, _NOT_XML.sub("", text))


def _kept_reference(reference: re.Match[str]) -> str:
    digits, base = (reference["hex"], 16) if reference["hex"] else (reference["decimal"], 10)
    code = int(digits, base) if len(digits) <= _LONGEST_REFERENCE else sys.maxunicode + 1
    return reference.group() if code <= sys.maxunicode and not _NOT_XML.match(chr(code)) else ""


def _prolog(text: str) -> str:
    """Return what stands before the end of the first element's name, without comments."""
    start = _COMMENT.sub("", text[:_PROLOG])
    first = _ELEMENT.search(start)
    return start[: first.end()] if first else start


def _root(prolog: str) -> str:
    names = _ELEMENT.findall(prolog)
    return names[0].lower() if names else ""


def _first_entries(text: str) -> str:
    """Cut out what comes after the 10,000th entry, so that an endless feed costs no more than a long one."""
    starts = _ENTRY.finditer(text)
    cut = next((start.start() for number, start in enumerate(starts) if number == MOST_ENTRIES), None)
    if cut is None:
        return text
    end = len(text)
    for last in _ENTRY_END.finditer(text, cut):
        end = last.end()
    return text[:cut] + text[end:]


def _link(item: Any) -> str:
    """Return the link of an entry: the publisher's own, where FeedBurner replaced it, or an id that is an address."""
    link = item.get("feedburner_origlink") or item.get("link") or ""
    identifier = item.get("id") or ""
    return str(link or (identifier if identifier.startswith(("http://", "https://")) else "")).strip()


def _entry(item: Any, url: str) -> Entry:
    link, address = canonical_url(url), web_url(url)
    return Entry(
        link=link,
        address=address if address != link else "",
        title=_title(item),
        summary=plain_text(str(item.get("summary") or "")[: LONGEST_SUMMARY * 4])[:LONGEST_SUMMARY],
        authors=_authors(item),
        published=_date(item, "published") or _date(item, "updated"),
        categories=_categories(item),
    )


def _title(item: Any) -> str:
    return plain_text(str(item.get("title") or "")[: LONGEST_TITLE * 4])[:LONGEST_TITLE]


def _authors(item: Any) -> tuple[str, ...]:
    # feedparser takes the end of a long top-level domain for the name in "ann@news.london (Ann Other)"
    mailbox = _MAILBOX.fullmatch(str(item.get("author") or "").strip())
    named = [{"name": mailbox[1]}] if mailbox else item.get("authors") or ()
    names = (one_line(str(author.get("name") or ""))[:LONGEST_TITLE] for author in named)
    return tuple(dict.fromkeys(name for name in names if name))[:MOST_AUTHORS]


def _categories(item: Any) -> tuple[str, ...]:
    """Return the names of categories; one that is too long is left out, for half of it would be the name of another."""
    terms = (str(tag.get("label") or tag.get("term") or "") for tag in (item.get("tags") or ())[:MOST_CATEGORIES])
    names = (plain_text(term[: LONGEST_CATEGORY * 4]) for term in terms)
    return tuple(dict.fromkeys(name for name in names if 0 < len(name) <= LONGEST_CATEGORY))


def _date(item: Any, field: str) -> datetime | None:
    """Return a date in the publisher's own zone if it can be told, else in UTC."""
    # by dict, since feedparser's own lookup answers for `updated` with `published`, and warns
    text, parts = dict.get(item, field), dict.get(item, f"{field}_parsed")
    readings: tuple[Callable[[], datetime], ...] = (
        lambda: parsedate_to_datetime(str(text).strip()),
        lambda: datetime.fromisoformat(str(text).strip()),
        lambda: datetime.fromtimestamp(timegm(parts or ()), UTC),
    )
    for read in readings:
        with contextlib.suppress(ValueError, TypeError, OverflowError, OSError):
            date = read()
            # further out, a change of zone can leave the calendar
            return (date if date.tzinfo else date.replace(tzinfo=UTC)) if date.year in _YEARS else None
    return None
