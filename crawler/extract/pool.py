"""Extracts pages in processes that can be killed: a page that hangs or eats memory costs its own deadline, no more."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Self

from crawler.extract import work
from crawler.lanes import Lanes
from crawler.processes import MEMORY, KilledError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from crawler.domain import Article, Page

MAX_PAGE = 2_000_000
"""Bytes. Longer pages hold lists and data, no article, and take seconds to read."""
MOST_TAGS = 20_000
"""Longer ones go to the slow lane at once: no article needs so many, and most of what hangs is made of them."""
MOST_PAGES = 8
"""In a chunk. Half a millisecond is spent on the way to a worker and back, whatever it is that goes."""
MOST_BYTES = MAX_PAGE
AHEAD = 1
"""Chunks that lie ready, so that no worker waits for the loop."""


@dataclass(slots=True, eq=False)
class _Job:
    page: Page
    answer: asyncio.Future[Article]


@dataclass(slots=True, eq=False)
class _Chunk:
    """Pages that go to a worker together."""

    jobs: list[_Job] = field(default_factory=list)
    size: int = 0

    def add(self, job: _Job) -> None:
        self.jobs.append(job)
        self.size += len(job.page.body)

    def forsaken(self) -> bool:
        return all(job.answer.cancelled() for job in self.jobs)


class ExtractionPool:
    """Worker processes that turn pages into Articles. An asynchronous context manager.

    A page over MAX_PAGE bytes, one that takes longer than `deadline` or waits for too many of its like, or one that
    takes more than `memory` bytes, becomes an Article of what its feed entry and its first lines say, flagged
    `too-large`, `timeout` or `broken`.
    """

    def __init__(
        self,
        workers: int = 2,
        *,
        deadline: timedelta = timedelta(seconds=5),
        memory: int = MEMORY,
        languages: Sequence[str] = (),
    ) -> None:
        self.processes = Lanes(workers, memory=memory)
        self._deadline = deadline
        self.languages = tuple(languages)
        """Those that articles may be in; may be changed at any time."""
        self._waiting: deque[_Job] = deque()
        self._under_way: dict[asyncio.Task[None], _Chunk] = {}

    async def __aenter__(self) -> Self:
        await self.processes.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for task in self._under_way:
                task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self.processes.__aexit__(kind, error, trace)

    async def extract(self, page: Page) -> Article:
        """Return the article of a page; never raises for what the page holds."""
        if len(page.body) > MAX_PAGE:
            return await self._glance(page, "too-large")
        if page.body.count(b"<") > MOST_TAGS:
            return await self._patiently(page)
        job = _Job(page, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._send()
        try:
            return await job.answer
        except TimeoutError:
            return await self._patiently(page)
        except asyncio.CancelledError:
            for task, chunk in self._under_way.items():
                if job in chunk.jobs and chunk.forsaken():
                    task.cancel()
            raise

    def _send(self) -> None:
        """Send what waits to the workers that have nothing to do, and a little ahead."""
        slots = self.processes.number + AHEAD
        while self._waiting and len(self._under_way) < slots:
            chunk = self._next_chunk(most=min(ceil(len(self._waiting) / slots), MOST_PAGES))
            task = asyncio.create_task(self._work(chunk))
            self._under_way[task] = chunk
            task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        chunk = self._under_way.pop(task)
        for job in chunk.jobs:
            if not job.answer.done():
                job.answer.cancel()
        self._send()

    def _next_chunk(self, most: int) -> _Chunk:
        chunk = _Chunk()
        while self._waiting and len(chunk.jobs) < most and chunk.size < MOST_BYTES:
            job = self._waiting.popleft()
            if not job.answer.cancelled():
                chunk.add(job)
        return chunk

    async def _work(self, chunk: _Chunk) -> None:
        """Answer the pages of a chunk; where one of them spoils it, each for itself."""
        if len(chunk.jobs) > 1:
            try:
                articles = await self._extracted([job.page for job in chunk.jobs])
            except (TimeoutError, KilledError):
                await asyncio.gather(*(self._work_alone(job) for job in chunk.jobs))
            else:
                for job, article in zip(chunk.jobs, articles, strict=True):
                    _answer(job, article)
        elif chunk.jobs:
            await self._work_alone(chunk.jobs[0])

    async def _work_alone(self, job: _Job) -> None:
        try:
            article = (await self._extracted([job.page]))[0]
        except TimeoutError as error:
            if not job.answer.done():
                job.answer.set_exception(error)
        except KilledError:
            _answer(job, await self._glance(job.page, "broken"))
        else:
            _answer(job, article)

    async def _extracted(self, pages: Sequence[Page]) -> list[Article]:
        return await self.processes.quickly(work.extract_all, pages, self.languages, deadline=self._deadline)

    async def _patiently(self, page: Page) -> Article:
        """Return the article of a page that takes its time, while others go on."""
        try:
            told = await self.processes.slowly(
                "page", work.extract_all, [page], self.languages, deadline=self._deadline
            )
        except TimeoutError:
            return await self._glance(page, "timeout")
        except KilledError:
            return await self._glance(page, "broken")
        return told[0]

    async def _glance(self, page: Page, flag: str) -> Article:
        start = replace(page, body=page.body[: work.GLANCE])
        if page.body and page.entry and page.entry.content:  # what its feed carries may be read yet
            with contextlib.suppress(TimeoutError, KilledError):
                told = (await self._extracted([replace(page, body=b"")]))[0]
                return replace(told, flags=told.flags - {"broken"} | {flag})
        try:
            return await self.processes.quickly(work.glance_at, start, flag, self.languages, deadline=self._deadline)
        except (TimeoutError, KilledError):  # it cannot hang and needs little: the machine is in trouble, not the page
            return await asyncio.to_thread(work.glance_at, start, flag, self.languages)


def _answer(job: _Job, article: Article) -> None:
    if not job.answer.done():
        job.answer.set_result(article)
