"""Room for answers: so many are in memory at once, and whoever keeps us waiting stands aside meanwhile.

What they hold is bounded as well: hundreds of hosts that each send as much as a page may have would fill gigabytes.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from crawler.errors import FetchError, TemporaryFetchError
from crawler.fetch.limits import USUAL_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

T = TypeVar("T")

ASIDE_AFTER_S = 0.5


class NoRoomError(TemporaryFetchError):
    """There is no room for so large an answer just now."""

    kind = "no-room"


class Room:
    """`places` for answers, and `aside` more for those that are slow to come; all together hold `most_bytes`.

    If there are more, whoever has more than the others, and more than a usual page, is sent away when the next byte
    comes.
    """

    def __init__(self, places: int, aside: int, *, most_bytes: int) -> None:
        self._places = asyncio.Semaphore(places)
        self._aside = aside
        self._most_bytes = most_bytes
        self._bytes: dict[Place, int] = {}
        self.received_bytes = 0
        """Of all answers that are here or on their way."""

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """Wait for a place, and hold it until the block is left."""
        place = Place(self)
        await place.take()
        try:
            yield place
        finally:
            place.leave()
            self._hold(place, 0)

    def _hold(self, place: Place, size: int) -> bool:
        """Note how much is held at a place, and tell whether it may be."""
        self.received_bytes += size - self._bytes.pop(place, 0)
        if size:
            self._bytes[place] = size
        share = self.received_bytes / max(len(self._bytes), 1)
        return self.received_bytes <= self._most_bytes or size < max(share, USUAL_BYTES)


class Place:
    """One place of a Room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._held = self._stands_aside = self._is_sent_away = False
        self._bytes = 0

    async def take(self) -> None:
        await self._room._places.acquire()  # noqa: SLF001  (its own room)
        self._held = True

    def leave(self) -> None:
        if self._held:
            self._room._places.release()  # noqa: SLF001
            self._held = False

    def received(self, size: int) -> bool:
        """Note so many bytes of the answer that is expected, and tell whether there is room for them."""
        self._bytes += size
        self._is_sent_away = not self._room._hold(self, self._bytes)  # noqa: SLF001
        return not self._is_sent_away

    async def expect(self, answer: Awaitable[T], *, size: Callable[[T], int] = lambda _: 0) -> T:
        """Return the answer, which has `size` bytes. If it takes long, others have the place until it is there.

        Raises:
            NoRoomError: there is too much else.
        """
        stepping = asyncio.get_running_loop().call_later(ASIDE_AFTER_S, self._step_aside)
        try:
            answered = await answer
        except FetchError as error:
            if self._is_sent_away:
                raise NoRoomError("too many large answers at the same time") from error
            raise
        finally:
            stepping.cancel()
            if self._stands_aside:
                self._room._aside += 1  # noqa: SLF001
                self._stands_aside = False
        if not self.received(size(answered) - self._bytes):
            raise NoRoomError("too many large answers at the same time")
        if not self._held:
            await self.take()
        return answered

    def _step_aside(self) -> None:
        if self._room._aside > 0:  # noqa: SLF001
            self._room._aside -= 1  # noqa: SLF001
            self._stands_aside = True
            self.leave()
