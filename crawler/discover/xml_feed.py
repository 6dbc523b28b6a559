"""Reads feeds in XML: RSS, RDF, Atom and CDF of all versions, well-formed or not."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from calendar import timegm
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import feedparser

from crawler.discover.entries import (
    LONGEST_TITLE,
    MOST_ENTRIES,
    Item,
    Written,
    absolute,
    as_html,
    plausible,
)
from crawler.extract.clean import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

_ENTRY = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s/>]")
_ENTRY_END = re.compile(r"</(?:[A-Za-z_][\w.-]*:)?(?:item|entry)\s*>|<(?:item|entry)\s*/>")
_XML_DECLARATION = re.compile(r"<\?xml\b[^>]{0,400}>")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:[xX]0*(?P<hex>[0-9A-Fa-f]+)|0*(?P<decimal>[0-9]+));?")
_LONGEST_REFERENCE = len(str(0x10FFFF))
_MAILBOX = re.compile(r"\S+@\S+(?:\s+\((.*)\))?")
_RECORDING = re.compile(r"(?:audio|video)/", re.IGNORECASE)
_LONGEST_TTL = timedelta(days=1)
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}  # in hours
_ASIDE = ("related", "via", "self", "enclosure", "replies")
"""What links of an entry are that are not the article, the likeliest to lead to it first."""


def read(text: str, url: str) -> Written:
    """Return what the feed found at `url` says."""
    text = _first_entries(_without_what_is_no_xml(_without_declaration(text.lstrip())))
    parsed = feedparser.parse(
        io.BytesIO(text.encode()),  # a str or bytes could be taken for the name of a file
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
        sanitize_html=False,  # all markup is dropped later
        resolve_relative_uris=False,
    )
    homes = (url, absolute(url, str(parsed.feed.get("link") or "")))
    linked = ((item, _link(item)) for item in parsed.entries)
    return Written(
        title=str(parsed.feed.get("title") or ""),
        items=(_item(item, absolute(url, link), homes) for item, link in linked if link),
        ttl=_ttl(parsed.feed),
    )


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


def _without_declaration(text: str) -> str:
    declaration = _XML_DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _without_what_is_no_xml(text: str) -> str:
    """Drop characters that XML cannot hold, spelled out or not: feedparser raises on half a character (`&#xd800;`)."""
    return _REFERENCE.sub(_kept_reference, _NOT_XML.sub("", text))


def _kept_reference(reference: re.Match[str]) -> str:
    digits, base = (reference["hex"], 16) if reference["hex"] else (reference["decimal"], 10)
    code = int(digits, base) if len(digits) <= _LONGEST_REFERENCE else sys.maxunicode + 1
    return reference.group() if code <= sys.maxunicode and not _NOT_XML.match(chr(code)) else ""


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


def _item(item: Any, url: str, homes: tuple[str, ...]) -> Item:
    return Item(
        url=url,
        title=str(item.get("title") or ""),
        summary=str(item.get("summary") or ""),
        content=_content(item),
        authors=_authors(item),
        published=_date(item, "published") or _date(item, "updated"),
        categories=tuple(str(tag.get("label") or tag.get("term") or "") for tag in item.get("tags") or ()),
        homes=homes,
        recording=any(_RECORDING.match(str(link.get("type"))) for link in item.get("enclosures") or ()),
    )


def _link(item: Any) -> str:
    """Return the link of an entry: the publisher's own, where FeedBurner replaced it, else the likeliest there is."""
    named = item.get("feedburner_origlink") or item.get("link")
    identifier = str(item.get("id") or "")
    if not named and identifier.startswith(("http://", "https://")):
        named = identifier
    if not named:
        links = {str(link.get("rel")): link.get("href") for link in reversed(item.get("links") or ())}
        named = next((links[rel] for rel in _ASIDE if links.get(rel)), "")
    return str(named).strip()


def _content(item: Any) -> str:
    """Return the longest text of an entry as HTML; many feeds carry the article in the description."""
    texts = [*(item.get("content") or ()), item.get("summary_detail") or {}]
    longest = max(texts, key=lambda text: len(str(text.get("value") or "")))
    value = str(longest.get("value") or "")
    return as_html(value) if longest.get("type") == "text/plain" and "<" not in value else value


def _authors(item: Any) -> tuple[str, ...]:
    # feedparser takes the end of a long top-level domain for the name in "ann@news.london (Ann Other)"
    mailbox = _MAILBOX.fullmatch(str(item.get("author") or "").strip())
    named = [{"name": mailbox[1]}] if mailbox else item.get("authors") or ()
    return tuple(one_line(str(author.get("name") or ""))[:LONGEST_TITLE] for author in named)


def _date(item: Any, field: str) -> datetime | None:
    """Return a date in the publisher's own zone if it can be told, else in UTC."""
    # by dict, since feedparser's own lookup answers for `updated` with `published`, and warns
    text, parts = dict.get(item, field), dict.get(item, f"{field}_parsed")
    readings: tuple[Callable[[], datetime], ...] = (
        lambda: parsedate_to_datetime(str(text).strip()),
        lambda: datetime.fromisoformat(str(text).strip()),
        lambda: datetime.fromtimestamp(timegm(parts or ()), UTC),
    )
    for read_date in readings:
        with contextlib.suppress(ValueError, TypeError, OverflowError, OSError):
            return plausible(read_date())
    return None
