"""Room for answers: so many are in memory at once, and whoever keeps us waiting stands aside meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

T = TypeVar("T")

ASIDE_AFTER_S = 0.5


class Room:
    """`places` for answers, and `aside` more for those that are slow to come."""

    def __init__(self, places: int, aside: int) -> None:
        self._places = asyncio.Semaphore(places)
        self._aside = aside

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """Wait for a place, and hold it until the block is left."""
        place = Place(self)
        await place.take()
        try:
            yield place
        finally:
            place.leave()


class Place:
    """One place of a Room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._held = self._stands_aside = False

    async def take(self) -> None:
        await self._room._places.acquire()  # noqa: SLF001  (its own room)
        self._held = True

    def leave(self) -> None:
        if self._held:
            self._room._places.release()  # noqa: SLF001
            self._held = False

    async def expect(self, answer: Awaitable[T]) -> T:
        """Return the answer. If it takes long, others have the place until it is there."""
        stepping = asyncio.get_running_loop().call_later(ASIDE_AFTER_S, self._step_aside)
        try:
            answered = await answer
        finally:
            stepping.cancel()
            if self._stands_aside:
                self._room._aside += 1  # noqa: SLF001
                self._stands_aside = False
        if not self._held:
            await self.take()
        return answered

    def _step_aside(self) -> None:
        if self._room._aside > 0:  # noqa: SLF001
            self._room._aside -= 1  # noqa: SLF001
            self._stands_aside = True
            self.leave()
