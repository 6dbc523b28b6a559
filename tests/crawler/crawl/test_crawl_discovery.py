"""What a site is read by is found with few requests, remembered with its kind, and looked for again when it is gone."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from crawler.desk import Assignment
from crawler.domain import Failed, NotModified, Read, Source

if TYPE_CHECKING:
    from stand_ins.crawl import Crawl, MemoryDesk, Reply, Site

    from crawler.domain import FetchOutcome


def source(site: Site) -> Source:
    return Source(id="source", url=site.url("/"), name="source")


def again(site: Site, outcome: FetchOutcome) -> Assignment:
    assert isinstance(outcome, Read)
    return Assignment(
        source=source(site),
        feed_url=outcome.feed_url,
        found_kind=outcome.found_kind,
        validators=outcome.validators,
        memory=outcome.memory,
    )


def path(number: int) -> str:
    return f"/2026/11/28/{number}-ships-delayed-by-fog"


def front(*numbers: int) -> str:
    return "".join(f'<p><a href="{path(n)}">{n} ships were delayed by fog</a></p>' for n in numbers)


def news_sitemap(site: Site, *numbers: int) -> str:
    news = "<news:news><news:title>Fog</news:title></news:news>"
    return f"<urlset>{''.join(f'<url><loc>{site.url(path(n))}</loc>{news}</url>' for n in numbers)}</urlset>"


STORIES = dict.fromkeys(map(path, range(10, 20)), "fog")


async def test_the_news_sitemap_of_robots_txt_is_found_and_remembered_as_such(
    site: Site, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    site.pages |= {
        "/robots.txt": f"Sitemap: javascript:x\nSitemap: {site.url('/all.xml')}\nSitemap: {site.url('/news.xml')}",
        "/": "<p>Welcome</p>",
        "/news.xml": news_sitemap(site, 10, 11),
        **STORIES,
    }
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert (outcome.feed_url, outcome.found_kind) == (site.url("/news.xml"), "sitemap")
    assert site.asked()[:2] == ["/", "/news.xml"], "what is named comes before what is guessed"
    assert len(desk.articles) == 2
    site.hits.clear()
    second = (await crawl_now(again(site, outcome)))["source"]
    assert site.asked() == ["/news.xml"]
    assert second.found_kind == "sitemap"


async def test_a_site_that_has_nothing_else_is_read_by_its_front_page(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages |= {
        "/": reply(text=front(*range(10, 16)), content_type="text/html", headers={"ETag": '"v1"'}),
        **STORIES,
    }
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert (outcome.feed_url, outcome.found_kind, outcome.entries) == (None, "section", 6)
    assert len(desk.articles) == 6
    assert len([one for one in site.asked() if one not in STORIES]) <= 12
    site.hits.clear()
    site.pages["/"] = reply(status=304)
    assert (await crawl_now(again(site, outcome)))["source"] == NotModified()
    assert site.asked() == ["/"]


async def test_a_stale_feed_gives_way_to_a_news_sitemap(site: Site, crawl_now: Crawl) -> None:
    old = "<item><title>Old</title><link>/old</link><pubDate>Tue, 01 Jan 2019 00:00:00 GMT</pubDate></item>"
    site.pages |= {
        "/robots.txt": f"Sitemap: {site.url('/news.xml')}",
        "/": '<link rel="alternate" type="application/rss+xml" href="/rss">',
        "/rss": site.feed(extra=old),
        "/news.xml": news_sitemap(site, 10),
        "/old": "old",
        **STORIES,
    }
    assert (await crawl_now(Assignment(source=source(site))))["source"].feed_url == site.url("/news.xml")


async def test_a_good_feed_ends_the_search(site: Site, crawl_now: Crawl) -> None:
    fresh = f"<item><title>New</title><link>/n</link><pubDate>{format_datetime(crawl_now.clock())}</pubDate></item>"
    site.pages |= {
        "/robots.txt": f"Sitemap: {site.url('/news.xml')}",
        "/": "".join(f'<link rel="alternate" type="application/rss+xml" href="{href}">' for href in ("/a", "/b")),
        "/a": site.feed(extra=fresh),
        "/n": "new",
    }
    assert (await crawl_now(Assignment(source=source(site))))["source"].found_kind == "feed"
    assert site.asked() == ["/", "/a", "/n"]


async def test_a_feed_that_only_the_body_links_to_is_found(site: Site, crawl_now: Crawl) -> None:
    site.pages |= {
        "/": '<a href="/services/rss.php">Subscribe</a>',
        "/services/rss.php": site.feed("/1"),
        "/1": "1",
    }
    assert (await crawl_now(Assignment(source=source(site))))["source"].feed_url == site.url("/services/rss.php")


async def test_the_address_of_a_sitemap_needs_no_type(site: Site, desk: MemoryDesk, crawl_now: Crawl) -> None:
    site.pages |= {"/": news_sitemap(site, 10), **STORIES}
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert (outcome.found_kind, outcome.feed_url) == ("sitemap", None)
    assert len(desk.articles) == 1


@pytest.mark.parametrize("found_kind", ["feed", "sitemap", "section"])
async def test_what_is_gone_is_looked_for_again_whatever_it_was(
    site: Site, crawl_now: Crawl, reply: Reply, found_kind: str
) -> None:
    site.pages |= {
        "/old": reply(status=404),
        "/": '<link rel="alternate" type="application/rss+xml" href="/new">',
        "/new": site.feed("/1"),
        "/1": "1",
    }
    one = Assignment(source=source(site), feed_url=site.url("/old"), found_kind=found_kind)
    outcome = (await crawl_now(one))["source"]
    assert (outcome.feed_url, outcome.found_kind) == (site.url("/new"), "feed")


async def test_while_the_named_feed_is_out_of_reach_the_front_page_does_and_nothing_is_remembered(
    site: Site, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages |= {
        "/": f'<link rel="alternate" type="application/rss+xml" href="/feed">{front(*range(10, 16))}',
        "/feed": reply(status=502),
        **STORIES,
    }
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert (outcome.entries, outcome.feed_url, outcome.found_kind) == (6, None, None)
    assert outcome.remark == "what the site names could not be read (HTTP 502), so its section was"


async def test_a_firewall_that_forbids_every_guess_hides_no_front_page(
    site: Site, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages |= {"/": front(*range(10, 16)), **STORIES}
    for guess in ("/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/sitemap.xml"):
        site.pages[guess] = reply(status=403)
    assert (await crawl_now(Assignment(source=source(site))))["source"].found_kind == "section"


async def test_a_page_with_few_links_is_no_section(site: Site, crawl_now: Crawl) -> None:
    site.pages |= {"/": front(10, 11), **STORIES}
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert isinstance(outcome, Failed)
    assert outcome.permanent
