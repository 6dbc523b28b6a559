"""Keeps quick work from waiting for slow work: what is not done in a moment is begun anew in a lane beside.

Hostile pages and feeds run to their deadline. A few dozen of them, each from another host, would otherwise have all
processes for minutes, and nobody's news would come through.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, Self, TypeVar

from crawler.processes import MEMORY, Processes

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

T = TypeVar("T")

Lane = Literal["page", "list"]

QUICK = timedelta(seconds=2)
"""A hundred times what a page takes; chunks of eight stay far below it, on a busy machine too."""
LONGEST_WAITS: dict[Lane, timedelta] = {"page": timedelta(seconds=8), "list": timedelta(seconds=20)}
"""For the slow lane. Whoever waits holds a place in memory that others need."""


class Lanes:
    """Processes for what is quick, and one for each kind of what is not. An asynchronous context manager."""

    def __init__(self, number: int = 2, *, memory: int = MEMORY) -> None:
        self.number = number
        self._quick = Processes(number, memory=memory)
        self._slow: dict[Lane, _SlowLane] = {
            lane: _SlowLane(Processes(1, memory=memory), longest) for lane, longest in LONGEST_WAITS.items()
        }

    async def __aenter__(self) -> Self:
        await self._quick.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._quick.__aexit__(kind, error, trace)
        for lane in self._slow.values():
            await lane.end(kind, error, trace)

    async def call(self, function: Callable[..., T], *arguments: object, deadline: timedelta) -> T:
        """Return `function(*arguments)` as Processes.call does: at once, or else in the lane of feeds and their like.

        Raises:
            TimeoutError: it took longer than `deadline`, or too many others do.
            KilledError: its process died.
        """
        try:
            return await self.quickly(function, *arguments, deadline=deadline)
        except TimeoutError:
            if deadline <= QUICK:
                raise
        return await self.slowly("list", function, *arguments, deadline=deadline)

    async def quickly(self, function: Callable[..., T], *arguments: object, deadline: timedelta) -> T:
        return await self._quick.call(function, *arguments, deadline=min(deadline, QUICK))

    async def slowly(self, lane: Lane, function: Callable[..., T], *arguments: object, deadline: timedelta) -> T:
        return await self._slow[lane].call(function, *arguments, deadline=deadline)


class _SlowLane:
    """One process, started when it is needed, before which others wait, but not for long."""

    def __init__(self, processes: Processes, longest_wait: timedelta) -> None:
        self._processes = processes
        self._longest_wait = longest_wait
        self._turn = asyncio.Lock()
        self._start: asyncio.Future[Processes] | None = None

    async def call(self, function: Callable[..., T], *arguments: object, deadline: timedelta) -> T:
        async with asyncio.timeout(self._longest_wait.total_seconds()):
            await self._turn.acquire()
        try:
            if self._start is None:
                self._start = asyncio.ensure_future(self._processes.__aenter__())
            await asyncio.shield(self._start)  # or a caller who gives up would leave a process that nobody ends
            return await self._processes.call(function, *arguments, deadline=deadline)
        finally:
            self._turn.release()

    async def end(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._start is not None:
            await self._start
            await self._processes.__aexit__(kind, error, trace)
