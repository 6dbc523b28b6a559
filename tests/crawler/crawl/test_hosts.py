"""What is remembered of hosts: until when to stay away, what was asked of them; and that none delays another."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import psutil
import pytest
from stand_ins.raw import RawServer, keeps_silent

from crawler.desk import HostDay
from crawler.domain import Failed, Read
from crawler.fetch.room import Room

if TYPE_CHECKING:
    from stand_ins.crawl import Crawl, MemoryDesk, Reply, Site
    from stand_ins.newsroom import Clock
    from stand_ins.raw import Speech

MIB = 2**20


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("spelled", ["seconds", "date"])
async def test_f09_retry_after_is_obeyed_across_a_restart(
    site: Site, clock: Clock, crawl_now: Crawl, reply: Reply, status: int, spelled: str
) -> None:
    asked = "3600" if spelled == "seconds" else format_datetime(clock.now + timedelta(hours=1))
    site.pages |= {"/feed": reply(status=status, headers={"Retry-After": asked}), "/other": site.feed()}
    await crawl_now(site.url("/feed"))
    crawl_now.politeness = None  # as after a restart
    clock.turn(timedelta(minutes=59, seconds=59))
    outcome = (await crawl_now(site.url("/other")))["source"]
    assert isinstance(outcome, Failed)
    assert outcome.retry_after == timedelta(seconds=1)
    assert site.asked() == ["/feed"]
    crawl_now.politeness = None
    clock.turn(timedelta(seconds=1))
    assert isinstance((await crawl_now(site.url("/other")))["source"], Read)


@pytest.mark.parametrize("nonsense", ["-5", "soon", "", "1e9", "Wed, 21 Oct 2015 07:28:00 GMT"])
async def test_f09_after_a_429_whose_retry_after_is_nonsense_we_rest_for_a_minute(
    site: Site, clock: Clock, crawl_now: Crawl, reply: Reply, nonsense: str
) -> None:
    site.pages |= {"/feed": reply(status=429, headers={"Retry-After": nonsense}), "/other": site.feed()}
    await crawl_now(site.url("/feed"))
    crawl_now.politeness = None
    clock.turn(timedelta(seconds=59))
    assert isinstance((await crawl_now(site.url("/other")))["source"], Failed)
    assert site.asked() == ["/feed"]
    clock.turn(timedelta(seconds=1))
    assert isinstance((await crawl_now(site.url("/other")))["source"], Read)


async def test_every_request_to_a_host_is_counted_with_how_it_ended(
    site: Site, desk: MemoryDesk, clock: Clock, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages |= {"/feed": site.feed("/1", "/gone", "/moved"), "/1": "x" * 1000}
    site.pages |= {"/moved": reply(status=302, headers={"Location": "/1"}), "/broken": reply(status=500)}
    await crawl_now(site.url("/feed"), site.url("/broken"))
    counted = total(desk.requests)
    assert counted.host == site.url()
    assert counted.day == clock.now.date()
    assert counted.requests == len(site.asked(robots=True)) == 7
    assert counted.failed == 3  # robots.txt, /gone, /broken
    assert counted.bytes > 2 * 1000


async def test_a_304_is_counted_as_one(site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply) -> None:
    site.pages["/feed"] = reply(status=304)
    await crawl_now(site.url("/feed"))
    assert (total(desk.requests).requests, total(desk.requests).unmodified) == (2, 1)


def total(days: list[HostDay]) -> HostDay:
    first = days[0]
    sums = {name: sum(getattr(day, name) for day in days) for name in ("requests", "bytes", "unmodified", "failed")}
    return HostDay(host=first.host, day=first.day, **sums)


async def test_seventy_hosts_that_hang_do_not_delay_a_quick_one(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.fetch.limits.TIMEOUT_S", 4)
    hanging = [RawServer(keeps_silent(), on_connect=True) for _ in range(70)]
    for one in hanging:
        await one.start()
    crawl_now.allow_private = tuple(f"127.0.0.0/8:{one.port}" for one in (*hanging, site))
    site.pages |= {"/feed": site.feed("/1"), "/1": "one"}
    urls = [*(one.url("/feed") for one in hanging), site.url("/feed")]
    crawling = asyncio.ensure_future(crawl_now(*urls))
    await desk.ended["source-70"].wait()
    before_it = [name for name, ended in desk.ended.items() if ended.is_set() and name != "source-70"]
    outcomes = await crawling
    for one in hanging:
        await one.stop()
    assert before_it == []
    assert isinstance(outcomes["source-70"], Read)
    assert {type(outcome) for outcome in list(outcomes.values())[:70]} == {Failed}


async def test_who_stands_aside_needs_a_place_again_once_the_answer_is_there() -> None:
    room, arrived, log = Room(1, 1, most_bytes=9), asyncio.Event(), []

    async def slow() -> None:
        async with room.place() as place:
            log.append(await place.expect(answer()))

    async def answer() -> str:
        await arrived.wait()
        return "slow"

    waiting = asyncio.create_task(slow())
    await asyncio.sleep(0.01)
    async with room.place():  # free as soon as the slow one stands aside
        arrived.set()
        await asyncio.sleep(0.01)
        assert log == []
    await waiting
    assert log == ["slow"]


async def test_no_more_stand_aside_than_may() -> None:
    room, never = Room(1, 0, most_bytes=9), asyncio.Event()

    async def slow() -> None:
        async with room.place() as place:
            await place.expect(never.wait())

    waiting = asyncio.create_task(slow())
    await asyncio.sleep(0.01)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.8), room.place():
            pass
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(1), room.place():  # whoever gives up leaves the place
        pass


async def test_hosts_that_each_send_almost_as_much_as_they_may_do_not_fill_the_memory(
    crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.fetch.limits.BYTES_AT_ONCE", 24 * MIB)
    monkeypatch.setattr("crawler.fetch.limits.TIMEOUT_S", 6)
    hostile = [RawServer(slowly(9 * MIB, over_s=12)) for _ in range(60)]
    honest = RawServer(slowly(100_000, over_s=2))
    for one in (*hostile, honest):
        await one.start()
    crawl_now.allow_private = tuple(f"127.0.0.0/8:{one.port}" for one in (*hostile, honest))
    before = psutil.Process().memory_info().rss
    crawling = asyncio.ensure_future(crawl_now(*(one.url("/feed") for one in (*hostile, honest))))
    most = 0
    while not crawling.done():
        most = max(most, psutil.Process().memory_info().rss - before)
        await asyncio.sleep(0.05)
    outcomes = list((await crawling).values())
    for one in (*hostile, honest):
        await one.stop()
    assert most < 120 * MIB  # half of what they send would be 270
    assert isinstance(outcomes[-1], Read)
    sent_away = [one for one in outcomes[:-1] if isinstance(one, Failed) and one.kind == "no-room"]
    assert len(sent_away) > 30
    assert sent_away[0].reason == "too many large answers at the same time"
    assert not sent_away[0].permanent
    assert crawl_now.pace().room.received_bytes == 0


def slowly(size: int, *, over_s: float) -> Speech:
    feed = b"<rss><channel><item><link>https://a.example/</link></item></channel></rss>"

    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + feed)
        piece = b" " * ((size - len(feed)) // 100)
        for _ in range(100):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(over_s / 100)
        writer.write(b" " * (size - len(feed) - 100 * len(piece)))
        await writer.drain()

    return speak
