"""Runs a spider in Scrapy: started for a batch of sources, locked down, and stopped again."""

from __future__ import annotations

import asyncio
import logging
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerRunner

from crawler.errors import ConfigError, NewsvaneError
from crawler.fetch import guard, limits
from crawler.fetch.http import connections
from crawler.fetch.proxy import check_target, find_proxy
from crawler.fetch.render import ALLOWED, PREFIX
from crawler.fetch.robots import PRODUCT
from crawler.fetch.selftest import prove_guard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

    from crawler.fetch.guard import Allowed
    from crawler.fetch.proxy import Proxy
    from crawler.settings import Settings

    Download = Callable[[Request], Awaitable[Response]]

T = TypeVar("T")

_HTTP11 = "crawler.fetch.http.Handler"
_RENDER = "crawler.fetch.render.RenderHandler"
_MIDDLEWARES = "scrapy.downloadermiddlewares"


def user_agent(contact: str | None) -> str:
    return f"{PRODUCT}/{'.'.join(version('newsvane').split('.')[:2])} (+{contact})"


def scrapy_settings(settings: Settings) -> dict[str, Any]:
    """Return Scrapy's settings: what it may do that we do not need is off; what we do ourselves is off too."""
    return {
        # ports on which whoever reaches loopback runs Python in our process
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        # only the web, and only by the handler whose connections the guard sees
        "DOWNLOAD_HANDLERS": {"file": None, "data": None, "ftp": None, "s3": None, "http": _HTTP11, "https": _HTTP11}
        | {f"{PREFIX}http": _RENDER, f"{PREFIX}https": _RENDER},  # behind a guard of its own, see tunnel.py
        ALLOWED: settings.allow_private,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_MAXSIZE": limits.PAGE_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": limits.TIMEOUT_S,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "REDIRECT_MAX_TIMES": limits.MAX_REDIRECTS,
        # client.py follows redirects, tries again and asks robots.txt: each hop takes its turn at its host
        "REDIRECT_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "RETRY_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "DOWNLOADER_MIDDLEWARES": {
            f"{_MIDDLEWARES}.offsite.OffsiteMiddleware": None,
            f"{_MIDDLEWARES}.httpauth.HttpAuthMiddleware": None,
        },
        # politeness.py keeps the delay, for all crawls of the process together
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": limits.HOSTS_AT_ONCE,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_ITEMS": 2,
        "USER_AGENT": user_agent(settings.contact),
        # Scrapy would ask for English
        "DEFAULT_REQUEST_HEADERS": {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
        "COOKIES_ENABLED": False,
        "REFERER_ENABLED": False,
        "REFERRER_POLICY": "no-referrer",
        "HTTPPROXY_ENABLED": False,  # or the environment's http_proxy would redirect the crawl
        "EXTENSIONS": {"scrapy.extensions.logcount.LogCount": None, "scrapy.extensions.corestats.CoreStats": None},
        "MEMUSAGE_ENABLED": False,
        "LOGSTATS_INTERVAL": 0,
        "STATS_DUMP": False,
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "DOWNLOADER_STATS": False,
    }


async def run_spider(settings: Settings, work: Callable[[Download], Awaitable[T]]) -> T:
    """Start Scrapy with a spider that does `work`, and return what came of it. Ends when the work does.

    Only public and allowed addresses are connected to; that it is so is tried out before the first work of a process.
    If this is cancelled, so is the work.

    Raises:
        ConfigError: nobody can be reached about the crawl.
        LeakError: addresses that are not public could be reached.
    """
    from twisted.internet import reactor

    if not settings.contact:
        raise ConfigError("settings.contact is missing: sites must be able to reach whoever fetches their pages")
    _quiet()
    proxy = await find_proxy(settings.proxy)
    guard.install(reactor, (*settings.allow_private, *([proxy] if proxy else [])))
    connections().serve((settings.allow_private, proxy))

    async def proven(direct: Download) -> T:
        download = _through(proxy, direct, settings.allow_private) if proxy else direct
        await _prove_once({direct, download}, settings)
        return await work(download)

    crawler = AsyncCrawlerRunner(scrapy_settings(settings)).create_crawler(NewsSpider)
    crawling = asyncio.ensure_future(crawler.crawl_async(work=proven))
    try:
        await asyncio.shield(crawling)
    except asyncio.CancelledError:
        if working := _working(crawler):
            working.cancel()
        await crawling
        raise
    working = _working(crawler)
    if working is None:
        raise NewsvaneError("Scrapy closed the spider before it began")
    result: T = working.result()
    return result


_proven = False


async def _prove_once(downloads: Iterable[Download], settings: Settings) -> None:
    global _proven  # noqa: PLW0603  # a property of the process, as the reactor is
    if not _proven:
        for download in downloads:
            await prove_guard(download, settings.allow_private)
        _proven = True


def _through(proxy: Proxy, download: Download, allowed: Sequence[Allowed]) -> Download:
    """Return a download that asks the proxy, and only for what may be reached."""

    async def ask(request: Request) -> Response:
        await check_target(request.url, allowed)
        request.meta["proxy"] = proxy.url
        if proxy.credentials:
            request.headers["Proxy-Authorization"] = proxy.credentials
        return await download(request)

    return ask


def _working(crawler: Crawler) -> asyncio.Future[Any] | None:
    return crawler.spider.working if isinstance(crawler.spider, NewsSpider) else None


class NewsSpider(Spider):
    """Pulls articles: works through a batch of sources, with the downloader of Scrapy's engine."""

    name = "newsvane"
    work: Callable[[Download], Awaitable[Any]]
    working: asyncio.Future[Any] | None = None

    async def start(self) -> AsyncIterator[Any]:
        self.working = asyncio.ensure_future(self.work(self.crawler.engine.download_async))
        await asyncio.wait({self.working})
        return  # what was read is with the desk by now; Scrapy has nothing left to do
        yield


def _quiet() -> None:
    """Keep Scrapy's log to warnings, and those out that client.py turns into errors with a place in the database."""
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    for name in ("scrapy.core.downloader.handlers.http11", f"{_MIDDLEWARES}.httpcompression"):
        logging.getLogger(name).setLevel(logging.ERROR)
