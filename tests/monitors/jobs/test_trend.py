"""The stories a day of a watchlist are counted from what was really stored, matched and placed."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from stand_ins.site import filler

from crawler.domain import Article, Entry
from monitors import jobs
from monitors.store.trend import trend_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.newsroom import Clock, Newsroom

    from monitors.domain import Trend

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BASE = """\
sources:
  - {id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed"}
  - {id: wire, name: Wire, url: "https://wire.example/feed"}
smtp: {from: newsvane@example.org}
entities: [{id: amazon, name: Amazon.com, aliases: [{text: Amazon, ambiguous: true}], context: [cloud, servers]}]
watchlists:
  - {name: Amazon, entities: [amazon], deliver: [{to: desk@example.org, at: "09:00", timezone: Pacific/Auckland}]}
  - {name: Clouds, keywords: [cloud], deliver: [{to: desk@example.org, at: "09:00"}]}
"""
NEW = '  - {name: Pilots, keywords: [pilot], deliver: [{to: desk@example.org, at: "09:00"}]}\n'


class Desk:
    """A newsroom in which articles are published at their time."""

    def __init__(self, room: Newsroom, clock: Clock) -> None:
        self.room, self.clock, self.number = room, clock, 0

    def publish(
        self, title: str, text: str | None = None, *, source: str = "harbour", published: datetime | None = None
    ) -> None:
        self.number += 1
        link = f"https://{source}.example/{self.number}"
        its, entry = self.room.app.in_force.sources[source], Entry(link=link, title=title)
        order = random.Random(self.number)  # noqa: S311  # a test that can be repeated
        article = Article(url=link, title=title, text=text or filler(order), language="en")
        asyncio.run(self.room._desk.discovered(its, [entry]))
        asyncio.run(self.room._desk.fetched(its, entry, replace(article, published=published)))
        self.room.finish(source)
        self.room.match()

    def trend(self, watchlist: str = "clouds", zone: str = "UTC") -> Trend:
        app = self.room.app
        sources = app.in_force.sources_of(app.in_force.watchlists[watchlist])
        with app.database.read() as session:
            return trend_of(session, watchlist, sources, now=self.clock().astimezone(ZoneInfo(zone)))


@pytest.fixture
def desk(newsroom: Callable[[str], Newsroom], clock: Clock) -> Desk:
    return Desk(newsroom(BASE), clock)


def test_stories_are_counted_on_the_day_they_came(desk: Desk) -> None:
    desk.publish("Nothing to see")
    for number in (1, 0, 3, 2):
        desk.clock.turn(DAY)
        for _ in range(number):
            desk.publish("Cloud unit sold")
    made = desk.trend()
    assert made.counts[-5:] == (0, 1, 0, 3, 2)
    assert (made.last_day, made.usual) == (desk.clock().date(), None)


def test_what_the_first_read_brought_is_not_counted(desk: Desk) -> None:
    desk.publish("Cloud unit sold", published=desk.clock() - HOUR)
    assert set(desk.trend().counts) == {0}


def test_copies_and_possible_mentions_make_no_story_more(desk: Desk) -> None:
    desk.publish("Nothing to see")
    desk.publish("Nothing to see", source="wire")
    desk.clock.turn(DAY)
    text = "The harbour board said that it had sold the cloud unit to a group of investors from the north."
    desk.publish("Cloud unit sold", text)
    desk.publish("Cloud unit is sold, board says", text, source="wire")
    desk.publish("The Amazon is low this year")
    assert desk.trend().counts[-1] == 1
    assert desk.trend("amazon").counts[-1] == 0


def test_days_are_those_of_the_readers_zone(desk: Desk) -> None:
    desk.publish("Nothing to see")
    desk.clock.now = datetime(2026, 11, 25, 12, tzinfo=UTC)  # in Auckland it is one in the morning of the 26th
    desk.publish("Cloud unit sold")
    assert desk.trend().counts[-2:] == (0, 1)
    made = desk.trend(zone="Pacific/Auckland")
    assert (made.last_day.day, made.counts[-2:]) == (26, (0, 1))
    desk.clock.turn(DAY)
    assert desk.trend(zone="Pacific/Auckland").counts[-2:] == (1, 0)


def test_what_was_read_late_stands_on_its_own_day(desk: Desk) -> None:
    desk.publish("Nothing to see")
    stopped = desk.clock()
    desk.clock.turn(2 * DAY)
    for hours in (1, 2, 30):
        desk.publish("Cloud unit sold", published=stopped + hours * HOUR)
    desk.publish("Cloud unit of old", published=stopped - 400 * DAY)
    assert desk.trend().counts[-3:] == (2, 1, 1)


def test_a_new_watchlist_has_a_past_from_the_archive(newsroom: Callable[[str], Newsroom], desk: Desk) -> None:
    desk.publish("Nothing to see")
    for _ in range(9):
        desk.clock.turn(DAY)
        desk.publish("Pilots vote on strike")
    later = Desk(newsroom(BASE + NEW), desk.clock)
    made = later.trend("pilots")  # before the archive was read for it
    assert (made.counts, made.usual) == ((0,) * 14, None)
    asyncio.run(jobs.read_archive(later.room.app))
    made = later.trend("pilots")
    assert (made.counts[-9:], made.usual) == ((1,) * 9, 1)


def test_a_burst_is_told_in_the_digest_of_its_day(desk: Desk) -> None:
    desk.publish("Nothing to see")
    for _ in range(9):
        desk.clock.turn(DAY)
        desk.publish("Cloud unit sold")
    assert not desk.trend().far_above
    desk.clock.turn(HOUR)
    for _ in range(5):
        desk.publish("Cloud unit sold again")
    made = desk.trend()
    assert (made.counts[-1], made.usual, made.far_above) == (6, 1, True)
    desk.clock.turn(DAY)
    made = desk.trend()
    assert (made.far_above, made.yesterday_far_above) == (False, True)
