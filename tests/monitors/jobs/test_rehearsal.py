"""What a watchlist would have brought is found from what is stored, as the file has the watchlist now."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from crawler.domain import Article, Entry
from monitors.in_force import InForce
from monitors.rehearsal import rehearse
from monitors.store.tables import MatchRow, StoryArticleRow
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stand_ins.newsroom import Clock, Newsroom

    from monitors.rehearsal import Rehearsal

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BASE = """\
settings: {timezone: Europe/Zurich, related: false}
sources:
  - {id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed", groups: [papers]}
  - {id: wire, name: Wire, url: "https://wire.example/feed"}
smtp: {from: newsvane@example.org}
watchlists:
  - {name: Clouds, keywords: [cloud], deliver: [{to: desk@example.org, at: "08:00", max_items: 2}]}
"""
PILOTS = "  - {name: Pilots, keywords: [pilot, strike], deliver: [{to: desk@example.org, when: now}]}\n"
TEXT = (
    "The harbour board said on {day} that its pilots had voted for a strike of two days, the first since the port "
    "was built, and that ships would have to wait outside until the crews had been told what the board offers."
)


class Archive:
    """A newsroom whose archive is asked what a watchlist of another file would have brought."""

    def __init__(self, room: Newsroom, clock: Clock, folder: Path) -> None:
        self.room, self.clock, self.folder, self.number = room, clock, folder, 0

    def publish(
        self,
        title: str,
        text: str | None = None,
        *,
        source: str = "harbour",
        link: str = "",
        published: datetime | None = None,
        match: bool = True,
    ) -> None:
        self.number += 1
        link = link or f"https://{source}.example/{self.number}"
        its, entry = self.room.app.in_force.sources[source], Entry(link=link, title=title)
        article = Article(url=link, title=title, text=text or f"Number {self.number}.", language="en")
        asyncio.run(self.room._desk.discovered(its, [entry]))
        asyncio.run(self.room._desk.fetched(its, entry, replace(article, published=published)))
        self.room.finish(source)
        if match:
            self.room.match()

    def rehearse(self, watchlist: str, yaml: str, *, since: timedelta = 30 * DAY) -> Rehearsal:
        file = self.folder / "edited.yaml"
        file.write_text(yaml, encoding="utf-8")
        in_force = InForce.of(load(file, environ={}))
        app, now = self.room.app, self.clock()
        found = rehearse(app.database, in_force, in_force.watchlists[watchlist], since=now - since, now=now)
        assert found is not None
        return found


@pytest.fixture
def archive(newsroom: Callable[[str], Newsroom], clock: Clock, tmp_path: Path) -> Archive:
    archive = Archive(newsroom(BASE), clock, tmp_path)
    for source in ("harbour", "wire"):
        archive.publish("Nothing to see", source=source)
    clock.turn(DAY)
    return archive


def titles(rehearsal: Rehearsal) -> list[str]:
    return [story.hit.article.article.title for story in rehearsal.digest.stories]


def test_a_watchlist_that_the_service_never_saw_is_matched_with_the_archive(archive: Archive) -> None:
    archive.publish("Pilots vote on strike")
    archive.clock.turn(2 * DAY)
    archive.publish("Pilot boat sinks", source="wire")
    made = archive.rehearse("pilots", BASE + PILOTS)
    assert sorted(titles(made)) == ["Pilot boat sinks", "Pilots vote on strike"]
    assert [(day.day, day.stories, day.articles) for day in made.days] == [
        (date(2026, 11, 23), 0, 0),
        (date(2026, 11, 24), 1, 1),
        (date(2026, 11, 25), 0, 0),
        (date(2026, 11, 26), 1, 1),
    ]
    assert (made.stories, made.articles, made.looked_at) == (2, 2, 4)
    assert [(one.name, one.articles, one.alone) for one in made.clauses] == [("pilot", 2, 1), ("strike", 1, 0)]
    assert [(one.name, one.articles) for one in made.sources] == [("The Harbour Ledger", 1), ("Wire", 1)]


def test_an_edited_watchlist_is_matched_as_the_file_has_it_now(archive: Archive) -> None:
    archive.publish("Cloud unit sold")
    archive.publish("Fog over the harbour")
    made = archive.rehearse("clouds", BASE.replace("[cloud]", "[fog]"))
    assert titles(made) == ["Fog over the harbour"]


def test_what_nobody_has_matched_yet_is_looked_at_too(archive: Archive) -> None:
    archive.publish("Cloud unit sold", match=False)
    assert titles(archive.rehearse("clouds", BASE)) == ["Cloud unit sold"]


def test_nothing_is_written(archive: Archive, newsroom: Callable[[str], Newsroom]) -> None:
    archive.publish("Pilots vote on strike", TEXT.format(day="Monday"))
    archive.rehearse("pilots", BASE + PILOTS)
    with archive.room.app.database.read() as session:
        assert session.scalar(sa.select(sa.func.count(MatchRow.id))) == 0
    later = newsroom(BASE + PILOTS)
    assert (later.app.in_force.watchlists.keys(), later.outbox()) == ({"clouds", "pilots"}, [])


def test_a_story_is_one_entry_by_its_place_in_the_database(archive: Archive) -> None:
    archive.publish("Pilots vote on strike", TEXT.format(day="Monday"))
    archive.clock.turn(HOUR)
    archive.publish("Harbour: pilots for a strike", TEXT.format(day="Monday"), source="wire")
    made = archive.rehearse("pilots", BASE + PILOTS)
    assert (made.stories, made.articles, made.days[-1].stories, made.days[-1].articles) == (1, 2, 1, 2)
    assert [copy.source_name for copy in made.digest.stories[0].copies] == ["Wire"]


def test_articles_of_before_there_were_stories_are_grouped_on_the_spot(archive: Archive) -> None:
    archive.publish("Pilots vote on strike", TEXT.format(day="Monday"))
    archive.clock.turn(HOUR)
    archive.publish("Harbour: pilots for a strike", TEXT.format(day="Monday"), source="wire")
    archive.publish("Another thing of pilots", source="wire")
    with archive.room.app.database.begin() as session:
        session.execute(sa.delete(StoryArticleRow))
    made = archive.rehearse("pilots", BASE + PILOTS)
    (story,) = [one for one in made.digest.stories if one.copies]
    assert (made.stories, story.hit.source_name) == (2, "The Harbour Ledger")
    assert [copy.source_name for copy in story.copies] == ["Wire"]
    assert story.first is None


def test_possible_mentions_are_counted_apart(archive: Archive) -> None:
    entities = (
        "entities: [{id: amazon, name: Amazon.com, aliases: [{text: Amazon, ambiguous: true}], context: [cloud]}]\n"
    )
    archive.publish("The Amazon is low this year")
    made = archive.rehearse("amazon", BASE + "  - {name: Amazon, entities: [amazon]}\n" + entities)
    assert (made.stories, made.articles, made.possible, len(made.digest.stories)) == (0, 0, 1, 1)
    assert (made.clauses, made.a_day) == ((), 0)


def test_an_article_that_several_carried_is_one_and_counts_where_the_watchlist_listens(archive: Archive) -> None:
    archive.publish("Pilots vote on strike", source="wire", link="https://wire.example/pilots")
    archive.publish("Pilots vote on strike", source="harbour", link="https://wire.example/pilots")
    papers = PILOTS.replace("deliver", "sources: {groups: [papers]}, deliver")
    made = archive.rehearse("pilots", BASE + papers)
    assert [(one.name, one.articles) for one in made.sources] == [("The Harbour Ledger", 1)]
    assert archive.rehearse("pilots", BASE + PILOTS).articles == 1


def test_only_what_came_since_then_is_told(archive: Archive) -> None:
    archive.publish("Pilots vote on strike")
    archive.clock.turn(3 * DAY)
    archive.publish("Pilot boat sinks")
    made = archive.rehearse("pilots", BASE + PILOTS, since=2 * DAY)
    assert titles(made) == ["Pilot boat sinks"]
    assert (made.known_from, made.digest.coverage.since) == (archive.clock.now - 2 * DAY,) * 2


def test_where_the_archive_is_younger_days_begin_with_it(archive: Archive) -> None:
    made = archive.rehearse("clouds", BASE)
    assert (made.known_from, made.archive_from) == (archive.clock.now - DAY,) * 2
    assert len(made.days) == 2


def test_what_was_there_at_the_first_read_stands_on_the_day_it_was_published(
    newsroom: Callable[[str], Newsroom], clock: Clock, tmp_path: Path
) -> None:
    archive = Archive(newsroom(BASE), clock, tmp_path)
    for days in (0, 3, 90):
        its, link = archive.room.app.in_force.sources["harbour"], f"https://harbour.example/{days}"
        entry = Entry(link=link, title="Cloud unit sold")
        article = Article(url=link, title=entry.title, text=f"It took {days} days.", published=clock() - days * DAY)
        asyncio.run(archive.room._desk.discovered(its, [entry]))
        asyncio.run(archive.room._desk.fetched(its, entry, article))
    archive.room.finish()
    clock.turn(HOUR)
    made = archive.rehearse("clouds", BASE)
    assert (made.already_there, made.articles) == (2, 2)
    assert [(day.day.day, day.articles) for day in made.days if day.articles] == [(20, 1), (23, 1)]


def test_what_max_age_would_leave_out_is_left_out_and_counted(archive: Archive) -> None:
    archive.publish("Cloud unit of old", published=archive.clock() - 40 * DAY)
    aged = BASE.replace("{timezone: Europe/Zurich,", "{timezone: Europe/Zurich, max_age: 7d,")
    made = archive.rehearse("clouds", aged)
    assert (made.articles, made.too_old) == (0, 1)
    assert archive.rehearse("clouds", BASE).articles == 1


def test_two_weeks_of_archive_make_a_trend_and_less_makes_none(archive: Archive) -> None:
    for _ in range(15):
        archive.clock.turn(DAY)
        archive.publish("Cloud unit sold")
    trend = archive.rehearse("clouds", BASE).digest.trend
    assert trend
    assert (trend.counts, trend.usual) == ((1,) * 14, 1)
    assert archive.rehearse("clouds", BASE, since=7 * DAY).digest.trend is None


def test_weeks_count_a_story_once(archive: Archive) -> None:
    archive.clock.now = datetime(2026, 12, 1, 8, tzinfo=UTC)
    archive.publish("Pilots vote on strike", TEXT.format(day="Monday"), source="wire")
    archive.clock.turn(DAY)
    archive.publish("Harbour: pilots for a strike", TEXT.format(day="Monday"))
    archive.clock.turn(6 * DAY)
    archive.publish("Pilot boat sinks")
    made = archive.rehearse("pilots", BASE + PILOTS)
    assert [(week.day.day, week.stories) for week in made.weeks if week.articles] == [(30, 1), (7, 1)]
    assert sum(day.stories for day in made.days) == 3


def test_an_empty_database_has_nothing_to_tell(newsroom: Callable[[str], Newsroom], clock: Clock) -> None:
    app = newsroom(BASE).app
    assert (
        rehearse(app.database, app.in_force, app.in_force.watchlists["clouds"], since=clock() - DAY, now=clock())
        is None
    )
