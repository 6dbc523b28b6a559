"""How Scrapy speaks HTTP for us: over connections that outlive a crawl, and with bounds on all that is no body."""

# ruff: noqa: N802, N815, SLF001  (Twisted's names, and what it offers no other way to change)

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.exceptions import StopDownload
from twisted.web.client import HTTPConnectionPool
from twisted.web.http import _ChunkedTransferDecoder

from crawler.errors import ForbiddenFetchError
from crawler.fetch import limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.fetch.room import Place

WIRE_BYTES = "newsvane_wire_bytes"
"""Where a request's meta says how many bytes its answer's body had on the wire."""


PLACE = "newsvane_place"
"""Where a request's meta has the place in the Room that its answer comes to."""


class TooLargeError(ForbiddenFetchError):
    """A server sends more than any answer needs."""

    kind = "too-large"


class Handler(HTTP11DownloadHandler):
    """Scrapy's handler with the pool and the protocol of this module."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool = connections()
        crawler.signals.connect(_received, signals.bytes_received)

    async def download_request(self, request: Request) -> Response:
        response = await super().download_request(request)
        request.meta[WIRE_BYTES] = len(response.body)
        _check_encodings(response)
        return response

    async def close(self) -> None:
        """Leave the connections to the next crawl."""


def _received(data: bytes, request: Request) -> None:
    """Break off an answer for which there is no room any more."""
    place: Place | None = request.meta.get(PLACE)
    if place is not None and not place.received(len(data)):
        raise StopDownload(fail=True)


# -- connections ------------------------------------------------------------------------------------------------------


class Connections(HTTPConnectionPool):
    """Keeps idle connections for a while, a bounded number of them, whichever crawl opened them."""

    maxPersistentPerHost = limits.HOSTS_AT_ONCE  # a host has one request at a time anyway; a proxy stands for many
    cachedConnectionTimeout = limits.IDLE_CONNECTION_S
    retryAutomatically = False  # at once, and so out of turn; client.py tries again in the host's next one

    _served: object = None

    def serve(self, terms: object) -> None:
        """Keep what is open only as long as the terms are the same on which it was opened."""
        if terms != self._served:
            self.close()
        self._served = terms

    def _putConnection(self, key: Any, connection: Any) -> None:
        super()._putConnection(key, connection)  # type: ignore[no-untyped-call]
        while len(self._timeouts) > limits.IDLE_CONNECTIONS:
            oldest = next(iter(self._timeouts))
            self._drop(oldest)

    def _drop(self, connection: Any) -> None:
        self._timeouts.pop(connection).cancel()
        for key, kept in list(self._connections.items()):
            if connection in kept:
                kept.remove(connection)
            if not kept:
                del self._connections[key]
        connection.transport.abortConnection()

    def _removeConnection(self, key: Any, connection: Any) -> None:
        """Forget the host as well, or a process that lives for months would remember every one it met."""
        super()._removeConnection(key, connection)  # type: ignore[no-untyped-call]
        if not self._connections.get(key):
            self._connections.pop(key, None)

    def close(self) -> None:
        """Close what is idle."""
        for connection in list(self._timeouts):
            self._drop(connection)


@cache
def connections() -> Connections:
    """Return the one pool of this process."""
    from twisted.internet import reactor

    made = Connections(reactor, persistent=True)  # type: ignore[no-untyped-call]
    made._factory = _Factory
    return made


# -- bounds -----------------------------------------------------------------------------------------------------------


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> Any:  # noqa: ARG002  (Twisted's signature)
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _Protocol(_LenientHTTP11ClientProtocol):
    """Gives each answer to a parser that counts, and breaks off at once with whoever sends too much."""

    def request(self, request: Any) -> Any:
        answered = super().request(request)
        if self._parser is not None:  # None where the connection broke already
            self._parser.__class__ = _Parser
        return answered

    def _giveUp(self, reason: Any) -> None:
        super()._giveUp(reason)  # type: ignore[no-untyped-call]
        # closing politely would read on until the other side is done as well
        with suppress(AttributeError):
            self.transport.abortConnection()  # type: ignore[union-attr]


class _Chunks(_ChunkedTransferDecoder):
    """Refuses a body that is cut so small that its wrapping outweighs it: each piece costs time."""

    def __init__(self, deliver: Callable[[bytes], None], finish: Callable[[bytes], None]) -> None:
        super().__init__(self._counted, finish)
        self._deliver = deliver
        self._wrapping = 0

    def dataReceived(self, data: bytes) -> None:
        self._wrapping += len(data)
        super().dataReceived(data)
        if self._wrapping > limits.WRAPPING_BYTES:
            raise TooLargeError("the answer is cut into too many pieces")

    def _counted(self, data: bytes) -> None:
        self._wrapping -= len(data)
        self._deliver(data)


class _Parser(_LenientHTTPClientParser):
    """Refuses heads that are too long, those of interim answers (1xx) counted in."""

    _transferDecoders = {b"chunked": _Chunks}  # type: ignore[dict-item]  # noqa: RUF012  (as Twisted has it)
    head_bytes = head_lines = 0

    def lineReceived(self, line: bytes) -> None:
        self.head_bytes += len(line) + 1
        self.head_lines += 1
        if self.head_bytes > limits.HEAD_BYTES or self.head_lines > limits.HEAD_LINES:
            raise TooLargeError("the headers are too large")
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002  (Twisted's signature)
        raise TooLargeError("a header is too large")


def _check_encodings(response: Response) -> None:
    """Refuse a body that is packed again and again: each layer costs as much as the whole page may."""
    packed = b",".join(response.headers.getlist("Content-Encoding"))
    if packed.count(b",") >= limits.MAX_ENCODINGS:
        raise TooLargeError("the answer is packed too often")
