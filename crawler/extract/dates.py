"""Finds when an article was published: what the page states, then what it shows, then what it looks like."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from htmldate import extractors, find_date

from crawler.extract.jsonld import strings
from crawler.extract.shown_dates import shown_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    r"[T\s,-]{0,5}(\d{1,2}):(\d\d)(?::(\d\d))?(?:[.,]\d+)?\s{0,3}(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?", re.IGNORECASE
)
_QUARTER = timedelta(minutes=15)
"""What all offsets from UTC are multiples of."""
_WIDEST = timedelta(hours=14)
_UNIX = re.compile(r"1\d{9}(?:\d{3})?")


class _NoParser:
    """Reads no date: what htmldate asks it for, months written as words, `shown_dates` has read before."""

    def get_date_data(self, _text: str) -> dict[str, None]:
        return {"date_obj": None}


# htmldate leaves such dates to dateparser, in all of its 200 languages: compiling their patterns takes three seconds in
# every new worker, which is most of a page's deadline. Without, the same dates are found on all real pages.
extractors.get_external_parser = _NoParser  # type: ignore[assignment]  # callable like the function that it replaces


def find_published(head: Head, root: HtmlElement, url: str, *, now: datetime) -> datetime | None:
    """Return when the page says that it was published; what it shows or looks like only if it says nothing."""
    read = [moment for text in _stated(head) if (moment := _parse(text))]
    moments = [moment for moment in read if is_plausible(_aware(moment), now=now)]
    if moments:
        return _with_offset(moments[0], moments[1:])
    return _shown(head, root, url, now=now) or _guessed(root, now=now)


def is_plausible(moment: datetime, *, now: datetime) -> bool:
    """Tell whether something can have been published then."""
    return EARLIEST <= moment <= now + TOLERANCE


def parse_date(text: str) -> datetime | None:
    """Return an aware datetime in the offset it is written with, midnight UTC for a bare date, None for no date."""
    moment = _parse(text)
    return _aware(moment) if moment else None


def _parse(text: str) -> datetime | None:
    """Return a datetime without a zone where none is written."""
    text = text.strip()
    try:
        if found := _DAY.match(text):
            year, month, day = found[1], found[2] or found[4], found[3] or found[5]
            return datetime.combine(date(int(year), int(month), int(day)), _clock(text[found.end() :]))
        if _UNIX.fullmatch(text):
            return datetime.fromtimestamp(int(text[:10]), tz=UTC)
        return parsedate_to_datetime(text[:100])
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _with_offset(moment: datetime, others: Iterable[datetime]) -> datetime:
    """Return a moment that is told in UTC with the offset that another statement of the same page gives it.

    `2023-11-09T01:09:55Z` in the data and `2023-11-08 18:09:55` on the page are one moment, seven hours behind UTC.
    """
    if moment.tzinfo is None or moment.utcoffset() or not moment.time():
        return _aware(moment)
    for other in others:
        ahead = timedelta() if other.tzinfo else other.replace(tzinfo=UTC) - moment
        if other.tzinfo and other == moment and other.utcoffset():
            return other
        if ahead and abs(ahead) <= _WIDEST and not ahead % _QUARTER:
            return moment.astimezone(timezone(ahead))
    return moment


def _clock(text: str) -> time:
    found = _CLOCK.match(text)
    if not found:
        return time()
    hour, minute, second, offset = found.groups()
    return time(int(hour), int(minute), int(second or 0), tzinfo=_zone(offset))


def _zone(offset: str | None) -> timezone | None:
    if offset is None:
        return None
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


def _shown(head: Head, root: HtmlElement, url: str, *, now: datetime) -> datetime | None:
    day = shown_day(root, titles=(*head.titles[:1], *head.meta.get("og:title", ())), url=url)
    moment = datetime.combine(day, time(), tzinfo=UTC) if day else None
    return moment if moment and is_plausible(moment, now=now) else None


def _guessed(root: HtmlElement, *, now: datetime) -> datetime | None:
    day = find_date(root, original_date=True, extensive_search=True, min_date=EARLIEST, max_date=f"{now:%Y-%m-%d}")
    moment = parse_date(day) if day else None
    # the first of January is what a bare year in a copyright line becomes
    return None if moment and (moment.month, moment.day) == (1, 1) else moment
