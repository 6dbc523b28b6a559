"""What a site may be read by is ranked, with a reason that a reader can follow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.discover.ranking import Rank, best_of, rank
from crawler.discover.sites import Hint
from crawler.domain import Entry

if TYPE_CHECKING:
    from crawler.domain import FoundKind

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SITE = "https://news.example/"


def entries(number: int = 20, hours: float | None = 2, title: str = "T") -> list[Entry]:
    published = None if hours is None else NOW - timedelta(hours=hours)
    return [Entry(link=f"{SITE}{n}", title=title, published=published) for n in range(number)]


def ranked(path: str = "/feed", found: list[Entry] | None = None, *, kind: FoundKind = "feed", title: str = "") -> Rank:
    url = path if "://" in path else f"https://news.example{path}"
    hint = Hint(url=url, kind=kind, how="a usual place", title=title)
    return rank(hint, entries() if found is None else found, site=SITE, now=NOW)


def test_the_reason_says_how_much_there_is_how_old_it_is_and_who_named_it() -> None:
    assert ranked().reason == "20 entries, newest 2 h old, a usual place"
    assert ranked(found=entries(1, hours=None)).reason == "1 entry, no dates, a usual place"
    assert ranked(found=entries(hours=24 * 400)).reason == "20 entries, newest 400 days old, a usual place"
    other = ranked("https://feeds.example/comments/feed")
    assert other.reason == "20 entries, newest 2 h old, of comments, on another site (feeds.example), a usual place"


def test_a_sitemap_with_titles_is_one_of_news() -> None:
    assert ranked("/m.xml", kind="sitemap").what == "news sitemap"
    assert ranked("/m.xml", entries(title=""), kind="sitemap").what == "sitemap"


@pytest.mark.parametrize(
    "worse",
    [
        ranked(found=entries(hours=24 * 60)),
        ranked("/comments/feed"),
        ranked("/podcast/feed"),
        ranked("/category/sport/feed"),
        ranked("https://other.example/feed"),
        ranked("/m.xml", entries(title=""), kind="sitemap"),
        ranked("/", kind="section"),
    ],
    ids=lambda one: one.reason,
)
def test_a_fresh_feed_of_the_whole_site_is_good_and_these_are_not(worse: Rank) -> None:
    assert ranked().is_good
    assert not worse.is_good
    assert worse.points < ranked().points


def test_the_first_good_one_is_used_else_the_best_and_never_an_empty_one() -> None:
    good, stale, empty = ranked(), ranked(found=entries(hours=24 * 60)), ranked(found=[])
    comments, section = ranked("/comments/feed"), ranked("/", entries(hours=None), kind="section")
    assert best_of([empty, comments, good, ranked(found=entries(50))]) == 2
    assert best_of([comments, stale, section]) == 1, "some publish rarely"
    assert best_of([ranked(found=entries(hours=24 * 400)), section]) == 1, "and some forget their feed"
    assert best_of([comments, section]) == 1
    assert best_of([empty]) is None
    assert best_of([]) is None


def test_a_page_with_a_handful_of_links_is_no_section() -> None:
    assert not ranked("/", entries(4), kind="section").is_usable
    assert ranked("/", entries(5), kind="section").is_usable


def test_a_date_in_the_future_proves_nothing() -> None:
    assert ranked(found=entries(hours=-24 * 90)).newest is None
