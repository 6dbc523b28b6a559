"""Feeds and their like are read in processes that are killed when a hostile one holds them up."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler import parsing
from crawler.domain import Failed, Read
from crawler.lanes import LONGEST_WAITS, Lanes
from crawler.processes import Processes

if TYPE_CHECKING:
    import pytest
    from stand_ins.crawl import Crawl, MemoryDesk, NewSite, Site


async def test_a_feed_that_takes_for_ever_fails_alone(
    site: Site, new_site: NewSite, desk: MemoryDesk, crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.parsing.DEADLINE", timedelta(seconds=2))
    quick = await new_site()
    site.pages["/feed"] = site.feed(extra="<item>" + "<enclosure url='a'/>" * 400_000 + "</item>")
    quick.pages |= {"/feed": quick.feed("/1"), "/1": "one"}
    async with Processes() as processes:
        crawl_now.parse = processes.call
        await processes.call(os.getpid, deadline=timedelta(seconds=60))  # they are up
        outcomes = await crawl_now(site.url("/feed"), quick.url("/feed"))
    assert outcomes["source"] == Failed(reason="the feed could not be read within 2 s")
    assert outcomes["source"].kind == "too-slow"
    assert outcomes["source-1"] == Read(entries=1, new=1)
    assert list(desk.articles) == [quick.url("/1")]


async def test_feeds_that_take_for_ever_hold_up_no_other(
    new_site: NewSite, desk: MemoryDesk, crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.lanes.QUICK", timedelta(seconds=1))
    monkeypatch.setattr("crawler.parsing.DEADLINE", timedelta(seconds=3))
    monkeypatch.setitem(LONGEST_WAITS, "list", timedelta(seconds=1))
    hostile = [await new_site() for _ in range(6)]
    for one in hostile:
        one.pages["/feed"] = one.feed(extra="<item>" + "<enclosure url='a'/>" * 400_000 + "</item>")
    quick = await new_site()
    quick.pages |= {"/feed": quick.feed("/1"), "/1": "one"}
    async with Lanes() as lanes:
        crawl_now.parse = lanes.call
        await lanes.call(os.getpid, deadline=timedelta(seconds=60))  # they are up
        started = time.monotonic()
        crawling = asyncio.ensure_future(crawl_now(*(one.url("/feed") for one in hostile), quick.url("/feed")))
        await desk.ended["source-6"].wait()
        quick_s = time.monotonic() - started
        outcomes = await crawling
    assert outcomes["source-6"] == Read(entries=1, new=1)
    assert quick_s < 7  # three seconds behind the others; with all processes for them it would be ten
    failed = list(outcomes.values())[:6]
    assert failed == [Failed(reason="the feed could not be read within 3 s")] * 6


async def test_what_a_parser_refuses_is_raised_as_it_was_there(site: Site, crawl_now: Crawl) -> None:
    site.pages["/feed"] = "<!DOCTYPE rss [<!ENTITY a 'b'>]>" + site.feed()
    here = (await crawl_now(site.url("/feed")))["source"]
    async with Processes(1) as processes:
        crawl_now.parse = processes.call
        there = (await crawl_now(site.url("/feed")))["source"]
    assert isinstance(here, Failed)
    assert (here.reason, here.kind) == (there.reason, there.kind)


def work(_body: bytes, _url: str, _charset: str | None) -> int:
    return os.getpid()


async def test_it_is_another_process_that_reads() -> None:
    from crawler.fetch.client import Answer  # not before the reactor is there

    async with Processes(1) as processes:
        answer = Answer(url="https://a.example/", status=200, body=b"", parse=processes.call)
        assert await parsing.parsed(answer, work, "the feed") != os.getpid()
