"""How the crawl behaves as a guest: robots.txt, one request at a time, delays, Retry-After."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from crawler.desk import Assignment
from crawler.domain import Failed, Read, Source
from crawler.errors import ForbiddenFetchError, TemporaryFetchError

if TYPE_CHECKING:
    from stand_ins.crawl import Crawl, Handler, MemoryDesk, NewSite, Reply, Site
    from stand_ins.newsroom import Clock

HTML = "<!DOCTYPE html><html><body>Disallow: /\nUser-agent: *\nDisallow: /\n</body></html>"


def robots(text: str = "", **kwargs: Any) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, **kwargs)

    return answer


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [
        pytest.param(robots(status=503), False, id="F07-503"),
        pytest.param(robots(status=500), False, id="F07-500"),
        pytest.param(robots(status=429), False, id="F07-429"),
        pytest.param(robots(status=404), True, id="F07-404"),
        pytest.param(robots(status=403), True, id="F07-403"),
        pytest.param(robots(HTML, content_type="text/html"), True, id="F07-html"),
        pytest.param(robots("User-agent: *\nDisallow: /"), False, id="disallowed"),
        pytest.param(robots("User-agent: newsvane\nDisallow: /\n\nUser-agent: *\nAllow: /"), False, id="us-by-name"),
        pytest.param(robots("User-agent: *\nDisallow: /\n\nUser-agent: Newsvane\nAllow: /"), True, id="all-but-us"),
        pytest.param(robots("\ufeffUser-agent: *\nDisallow: /"), False, id="byte-order-mark"),
        pytest.param(robots("\x00\xff\n" * 99), True, id="rubbish"),
    ],
)
async def test_robots_txt_says_whether_a_source_is_read(
    site: Site, crawl_now: Crawl, answer: Handler, *, allowed: bool
) -> None:
    site.pages |= {"/robots.txt": answer, "/feed": site.feed()}
    outcome = (await crawl_now(site.url("/feed")))["source"]
    assert isinstance(outcome, Read if allowed else Failed)
    assert site.asked() == (["/feed"] if allowed else [])


async def test_a_host_whose_robots_txt_never_comes_is_left_alone_for_now(
    site: Site, crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.fetch.limits.TIMEOUT_S", 1)
    gate = asyncio.Event()

    async def never(_: web.Request) -> web.Response:
        await gate.wait()
        return web.Response()

    site.pages |= {"/robots.txt": never, "/feed": site.feed()}
    outcome = (await crawl_now(site.url("/feed")))["source"]
    gate.set()
    assert outcome == Failed(reason="robots.txt cannot be read: no complete answer within 1 s")
    assert site.asked() == []


async def test_a_dead_host_fails_for_now(site: Site, crawl_now: Crawl) -> None:
    url = site.url("/feed")
    await site.stop()
    outcome = (await crawl_now(url))["source"]
    assert outcome == Failed(reason="robots.txt cannot be read: the host cannot be reached: it refuses connections")


async def test_a_page_that_robots_txt_forbids_is_never_asked_for(
    site: Site, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    site.pages |= {
        "/robots.txt": "User-agent: *\nDisallow: /private/\nDisallow: /*?print=",
        "/feed": site.feed("/private/1", "/2?print=1", "/2"),
        "/2": "two",
    }
    await crawl_now(site.url("/feed"))
    assert site.asked() == ["/feed", "/2"]
    assert {type(error) for error in desk.failures.values()} == {ForbiddenFetchError}


async def test_a_redirect_does_not_lead_around_robots_txt(
    site: Site, new_site: NewSite, desk: MemoryDesk, crawl_now: Crawl, reply: Reply
) -> None:
    other = await new_site()
    other.pages |= {"/robots.txt": "User-agent: *\nDisallow: /", "/1": "secret"}
    site.pages |= {"/feed": site.feed("/1"), "/1": reply(status=302, headers={"Location": other.url("/1")})}
    await crawl_now(site.url("/feed"))
    assert other.asked() == []
    assert isinstance(desk.failures[site.url("/1")], ForbiddenFetchError)


async def test_a_robots_txt_that_moved_is_followed(
    site: Site, new_site: NewSite, crawl_now: Crawl, reply: Reply
) -> None:
    other = await new_site()
    other.pages["/rules"] = "User-agent: *\nDisallow: /"
    site.pages |= {"/robots.txt": reply(status=301, headers={"Location": other.url("/rules")}), "/feed": site.feed()}
    assert isinstance((await crawl_now(site.url("/feed")))["source"], Failed)


async def test_a_robots_txt_that_leads_in_circles_is_none(site: Site, crawl_now: Crawl, reply: Reply) -> None:
    site.pages |= {"/robots.txt": reply(status=301, headers={"Location": "/robots.txt"}), "/feed": site.feed()}
    assert isinstance((await crawl_now(site.url("/feed")))["source"], Read)
    assert site.asked(robots=True).count("/robots.txt") == 6


async def test_only_the_first_500_kib_of_a_robots_txt_count(site: Site, crawl_now: Crawl) -> None:
    filler = "# nothing\n" * 60_000
    site.pages |= {"/robots.txt": f"User-agent: *\nAllow: /\n{filler}Disallow: /\n", "/feed": site.feed()}
    assert isinstance((await crawl_now(site.url("/feed")))["source"], Read)


async def test_robots_txt_is_read_once_a_day(site: Site, desk: MemoryDesk, clock: Clock, crawl_now: Crawl) -> None:
    site.pages |= {"/robots.txt": "User-agent: *\nDisallow: /no", "/feed": site.feed()}
    for _ in range(2):
        await crawl_now(site.url("/feed"))
    assert site.asked(robots=True).count("/robots.txt") == 1
    crawl_now.politeness = None  # as after a restart: the desk still knows
    await crawl_now(site.url("/feed"))
    assert site.asked(robots=True).count("/robots.txt") == 1
    clock.turn(timedelta(hours=24))
    await crawl_now(site.url("/feed"))
    assert site.asked(robots=True).count("/robots.txt") == 2
    assert desk.kept_robots[site.url()].fetched_at == clock.now


async def test_a_robots_txt_that_failed_is_asked_again_before_the_source_is(
    site: Site, clock: Clock, crawl_now: Crawl
) -> None:
    site.pages |= {"/robots.txt": robots(status=503), "/feed": site.feed()}
    assert isinstance((await crawl_now(site.url("/feed")))["source"], Failed)
    site.pages["/robots.txt"] = "User-agent: *\nAllow: /"
    clock.turn(timedelta(minutes=15))
    assert isinstance((await crawl_now(site.url("/feed")))["source"], Read)


def gaps(site: Site) -> list[float]:
    hits = sorted(site.hits, key=lambda hit: hit.started)
    return [later.started - earlier.started for earlier, later in pairwise(hits)]


async def test_between_two_requests_to_a_host_there_is_the_delay(site: Site, crawl_now: Crawl) -> None:
    site.pages |= {"/feed": site.feed("/1", "/2", "/3"), "/1": "1", "/2": "2", "/3": "3"}
    crawl_now.delay = timedelta(seconds=0.2)
    await crawl_now(site.url("/feed"))
    assert len(site.hits) == 5
    assert min(gaps(site)) > 0.195


async def test_a_crawl_delay_longer_than_ours_is_kept(site: Site, crawl_now: Crawl) -> None:
    site.pages |= {"/robots.txt": "User-agent: *\nCrawl-delay: 0.3", "/feed": site.feed("/1"), "/1": "1"}
    crawl_now.delay = timedelta(seconds=0.1)
    await crawl_now(site.url("/feed"))
    assert gaps(site)[1] > 0.295


async def test_two_crawls_at_once_take_turns_at_a_host(site: Site, new_site: NewSite, crawl_now: Crawl) -> None:
    other = await new_site()
    for one in (site, other):

        async def page(_: web.Request) -> web.Response:
            await asyncio.sleep(0.05)
            return web.Response(text="page", content_type="text/html")

        one.pages |= {"/feed": one.feed("/1", "/2"), "/more": one.feed("/3", "/4")}
        one.pages |= dict.fromkeys(["/1", "/2", "/3", "/4"], page)
    crawl_now.delay = timedelta(seconds=0.1)
    crawl_now.pace()
    both = (site.url("/feed"), other.url("/feed")), (site.url("/more"), other.url("/more"))
    await asyncio.gather(*(crawl_now(*urls) for urls in both))
    for one in (site, other):
        assert one.most_at_once == 1
        assert sorted(one.asked()) == ["/1", "/2", "/3", "/4", "/feed", "/more"]
        assert min(gaps(one)) > 0.095


async def test_hosts_do_not_wait_for_each_other(new_site: NewSite, crawl_now: Crawl) -> None:
    many = [await new_site() for _ in range(8)]
    together = asyncio.Barrier(len(many))

    async def feed(_: web.Request) -> web.Response:
        await together.wait()  # nobody goes on before all are here
        return web.Response(text=many[0].feed())

    for one in many:
        one.pages["/feed"] = feed
    async with asyncio.timeout(10):
        outcomes = await crawl_now(*(one.url("/feed") for one in many))
    assert {type(outcome) for outcome in outcomes.values()} == {Read}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("spelled", ["seconds", "date"])
async def test_a_host_that_asks_us_to_stay_away_is_not_hit_before_its_time(
    site: Site, clock: Clock, crawl_now: Crawl, reply: Reply, status: int, spelled: str
) -> None:
    asked = "3600" if spelled == "seconds" else format_datetime(clock.now + timedelta(hours=1))
    site.pages |= {"/feed": reply(status=status, headers={"Retry-After": asked}), "/other": site.feed()}
    outcome = (await crawl_now(site.url("/feed")))["source"]
    assert outcome == Failed(reason=f"HTTP {status}", retry_after=timedelta(hours=1))
    clock.turn(timedelta(minutes=59))
    outcome = (await crawl_now(site.url("/other")))["source"]
    assert isinstance(outcome, Failed)
    assert outcome.retry_after == timedelta(minutes=1)
    assert site.asked() == ["/feed"]
    clock.turn(timedelta(minutes=1))
    assert isinstance((await crawl_now(site.url("/other")))["source"], Read)


@pytest.mark.parametrize("nonsense", ["soon", "-5", "1e9", "Wed, 21 Oct 2015 07:28:00 GMT", ""])
async def test_a_retry_after_that_makes_no_sense_is_no_retry_after(
    site: Site, crawl_now: Crawl, reply: Reply, nonsense: str
) -> None:
    site.pages["/feed"] = reply(status=503, headers={"Retry-After": nonsense})
    assert (await crawl_now(site.url("/feed")))["source"] == Failed(reason="HTTP 503")


async def test_a_429_keeps_the_rest_of_the_pages_for_later(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages["/feed"] = site.feed(*(f"/{number}" for number in range(6)))
    site.pages |= {f"/{number}": reply(status=429, headers={"Retry-After": "60"}) for number in range(6)}
    await crawl_now(site.url("/feed"))
    assert len(site.asked()) == 2
    assert len(desk.failures) == 6
    for error in desk.failures.values():
        assert isinstance(error, TemporaryFetchError)
        assert error.retry_after == timedelta(seconds=60)


async def test_a_page_is_fetched_in_the_turn_of_its_own_host(
    site: Site, new_site: NewSite, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    """An aggregator's feed names pages on many hosts: each is asked for its robots.txt, none waits for another."""
    many = [await new_site() for _ in range(3)]
    for one in many:
        one.pages["/1"] = "one"
    site.pages["/feed"] = site.feed(*(one.url("/1") for one in many))
    source = Source(id="source", url=site.url("/feed"), name="source")
    crawl_now.delay = timedelta(seconds=0.2)
    await crawl_now(Assignment(source=source))
    assert set(desk.articles) == {one.url("/1") for one in many}
    assert [one.asked(robots=True) for one in many] == [["/robots.txt", "/1"]] * 3
