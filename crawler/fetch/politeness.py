"""Waits for a host's turn: one request at a time, a delay between two, and away for as long as the host asks.

One Politeness serves all crawls of the process, so that two crawls of one host keep to its pace together.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from crawler.errors import TemporaryFetchError
from crawler.fetch import limits
from crawler.fetch.room import Room
from crawler.fetch.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from crawler.fetch.robots import Rules

REMEMBERED_HOSTS = 4096
LONGEST_REST = timedelta(seconds=10)
UNSAID_REST = timedelta(minutes=1)
"""How long to stay away after a 429 that does not say how long."""


class BarredError(TemporaryFetchError):
    """The host asked us to stay away, and the time is not over."""

    kind = "asked-to-wait"


@dataclass(slots=True, weakref_slot=True)
class Host:
    """What is remembered of one scheme://host:port."""

    name: str
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    reading_robots: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: Rules | None = None
    free_at: float = 0.0
    """When the next request may leave, on the clock of the event loop."""
    barred_until: datetime | None = None
    """Until when the host asked us to stay away."""


class Politeness:
    """Keeps the pace of every host. `now` tells the time that Retry-After counts in."""

    def __init__(self, delay: timedelta, *, now: Callable[[], datetime]) -> None:
        self.delay = delay
        self.now = now
        self.room = Room(limits.HOSTS_AT_ONCE, limits.SLOW_HOSTS_AT_ONCE, most_bytes=limits.BYTES_AT_ONCE)
        self.traffic = Traffic(now)
        self.bars: dict[str, datetime] | None = None
        """Until when hosts want us to stay away, as an earlier process left it; None before it was looked up."""
        # Whoever waits for a host holds it, so that it is one object for all; the last used stay for their memory.
        self._hosts: WeakValueDictionary[str, Host] = WeakValueDictionary()
        self._remembered: OrderedDict[str, Host] = OrderedDict()

    def host_of(self, url: str) -> Host:
        """Return what is known of the host of a URL."""
        parts = urlsplit(url)
        name = f"{parts.scheme}://{parts.netloc}"
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = Host(name, barred_until=(self.bars or {}).get(name))
        self._remembered[name] = host
        self._remembered.move_to_end(name)
        if len(self._remembered) > REMEMBERED_HOSTS:
            self._remembered.popitem(last=False)
        return host

    @asynccontextmanager
    async def turn(self, host: Host) -> AsyncIterator[None]:
        """Wait until a request may be sent to the host, and keep others from it until the block is left.

        Raises:
            BarredError: the host asked us to stay away for longer.
        """
        loop = asyncio.get_running_loop()
        async with host.turn:
            if barred := self.barred_for(host):
                raise BarredError("the host asked us to stay away for now", retry_after=barred)
            await asyncio.sleep(host.free_at - loop.time())
            started = loop.time()
            try:
                yield
            finally:
                if host.free_at <= started:  # nothing was heard
                    self._rest(host, timedelta(0))

    def barred_for(self, host: Host) -> timedelta | None:
        """Return how long the host still wants us to stay away, None if it does not."""
        remaining = host.barred_until - self.now() if host.barred_until else timedelta(0)
        return remaining if remaining > timedelta(0) else None

    def heard(self, host: Host, *, status: int, retry_after: timedelta | None, took: timedelta) -> None:
        """Note an answer: the delay counts from here, and a host that is slow or busy gets the rest it needs."""
        self._rest(host, took)
        rest = retry_after or (UNSAID_REST if status == 429 else None)  # noqa: PLR2004  (too many requests)
        if status in {429, 503} and rest:
            host.barred_until = self.now() + rest
            if self.bars is not None:
                self.bars[host.name] = host.barred_until  # `host` may be forgotten before its time is over

    def _rest(self, host: Host, took: timedelta) -> None:
        """Let the host rest: for the delay, its own Crawl-delay, or as long as it took to answer."""
        delay = max(self.delay, host.rules.crawl_delay if host.rules else timedelta(0))
        rest = max(delay, min(took, LONGEST_REST)) if delay else delay
        host.free_at = asyncio.get_running_loop().time() + rest.total_seconds()
