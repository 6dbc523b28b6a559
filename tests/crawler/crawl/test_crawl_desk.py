"""What the crawl promises to the desk, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import structlog
from aiohttp import web

from crawler.desk import Assignment
from crawler.domain import Article, Failed, Read, Source
from crawler.errors import TemporaryFetchError
from crawler.spiders import spiders

if TYPE_CHECKING:
    from stand_ins.crawl import Crawl, MemoryDesk, NewSite, Site

    from crawler.domain import FetchOutcome, Page
    from crawler.spiders import Get


class DeskIsGoneError(Exception):
    pass


async def test_without_assignments_nothing_happens(desk: MemoryDesk, crawl_now: Crawl) -> None:
    assert await crawl_now() == {}
    assert desk.calls == []


@pytest.mark.parametrize(
    "error", [RuntimeError("a bug"), ValueError("another"), ExceptionGroup("two", [KeyError("x")])]
)
async def test_a_spider_that_breaks_costs_its_own_source_only(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def broken(assignment: Assignment, get: Get, **more: object) -> None:
        if assignment.source.id == "source":
            raise error
        return await feed_read(assignment, get, **more)

    feed_read = spiders()["auto"].read
    monkeypatch.setattr("crawler.spiders.auto.read", broken)
    site.pages |= {"/feed": site.feed("/1"), "/1": "one"}
    outcomes = await crawl_now(site.url("/feed"), site.url("/feed"))
    assert isinstance(outcomes["source"], Failed)
    assert outcomes["source"].reason.startswith("internal error: ")
    assert isinstance(outcomes["source-1"], Read)
    assert desk.names() == ["finished"]
    assert desk.names("source-1") == ["discovered", "fetched", "finished"]


async def test_a_page_that_breaks_the_extraction_is_a_failure_of_its_own(
    site: Site, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    async def extract(page: Page) -> None:
        if page.url.endswith("/1"):
            raise RuntimeError("the pool broke")
        return Article(url=page.url, title="")

    crawl_now.extract = extract
    site.pages |= {"/feed": site.feed("/1", "/2"), "/1": "one", "/2": "two"}
    outcomes = await crawl_now(site.url("/feed"))
    assert isinstance(outcomes["source"], Read)
    assert isinstance(desk.failures[site.url("/1")], TemporaryFetchError)
    assert list(desk.articles) == [site.url("/2")]
    assert desk.names()[-1] == "finished"


async def test_a_desk_that_breaks_is_told_to_the_caller_when_the_others_are_done(
    site: Site, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    finished = desk.finished

    async def finish(source: Source, outcome: FetchOutcome) -> None:
        if source.id == "source":
            raise DeskIsGoneError
        await finished(source, outcome)

    desk.finished = finish
    site.pages |= {"/feed": site.feed("/1"), "/1": "one", "/more": site.feed("/2"), "/2": "two"}
    with pytest.raises(DeskIsGoneError):
        await crawl_now(site.url("/feed"), site.url("/more"))
    assert desk.names("source-1")[-1] == "finished"


async def test_a_desk_that_cannot_keep_a_page_makes_its_source_fail(
    site: Site, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    async def fetched(*_: object) -> bool:
        raise DeskIsGoneError

    desk.fetched = fetched
    site.pages |= {"/feed": site.feed("/1", "/2", "/3"), "/1": "one", "/2": "two", "/3": "three"}
    outcomes = await crawl_now(site.url("/feed"))
    assert outcomes["source"] == Failed(reason="internal error: DeskIsGoneError()")
    assert desk.names() == ["discovered", "finished"]


async def test_a_crawl_that_is_cancelled_has_not_finished(site: Site, desk: MemoryDesk, crawl_now: Crawl) -> None:
    asked = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        asked.set()
        await asyncio.sleep(60)
        return web.Response()

    site.pages |= {"/feed": site.feed("/1"), "/1": hang, "/ready": site.feed()}
    crawling = asyncio.ensure_future(crawl_now(site.url("/feed"), site.url("/ready")))
    await asked.wait()
    crawling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await crawling
    assert desk.names() == ["discovered"]
    assert desk.names("source-1")[-1] == "finished"
    # and the next crawl of the host does not wait for the one that is gone
    site.pages["/1"] = "one"
    async with asyncio.timeout(5):
        assert isinstance((await crawl_now(site.url("/feed")))["source"], Read)


async def test_a_crawl_leaves_nothing_behind(site: Site, crawl_now: Crawl) -> None:
    site.pages |= {"/feed": site.feed("/1"), "/1": "one"}
    await crawl_now(site.url("/feed"))
    before = len(asyncio.all_tasks())
    for _ in range(5):
        await crawl_now(site.url("/feed"))
    # a connection of an earlier test may have ended meanwhile; five crawls that left one task each would show
    assert len(asyncio.all_tasks()) <= before


async def test_the_log_holds_one_event_a_source_and_one_a_page(site: Site, crawl_now: Crawl) -> None:
    structlog.reset_defaults()
    site.pages |= {"/feed": site.feed("/1", "/no", "file:///x"), "/1": "one"}
    with structlog.testing.capture_logs() as events:
        await crawl_now(site.url("/feed"), site.url("/nothing"))
    told = [(event["event"], event["log_level"], event["source"]) for event in events]
    assert sorted(told) == [
        ("article_stored", "debug", "source"),
        ("article_stored", "debug", "source"),  # of the page that is gone, what its feed said
        ("links_refused", "warning", "source"),
        ("page_failed", "info", "source"),
        ("source_checked", "info", "source"),
        ("source_failed", "warning", "source-1"),
    ]
    (checked,) = (event for event in events if event["event"] == "source_checked")
    assert (checked["entries"], checked["new"], checked["stored"]) == (2, 2, 2)


async def test_pages_are_extracted_a_bounded_number_at_a_time(
    new_site: NewSite, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    at_once = most = 0

    async def extract(page: Page) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.02)
        at_once -= 1
        return Article(url=page.url, title="")

    crawl_now.extract = extract
    many = [await new_site() for _ in range(80)]
    for one in many:
        one.pages |= {"/feed": one.feed("/1", "/2"), "/1": "one", "/2": "two"}
    await crawl_now(*(one.url("/feed") for one in many))
    assert len(desk.articles) == 160
    assert 8 < most <= 64


async def test_a_source_of_a_kind_nobody_reads_is_refused_by_itself(
    site: Site, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    source = Source(id="odd", url=site.url("/"), name="odd", type="sitemap")  # type: ignore[arg-type]  # not built yet
    outcomes = await crawl_now(Assignment(source=source))
    assert isinstance(outcomes["odd"], Failed)
    assert desk.names("odd") == ["finished"]
