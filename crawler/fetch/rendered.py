"""Has one page rendered by a browser of its own, which ends with the page. Needs the extra `render`.

The page itself was fetched before, as every page is; the browser gets its bytes from us, and asks the web only for what
the page's scripts need. See docs/crawling.md, "Pages made by JavaScript".
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.async_api import Error as PlaywrightError
from scrapy.http import HtmlResponse
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.errors import ForbiddenFetchError, TemporaryFetchError
from crawler.fetch import browser, limits
from crawler.fetch.render import ALLOWED, ALLOWS, DEADLINE_S, FETCHED, PAGES_AT_ONCE
from crawler.fetch.tunnel import Tunnel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from playwright.async_api import BrowserContext, CDPSession, Page, Route
    from playwright.async_api import Request as Wish
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

LOAD_S = 10
"""How long the document may take to be read, its scripts at work."""
SETTLE_S = 10
"""How long scripts may go on asking for more before the page is taken as it is."""
CLOSE_S = 5
PAGE_TRAFFIC_BYTES = 20 * 1024 * 1024
MOST_WISHES = 200
"""What one page may ask for, whether it gets it or not."""

_NEEDED = frozenset({"script", "xhr", "fetch"})
_STYLES = "stylesheet"
_NO_FRAMES = "frame-src 'none'; object-src 'none'; worker-src 'none'"
_TRACKERS = (
    "adnxs.com",
    "adsafeprotected.com",
    "amazon-adsystem.com",
    "chartbeat.com",
    "criteo.com",
    "criteo.net",
    "doubleclick.net",
    "google-analytics.com",
    "googlesyndication.com",
    "googletagmanager.com",
    "googletagservices.com",
    "hotjar.com",
    "outbrain.com",
    "parsely.com",
    "quantserve.com",
    "rubiconproject.com",
    "scorecardresearch.com",
    "taboola.com",
)
"""Who counts readers or sells their attention on most news sites. Loading them would cost traffic and tell nothing."""

_CONTENT = f"""(() => {{
  const page = document.documentElement ? document.documentElement.outerHTML : '';
  return page.length > {limits.PAGE_BYTES} ? null : page;
}})()"""

_rooms: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def render(request: Request, crawler: Crawler, playwright: Any) -> Response:
    """Return what the scripts of a fetched page make of it.

    Raises:
        FetchError: they came to no end in time, or there is no browser that starts.
    """
    room = _rooms.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(PAGES_AT_ONCE))
    async with room, Tunnel(crawler.settings[ALLOWED], most_bytes=PAGE_TRAFFIC_BYTES) as tunnel:
        answering = _Answering(request.meta[FETCHED], request.meta[ALLOWS])
        async with _browser(crawler, playwright, tunnel, answering) as handler:
            try:
                async with asyncio.timeout(DEADLINE_S), browser.watched(handler.profile):
                    rendered: Response = await handler.download_request(_prepared(request, crawler))
                    return rendered
            except TimeoutError:
                told = f"the page's scripts came to no end within {DEADLINE_S} s"
                raise TemporaryFetchError(told, kind="timeout") from None
            except PlaywrightError as error:
                told = f"the page could not be rendered: {error.message}".splitlines()[0]
                raise TemporaryFetchError(told[:300], kind="render") from error


def _prepared(request: Request, crawler: Crawler) -> Request:
    return request.replace(
        meta={
            **request.meta,
            "playwright": True,
            "playwright_context_kwargs": {
                "user_agent": crawler.settings["USER_AGENT"],
                "service_workers": "block",
                "accept_downloads": False,
                "permissions": [],
            },
        }
    )


@asynccontextmanager
async def _browser(crawler: Crawler, playwright: Any, tunnel: Tunnel, answering: _Answering) -> AsyncIterator[_OnePage]:
    """Lend what drives the browser of one page, and leave nothing of it behind."""
    _quiet()
    with browser.profile() as profile:
        handler = _OnePage(crawler, answering, profile, _Provider(playwright, tunnel, profile))
        try:
            yield handler
        finally:
            with suppress(TimeoutError, PlaywrightError):
                async with asyncio.timeout(CLOSE_S):
                    await handler.close()
            browser.kill(profile)


class _Provider:
    """Starts the browser of one page, behind its tunnel."""

    def __init__(self, playwright: Any, tunnel: Tunnel, profile: str) -> None:
        self._start = partial(playwright.chromium.launch, **browser.launch_options(tunnel, profile))

    async def launch_browser(self) -> Any:
        return await self._start()

    async def close(self) -> None:
        """Leave Playwright to the next page."""


class _OnePage(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # published without types
    """scrapy-playwright's handler, which gets the document from us and little else from the web."""

    def __init__(self, crawler: Crawler, answering: _Answering, profile: str, provider: _Provider) -> None:
        super().__init__(crawler)
        self.answering = answering
        self.profile = profile
        self.browser_provider = provider

    async def _create_browser_context(self, *args: Any, **kwargs: Any) -> Any:
        made = await super()._create_browser_context(*args, **kwargs)
        context: BrowserContext = made.context
        await context.route("**", lambda route: route.abort())  # what windows opened by the page ask for
        await context.route_web_socket("**", lambda socket: socket.close())
        context.on("page", lambda page: asyncio.ensure_future(_close_popup(page)))
        return made

    def _make_request_handler(self, **_: Any) -> Callable[[Route, Wish], Any]:
        return self.answering.answer

    async def _download_request_with_page(self, request: Request, page: Page, spider: Any) -> Response:  # noqa: ARG002
        """Open the page, wait until it has settled, and return it as it then is."""
        session = await page.context.new_cdp_session(page)
        with suppress(PlaywrightError):  # a page that never loads, or leaves at once, holds something all the same
            await page.goto(request.url, wait_until="domcontentloaded", timeout=LOAD_S * 1000)
            await self._settled(page)
        text = await _content(session)
        return HtmlResponse(request.url, body=text.encode("utf-8", "replace"), encoding="utf-8", request=request)

    async def _settled(self, page: Page) -> None:
        """Wait until the page asks for nothing more, or long enough."""
        idle = asyncio.ensure_future(page.wait_for_load_state("networkidle", timeout=SETTLE_S * 1000))
        enough = asyncio.ensure_future(self.answering.is_enough.wait())
        try:
            await asyncio.wait({idle, enough}, timeout=SETTLE_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in (idle, enough):
                one.cancel()
            await asyncio.gather(idle, enough, return_exceptions=True)


async def _content(session: CDPSession) -> str:
    """Stop the scripts of a page and return what they made.

    Asked for in a world of its own, where they cannot have changed what the words of the question mean.
    """
    await session.send("Runtime.terminateExecution")
    await session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
    world = await session.send("Page.createIsolatedWorld", {"frameId": frame})
    asked = {"expression": _CONTENT, "contextId": world["executionContextId"], "returnByValue": True}
    content = (await session.send("Runtime.evaluate", asked))["result"].get("value")
    if content is None:
        raise ForbiddenFetchError("the page grew too large", kind="too-large")
    return f"<!DOCTYPE html>{content}"


async def _close_popup(page: Page) -> None:
    with suppress(PlaywrightError):
        if await page.opener() is not None:
            await page.close()


class _Answering:
    """Decides on everything that a page asks for."""

    def __init__(self, fetched: Response, allows: Callable[[str], bool]) -> None:
        self._fetched = fetched
        self._allows = allows
        self._is_given = False
        self._wishes = 0
        self.is_enough = asyncio.Event()

    async def answer(self, route: Route, wish: Wish) -> None:
        with suppress(PlaywrightError):  # the page has gone meanwhile
            await self._answer(route, wish)

    async def _answer(self, route: Route, wish: Wish) -> None:
        self._wishes += 1
        if self._wishes > MOST_WISHES:
            self.is_enough.set()
        if not self._is_given:
            self._is_given = True
            kind = (self._fetched.headers.get("Content-Type") or b"text/html").decode("latin-1")
            head = {"Content-Type": kind, "Content-Security-Policy": _NO_FRAMES}
            await route.fulfill(status=200, headers=head, body=self._fetched.body)
        elif wish.is_navigation_request():
            # The page, or a frame of it, wants to be another one. 204: it stays what it is.
            await route.fulfill(status=204)
        elif wish.resource_type == _STYLES:
            await route.fulfill(status=200, headers={"Content-Type": "text/css"}, body="")  # scripts wait for it
        elif self._may_have(wish):
            await route.continue_()
        else:
            await route.abort()

    def _may_have(self, wish: Wish) -> bool:
        parts = urlsplit(wish.url)
        return (
            self._wishes <= MOST_WISHES
            and wish.resource_type in _NEEDED
            and parts.scheme in {"http", "https"}
            and not is_tracker(parts.hostname or "")
            and self._allows(wish.url)
        )


def is_tracker(host: str) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in _TRACKERS)


def _quiet() -> None:
    """Keep scrapy-playwright's log out of ours: what fails is told as a FetchError."""
    logging.getLogger("scrapy-playwright").setLevel(logging.CRITICAL)
