"""Whatever the web sends, the event loop is not kept from its other work over 100 ms."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from stand_ins.stalls import watched_loop

from crawler.desk import Assignment
from crawler.domain import Source
from crawler.lanes import Lanes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stand_ins.crawl import Crawl, Site

    from crawler.domain import SourceType

LONGEST_S = 0.1
pytestmark = pytest.mark.slow


def an_index(site: Site) -> str:
    maps = "".join(f"<sitemap><loc>{site.url(f'/map-{n}-2026-11.xml')}</loc></sitemap>" for n in range(50_000))
    return f"<sitemapindex>{maps}</sitemapindex>"


def a_feed(site: Site) -> str:
    return site.feed(*(f"/{n}" for n in range(12_000)))


def an_odd_charset(_: Site) -> bytes:
    return b"<p>\xe9\xe8 " * 1_200_000


def a_doctype_without_end(_: Site) -> str:
    return "<!DOCTYPE " + "a'b' " * 1_800_000


def many_links(_: Site) -> str:
    return "<html><body>" + "".join(f"<h2><a href='/2026/11/{n}-fog'>Fog again</a></h2>" for n in range(80_000))


@pytest.fixture(autouse=True)
def without_the_garbage_of_other_tests() -> Iterator[None]:
    gc.collect()
    gc.freeze()  # as the service does
    yield
    gc.unfreeze()


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (an_index, "sitemap"),
        (a_feed, "feed"),
        (a_feed, "auto"),
        (an_odd_charset, "auto"),
        (a_doctype_without_end, "auto"),
        (many_links, "section"),
        (many_links, "auto"),
    ],
)
async def test_the_loop_goes_on(
    site: Site, crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch, make: Callable[[Site], str | bytes], kind: SourceType
) -> None:
    monkeypatch.setattr("crawler.allowance.PAGES", 5)
    source = Source(id="source", url=site.url("/front"), name="source", type=kind)
    async with Lanes() as lanes:
        crawl_now.parse = lanes.call
        await crawl_now(Assignment(source=replace(source, id="first")))  # what is loaded only now
        site.pages["/front"] = made if isinstance(made := make(site), bytes) else made.encode()
        with watched_loop() as stalls:
            await crawl_now(Assignment(source=source))
    assert site.asked().count("/front") == 2
    assert stalls.longest_s < LONGEST_S
