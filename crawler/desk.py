"""What a crawl asks and tells while it runs: the seam between the crawl and the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from crawler.domain import Article, Entry, FetchOutcome, FoundKind, Source, Validators

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from crawler.discover.memory import PageMemory
    from crawler.errors import FetchError


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A source to be read now, with what is remembered of the last time."""

    source: Source
    feed_url: str | None = None
    """Where its entries were found last time, if that is not the source's own URL."""
    found_kind: FoundKind | None = None
    """What was found there, if the source did not say what it is; None if it has to be looked for."""
    validators: Validators = field(default_factory=Validators)
    read_at: datetime | None = None
    """When it last answered well; None if it was never read."""
    memory: PageMemory | None = None
    """What its section page showed at earlier reads, if it is one."""
    pages_only: bool = False
    """The source itself is not due, only entries that wait."""
    waiting: tuple[Entry, ...] = ()
    """Entries found earlier whose page is still to be fetched: a crash came between, or the page failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """A host's robots.txt as it was last read."""

    status: int | None
    """The HTTP status; None if the host could not be reached."""
    body: bytes
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HostDay:
    """What was asked of a host (`scheme://host[:port]`) on one day (UTC), requests for its robots.txt included."""

    host: str
    day: date
    requests: int = 0
    bytes: int = 0
    """Of the bodies, as they came over the wire."""
    unmodified: int = 0
    """Of the requests, those that were answered by a 304."""
    failed: int = 0
    """Of the requests, those that got no answer, or an error."""


class RobotsShelf(Protocol):
    """Keeps what is remembered of hosts: their robots.txt, until when to stay away, and what was asked of them."""

    async def robots(self, host: str) -> Robots | None:
        """Return the robots.txt of `scheme://host[:port]` as it was last read, however old, or None."""

    async def keep_robots(self, host: str, robots: Robots) -> None:
        """Remember the robots.txt of `scheme://host[:port]`."""

    async def bars(self) -> Mapping[str, datetime]:
        """Return the hosts that asked us to stay away, and until when."""

    async def keep_bar(self, host: str, until: datetime) -> None:
        """Remember until when to stay away from `scheme://host[:port]`."""

    async def add_requests(self, days: Sequence[HostDay]) -> None:
        """Add to what was asked of hosts."""


class Desk(RobotsShelf, Protocol):
    """Keeps what a crawl brings in. Every call is written when it returns, so that a crash loses nothing."""

    async def discovered(self, source: Source, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Remember the entries of a source and return those whose page nobody has fetched or is fetching."""

    async def passed_over(self, source: Source, entries: Sequence[Entry]) -> None:
        """Remember the entries of a source that are too old to be news, so that they are never taken for new."""

    async def fetched(
        self,
        source: Source,
        entry: Entry,
        article: Article,
        validators: Validators = Validators(),  # noqa: B008  (frozen)
    ) -> bool:
        """Store the article of an entry; False if it is there already (see docs/crawling.md).

        `validators` are those of its page, to ask with whether it was edited.
        """

    async def failed(self, source: Source, entry: Entry, error: FetchError) -> bool:
        """Remember that the page of an entry could not be had; return whether it is tried again.

        If not, and unless it was forbidden, the caller stores what the entry itself says as the article.
        """

    async def finished(self, source: Source, outcome: FetchOutcome) -> None:
        """Record how reading the source went. Said once for every assignment, after all of its entries."""
