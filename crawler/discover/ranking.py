"""Ranks what a site may be read by, and says why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.identity import same_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from crawler.discover.sites import Hint
    from crawler.domain import Entry

FRESH = timedelta(days=30)
_TOMORROW = timedelta(days=1)
_LEAST_OF_A_SECTION = 5
"""Links to articles, of a page that nobody called a section: with fewer it hardly is one."""
_AGES = ((timedelta(days=2), 20), (timedelta(days=7), 15), (FRESH, 5), (timedelta(days=365), -10))
_KINDS = {"feed": 40, "news sitemap": 35, "section": 20, "sitemap": 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """How well something would do as a source."""

    what: str
    """`feed`, `news sitemap`, `sitemap` or `section`."""
    entries: int
    newest: datetime | None
    is_usable: bool
    is_good: bool
    """Whether nothing better has to be looked for."""
    points: int
    reason: str


def rank(hint: Hint, entries: Sequence[Entry], *, site: str, now: datetime) -> Rank:
    """Judge what a hint led to, for a source at the URL `site`."""
    what = _what(hint, entries)
    newest = max((one.published for one in entries if one.published and one.published <= now + _TOMORROW), default=None)
    is_stale = newest is not None and now - newest > FRESH
    flaws = list(_flaws(hint, site))
    least = _LEAST_OF_A_SECTION if what == "section" else 1
    points = _KINDS[what] + min(len(entries), 50) // 5 + _points_of_age(newest, now) - sum(cost for _, cost in flaws)
    return Rank(
        what=what,
        entries=len(entries),
        newest=newest,
        is_usable=len(entries) >= least,
        is_good=len(entries) >= least and what in {"feed", "news sitemap"} and not is_stale and not flaws,
        points=points,
        reason=", ".join((_amount(entries), _age(newest, now), *(told for told, _ in flaws), hint.how)),
    )


def best_of(ranked: Sequence[Rank]) -> int | None:
    """Return which of several, in the order in which they were tried, is to be used: the first good, else the best."""
    usable = [at for at, one in enumerate(ranked) if one.is_usable]
    good = (at for at in usable if ranked[at].is_good)
    return next(good, max(usable, key=lambda at: ranked[at].points, default=None))


def _what(hint: Hint, entries: Sequence[Entry]) -> str:
    # in sitemaps, only those of news give titles
    is_news = hint.kind == "sitemap" and sum(bool(one.title) for one in entries) * 2 > len(entries)
    return "news sitemap" if is_news else hint.kind


def _flaws(hint: Hint, site: str) -> Iterator[tuple[str, int]]:
    if hint.is_of_comments:
        yield "of comments", 50
    if hint.is_podcast:
        yield "of a podcast", 30
    if hint.is_of_a_part and urlsplit(site).path in {"", "/"}:
        yield "of one part of the site only", 15
    if hint.how != "named by the page" and not same_site(hint.url, site):
        yield f"on another site ({urlsplit(hint.url).hostname})", 10


def _points_of_age(newest: datetime | None, now: datetime) -> int:
    return 0 if newest is None else next((points for age, points in _AGES if now - newest <= age), -40)


def _amount(entries: Sequence[Entry]) -> str:
    return "1 entry" if len(entries) == 1 else f"{len(entries)} entries"


def _age(newest: datetime | None, now: datetime) -> str:
    if newest is None:
        return "no dates"
    hours = max(0, round((now - newest) / timedelta(hours=1)))
    if hours == 0:
        return "newest under an hour old"
    return f"newest {hours} h old" if hours < 48 else f"newest {hours // 24} days old"  # noqa: PLR2004  (two days)
