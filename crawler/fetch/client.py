"""Fetches one URL as a polite guest: robots.txt first, in the host's turn, hop by hop, within the limits."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import scrapy

from crawler.desk import Robots
from crawler.discover.feeds import tells_feed
from crawler.domain import Validators
from crawler.errors import FetchError, PermanentFetchError, TemporaryFetchError
from crawler.fetch import limits
from crawler.fetch.failures import DroppedError, fetch_error
from crawler.fetch.guard import BlockedAddressError
from crawler.fetch.http import PLACE, WIRE_BYTES
from crawler.fetch.limits import parse_max_age, parse_retry_after, status_error
from crawler.fetch.politeness import BarredError
from crawler.fetch.render import render_request
from crawler.fetch.robots import good_until, parse_robots
from crawler.fetch.subscription import headers_for
from crawler.identity import web_url
from crawler.parsing import in_thread, parsed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from typing import Self

    from scrapy.http import Response

    from crawler.desk import RobotsShelf
    from crawler.domain import Source
    from crawler.fetch.politeness import Host, Politeness
    from crawler.fetch.robots import Rules
    from crawler.fetch.room import Place
    from crawler.fetch.scrapy import Download
    from crawler.parsing import Parse

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT_REDIRECTS = frozenset({301, 308})
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s;"']{1,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said."""

    url: str
    """Where the bytes came from, after redirects."""
    status: int
    body: bytes = field(repr=False)
    media_type: str = ""
    charset: str | None = None
    validators: Validators = field(default_factory=Validators)
    max_age: timedelta | None = None
    """For how long Cache-Control says that the answer holds."""
    sitemaps: tuple[str, ...] = ()
    """What the robots.txt of its host names."""
    moved: bool = False
    """Whether redirects led here, all of them permanent."""
    parse: Parse = field(default=in_thread, repr=False, compare=False)
    """Where its body is to be read."""


class Client:
    """Fetches for one crawl; the pace of the hosts is kept for the whole process."""

    def __init__(
        self, download: Download, shelf: RobotsShelf, politeness: Politeness, parse: Parse = in_thread
    ) -> None:
        self._download = download
        self._shelf = shelf
        self._politeness = politeness
        self._parse = parse
        self.now = politeness.now

    async def __aenter__(self) -> Self:
        if self._politeness.bars is None:
            self._politeness.bars = dict(await self._shelf.bars())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._hand_over()

    def reading(self, source: Source) -> Callable[..., AbstractAsyncContextManager[Answer]]:
        """Return `get` as this source asks: with its headers where they belong."""
        return partial(self.get, source=source)

    @asynccontextmanager
    async def get(
        self,
        url: str,
        *,
        published: str | None = None,
        most_bytes: int = limits.PAGE_BYTES,
        validators: Validators | None = None,
        source: Source | None = None,
        render: bool = False,
    ) -> AsyncIterator[Answer]:
        """Fetch a URL and lend the answer; the next request to its host waits until the block is left.

        So no more than one body a host, and HOSTS_AT_ONCE in all, are in memory. `published` is how the publisher
        spelled the URL, where that differs. With `render`, a page comes as its scripts made it.

        Raises:
            FetchError: it could not be had.
        """
        url, published = _address(url), published or url
        hops, moved = 0, True
        while True:
            await self._ask_robots(url, published)
            host = self._politeness.host_of(url)
            async with self._response(url, host, most_bytes, validators, headers_for(url, source)) as response:
                if response.status not in _REDIRECTS:
                    answer = _answer(response, self._politeness.barred_for(host), moved=moved and hops > 0)
                    answer = replace(answer, sitemaps=host.rules.sitemaps if host.rules else (), parse=self._parse)
                    if not (render and await _is_page(answer)):
                        yield answer
                        return
            if response.status not in _REDIRECTS:
                # what its scripts load is a visit of its own
                async with self._politeness.turn(host):
                    yield await self._rendered(answer, response, host)
                return
            url = published = _next_hop(response)
            hops, moved = hops + 1, moved and response.status in _PERMANENT_REDIRECTS
            if hops > limits.MAX_REDIRECTS:
                raise PermanentFetchError(f"more than {limits.MAX_REDIRECTS} redirects", kind="redirects")

    @asynccontextmanager
    async def _response(
        self,
        url: str,
        host: Host,
        most_bytes: int,
        validators: Validators | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> AsyncIterator[Response]:
        """Lend whatever is answered in the host's turn; where the connection breaks, in the next one."""
        for last_try in (False, True):
            async with self._politeness.turn(host), self._politeness.room.place() as place:
                try:
                    asking = self._request(url, host, most_bytes, validators, headers, place)
                    response = await place.expect(asking, size=_size)
                except DroppedError:
                    if last_try:
                        raise
                else:
                    yield response
                    return

    async def _rendered(self, answer: Answer, fetched: Response, host: Host) -> Answer:
        """Return the page as its scripts make it, in the host's turn."""
        try:
            response = await self._download(render_request(fetched, allows=partial(_allows, host)))
        # a browser is a program of its own, and there is no list of what can go wrong with it
        except Exception as error:
            raise fetch_error(error) from error
        # what was sent may be the same though the scripts make another page of it
        return replace(answer, body=response.text.encode(), charset="utf-8", validators=Validators(), max_age=None)

    async def _request(
        self,
        url: str,
        host: Host,
        most_bytes: int,
        validators: Validators | None,
        headers: Mapping[str, str],
        place: Place,
    ) -> Response:
        """Send one request, in the host's turn, and return whatever was answered."""
        asked = {
            **headers,
            "If-None-Match": validators.etag if validators else None,
            "If-Modified-Since": validators.last_modified if validators else None,
        }
        request = scrapy.Request(
            url,
            headers={name: value for name, value in asked.items() if value},
            # Scrapy's own slots know no ports
            meta={"download_slot": host.name, "download_maxsize": most_bytes, PLACE: place},
        )
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            response = await self._download(request)
        # Twisted, TLS and four decompressors raise what they like on what a foreign server sends (ValueError, KeyError,
        # zlib.error, …); no list of it could be complete, and it must cost this request only. fetch_error names it.
        except Exception as error:
            failure = fetch_error(error)
            if not isinstance(failure, BlockedAddressError):  # nothing was asked then
                await self._count(host, None, request)
            raise failure from error
        retry_after = parse_retry_after(_header(response, "Retry-After"), now=self._politeness.now())
        took = timedelta(seconds=loop.time() - started)
        barred = host.barred_until
        self._politeness.heard(host, status=response.status, retry_after=retry_after, took=took)
        if host.barred_until and host.barred_until != barred:
            await self._shelf.keep_bar(host.name, host.barred_until)
        await self._count(host, response.status, request)
        return response

    async def _count(self, host: Host, status: int | None, request: scrapy.Request) -> None:
        self._politeness.traffic.note(host.name, status=status, received_bytes=request.meta.get(WIRE_BYTES, 0))
        if self._politeness.traffic.is_due(asyncio.get_running_loop().time()):
            await self._hand_over()

    async def _hand_over(self) -> None:
        if counted := self._politeness.traffic.take(asyncio.get_running_loop().time()):
            await self._shelf.add_requests(counted)

    async def _ask_robots(self, url: str, published: str) -> None:
        """Return if the host's robots.txt lets us fetch the URL; its rules are read first where they are not known."""
        host = self._politeness.host_of(url)
        async with host.reading_robots:
            if host.rules is None or host.rules.good_until <= self._politeness.now():
                host.rules = await self._rules(host)
        if error := host.rules.refusal(url, published=published):
            if isinstance(error, TemporaryFetchError):
                error.retry_after = self._politeness.barred_for(host)
            raise error

    async def _rules(self, host: Host) -> Rules:
        kept, trouble = await self._shelf.robots(host.name), ""
        if kept is None or good_until(kept) <= self._politeness.now():
            kept, trouble = await self._fetch_robots(host)
            await self._shelf.keep_robots(host.name, kept)
        return parse_robots(kept, trouble)

    async def _fetch_robots(self, origin: Host) -> tuple[Robots, str]:
        """Return the robots.txt of a host and, where it could not be had, why."""
        url, now, host = f"{origin.name}/robots.txt", self._politeness.now(), origin
        try:
            for _ in range(limits.MAX_REDIRECTS + 1):
                host = self._politeness.host_of(url)
                async with self._response(url, host, limits.PAGE_BYTES) as response:
                    if response.status not in _REDIRECTS:
                        body = response.body[: limits.ROBOTS_BYTES]
                        return Robots(status=response.status, body=body, fetched_at=now), ""
                url = _next_hop(response)
        except FetchError as error:
            if host is origin and isinstance(error, BarredError | BlockedAddressError):
                raise
            return Robots(status=None, body=b"", fetched_at=now), str(error)
        # RFC 9309, 2.3.1.2: after more than five redirects there is none, as with a 404
        return Robots(status=404, body=b"", fetched_at=now), ""


def _size(response: Response) -> int:
    return len(response.body)


async def _is_page(answer: Answer) -> bool:
    return bool(answer.body) and answer.media_type in _PAGES and not await parsed(answer, tells_feed, "the page")


def _allows(host: Host, url: str) -> bool:
    """Tell whether scripts of a page of this host may load a URL: what other hosts forbid robots is not asked."""
    name = "://".join(urlsplit(url)[:2])
    return name != host.name or host.rules is None or host.rules.refusal(url, published=url) is None


def _answer(response: Response, barred: timedelta | None, *, moved: bool) -> Answer:
    if error := status_error(response.status, retry_after=barred):
        raise error
    media_type, _, parameters = _header(response, "Content-Type").partition(";")
    charset = _CHARSET.search(parameters)
    return Answer(
        url=response.url,
        status=response.status,
        body=response.body,
        media_type=media_type.strip().lower(),
        charset=charset[1] if charset else None,
        validators=Validators(
            etag=_header(response, "ETag") or None, last_modified=_header(response, "Last-Modified") or None
        ),
        max_age=parse_max_age(_header(response, "Cache-Control")),
        moved=moved,
    )


def _next_hop(response: Response) -> str:
    location = _header(response, "Location")
    if not location:
        raise PermanentFetchError(f"HTTP {response.status} without a target", kind="redirects")
    return _address(location, response.url)


def _address(url: str, base: str = "") -> str:
    try:
        return web_url(urljoin(base, url))
    except ValueError as error:
        raise PermanentFetchError(str(error), kind="address") from None


def _header(response: Response, name: str) -> str:
    value: bytes | None = response.headers.get(name)
    return (value or b"").decode("utf-8", "replace").strip()
