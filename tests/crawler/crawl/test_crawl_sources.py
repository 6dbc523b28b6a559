"""Reading sources: feeds, sites whose feed is found, what is asked again and what is not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from crawler.desk import Assignment
from crawler.domain import Entry, Failed, NotModified, Read, Source, Validators
from crawler.extract.pool import ExtractionPool

if TYPE_CHECKING:
    from stand_ins.crawl import Crawl, MemoryDesk, NewSite, Reply, Site


async def test_every_page_that_a_feed_names_is_fetched_and_kept(site: Site, desk: MemoryDesk, crawl_now: Crawl) -> None:
    site.pages |= {"/feed": site.feed("/1", "/2"), "/1": "one", "/2": "two"}
    outcomes = await crawl_now(site.url("/feed"))
    assert outcomes == {"source": Read(entries=2, new=2, validators=Validators())}
    assert {url: article.text for url, article in desk.articles.items()} == {
        site.url("/1"): "one",
        site.url("/2"): "two",
    }
    assert desk.names() == ["discovered", "fetched", "fetched", "finished"]


async def test_the_user_agent_says_who_we_are_and_whom_to_ask(site: Site, crawl_now: Crawl) -> None:
    site.pages |= {"/feed": site.feed()}
    await crawl_now(site.url("/feed"))
    assert {hit.headers["User-Agent"] for hit in site.hits} == {"Newsvane/0.1 (+desk@example.org)"}
    assert not {"Cookie", "Referer", "Accept-Language"} & {name for hit in site.hits for name in hit.headers}


async def test_a_site_is_read_by_the_feed_that_it_declares(site: Site, desk: MemoryDesk, crawl_now: Crawl) -> None:
    site.pages |= {
        "/": '<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">'
        '<link rel="alternate" type="application/rss+xml" href="news.xml">',
        "/news.xml": site.feed("/1"),
        "/comments/feed": site.feed("/no"),
        "/1": "one",
    }
    outcomes = await crawl_now(site.url("/"))
    assert outcomes["source"].feed_url == site.url("/news.xml")
    assert site.asked() == ["/", "/news.xml", "/1"]
    assert list(desk.articles) == [site.url("/1")]


async def test_a_site_that_declares_no_feed_is_looked_for_in_the_usual_places(site: Site, crawl_now: Crawl) -> None:
    site.pages |= {"/": "<p>Welcome</p>", "/rss.xml": "<p>no feed here</p>", "/feed.xml": site.feed("/1"), "/1": "one"}
    outcomes = await crawl_now(site.url("/"))
    assert outcomes["source"].feed_url == site.url("/feed.xml")


async def test_a_feed_without_entries_is_passed_over_for_one_with_some(site: Site, crawl_now: Crawl) -> None:
    site.pages |= {"/": "<p>Welcome</p>", "/feed": site.feed(), "/rss": site.feed("/1"), "/1": "one"}
    assert (await crawl_now(site.url("/")))["source"].feed_url == site.url("/rss")


async def test_a_site_without_a_feed_fails_for_good_after_a_few_requests(site: Site, crawl_now: Crawl) -> None:
    site.pages["/"] = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{n}">' for n in range(50))
    outcome = (await crawl_now(site.url("/")))["source"]
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    assert "no feed found" in outcome.reason
    assert len(site.asked()) <= 12


async def test_a_search_for_a_feed_that_met_a_broken_server_is_not_over(
    site: Site, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages |= {"/": "<p>Welcome</p>", "/feed": reply(status=502)}
    outcome = (await crawl_now(site.url("/")))["source"]
    assert isinstance(outcome, Failed)
    assert not outcome.permanent


async def test_a_feed_that_was_found_once_is_asked_directly(site: Site, crawl_now: Crawl) -> None:
    site.pages |= {"/news.xml": site.feed("/1"), "/1": "one"}
    source = Source(id="source", url=site.url("/"), name="source")
    outcomes = await crawl_now(Assignment(source=source, feed_url=site.url("/news.xml")))
    assert site.asked() == ["/news.xml", "/1"]
    assert outcomes["source"].feed_url == site.url("/news.xml")


@pytest.mark.parametrize("gone", [404, 410, 200])
async def test_a_feed_that_is_gone_is_looked_for_again(site: Site, crawl_now: Crawl, reply: Reply, gone: int) -> None:
    site.pages |= {
        "/old": reply(status=gone, text="<p>This feed is no more</p>", content_type="text/html"),
        "/": '<link rel="alternate" type="application/atom+xml" href="/new">',
        "/new": site.feed("/1"),
        "/1": "one",
    }
    source = Source(id="source", url=site.url("/"), name="source")
    outcomes = await crawl_now(Assignment(source=source, feed_url=site.url("/old")))
    assert site.asked() == ["/old", "/", "/new", "/1"]
    assert outcomes["source"].feed_url == site.url("/new")


async def test_a_feed_that_fails_for_now_is_not_looked_for_elsewhere(
    site: Site, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages |= {"/old": reply(status=500), "/": site.feed("/1")}
    source = Source(id="source", url=site.url("/"), name="source")
    outcomes = await crawl_now(Assignment(source=source, feed_url=site.url("/old")))
    assert outcomes["source"] == Failed(reason="HTTP 500")
    assert site.asked() == ["/old"]


async def test_what_is_no_feed_though_its_source_says_so_fails_for_good(site: Site, crawl_now: Crawl) -> None:
    site.pages["/page"] = "<html><p>Hello</p></html>"
    outcomes = await crawl_now(Assignment(source=Source(id="source", url=site.url("/page"), name="s", type="feed")))
    assert outcomes["source"] == Failed(reason="not a feed: an HTML page", permanent=True, kind="not-a-feed")


async def test_an_unchanged_feed_costs_a_304_and_nothing_else(site: Site, desk: MemoryDesk, crawl_now: Crawl) -> None:
    async def feed(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"v1"':
            assert request.headers["If-Modified-Since"] == "Mon, 23 Nov 2026 08:00:00 GMT"
            return web.Response(status=304)
        headers = {"ETag": '"v1"', "Last-Modified": "Mon, 23 Nov 2026 08:00:00 GMT"}
        return web.Response(text=site.feed("/1"), headers=headers)

    site.pages |= {"/feed": feed, "/1": "one"}
    first = (await crawl_now(site.url("/feed")))["source"]
    assert first.validators == Validators(etag='"v1"', last_modified="Mon, 23 Nov 2026 08:00:00 GMT")
    source = Source(id="source", url=site.url("/feed"), name="source")
    second = await crawl_now(Assignment(source=source, validators=first.validators))
    assert second == {"source": NotModified()}
    assert site.asked() == ["/feed", "/1", "/feed"]
    assert desk.names() == ["discovered", "fetched", "finished", "finished"]


async def test_a_304_that_nobody_asked_for_is_no_success(site: Site, crawl_now: Crawl, reply: Reply) -> None:
    site.pages["/feed"] = reply(status=304)
    assert isinstance((await crawl_now(site.url("/feed")))["source"], Failed)


async def test_where_a_feed_says_it_moved_for_good_is_told(site: Site, crawl_now: Crawl, reply: Reply) -> None:
    site.pages |= {"/old": reply(status=301, headers={"Location": "/new"}), "/new": site.feed()}
    read = (await crawl_now(site.url("/old")))["source"]
    assert (read.moved_to, read.feed_url) == (site.url("/new"), None)


async def test_where_a_feed_is_for_now_is_not_remembered(site: Site, crawl_now: Crawl, reply: Reply) -> None:
    site.pages |= {
        "/old": reply(status=301, headers={"Location": "/mid"}),
        "/mid": reply(status=302, headers={"Location": "/new"}),
        "/new": site.feed(),
    }
    read = (await crawl_now(site.url("/old")))["source"]
    assert (read.moved_to, read.feed_url) == (None, None)


async def test_what_a_feed_says_of_its_rhythm_is_told(site: Site, crawl_now: Crawl, reply: Reply) -> None:
    dated = "<item><title>A</title><link>/a</link><pubDate>Mon, 23 Nov 2026 06:00:00 GMT</pubDate></item>"
    body = site.feed(extra=f"<ttl>90</ttl>{dated}")
    site.pages["/feed"] = reply(text=body, headers={"Cache-Control": "public, max-age=600"})
    read = (await crawl_now(site.url("/feed")))["source"]
    assert (read.pause, read.dates) == (timedelta(minutes=90), (datetime(2026, 11, 23, 6, tzinfo=UTC),))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param({"status": 404}, "http-404", id="missing"),
        pytest.param({"status": 410}, "http-410", id="gone"),
        pytest.param({"status": 502}, "http-5xx", id="server"),
        pytest.param({"status": 403}, "http-403", id="refused"),
        pytest.param({"status": 302, "headers": {"Location": "/feed"}}, "redirects", id="in-circles"),
        pytest.param({"text": "<p>hello"}, "not-a-feed", id="a-page"),
    ],
)
async def test_a_failure_has_one_word_for_its_kind(
    site: Site, crawl_now: Crawl, reply: Reply, answer: dict[str, Any], kind: str
) -> None:
    site.pages["/feed"] = reply(**answer)
    source = Source(id="source", url=site.url("/feed"), name="", type="feed")
    assert (await crawl_now(Assignment(source=source)))["source"].kind == kind


async def test_a_page_is_known_by_the_address_that_redirects_lead_to(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages |= {
        "/feed": site.feed("/moved?utm_source=rss&amp;id=7"),
        "/moved?id=7": reply(status=301, headers={"Location": "/news/7?utm_medium=feed"}),
        "/news/7?utm_medium=feed": "seven",
    }
    await crawl_now(site.url("/feed"))
    assert list(desk.articles) == [site.url("/news/7")]
    assert desk.calls[1] == ("fetched", "source", site.url("/moved?id=7"))


async def test_a_link_is_fetched_as_its_feed_spelled_it_and_known_by_its_canonical_spelling(
    site: Site, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    site.pages |= {"/feed": site.feed("/caf%c3%a9"), "/caf%c3%a9": "coffee"}
    await crawl_now(site.url("/feed"))
    assert list(desk.articles) == [site.url("/caf%C3%A9")]


async def test_a_page_that_failed_is_fetched_when_it_waits(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages |= {"/feed": site.feed("/1", "/2"), "/1": reply(status=503), "/2": "two"}
    await crawl_now(site.url("/feed"))
    assert str(desk.failures[site.url("/1")]) == "HTTP 503"
    site.pages["/1"] = "one at last"
    waiting = (Entry(link=site.url("/1"), title="About /1"),)
    source = Source(id="source", url=site.url("/feed"), name="source")
    await crawl_now(Assignment(source=source, waiting=waiting))
    assert desk.articles[site.url("/1")].text == "one at last"
    assert site.asked().count("/2") == 1


async def test_of_a_page_that_is_gone_what_the_feed_said_is_kept(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages |= {"/feed": site.feed("/1", "/2"), "/1": reply(status=410), "/2": reply(status=503)}
    await crawl_now(site.url("/feed"))
    (kept,) = desk.articles.values()
    assert (kept.url, kept.title, kept.text) == (site.url("/1"), "About /1", "")
    assert "unreachable" in kept.flags
    assert site.url("/2") not in desk.articles, "that one is tried again"


async def test_what_waits_is_fetched_though_the_source_fails(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages |= {"/feed": reply(status=500), "/1": "one"}
    source = Source(id="source", url=site.url("/feed"), name="source")
    outcomes = await crawl_now(Assignment(source=source, waiting=(Entry(link=site.url("/1")),)))
    assert isinstance(outcomes["source"], Failed)
    assert desk.names() == ["fetched", "finished"]


async def test_an_endless_feed_costs_a_run_no_more_than_the_budget_of_pages(
    site: Site, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="page", content_type="text/html")

    links = [f"/{number}" for number in range(10_050)]
    site.pages |= {"/feed": site.feed(*links)} | dict.fromkeys(links, page)
    outcomes = await crawl_now(site.url("/feed"))
    assert outcomes["source"] == Read(entries=10_000, new=10_000)
    assert len(desk.articles) == 500


async def test_a_link_that_is_no_address_of_the_web_is_dropped(site: Site, desk: MemoryDesk, crawl_now: Crawl) -> None:
    site.pages |= {
        "/feed": site.feed("file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "/1"),
        "/1": "one",
    }
    outcomes = await crawl_now(site.url("/feed"))
    assert outcomes["source"].entries == 1
    assert list(desk.articles) == [site.url("/1")]


async def test_what_is_no_page_is_kept_by_what_its_feed_said(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages |= {
        "/feed": site.feed("/report.pdf"),
        "/report.pdf": reply(body=b"%PDF-1.7 \x00\x01", content_type="application/pdf"),
    }
    await crawl_now(site.url("/feed"))
    article = desk.articles[site.url("/report.pdf")]
    assert (article.title, article.text) == ("About /report.pdf", "")


async def test_sources_are_done_when_they_are_done_and_not_when_the_batch_is(
    site: Site, new_site: NewSite, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    slow, gate = await new_site(), asyncio.Event()

    async def late(_: web.Request) -> web.Response:
        await gate.wait()
        return web.Response(text=slow.feed())

    slow.pages["/feed"] = late
    site.pages |= {"/feed": site.feed("/1"), "/1": "one"}
    crawling = asyncio.ensure_future(crawl_now(slow.url("/feed"), site.url("/feed")))
    async with asyncio.timeout(5):
        await desk.ended["source-1"].wait()
    assert "source" not in desk.outcomes
    gate.set()
    assert set(await crawling) == {"source", "source-1"}


def whole_articles(site: Site, *paths: str) -> str:
    """Return a feed that carries its articles."""
    text = "".join(
        f"&lt;p&gt;The council of Newtown voted on part {n} of its tram line on Tuesday.&lt;/p&gt;" for n in range(40)
    )
    return site.feed(
        extra="".join(
            f"<item><title>About {path}</title><link>{path}</link><description>{text}</description></item>"
            for path in paths
        )
    )


async def test_a_feed_that_carries_its_articles_is_all_that_is_asked_for(
    site: Site, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    site.pages["/feed"] = whole_articles(site, "/1", "/2", "/3")
    async with ExtractionPool(1) as pool:
        crawl_now.extract = pool.extract
        await crawl_now(site.url("/feed"))
    assert site.asked() == ["/feed"]
    articles = [desk.articles[site.url(path)] for path in ("/1", "/2", "/3")]
    assert all(article.text.count("part") == 40 and article.flags == {"feed-text"} for article in articles)


async def test_where_what_a_feed_carries_holds_no_text_the_page_is_fetched(
    site: Site, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    site.pages |= {"/feed": whole_articles(site, "/1", "/2", "/3"), "/1": "one", "/2": "two", "/3": "three"}
    await crawl_now(site.url("/feed"))  # whose extraction finds none in what was not fetched
    assert site.asked() == ["/feed", "/1", "/2", "/3"]
    assert desk.articles[site.url("/1")].text == "one"
