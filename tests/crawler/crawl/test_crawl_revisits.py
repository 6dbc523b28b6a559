"""Articles that are watched for edits are looked at again over real HTTP, and what they were is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from aiohttp import web

from crawler.desk import Assignment
from crawler.domain import Source
from crawler.extract.page import extract
from crawler.polling import Polling
from crawler.revisiting import revisit
from crawler.run import crawl
from crawler.store.articles import stored_articles
from crawler.store.claims import Worker
from crawler.store.database import Database
from crawler.store.desk import StoreDesk
from crawler.store.revisits import PAGES_OF_A_SOURCE, StoreVisitDesk, claim_visits, has_visits, make_visits_due
from crawler.store.sources import keep_sources, make_due
from crawler.store.tables import RevisitRow, SourceRow, UnreadRow
from crawler.store.versions import Version, versions
from monitors.store.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stand_ins.crawl import Crawl, Reply, Site
    from stand_ins.newsroom import Clock

    from crawler.domain import Article, Page, StoredArticle
    from crawler.revisits import Seen, Visit

HOUR = timedelta(hours=1)
PARAGRAPHS = (
    "The port of Rotterdam was shut on Monday after a crane fell into the harbour, its operator said in a statement.",
    "Nobody was hurt, and ships that were on their way to the port were sent to Antwerp and to Hamburg for now.",
    "It is to open again on Wednesday, when divers have looked at the quay and the crane was lifted from the ground.",
)


def page(*paragraphs: str, title: str = "Port of Rotterdam shut after crane falls") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    article = f"<article><h1>{title}</h1>{body}</article>"
    return f"<html lang=en><head><title>{title}</title></head><body>{article}</body></html>"


async def read_page(one: Page) -> Article:
    return extract(one, languages=("en",))


@dataclass
class Desk:
    """A database with one source, read and re-visited as the service does it."""

    database: Database
    source: Source
    crawl: Crawl
    clock: Clock
    worker: Worker

    async def read(self) -> None:
        desk = StoreDesk(self.database, Polling(), self.clock, on_finished=lambda _: None)
        settings, pace = self.crawl.settings(), self.crawl.pace()
        await crawl([Assignment(source=self.source)], desk, read_page, settings=settings, politeness=pace)

    def due(self, *, limit: int = 100, worker: Worker | None = None) -> list[Visit]:
        sources = {self.source.id: self.source}
        worker = worker or self.worker
        return self.database.write(claim_visits, sources, limit=limit, worker=worker, now=self.clock())

    async def after(self, wait: timedelta) -> list[Seen]:
        """Turn the clock and look again at what is due."""
        self.clock.turn(wait)
        desk = StoreVisitDesk(self.database, self.clock)
        settings, pace = self.crawl.settings(), self.crawl.pace()
        self.rest()
        return await revisit(self.due(), desk, read_page, settings=settings, politeness=pace)

    def rest(self) -> None:
        """Have the source itself not be due for long."""
        with self.database.begin() as session:
            session.execute(sa.update(SourceRow).values(next_check_at=self.clock() + timedelta(days=9)))

    def articles(self) -> list[StoredArticle]:
        with self.database.read() as session:
            return list(stored_articles(session))

    def versions(self) -> list[Version]:
        with self.database.read() as session:
            return list(versions(session))

    def matched(self) -> None:
        with self.database.begin() as session:
            session.execute(sa.delete(UnreadRow))

    def unread(self) -> list[int]:
        with self.database.read() as session:
            return list(session.scalars(sa.select(UnreadRow.article_id)))


@pytest.fixture
def newsdesk(tmp_path: Path, site: Site, crawl_now: Crawl, clock: Clock) -> Iterator[Desk]:
    source = Source(id="harbour", url=site.url("/feed"), name="Harbour", track_changes=timedelta(days=3))
    database = Database(f"sqlite:///{tmp_path / 'news.db'}")
    upgrade(database)
    database.write(keep_sources, [source], now=clock())
    worker = Worker(database)
    worker.start(clock())
    site.pages |= {"/feed": site.feed("/a"), "/a": page(*PARAGRAPHS)}
    yield Desk(database, source, crawl_now, clock, worker)
    worker.stop()
    database.close()


def kinds(seen: list[Seen]) -> list[str]:
    return [one.kind for one in seen]


async def test_an_edited_article_is_kept_as_it_was_and_matched_as_it_is(newsdesk: Desk, site: Site) -> None:
    await newsdesk.read()
    newsdesk.matched()
    old = newsdesk.articles()[0].article
    site.pages["/a"] = page(*PARAGRAPHS, "Correction: the crane belonged to the city, not to the port.")
    assert kinds(await newsdesk.after(HOUR)) == ["edited"]
    (version,) = newsdesk.versions()
    assert (version.kind, version.seen_at, version.before.text) == ("edited", newsdesk.clock(), old.text)
    assert version.changed["added"] == 1
    assert version.changed["correction"].startswith("correction: the crane")
    assert newsdesk.articles()[0].article.text == f"{old.text}\n{version.after.text.splitlines()[-1]}"
    assert newsdesk.unread() == [1]


async def test_it_is_looked_at_after_1_3_8_24_48_and_72_hours_and_its_feed_never_for_it(
    newsdesk: Desk, site: Site
) -> None:
    await newsdesk.read()
    seen = [hours for hours in range(1, 100) if await newsdesk.after(HOUR)]
    assert seen == [1, 3, 8, 24, 48, 72]
    assert site.asked().count("/a") == 7
    assert site.asked().count("/feed") == 1
    with newsdesk.database.read() as session:
        assert not list(session.scalars(sa.select(RevisitRow))), "it is over"


async def test_a_page_with_validators_is_asked_for_with_them_and_a_304_is_no_change(newsdesk: Desk, site: Site) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        return web.Response(text=page(*PARAGRAPHS), content_type="text/html", headers={"ETag": '"1"'})

    site.pages["/a"] = answer
    await newsdesk.read()
    steps = (HOUR, 2 * HOUR, 5 * HOUR, 16 * HOUR)
    assert [kinds(await newsdesk.after(step)) for step in steps] == [["unchanged"]] * 4
    asked = [hit.headers.get("If-None-Match") for hit in site.hits if hit.path == "/a"]
    assert asked == [None, '"1"', '"1"', '"1"', None], "one of four asks without, for some servers lie"
    assert newsdesk.versions() == []


async def test_a_page_that_is_gone_is_noted_once_its_text_stays_and_so_is_its_return(
    newsdesk: Desk, site: Site, reply: Reply
) -> None:
    await newsdesk.read()
    newsdesk.matched()
    old, there = newsdesk.articles(), site.pages.pop("/a")
    assert kinds(await newsdesk.after(HOUR)) == ["withdrawn"]
    site.pages["/a"] = reply(status=410)
    assert kinds(await newsdesk.after(2 * HOUR)) == ["withdrawn"]
    site.pages["/a"] = there
    assert kinds(await newsdesk.after(5 * HOUR)) == ["restored"]
    assert [version.kind for version in newsdesk.versions()] == ["withdrawn", "restored"]
    assert newsdesk.articles() == old
    assert newsdesk.unread() == []


@pytest.mark.parametrize("trouble", ["wall", "empty", "error", "elsewhere", "forbidden"])
async def test_a_good_body_is_never_replaced_by_a_bad_page(
    newsdesk: Desk, site: Site, reply: Reply, trouble: str
) -> None:
    await newsdesk.read()
    old = newsdesk.articles()
    site.pages["/"] = page("These are the news of today.", "There are many of them.", title="Harbour Ledger")
    site.pages["/a"] = {
        "wall": page("We value your privacy. Accept all cookies to continue reading.", title="Before you continue"),
        "empty": "<html></html>",
        "error": reply(status=503),
        "elsewhere": reply(status=302, headers={"Location": "/"}),
        "forbidden": reply(status=403),
    }[trouble]
    assert kinds(await newsdesk.after(HOUR)) in (["unusable"], ["failed"])
    assert newsdesk.articles() == old
    assert newsdesk.versions() == []
    site.pages["/a"] = page(*PARAGRAPHS, "It will take until Friday.")
    assert kinds(await newsdesk.after(2 * HOUR)) == ["edited"], "it was tried again"


async def test_two_processes_never_look_at_one_article_at_once_and_a_dead_ones_are_free(newsdesk: Desk) -> None:
    await newsdesk.read()
    newsdesk.rest()
    newsdesk.clock.turn(HOUR)
    other = Worker(newsdesk.database)
    other.start(newsdesk.clock())
    assert len(newsdesk.due(worker=other)) == 1
    assert newsdesk.due() == []
    other.stop()  # gives back what it holds, as the next worker to start does for one that died
    assert len(newsdesk.due()) == 1


async def test_new_articles_come_first_but_not_for_ever(newsdesk: Desk) -> None:
    await newsdesk.read()
    newsdesk.clock.turn(HOUR)
    newsdesk.database.write(make_due, ["harbour"], now=newsdesk.clock())
    assert newsdesk.due() == []
    newsdesk.clock.turn(HOUR)
    assert len(newsdesk.due()) == 1


async def test_a_source_has_a_few_pages_a_batch_and_one_batch_at_a_time(newsdesk: Desk, site: Site) -> None:
    paths = [f"/{number}" for number in range(PAGES_OF_A_SOURCE + 5)]
    site.pages |= {path: page(*PARAGRAPHS, f"This is story {path}.", title=f"Story {path}") for path in paths}
    site.pages["/feed"] = site.feed(*paths)
    await newsdesk.read()
    newsdesk.rest()
    newsdesk.clock.turn(HOUR)
    assert len(newsdesk.due()) == PAGES_OF_A_SOURCE
    assert newsdesk.due() == []


async def test_what_is_not_tracked_any_more_is_forgotten(newsdesk: Desk) -> None:
    await newsdesk.read()
    newsdesk.source = replace(newsdesk.source, track_changes=None)
    assert await newsdesk.after(HOUR) == []
    with newsdesk.database.read() as session:
        assert not has_visits(session, now=newsdesk.clock() + timedelta(days=9))


async def test_somebody_who_cannot_wait_has_the_articles_of_a_source_looked_at_now(newsdesk: Desk) -> None:
    await newsdesk.read()
    newsdesk.rest()
    newsdesk.database.write(make_visits_due, only=["another"], now=newsdesk.clock())
    assert newsdesk.due() == []
    newsdesk.database.write(make_visits_due, only=["harbour"], now=newsdesk.clock())
    assert len(newsdesk.due()) == 1


async def test_due_ones_are_found_by_an_index(newsdesk: Desk) -> None:
    await newsdesk.read()
    with newsdesk.database.read() as session:
        plan = session.execute(sa.text("EXPLAIN QUERY PLAN SELECT article_id FROM revisits WHERE due_at <= 'x'"))
        assert any("ix_revisits_due_at" in row.detail for row in plan)


async def test_an_edit_is_not_lost_on_somebody_who_reads_the_article_just_then(newsdesk: Desk, site: Site) -> None:
    from monitors.store.matches import claim_unread, was_read

    await newsdesk.read()
    batch = newsdesk.database.write(claim_unread, limit=9, worker=newsdesk.worker, now=newsdesk.clock())
    site.pages["/a"] = page(*PARAGRAPHS, "It will take until Friday.")
    await newsdesk.after(HOUR)
    newsdesk.database.write(was_read, batch, newsdesk.worker)
    assert newsdesk.unread() == [1]


async def test_a_new_headline_of_the_page_counts_whatever_its_feed_called_it_once(newsdesk: Desk, site: Site) -> None:
    await newsdesk.read()
    newsdesk.matched()
    assert newsdesk.articles()[0].article.title == "About /a", "as its feed says"
    site.pages["/a"] = page(*PARAGRAPHS, title="Port of Rotterdam open again")
    assert kinds(await newsdesk.after(HOUR)) == ["edited"]
    assert newsdesk.articles()[0].article.title == "Port of Rotterdam open again"
    assert newsdesk.versions()[0].changed["title"] == ["About /a", "Port of Rotterdam open again"]
    assert newsdesk.unread() == [1]
    assert kinds(await newsdesk.after(2 * HOUR)) == ["unchanged"]
    site.pages["/a"] = page(*PARAGRAPHS, "Nobody was hurt.", title="Port of Rotterdam open again")
    assert kinds(await newsdesk.after(5 * HOUR)) == ["edited"]
    assert newsdesk.articles()[0].article.title == "Port of Rotterdam open again", "and it does not fall back"
