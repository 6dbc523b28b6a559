"""Runs functions in processes that can be killed: what hangs or eats memory costs its own deadline, and no more.

Foreign bytes go through libraries whose loops are in C, where neither a thread nor a signal could stop them.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pebble import CONSTS, ProcessExpired, ProcessPool

from crawler import workshop

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from multiprocessing.context import ForkServerContext
    from types import TracebackType

T = TypeVar("T")

MEMORY = 2**30
"""Bytes that a process may use beyond what it holds when it is fresh."""
LONGEST_END_S = 10.0
_LOOK_AGAIN_S = 1.0

# How long a process gets between SIGTERM and SIGKILL. The one is blocked (see workshop_loaded.py), so it needs none.
CONSTS.term_timeout = 0.05


class KilledError(Exception):
    """The process died over its work: memory, or a signal of somebody else's."""


class Processes:
    """Some processes that work side by side. An asynchronous context manager."""

    def __init__(self, number: int = 2, *, memory: int = MEMORY) -> None:
        self.number = number
        self._memory = memory

    async def __aenter__(self) -> Self:
        self._pool = await asyncio.to_thread(self._start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            await asyncio.to_thread(_finish, self._pool)
        else:
            await asyncio.to_thread(_stop, self._pool)

    async def call(self, function: Callable[..., T], *arguments: object, deadline: timedelta) -> T:
        """Return `function(*arguments)`, which must be of a module's top level, and raise what it raises.

        Raises:
            TimeoutError: it took longer than `deadline`, counted from when it began; its process was killed.
            KilledError: its process died.
        """
        try:
            return await self._in_process(function, arguments, deadline.total_seconds())
        except (ProcessExpired, BrokenProcessPool) as error:
            raise KilledError(str(error)) from error

    async def _in_process(self, function: Callable[..., T], arguments: tuple[object, ...], deadline_s: float) -> T:
        pool = self._pool
        try:
            return await _submitted(pool, function, arguments, deadline_s)
        except BrokenProcessPool:
            # pebble gives up on everything when an idle process dies, as when the kernel is short of memory
            if pool is self._pool:
                self._pool = self._start()
                await asyncio.to_thread(_stop, pool)
            return await _submitted(self._pool, function, arguments, deadline_s)

    def _start(self) -> ProcessPool:
        pool = ProcessPool(self.number, initializer=workshop.limit_memory, initargs=(self._memory,), context=_context())
        # any task starts the processes, so that they are there when the first page comes
        pool.schedule(os.getpid)
        return pool


async def _submitted(pool: ProcessPool, function: Callable[..., T], arguments: tuple[Any, ...], deadline_s: float) -> T:
    try:
        task = pool.schedule(workshop.work, (function, arguments, deadline_s), timeout=deadline_s)
    except RuntimeError as error:
        raise BrokenProcessPool from error
    answer = asyncio.wrap_future(task)
    try:
        # a pool that breaks forgets what it had taken but not begun: nobody would ever answer
        while not (await asyncio.wait([answer], timeout=_LOOK_AGAIN_S))[0]:
            if not pool.active:
                raise BrokenProcessPool
    finally:
        answer.cancel()
    result: T = answer.result()
    return result


@cache
def _context() -> ForkServerContext:
    """Return how processes are begun: as copies of one that has loaded all and has no threads.

    So what they load is in memory once, and one that was killed is replaced in a moment. This process could not be
    copied: it has threads.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["crawler.workshop_loaded"])
    return context


def _finish(pool: ProcessPool) -> None:
    pool.close()  # type: ignore[no-untyped-call]  # pebble's own
    with contextlib.suppress(TimeoutError):
        pool.join(timeout=LONGEST_END_S)
    _stop(pool)


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble's own
    pool.join()
