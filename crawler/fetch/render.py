"""Renders pages: hands a page that was fetched to a real browser and returns what its scripts made of it.

Scrapy sends requests for `render+http:` and `render+https:` here, and no others. Imports Playwright only when the first
one comes, since it is an extra.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

import scrapy

from crawler.errors import TemporaryFetchError
from crawler.fetch import browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

PREFIX = "render+"
ALLOWED = "NEWSVANE_ALLOWED"
"""The setting of Scrapy's that holds the addresses the guard lets pass besides the public ones."""
FETCHED = "newsvane_fetched"
"""Where a request's meta holds the page as it was fetched."""
ALLOWS = "newsvane_allows"
"""Where a request's meta holds what tells whether robots.txt lets the page's scripts load a URL."""
PAGES_AT_ONCE = 2
DEADLINE_S = 30
"""What one page may take, from starting the browser to having what it shows."""


def render_request(fetched: Response, *, allows: Callable[[str], bool]) -> Request:
    """Return the request to have a fetched page rendered; `allows` tells what its scripts may load."""
    meta = {"download_slot": f"{PREFIX}{id(fetched)}", FETCHED: fetched, ALLOWS: allows}
    return scrapy.Request(PREFIX + fetched.url, meta=meta)


class RenderHandler:
    """Scrapy's download handler for pages to be rendered; Playwright is started with the first."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._starting = asyncio.Lock()
        self._playwright: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        if trouble := browser.missing():
            raise TemporaryFetchError(f"the page cannot be rendered: `render` {trouble}", kind="no-browser")
        if "proxy" in request.meta:  # the browser would connect past it
            raise TemporaryFetchError("pages cannot be rendered through settings.proxy", kind="no-browser")
        from crawler.fetch.rendered import render

        return await render(request.replace(url=request.url.removeprefix(PREFIX)), self._crawler, await self._driver())

    async def close(self) -> None:
        if self._playwright is not None:
            await self._playwright.stop()

    async def _driver(self) -> Any:
        from playwright.async_api import async_playwright

        async with self._starting:
            if self._playwright is None:
                self._playwright = await async_playwright().start()
        return self._playwright
