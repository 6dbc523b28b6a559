"""Reading section pages over HTTP: their articles, the pages after the first, and what has no end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from crawler.desk import Assignment
from crawler.domain import Failed, NotModified, Read, Source

if TYPE_CHECKING:
    from stand_ins.crawl import Crawl, MemoryDesk, Reply, Site

    from crawler.domain import SourceType


def source(site: Site, pattern: str | None = None) -> Source:
    return Source(id="source", url=site.url("/world"), name="source", type="section", link_pattern=pattern)


def path(number: int) -> str:
    return f"/world/2026/{number}-ships-delayed-by-fog"


def section(*numbers: int, after: str = "") -> str:
    links = "".join(f'<li><a href="{path(n)}">{n} ships were delayed by fog</a></li>' for n in numbers)
    return f"<nav><a href='/sport'>Sport</a></nav><main><ul>{links}</ul>{after}</main>"


def articles(*numbers: int) -> dict[str, str]:
    return {path(number): "fog" for number in numbers}


async def test_the_articles_that_a_section_links_to_are_fetched(site: Site, desk: MemoryDesk, crawl_now: Crawl) -> None:
    site.pages |= {"/world": section(11, 12), **articles(11, 12)}
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert isinstance(outcome, Read)
    assert (outcome.entries, outcome.new, outcome.remark) == (2, 2, None)
    assert sorted(desk.articles) == [site.url(path(11)), site.url(path(12))]
    assert desk.articles[site.url(path(11))].title == "11 ships were delayed by fog"


async def test_a_list_is_read_on_for_as_long_as_it_brings_new_links(site: Site, crawl_now: Crawl) -> None:
    site.pages |= {
        "/world": section(11, 12, after='<a rel="next" href="/world?page=2">older</a>'),
        "/world?page=2": section(13, 14, after='<a rel="next" href="/world?page=3">older</a>'),
        "/world?page=3": section(13, 14, after='<a rel="next" href="/world?page=4">older</a>'),
        **articles(11, 12, 13, 14),
    }
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert (outcome.entries, outcome.remark) == (4, None)
    assert site.asked()[:3] == ["/world", "/world?page=2", "/world?page=3"]


async def test_only_what_is_new_on_top_is_read_the_next_time(site: Site, desk: MemoryDesk, crawl_now: Crawl) -> None:
    older = '<a rel="next" href="/world?page=2">older</a>'
    site.pages |= {"/world": section(11, 12, after=older), "/world?page=2": section(13, 14), **articles(*range(11, 20))}
    first = (await crawl_now(Assignment(source=source(site))))["source"]
    site.hits.clear()
    site.pages["/world"] = section(15, 11, 12, after=older)
    second = (await crawl_now(Assignment(source=source(site), memory=first.memory)))["source"]
    assert second.new == 1
    assert site.asked() == ["/world", path(15)]
    # more than a page of new ones at once: the list is read on until it meets what is known
    site.hits.clear()
    site.pages |= {"/world": section(17, 18, 19, after=older), "/world?page=2": section(16, 15, 11)}
    third = (await crawl_now(Assignment(source=source(site), memory=second.memory)))["source"]
    assert third.new == 4
    assert site.asked()[:2] == ["/world", "/world?page=2"]
    assert site.url(path(16)) in desk.articles


async def test_a_calendar_without_end_ends_within_the_budget_and_is_told_of(site: Site, crawl_now: Crawl) -> None:
    async def month(request: web.Request) -> web.Response:
        number = int(request.query.get("month", 0))
        page = section(100 + 2 * number, 101 + 2 * number, after=f'<a href="/world?month={number + 1}">Next</a>')
        return web.Response(text=page, content_type="text/html")

    site.pages |= {"/world": month, **articles(*range(100, 300))}
    site.pages |= {f"/world?month={n}": month for n in range(100)}
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert [one for one in site.asked() if one.startswith("/world?")] == [f"/world?month={n}" for n in range(1, 10)]
    assert outcome.entries == 20
    assert outcome.remark == "the list was cut off after 10 pages"


async def test_an_empty_calendar_without_end_ends_at_once(site: Site, crawl_now: Crawl) -> None:
    async def month(request: web.Request) -> web.Response:
        return web.Response(text=f'<a href="/world?month={request.query_string}1">Next</a>', content_type="text/html")

    site.pages |= {"/world": section(11, after='<a href="/world?month=1">Next</a>'), **articles(11)}
    site.pages |= {"/world?month=1": month, "/world?month=month=11": month}
    await crawl_now(Assignment(source=source(site)))
    assert site.asked() == ["/world", "/world?month=1", path(11)]


async def test_a_pattern_chooses_the_links(site: Site, desk: MemoryDesk, crawl_now: Crawl) -> None:
    site.pages |= {"/world": section(11) + '<a href="/c_7.htm">公告</a>', "/c_7.htm": "notice", **articles(11)}
    await crawl_now(Assignment(source=source(site, pattern=r"/c_\d+\.htm$")))
    assert list(desk.articles) == [site.url("/c_7.htm")]


async def test_a_page_without_articles_is_a_failure_that_says_so(site: Site, crawl_now: Crawl) -> None:
    site.pages["/world"] = '<a href="/sport">Sport</a><a href="/about">About</a>'
    outcome = (await crawl_now(Assignment(source=source(site))))["source"]
    assert outcome == Failed(reason="none of the 2 links of the page looks like that of an article", permanent=True)
    outcome = (await crawl_now(Assignment(source=source(site, pattern="/c_"))))["source"]
    assert outcome == Failed(reason="none of the 2 links of the page fits link_pattern", permanent=True)


async def test_an_unchanged_section_costs_a_304(site: Site, crawl_now: Crawl, reply: Reply) -> None:
    site.pages |= {
        "/world": reply(text=section(11), content_type="text/html", headers={"ETag": '"v1"'}),
        **articles(11),
    }
    first = (await crawl_now(Assignment(source=source(site))))["source"]
    site.pages["/world"] = reply(status=304)
    second = (await crawl_now(Assignment(source=source(site), validators=first.validators, memory=first.memory)))[
        "source"
    ]
    assert second == NotModified()


async def test_a_section_that_is_read_for_weeks_forgets_its_navigation(
    site: Site, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    evergreen = '<p><a href="/how-to-read-a-tide-table-2026">How to read a tide table in 2026</a></p>'
    memory = None
    for day in range(16):
        site.pages |= {"/world": section(20 + day, 21 + day, after=evergreen), **articles(20 + day, 21 + day)}
        outcome = (await crawl_now(Assignment(source=source(site), memory=memory)))["source"]
        memory = outcome.memory
        crawl_now.clock.turn(timedelta(days=1))
    assert outcome.entries == 2
    assert len(desk.articles) == 17 + 1, "the table was fetched once, when nobody could know"


@pytest.mark.parametrize("kind", ["section", "auto"])
@pytest.mark.parametrize("base", ["http://[::", "javascript:alert(1)", "//\x00", "http://a:b:c/"])
async def test_a_base_that_is_no_address_does_not_count(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, kind: SourceType, base: str
) -> None:
    numbers = range(11, 17)
    page = section(*numbers).replace("<ul>", f'<base href="{base}"><ul>', 1)
    assert base in page
    site.pages |= {"/world": page, **articles(*numbers)}
    outcome = (await crawl_now(Assignment(source=replace(source(site), type=kind))))["source"]
    assert isinstance(outcome, Read)
    assert sorted(desk.articles) == [site.url(path(number)) for number in numbers]
