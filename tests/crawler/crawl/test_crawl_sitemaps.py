"""Reading sitemaps over HTTP: indexes within a budget, history remembered and not fetched, 304s."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from crawler.desk import Assignment
from crawler.domain import Failed, NotModified, Read, Source, Validators

if TYPE_CHECKING:
    from stand_ins.crawl import Crawl, MemoryDesk, Reply, Site
    from stand_ins.newsroom import Clock

DAY = timedelta(days=1)


def source(site: Site, path: str = "/sitemap.xml") -> Source:
    return Source(id="source", url=site.url(path), name="source", type="sitemap")


def urlset(site: Site, *paths: str, date: str = "") -> str:
    lastmod = f"<lastmod>{date}</lastmod>" if date else ""
    return f"<urlset>{''.join(f'<url><loc>{site.url(path)}</loc>{lastmod}</url>' for path in paths)}</urlset>"


def index(site: Site, *paths: str, date: str = "") -> str:
    lastmod = f"<lastmod>{date}</lastmod>" if date else ""
    maps = "".join(f"<sitemap><loc>{site.url(path)}</loc>{lastmod}</sitemap>" for path in paths)
    return f"<sitemapindex>{maps}</sitemapindex>"


async def test_every_page_that_a_news_sitemap_lists_is_fetched(site: Site, desk: MemoryDesk, crawl_now: Crawl) -> None:
    news = "<news:news><news:title>The harbour</news:title></news:news>"
    site.pages |= {"/sitemap.xml": f"<urlset><url><loc>{site.url('/1')}</loc>{news}</url></urlset>", "/1": "one"}
    outcomes = await crawl_now(Assignment(source=source(site)))
    assert outcomes["source"] == Read(entries=1, new=1, validators=Validators())
    assert desk.articles[site.url("/1")].title == "The harbour"


async def test_a_packed_sitemap_is_read_whatever_its_headers_say(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply
) -> None:
    packed = gzip.compress(urlset(site, "/1").encode())
    twice = reply(body=packed, headers={"Content-Encoding": "gzip", "Content-Type": "application/x-gzip"})
    for answer in (reply(body=packed, content_type="text/html"), twice):
        site.pages |= {"/map.gz": answer, "/1": "one"}
        desk.links.clear()
        assert (await crawl_now(Assignment(source=source(site, "/map.gz"))))["source"].entries == 1


async def test_an_index_is_followed_newest_first_and_within_a_budget(
    site: Site, crawl_now: Crawl, clock: Clock
) -> None:
    days = [(f"/{n}.xml", (clock() - n * DAY / 10).isoformat()) for n in range(30)]
    maps = "".join(f"<sitemap><loc>{site.url(path)}</loc><lastmod>{date}</lastmod></sitemap>" for path, date in days)
    site.pages["/sitemap.xml"] = f"<sitemapindex>{maps}</sitemapindex>"
    site.pages |= {path: urlset(site) for path, _ in days}
    await crawl_now(Assignment(source=source(site)))
    assert site.asked() == ["/sitemap.xml", *(f"/{n}.xml" for n in range(10))]


async def test_an_index_of_indexes_without_end_ends(site: Site, crawl_now: Crawl) -> None:
    async def endless(request: web.Request) -> web.Response:
        return web.Response(text=index(site, *(f"{request.path}{n}.xml" for n in range(3))))

    for path in ("/sitemap.xml", *(f"/sitemap.xml{n}.xml" for n in range(3))):
        site.pages[path] = endless
        site.pages |= {f"{path}{n}.xml": endless for n in range(3)}
    outcomes = await crawl_now(Assignment(source=source(site)))
    assert outcomes["source"].entries == 0
    assert len(site.asked()) <= 11


async def test_one_broken_sitemap_of_an_index_costs_none_of_the_others(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply, clock: Clock
) -> None:
    site.pages |= {
        "/sitemap.xml": reply(
            text=index(site, "/broken.xml", "/good.xml", date=clock().isoformat()), headers={"ETag": '"v1"'}
        ),
        "/broken.xml": reply(status=404),
        "/good.xml": urlset(site, "/1"),
        "/1": "one",
    }
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert (outcome.entries, list(desk.articles)) == (1, [site.url("/1")])
    assert outcome.validators == Validators(), "the broken one is asked for again"


async def test_an_index_whose_sitemaps_all_fail_fails(site: Site, crawl_now: Crawl, reply: Reply) -> None:
    site.pages |= {"/sitemap.xml": index(site, "/a.xml", "/b.xml"), "/a.xml": reply(status=503)}
    assert (await crawl_now(Assignment(source=source(site))))["source"] == Failed(reason="HTTP 503")


async def test_history_is_remembered_and_never_fetched(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, clock: Clock
) -> None:
    old = [f"/old{n}" for n in range(200)]
    site.pages |= {"/sitemap.xml": urlset(site, *old, date="2019-01-01")} | dict.fromkeys(old, "page")
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert (outcome.entries, len(desk.articles)) == (50, 50)
    # the site changes its layout, and with it every date
    site.pages["/sitemap.xml"] = urlset(site, *old, date=clock().isoformat()).replace(
        "</urlset>", f"<url><loc>{site.url('/new')}</loc></url></urlset>"
    )
    site.pages["/new"] = "new"
    outcome = (await crawl_now(Assignment(source=source(site), read_at=clock())))["source"]
    assert outcome.new == 1
    assert len(desk.articles) == 51


async def test_an_unchanged_sitemap_costs_a_304(site: Site, crawl_now: Crawl, reply: Reply) -> None:
    site.pages["/sitemap.xml"] = reply(text=urlset(site), headers={"ETag": '"v1"'})
    first = (await crawl_now(Assignment(source=source(site))))["source"]
    assert first.validators.etag == '"v1"'
    site.pages["/sitemap.xml"] = reply(status=304)
    second = await crawl_now(Assignment(source=source(site), validators=first.validators))
    assert second["source"] == NotModified()


async def test_an_index_without_dates_is_always_read(site: Site, crawl_now: Crawl, reply: Reply) -> None:
    site.pages["/sitemap.xml"] = reply(text=index(site, "/a.xml"), headers={"ETag": '"v1"'})
    site.pages["/a.xml"] = urlset(site)
    assert (await crawl_now(Assignment(source=source(site))))["source"].validators == Validators()


async def test_a_sitemap_that_declares_entities_is_refused(site: Site, desk: MemoryDesk, crawl_now: Crawl) -> None:
    bomb = f'<!DOCTYPE x [<!ENTITY a "{site.url("/1")}">]><urlset><url><loc>&a;</loc></url></urlset>'
    site.pages["/sitemap.xml"] = bomb
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    assert not desk.articles


async def test_what_is_no_sitemap_though_its_source_says_so_fails_for_good(site: Site, crawl_now: Crawl) -> None:
    site.pages["/sitemap.xml"] = "<html><p>Hello</p></html>"
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert outcome == Failed(reason="not a sitemap", permanent=True)
