"""Has foreign bytes read where they can do no harm: in a process that is killed when they hold it up."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from crawler.errors import PermanentFetchError, TemporaryFetchError
from crawler.processes import KilledError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.fetch.client import Answer

T = TypeVar("T")

DEADLINE = timedelta(seconds=20)
"""20,000 entries take 3 s, and four times that on a busy machine."""


class Parse(Protocol):
    """Calls a function of a module's top level somewhere else, as crawler.lanes.Lanes.call does."""

    async def __call__(self, function: Callable[..., T], *arguments: object, deadline: timedelta) -> T: ...


async def in_thread(function: Callable[..., T], *arguments: object, deadline: timedelta) -> T:
    """Call a function in a thread: enough where somebody waits for one page and can go away."""
    async with asyncio.timeout(deadline.total_seconds()):
        return await asyncio.to_thread(function, *arguments)


async def parsed(answer: Answer, function: Callable[..., T], what: str, **keywords: object) -> T:
    """Return what a parser makes of an answer's body, URL and charset; `what` it reads is said where it fails.

    Raises:
        FetchError: it took too long or too much memory; or what the parser raises.
    """
    work = partial(function, **keywords)
    try:
        return await answer.parse(work, answer.body, answer.url, answer.charset, deadline=DEADLINE)
    except TimeoutError:
        told = f"{what} could not be read within {DEADLINE.total_seconds():.0f} s"
        raise TemporaryFetchError(told, kind="too-slow") from None
    except (KilledError, MemoryError):
        raise PermanentFetchError(f"{what} takes too much memory to read", kind="too-large") from None
