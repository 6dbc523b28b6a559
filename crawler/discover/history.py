"""Tells in a sitemap the news from the history: what is to be fetched from what is only to be remembered.

A news sitemap lists two days, a general one may list all that a site ever had. Of what is listed

- at the first read, news is what is dated within the last three days, and in any case the first fifty in the order of
  their dates (those without a date last): no less than a feed would show;
- later, news is whatever was never listed before, unless it is dated a month before the last read: pages are
  published with the date of an older draft, but a list that reaches further back has only moved its window.

All the rest is history: remembered, so that a new date does not make it new, and never fetched.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discover.entries import MOST_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawler.discover.sitemaps import Listed, Submap
    from crawler.domain import Entry

FIRST_DAYS = timedelta(days=3)
FIRST_ENTRIES = 50
LATE = timedelta(days=30)
_TOMORROW = timedelta(days=1)  # a clock may go wrong by a zone; what is dated later has no date

_DATE_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_/]?([01]\d)(?!\d{3})(?:[-_/]?([0-3]\d))?)?(?!\d)")
_NEWS_IN_NAME = re.compile(r"news|latest|recent", re.IGNORECASE)


def news_and_history(
    listed: Iterable[Listed], *, read_at: datetime | None, now: datetime
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Return what is news, the newest first, and what is history, given when the sitemap was last read."""
    dated = sorted(((_believed(one.changed, now), one.entry) for one in listed), key=_age, reverse=True)[:MOST_ENTRIES]
    since = now - FIRST_DAYS if read_at is None else read_at - LATE
    news: dict[str, Entry] = {}
    history: dict[str, Entry] = {}
    for date, entry in dated:
        is_new = date >= since if date else read_at is not None
        is_first = read_at is None and len(news) < FIRST_ENTRIES
        if entry.link not in news:
            (news if is_new or is_first else history).setdefault(entry.link, entry)
    return tuple(news.values()), tuple(history.values())


def worth_reading(maps: Sequence[Submap], *, read_at: datetime | None, now: datetime) -> list[Submap]:
    """Return the sitemaps of an index that may hold news: the most promising first, those without new pages left out.

    First those that are called news, then by the date that the index or their name gives, then the others from both
    ends of the list, since the newest stands at one of them.
    """
    dated = {one.url: _believed(one.changed, now) for one in maps}
    since = now - FIRST_DAYS if read_at is None else read_at - _TOMORROW
    promising = [one for one in maps if (dated[one.url] or now) >= since or _is_news(one)]
    if not promising:  # of an index that slept, the newest
        promising = sorted(maps, key=lambda one: dated[one.url] or now)[-1:] if read_at is None else []
    order = {one.url: rank for rank, one in enumerate(_from_both_ends(maps))}
    return sorted(
        promising,
        key=lambda one: (not _is_news(one), -(dated[one.url] or _named(one)).timestamp(), order[one.url]),
    )


def _believed(date: datetime | None, now: datetime) -> datetime | None:
    return date if date and date <= now + _TOMORROW else None


def _age(dated: tuple[datetime | None, Entry]) -> float:
    return dated[0].timestamp() if dated[0] else float("-inf")


def _is_news(one: Submap) -> bool:
    return bool(_NEWS_IN_NAME.search(urlsplit(one.url).path))


def _named(one: Submap) -> datetime:
    """Return the end of the time that a name such as `sitemap-2026-11.xml` tells of, long ago where it tells none."""
    found = [match.groups() for match in _DATE_IN_NAME.finditer(one.url)]
    for year, month, day in reversed(found):
        try:
            return datetime(int(year), int(month or 12), int(day or 28), tzinfo=UTC)
        except ValueError:
            continue
    return datetime(1970, 1, 1, tzinfo=UTC)


def _from_both_ends(maps: Sequence[Submap]) -> list[Submap]:
    half = (len(maps) + 1) // 2
    pairs = zip(maps[:half], reversed(maps[half - 1 :]), strict=False)
    return list(dict.fromkeys(one for pair in pairs for one in pair))
