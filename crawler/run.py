"""Crawls sources: the only door into Scrapy, and into the event loop that Scrapy and the rest of the process share."""

from __future__ import annotations

import asyncio
import atexit
import time
from dataclasses import replace
from functools import cache, partial
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from crawler.allowance import Allowance
from crawler.desk import Assignment
from crawler.domain import Failed, NotModified, Page, PagesOnly, Read, Source
from crawler.errors import FetchError, ForbiddenFetchError, TemporaryFetchError, trouble_in
from crawler.fetch.limits import HOSTS_AT_ONCE
from crawler.identity import untracked_url
from crawler.masking import masked
from crawler.parsing import in_thread
from crawler.spiders import spiders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from crawler.desk import Desk, HostDay, Robots
    from crawler.discovery import Discovery
    from crawler.domain import Article, Entry, FetchOutcome
    from crawler.fetch.client import Answer, Client
    from crawler.fetch.politeness import Politeness
    from crawler.fetch.scrapy import Download
    from crawler.parsing import Parse
    from crawler.settings import Settings
    from crawler.spiders import Found

log = structlog.get_logger()

T = TypeVar("T")

_TEXTS = frozenset({"", "application/xhtml+xml", "application/xml"})

PAGES_AT_ONCE = 4
"""Pages of one source that are worked on at once, where they lie on different hosts."""


async def crawl(
    assignments: Sequence[Assignment],
    desk: Desk,
    extract: Callable[[Page], Awaitable[Article]],
    *,
    settings: Settings,
    politeness: Politeness,
    parse: Parse = in_thread,
) -> dict[str, FetchOutcome]:
    """Read sources and fetch what they name; return how reading each went, which the desk was told as soon as it ended.

    `extract` makes articles of pages, and `parse` has feeds and their like read, where a hostile one can be stopped.
    If it is cancelled, the desk is told nothing of the sources that had not ended. If the desk raises, the other
    sources are read to their end before the error is raised here; where the database is in trouble, the desk is told
    nothing of the sources that met it. Runs on the loop of `run_in_reactor`.
    """
    # only now, since importing Twisted's reactor before run_in_reactor would install another one
    from crawler.fetch.client import Client
    from crawler.fetch.scrapy import run_spider

    if not assignments:
        return {}

    async def read_all(download: Download) -> list[FetchOutcome | BaseException]:
        client = Client(download, desk, politeness, parse)
        readers = [_Reader(one, desk, extract, client).read() for one in assignments]
        async with client:
            return await asyncio.gather(*readers, return_exceptions=True)

    ended = await run_spider(settings, read_all)
    outcomes: dict[str, FetchOutcome] = {}
    for assignment, outcome in zip(assignments, ended, strict=True):
        if isinstance(outcome, BaseException):
            raise outcome
        outcomes[assignment.source.id] = outcome
    return outcomes


async def prove_guard(settings: Settings) -> None:
    """Return if nothing but public and allowed addresses can be reached; tried out once a process.

    Raises:
        NewsvaneError: something else could.
    """
    from crawler.fetch.scrapy import run_spider

    await run_spider(settings, _nothing)


async def _nothing(_: Download) -> None:
    pass


async def fetch_page(url: str, *, settings: Settings, politeness: Politeness) -> Page:
    """Fetch one page as a crawl does, and keep nothing of it. Runs on the loop of `run_in_reactor`.

    Raises:
        FetchError: it could not be had.
    """
    from crawler.fetch.client import Client
    from crawler.fetch.scrapy import run_spider

    async def fetch(download: Download) -> Page:
        client = Client(download, _NoShelf(), politeness)
        async with client.get(untracked_url(url), published=url) as answer:
            return page_of(answer)

    return await run_spider(settings, fetch)


async def discover_site(url: str, *, settings: Settings, politeness: Politeness) -> Discovery:
    """Look for all that a site can be read by, and keep nothing of it. Runs on the loop of `run_in_reactor`.

    Raises:
        FetchError: the URL could not be read.
    """
    from crawler.discovery import discover
    from crawler.fetch.client import Client
    from crawler.fetch.scrapy import run_spider

    async def look(download: Download) -> Discovery:
        client = Client(download, _NoShelf(), politeness)
        source = Source(id=url, url=url, name=url)
        return await discover(Assignment(source=source), client.get, now=client.now(), whole=True)

    return await run_spider(settings, look)


class _NoShelf:
    """Remembers nothing of hosts: robots.txt is read for every page."""

    async def robots(self, host: str) -> None:
        pass

    async def keep_robots(self, host: str, robots: Robots) -> None:
        pass

    async def bars(self) -> Mapping[str, datetime]:
        return {}

    async def keep_bar(self, host: str, until: datetime) -> None:
        pass

    async def add_requests(self, days: Sequence[HostDay]) -> None:
        pass


class _Reader:
    """Reads one source and the pages that it names."""

    def __init__(
        self, assignment: Assignment, desk: Desk, extract: Callable[[Page], Awaitable[Article]], client: Client
    ) -> None:
        self._assignment = assignment
        self._desk = desk
        self._extract = extract
        self._client = client
        self._fetch = client.reading(assignment.source)
        self._allowance = Allowance(asyncio.get_running_loop().time)
        self._stored = 0

    async def read(self) -> FetchOutcome:
        source, started = self._assignment.source, time.monotonic()
        try:
            outcome, fresh = await self._read_source()
            await self._fetch_pages(fresh)
        # whatever goes wrong with one source must neither hide from its record nor touch the others
        except Exception as error:
            if trouble := trouble_in(error):  # no fault of the source, and nothing can be recorded
                raise trouble from None
            log.exception("source_broke", source=source.id)
            outcome = Failed(reason=masked(f"internal error: {_root_of(error)!r}")[:300], kind="internal")
        await self._desk.finished(source, outcome)
        self._tell(source, outcome, took_s=round(time.monotonic() - started, 2))
        return outcome

    async def _read_source(self) -> tuple[FetchOutcome, Sequence[Entry]]:
        """Read the source's URL; return how it went and the entries whose pages are to be fetched."""
        source = self._assignment.source
        if self._assignment.pages_only:
            return PagesOnly(), ()
        try:
            found = await spiders()[source.type].read(self._assignment, self._get, now=self._client.now())
        except FetchError as error:
            return _failed(error), ()
        if isinstance(found, NotModified):
            return found, ()
        if found.refused:
            log.warning("links_refused", source=source.id, links=found.refused)
        if found.old:
            await self._desk.passed_over(source, found.old)
        fresh = await self._desk.discovered(source, found.entries)
        if found.remark:
            log.warning("source_read_in_part", source=source.id, reason=found.remark)
        return _read(found, fresh), fresh

    def _get(self, url: str, **how: Any) -> AbstractAsyncContextManager[Answer]:
        """Fetch for the source's spider; where its pages are rendered, so is the page that the source is."""
        source = self._assignment.source
        if source.render and source.type != "feed" and url == source.url:
            # unchanged bytes of a page say nothing of what its scripts make of it today
            return self._fetch(url, **how | {"validators": None, "render": True})
        return self._fetch(url, **how)

    async def _fetch_pages(self, fresh: Sequence[Entry]) -> None:
        entries = {entry.link: entry for entry in (*self._assignment.waiting, *fresh)}
        queue = iter(entries.values())

        async def work() -> None:
            for entry in queue:
                if self._allowance.take(entry.link):
                    await self._fetch_page(entry)

        async with asyncio.TaskGroup() as workers:
            for _ in range(min(PAGES_AT_ONCE, len(entries))):
                workers.create_task(work())

    async def _fetch_page(self, entry: Entry) -> None:
        source, published = self._assignment.source, entry.address or entry.link
        try:
            by_feed = entry.full_text and source.track_changes is None  # edits are found by comparing pages
            if by_feed and (article := await self._from_feed(entry)) is not None:
                self._tell_of(article, new=await self._desk.fetched(source, entry, article))
                return
            address = untracked_url(published)
            async with self._fetch(address, published=published, render=source.render) as answer:
                article = await self._article(page_of(answer, entry))
                new = await self._desk.fetched(source, entry, article, answer.validators)
                self._allowance.answered(entry.link)
        except FetchError as error:
            self._allowance.answered(entry.link, error)
            log.info("page_failed", source=source.id, url=entry.link, reason=str(error))
            again = await self._desk.failed(source, entry, error)
            if again or isinstance(error, ForbiddenFetchError) or not entry.title:
                return
            article = await self._from_entry(entry)
            new = await self._desk.fetched(source, entry, article)
        self._tell_of(article, new=new)

    async def _from_feed(self, entry: Entry) -> Article | None:
        """Return the article as its feed carries it; None if that turns out to hold no text, so that the page must."""
        article = await self._article(Page(url=entry.link, body=b"", entry=entry))
        return article if article.text else None

    async def _from_entry(self, entry: Entry) -> Article:
        """Return what the feed said of an article whose page is not to be had: it was published all the same."""
        article = await self._article(Page(url=entry.link, body=b"", entry=entry))
        return replace(article, flags=article.flags | {"unreachable"})

    async def _article(self, page: Page) -> Article:
        try:
            return await self._extract(page)
        # one page that breaks the extraction must not cost the others of its source
        except Exception as error:
            log.exception("extraction_broke", url=page.url)
            told = f"the page could not be extracted: {error!r}"[:300]
            raise TemporaryFetchError(told, kind="internal") from error

    def _tell_of(self, article: Article, *, new: bool) -> None:
        self._stored += new
        log.debug("article_stored" if new else "article_known", source=self._assignment.source.id, url=article.url)

    def _tell(self, source: Source, outcome: FetchOutcome, *, took_s: float) -> None:
        if left := self._allowance.left:
            log.info("pages_left", source=source.id, pages=left, took_s=took_s)
        match outcome:
            case Read():
                log.info(
                    "source_checked",
                    source=source.id,
                    entries=outcome.entries,
                    new=outcome.new,
                    stored=self._stored,
                    took_s=took_s,
                )
            case NotModified():
                log.info("source_checked", source=source.id, unmodified=True, stored=self._stored, took_s=took_s)
            case PagesOnly():
                log.info("pages_tried", source=source.id, stored=self._stored, took_s=took_s)
            case Failed():
                log.warning("source_failed", source=source.id, kind=outcome.kind, reason=outcome.reason, took_s=took_s)


def _root_of(error: Exception) -> Exception:
    """Return the error, or the first one of those that stopped a group of tasks."""
    return _root_of(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error


def _failed(error: FetchError) -> Failed:
    if isinstance(error, TemporaryFetchError):
        return Failed(reason=masked(str(error)), kind=error.kind, retry_after=error.retry_after)
    return Failed(reason=masked(str(error)), kind=error.kind, permanent=True)


def _read(found: Found, fresh: Sequence[Entry]) -> Read:
    return Read(
        entries=len(found.entries),
        new=len(fresh),
        feed_url=found.feed_url,
        found_kind=found.found_kind,
        validators=found.validators,
        memory=found.memory,
        remark=found.remark,
        dates=tuple(entry.published for entry in found.entries if entry.published),
        pause=found.pause,
        moved_to=found.moved_to,
    )


def page_of(answer: Answer, entry: Entry | None = None) -> Page:
    """Return the page; without a body, what the feed said of it must do (a PDF, a film)."""
    is_text = answer.media_type.startswith("text/") or answer.media_type in _TEXTS or answer.body.lstrip()[:1] == b"<"
    return Page(url=answer.url, body=answer.body if is_text else b"", charset=answer.charset, entry=entry)


# -- the loop ---------------------------------------------------------------------------------------------------------


def run_in_reactor(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` to its end on the one event loop of this process on which `crawl` works, and return its result.

    May be called again, one after the other. Signals are left to the caller.
    """
    return _reactor_runner().run(main())


@cache
def _reactor_runner() -> asyncio.Runner:
    """Return the runner of a loop with Twisted's reactor on it. The reactor starts once and lives as long as we."""
    from twisted.internet import asyncioreactor
    from twisted.internet.main import installReactor

    runner = asyncio.Runner()
    reactor: Any = asyncioreactor.AsyncioSelectorReactor(runner.get_loop())
    installReactor(reactor)  # type: ignore[no-untyped-call]  # Twisted types only a part of itself
    reactor.startRunning(installSignalHandlers=False)
    # The names of hosts are resolved in threads: enough for all that are at work, and none that keeps us from ending.
    threads = reactor.getThreadPool()
    threads.threadFactory = partial(Thread, daemon=True)
    threads.adjustPoolsize(maxthreads=HOSTS_AT_ONCE)
    atexit.register(runner.close)
    return runner
