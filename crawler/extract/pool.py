"""Extracts pages in processes that can be killed: a page that hangs or eats memory costs its own deadline, no more."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import resource
import signal
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pebble import CONSTS, ProcessExpired, ProcessPool

from crawler.domain import Page
from crawler.extract.fallback import glance
from crawler.extract.page import extract

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from crawler.domain import Article

MAX_PAGE = 2_000_000
"""Bytes. Longer pages hold lists and data, no article, and take seconds to read."""

_LOOK_AGAIN_S = 1.0

# How long a worker gets to react to SIGTERM before SIGKILL. It never will: it ignores the one (see _prepare), and
# the loops that hang are in C.
CONSTS.term_timeout = 0.05


class ExtractionPool:
    """Worker processes that turn pages into Articles. An asynchronous context manager.

    A page over MAX_PAGE bytes, one that takes longer than `deadline` or more than `memory` bytes, becomes an Article
    of what its feed entry and its first lines say, flagged `too-large`, `timeout` or `broken`.
    """

    def __init__(
        self,
        workers: int = 2,
        *,
        deadline: timedelta = timedelta(seconds=5),
        memory: int = 2**30,
        languages: Sequence[str] = (),
    ) -> None:
        self._workers = workers
        self._deadline = deadline
        self._memory = memory
        self.languages = tuple(languages)
        """Those that articles may be in; may be changed at any time."""

    async def __aenter__(self) -> Self:
        self._pool = await asyncio.to_thread(self._start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            await asyncio.to_thread(self._finish)
        else:
            await asyncio.to_thread(_stop, self._pool)

    async def extract(self, page: Page) -> Article:
        """Return the article of a page; never raises for what the page holds."""
        if len(page.body) > MAX_PAGE:
            return await self._glance(page, "too-large")
        try:
            return await self._in_worker(page)
        except TimeoutError:
            return await self._glance(page, "timeout")
        except (ProcessExpired, BrokenProcessPool):
            return await self._glance(page, "broken")

    async def _in_worker(self, page: Page) -> Article:
        pool = self._pool
        try:
            return await self._submitted(pool, page)
        except BrokenProcessPool:
            # pebble gives up on everything when an idle worker dies, as when the kernel is short of memory
            if pool is self._pool:
                self._pool = self._start()
                await asyncio.to_thread(_stop, pool)
            return await self._submitted(self._pool, page)

    async def _submitted(self, pool: ProcessPool, page: Page) -> Article:
        seconds = self._deadline.total_seconds()
        try:
            task = pool.schedule(_work, (page, self.languages, seconds), timeout=seconds)
        except RuntimeError as error:
            raise BrokenProcessPool from error
        answer = asyncio.wrap_future(task)
        try:
            # a pool that breaks forgets the pages that it had taken but not begun: nobody would ever answer
            while not (await asyncio.wait([answer], timeout=_LOOK_AGAIN_S))[0]:
                if not pool.active:
                    raise BrokenProcessPool
        finally:
            answer.cancel()
        return answer.result()

    async def _glance(self, page: Page, flag: str) -> Article:
        return await asyncio.to_thread(glance, page, flag=flag, now=datetime.now(UTC), languages=self.languages)

    def _start(self) -> ProcessPool:
        # spawn, not fork: the parent has threads
        context = multiprocessing.get_context("spawn")
        pool = ProcessPool(
            self._workers, initializer=_prepare, initargs=(self._memory, self.languages), context=context
        )
        # any task starts the processes, so that their libraries are loaded when the first page comes
        pool.schedule(os.getpid)
        return pool

    def _finish(self) -> None:
        self._pool.close()  # type: ignore[no-untyped-call]  # pebble's own
        with contextlib.suppress(TimeoutError):
            self._pool.join(timeout=2 * self._deadline.total_seconds())
        _stop(self._pool)


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble's own
    pool.join()


def _work(page: Page, languages: Sequence[str], deadline_s: float) -> Article:
    # A second deadline that needs nobody: if the parent is killed, its workers must not go on for minutes.
    signal.setitimer(signal.ITIMER_REAL, 2 * deadline_s)
    try:
        return extract(page, languages=languages)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _prepare(memory: int, languages: Sequence[str]) -> None:
    """Make a fresh worker ready: deaf to signals that are meant for the parent, its memory limited, all loaded."""
    # The service manager and Ctrl-C signal every process of the group; the parent decides which pages are finished.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    extract(Page(url="http://localhost/", body=b"<html><body><p>ready</p></body></html>"), languages=languages)
    if reserved := _address_space():
        resource.setrlimit(resource.RLIMIT_AS, (reserved + memory, reserved + memory))


def _address_space() -> int:
    """Return how much the process has reserved already, most of it by libraries that will never use it.

    0 where no system tells (macOS); the deadline must do there.
    """
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except FileNotFoundError:
        return 0
    return int(pages) * resource.getpagesize()
