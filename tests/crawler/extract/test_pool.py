"""The worker processes, for real: hostile pages, killed workers, the parent's signals."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import psutil
import pytest
from stand_ins.stalls import watched_loop

from crawler.domain import Entry, Page
from crawler.extract.pool import MAX_PAGE, ExtractionPool
from crawler.lanes import LONGEST_WAITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.domain import Article

    MakePage = Callable[..., Page]

URL = "https://www.lindhaven-post.example/2026/05/tram"
HEAD = '<title>Harbour town votes - Lindhaven Post</title><meta property="og:title" content="Harbour town votes">'
DEADLINE = timedelta(seconds=3)


BOMBS = {
    "a row of 100,000 cells": "<table><tr>" + "<td>a</td>" * 100_000 + "</tr></table>",
    "400 KB of italics": "<p>" + "<i>a</i> b " * 36_400 + "</p>",
    "a tag with 20,000 attributes": "<p " + " ".join(f"a{n}=b" for n in range(20_000)) + ">text</p>",
}


def bomb(kind: str = "a row of 100,000 cells", entry: Entry | None = None) -> Page:
    """Return a page that keeps the parsers busy, the first kind for most of a minute."""
    html = f"<html lang='en'><head>{HEAD}</head><body>{BOMBS[kind]}</body></html>"
    return Page(url=URL, body=html.encode(), entry=entry)


def workers() -> list[psutil.Process]:
    """Return the processes that extract: copies of the one that loaded all, which is a child of ours."""
    loaded = [
        child for child in psutil.Process().children() if "multiprocessing.forkserver" in " ".join(child.cmdline())
    ]
    return [worker for child in loaded for worker in child.children()]


async def test_a_bomb_costs_its_neighbours_nothing(make_page: MakePage) -> None:
    async with ExtractionPool(deadline=timedelta(minutes=5)) as pool:
        bombed = asyncio.create_task(pool.extract(bomb()))
        neighbours = await asyncio.gather(*(pool.extract(make_page()) for _ in range(20)))
        assert not bombed.done()
        bombed.cancel()
    assert all(neighbour.text and not neighbour.flags for neighbour in neighbours)


async def test_of_a_bomb_that_costs_its_deadline_all_is_kept_that_its_feed_said() -> None:
    entry = Entry(link=URL, title="Bombs away", summary="What the feed said of it.", authors=("Ida Lund",))
    async with ExtractionPool(deadline=timedelta(seconds=1)) as pool:
        article = await pool.extract(bomb(entry=entry))
    assert article.flags == {"timeout"}
    assert (article.title, article.lead, article.authors) == ("Bombs away", "What the feed said of it.", ("Ida Lund",))
    assert (article.url, article.language) == (URL, "en")


async def test_c02_bombs_by_the_dozen_hold_up_nobody_and_none_of_them_waits_long(
    make_page: MakePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LONGEST_WAITS, "page", timedelta(seconds=2))
    async with ExtractionPool(deadline=DEADLINE) as pool:
        await pool.extract(make_page())  # the workers are up
        start = time.monotonic()
        bombed = [asyncio.create_task(pool.extract(bomb())) for _ in range(20)]
        await asyncio.sleep(0)
        neighbours = await asyncio.gather(*(pool.extract(make_page()) for _ in range(20)))
        served_s = time.monotonic() - start
        articles = await asyncio.gather(*bombed)
        all_s = time.monotonic() - start
    assert all(neighbour.text and not neighbour.flags for neighbour in neighbours)
    assert served_s < 15  # one after the other, two at a time, they would take half a minute
    assert {(article.title, article.flags) for article in articles} == {("Harbour town votes", frozenset({"timeout"}))}
    assert all_s < 20


@pytest.mark.parametrize("kind", list(BOMBS))
async def test_no_bomb_is_lost_or_harms_its_neighbours(make_page: MakePage, kind: str) -> None:
    async with ExtractionPool(deadline=timedelta(seconds=1)) as pool:
        article, *neighbours = await asyncio.gather(
            pool.extract(bomb(kind)), *(pool.extract(make_page()) for _ in range(20))
        )
    assert article.title == "Harbour town votes"
    assert article.flags in ({"timeout"}, {"no-body"}, set())
    assert all(neighbour.text and not neighbour.flags for neighbour in neighbours)


async def test_the_loop_goes_on_while_pages_are_read(make_page: MakePage) -> None:
    async with ExtractionPool(deadline=DEADLINE) as pool:
        await pool.extract(make_page())
        with watched_loop() as stalls:
            await asyncio.gather(pool.extract(bomb()), *(pool.extract(make_page()) for _ in range(5)))
    assert stalls.longest_s < 1  # a page that is read in the loop would take a minute of it


async def test_a_page_that_is_too_large_keeps_its_title() -> None:
    async with ExtractionPool() as pool:
        article = await pool.extract(Page(url=URL, body=f"<html><head>{HEAD}</head>".encode() + b"x" * MAX_PAGE))
    assert (article.title, article.flags) == ("Harbour town votes", {"too-large"})


async def test_a_page_that_eats_memory_is_flagged_and_harms_nobody(make_page: MakePage) -> None:
    huge = Page(url=URL, body=f"<html><head>{HEAD}</head><body>".encode() + b"<p a='b'>x" * 150_000)
    async with ExtractionPool(workers=1, memory=40 * 2**20, deadline=timedelta(seconds=20)) as pool:
        article, neighbour = await asyncio.gather(pool.extract(huge), pool.extract(make_page()))
    assert (article.title, article.flags) == ("Harbour town votes", {"broken"})
    assert not neighbour.flags


async def test_a_worker_that_is_killed_is_replaced(make_page: MakePage) -> None:
    async with ExtractionPool(deadline=timedelta(seconds=30)) as pool:
        await pool.extract(make_page())
        for worker in workers():
            worker.kill()  # not waited for: that is the pool's to do, and it would take the exit code from it
        articles: list[Article] = await asyncio.gather(*(pool.extract(make_page()) for _ in range(4)))
    assert all(article.text for article in articles)


async def test_workers_leave_signals_to_their_parent_from_their_first_moment(make_page: MakePage) -> None:
    born: set[int] = set()
    async with ExtractionPool() as pool:
        asked = asyncio.create_task(pool.extract(make_page()))
        while not asked.done():
            born |= signalled()
            await asyncio.sleep(0)
        assert (await asked).text
        assert (await pool.extract(make_page())).text
        assert born
        assert born <= {worker.pid for worker in workers()}, "nobody had to be replaced"


def signalled() -> set[int]:
    """Signal all workers as Ctrl-C and a service manager do, and return who they are."""
    pids = {worker.pid for worker in workers()}
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)
    return pids


async def test_no_process_stays_behind(make_page: MakePage) -> None:
    async with ExtractionPool() as pool:
        await pool.extract(make_page())
        assert workers()
    assert not workers()


async def test_a_cancelled_crawl_does_not_wait_for_its_pages() -> None:
    start = time.monotonic()
    async with ExtractionPool(deadline=timedelta(minutes=5)) as pool:
        task = asyncio.create_task(pool.extract(bomb()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert time.monotonic() - start < 60
    assert not workers()
