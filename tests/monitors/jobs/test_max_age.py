"""Old articles that surface again are stored and not matched, and nothing else is left out for its date."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.domain import Article, Entry
from monitors.store.status import status

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.newsroom import Clock, Newsroom

    from monitors.store.status import Status

YAML = """
settings: {contact: desk@example.org, max_age: 7d, related: false}
sources: [{id: harbour, url: "https://harbour.example/feed"}]
watchlists: [{name: Clouds, keywords: [cloud], first_run: deliver, deliver: [{to: a@example.org, at: "07:00"}]}]
"""
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
DAY = timedelta(days=1)


def bring(newsroom: Newsroom, published: datetime | None, name: str = "a") -> None:
    link = f"https://harbour.example/{name}"
    article = Article(url=link, title="A cloud", text="A cloud.", published=published, language="en")
    harbour = newsroom.app.in_force.sources["harbour"]
    asyncio.run(newsroom._desk.discovered(harbour, [Entry(link=link, title="A cloud")]))
    asyncio.run(newsroom._desk.fetched(harbour, Entry(link=link), article))


def told(newsroom: Newsroom) -> Status:
    with newsroom.app.database.read() as session:
        return status(session, now=newsroom.app.clock())


DATES = {
    "yesterday": (NOW - DAY, True),
    "just young enough": (NOW - 7 * DAY, True),
    "old": (NOW - 8 * DAY, False),
    "very old": (NOW - 9_000 * DAY, False),
    "none": (None, True),
    "the epoch": (datetime(1970, 1, 1, tzinfo=UTC), True),
    "the future": (NOW + 300 * DAY, True),
}


@pytest.mark.parametrize(("published", "matched"), DATES.values(), ids=DATES.keys())
def test_an_article_of_this_date_is_matched_or_only_stored(
    newsroom: Callable[[str], Newsroom], published: datetime | None, *, matched: bool
) -> None:
    room = newsroom(YAML)
    bring(room, published)
    room.match()
    found = told(room)
    assert (found.articles, found.unread, found.matches, found.too_old) == (1, 0, int(matched), int(not matched))


def test_what_waited_to_be_matched_while_nothing_ran_is_not_old_for_that(
    newsroom: Callable[[str], Newsroom], clock: Clock
) -> None:
    room = newsroom(YAML)
    bring(room, NOW - DAY)
    clock.turn(20 * DAY)
    room.match()
    assert told(room).matches == 1


def test_without_a_limit_all_are_matched(newsroom: Callable[[str], Newsroom]) -> None:
    room = newsroom(YAML.replace(", max_age: 7d", ""))
    bring(room, NOW - 400 * DAY)
    room.match()
    assert told(room).matches == 1


def test_those_left_out_are_added_up(newsroom: Callable[[str], Newsroom]) -> None:
    room = newsroom(YAML)
    for name in ("a", "b"):
        bring(room, NOW - 30 * DAY, name)
        room.match()
    assert told(room).too_old == 2
