"""The housekeeping takes away what is not to be kept, and nothing that somebody is still to be told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from crawler.desk import HostDay, Robots
from crawler.domain import Entry
from crawler.settings import Archive
from crawler.store.tables import ArticleRow, EntryRow, RobotsRow, SourceDayRow, VersionRow
from crawler.store.versions import keep_event
from monitors.housekeeping import keep_house
from monitors.store import housekeeping as store
from monitors.store.housekeeping import EXCERPT, excerpt
from monitors.store.status import status
from monitors.store.tables import DeliveryRow, MatchRow, NoticeRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.newsroom import Clock, Newsroom

YAML = """
settings: {contact: desk@example.org, related: false}
sources: [{id: harbour, url: "https://harbour.example/feed"}]
watchlists: [{name: Clouds, keywords: [cloud], first_run: deliver, deliver: [{to: a@example.org, at: "07:00"}]}]
smtp: {host: 127.0.0.1, port: 9}
"""
DAY = timedelta(days=1)
YEAR = Archive(keep=365 * DAY)
LONG = "The cloud hung over the harbour all day long. " * 100


@pytest.fixture
def room(newsroom: Callable[[str], Newsroom]) -> Newsroom:
    return newsroom(YAML)


def tidy(room: Newsroom, archive: Archive) -> dict[str, int] | None:
    return asyncio.run(keep_house(room.app.database, archive, room.app.clock))


def count(room: Newsroom, column: sa.orm.InstrumentedAttribute[int], *where: sa.ColumnElement[bool]) -> int:
    with room.app.database.read() as session:
        return session.scalar(sa.select(sa.func.count(column)).where(*where)) or 0


def tell_all(room: Newsroom) -> None:
    """Match, compose and deliver everything, as if the mail server had taken it."""
    room.match()
    room.app.clock.turn(DAY)  # type: ignore[attr-defined]
    room.compose(settling=timedelta(0))
    with room.app.database.begin() as session:
        session.execute(sa.update(DeliveryRow).values(state="sent", sent_at=room.app.clock()))


def test_an_old_article_goes_with_all_that_hangs_on_it_and_does_not_come_back(room: Newsroom, clock: Clock) -> None:
    room.bring("A cloud over the harbour")
    room.app.database.write(keep_event, 1, "withdrawn", now=clock())
    tell_all(room)
    clock.turn(400 * DAY)
    room.bring("Another cloud")
    assert tidy(room, YEAR) == {"articles": 1, "bodies of sent messages": 1}
    assert count(room, ArticleRow.id) == 1
    assert [count(room, one) for one in (MatchRow.id, NoticeRow.match_id, VersionRow.id)] == [0, 0, 0]
    with room.app.database.read() as session:
        old = session.scalars(sa.select(EntryRow).where(EntryRow.state == "old")).one()
        assert (old.title, old.article_id) == ("", None)
    harbour = room.app.in_force.sources["harbour"]
    assert asyncio.run(room._desk.discovered(harbour, [Entry(link=old.link, title="A cloud")])) == []


def test_what_was_not_matched_told_or_delivered_stays(room: Newsroom, clock: Clock) -> None:
    room.bring("A cloud over the harbour")
    clock.turn(400 * DAY)
    assert tidy(room, YEAR) == {}
    room.match()
    clock.turn(DAY)
    assert tidy(room, YEAR) == {"sketches of old articles": 1}
    room.compose(settling=timedelta(0))
    assert count(room, DeliveryRow.id, DeliveryRow.state == "queued") == 1
    clock.turn(DAY)
    assert tidy(room, YEAR) == {}
    with room.app.database.begin() as session:
        session.execute(sa.update(DeliveryRow).values(state="dead"))
    clock.turn(DAY)
    assert tidy(room, YEAR) == {"articles": 1}


def test_without_a_limit_articles_stay_whole_and_for_ever(room: Newsroom, clock: Clock) -> None:
    room.bring("A cloud over the harbour", text=LONG)
    tell_all(room)
    clock.turn(4_000 * DAY)
    gone = tidy(room, Archive())
    assert gone is not None
    assert not {"articles", "texts"} & gone.keys()
    assert count(room, ArticleRow.id, sa.func.length(ArticleRow.text) == len(LONG)) == 1


def test_an_excerpt_is_left_of_a_text_once_all_is_told(room: Newsroom, clock: Clock) -> None:
    room.bring("A cloud over the harbour", text=LONG)
    room.bring("A short one", text="It was gone.")
    assert tidy(room, Archive(text="excerpt")) == {}
    tell_all(room)
    assert tidy(room, Archive(text="excerpt")) == {"texts": 1}
    clock.turn(DAY)
    assert tidy(room, Archive(text="excerpt")) == {}
    with room.app.database.read() as session:
        assert session.scalars(sa.select(ArticleRow.text).order_by(ArticleRow.id)).all() == [
            excerpt(LONG),
            "It was gone.",
        ]


@pytest.mark.parametrize(
    "text", [LONG, "云" * 5_000, "x" * 5_000, "short"], ids=["words", "Chinese", "a word", "short"]
)
def test_an_excerpt_is_the_beginning_and_no_longer_than_it_may_be(text: str) -> None:
    cut = excerpt(text)
    assert len(cut) <= EXCERPT
    assert text.startswith(cut.removesuffix(" […]"))
    assert excerpt(cut) == cut
    assert len(cut) > EXCERPT - 20 or cut == text


def test_it_is_done_once_a_day(room: Newsroom, clock: Clock) -> None:
    assert tidy(room, YEAR) == {}
    clock.turn(timedelta(hours=23))
    assert tidy(room, YEAR) is None
    clock.turn(timedelta(hours=2))
    assert tidy(room, YEAR) == {}


def test_figures_and_letters_go_after_a_while(room: Newsroom, clock: Clock) -> None:
    room.bring("A cloud over the harbour")
    room.finish()
    asyncio.run(room._desk.keep_robots("https://harbour.example", Robots(status=200, body=b"", fetched_at=clock())))
    asyncio.run(room._desk.add_requests([HostDay(host="https://harbour.example", day=clock().date(), requests=2)]))
    asyncio.run(room._desk.keep_bar("https://harbour.example", clock()))
    tell_all(room)
    clock.turn(29 * DAY)
    assert tidy(room, Archive()) == {"rows of robots": 1, "rows of hosts": 1, "sketches of old articles": 1}
    clock.turn(100 * DAY)
    assert tidy(room, Archive()) == {"rows of source_days": 1, "bodies of sent messages": 1}
    assert [count(room, RobotsRow.status), count(room, SourceDayRow.reads)] == [0, 0]
    with room.app.database.read() as session:
        assert session.scalars(sa.select(DeliveryRow.payload)).all() == [b""]
        found = status(session, now=clock())
    assert found.housekeeping == {"rows of source_days": 1, "bodies of sent messages": 1}
    assert found.housekeeping_at == clock()
    clock.turn(300 * DAY)
    assert tidy(room, Archive()) == {"rows of host_days": 1}


def test_many_articles_go_a_few_at_a_time(room: Newsroom, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {
            "url": f"https://harbour.example/{number}",
            "title": "T",
            "lead": "",
            "text": LONG,
            "authors": [],
            "sections": [],
            "flags": [],
            "source_id": "harbour",
            "stored_at": clock(),
            "already_there": False,
        }
        for number in range(3_000)
    ]
    with room.app.database.begin() as session:
        session.execute(sa.insert(ArticleRow), rows)
    taken: list[int] = []
    take = store.Articles.take

    def counted(self: store.Articles, session: sa.orm.Session, keys: list[int], now: object) -> int:
        taken.append(len(keys))
        return take(self, session, keys, now)  # type: ignore[arg-type]

    monkeypatch.setattr(store.Articles, "take", counted)
    clock.turn(400 * DAY)
    gone = tidy(room, YEAR)
    assert gone is not None
    assert gone["articles"] == 3_000
    assert taken[0] == 20
    assert max(taken) <= 1_000
    assert count(room, ArticleRow.id) == 0
