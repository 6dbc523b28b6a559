"""Finds when an article was published: what the page states, before what it looks like."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from htmldate import find_date

from crawler.extract.jsonld import strings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from crawler.extract.head import Head

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No web page of news is older; 1970-01-01 is what an empty date field looks like."""
TOLERANCE = timedelta(days=1)
"""How far in the future a date may lie: a day's date without its zone, a clock that is wrong."""

_META_KEYS = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "article:published",
    "datepublished",
    "date",
    "dc.date.issued",
    "dc.date",
    "dcterms.date",
    "dcterms.created",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "parsely-pub-date",
    "sailthru.date",
    "bt:pubdate",
    "pubdate",
    "publish-date",
    "publish_date",
    "publishdate",
    "published_time",
    "article_date_original",
    "originalpublicationdate",
)
_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d\d)(\d\d))(?!\d)")
_CLOCK = re.compile(
    r"[T\s,-]*(\d{1,2}):(\d\d)(?::(\d\d))?(?:[.,]\d+)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?", re.IGNORECASE
)
_UNIX = re.compile(r"1\d{9}(?:\d{3})?")


def find_published(head: Head, root: HtmlElement, *, now: datetime) -> datetime | None:
    """Return when the page says that it was published; a guess from its looks only if it says nothing."""
    for text in _stated(head):
        moment = parse_date(text)
        if moment and is_plausible(moment, now=now):
            return moment
    return _guessed(root, now=now)


def is_plausible(moment: datetime, *, now: datetime) -> bool:
    """Tell whether something can have been published then."""
    return EARLIEST <= moment <= now + TOLERANCE


def parse_date(text: str) -> datetime | None:
    """Return an aware datetime in the offset it is written with, midnight UTC for a bare date, None for no date."""
    text = text.strip()
    try:
        if found := _DAY.match(text):
            year, month, day = found[1], found[2] or found[4], found[3] or found[5]
            return datetime.combine(date(int(year), int(month), int(day)), _clock(text[found.end() :]))
        if _UNIX.fullmatch(text):
            return datetime.fromtimestamp(int(text[:10]), tz=UTC)
        moment = parsedate_to_datetime(text[:100])
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _clock(text: str) -> time:
    found = _CLOCK.match(text)
    if not found:
        return time(tzinfo=UTC)
    hour, minute, second, offset = found.groups()
    return time(int(hour), int(minute), int(second or 0), tzinfo=_zone(offset or "Z"))


def _zone(offset: str) -> timezone:
    if offset.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]) if len(offset) > len("+00") else 0)
    return timezone(-ahead if offset[0] == "-" else ahead)


def _stated(head: Head) -> Iterator[str]:
    for key in ("datePublished", "dateCreated"):
        for node in head.articles:
            yield from strings(node.get(key))
    for key in _META_KEYS:
        yield from head.meta.get(key, ())
    for node in head.nodes:
        yield from strings(node.get("datePublished"))
    yield from head.microdata.get("datePublished", ())
    for element in head.times:
        if element.get("pubdate") is not None:
            yield element.get("datetime", "")
    for element in head.times:
        yield element.get("datetime", "")


def _guessed(root: HtmlElement, *, now: datetime) -> datetime | None:
    day = find_date(root, original_date=True, extensive_search=False, min_date=EARLIEST, max_date=now)
    return parse_date(day) if day else None
