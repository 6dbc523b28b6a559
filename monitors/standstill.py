"""Trouble with the database: the service stands still, says so once, and goes on when it can write again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from crawler.errors import DatabaseTroubleError
from crawler.store.trouble import room
from monitors.domain import ServiceNews
from monitors.store.migrate import is_current
from monitors.tell_service import queue_news, tell_at_once

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from monitors.app import App

log = structlog.get_logger()

ENOUGH_ROOM = 2 * 1024 * 1024
"""Bytes that must be free after a full disk: what goes on with less stands still again at the next article."""
TELL_AFTER = timedelta(seconds=10)
"""A database server that restarts is worth a line of the log, and no message."""
TELL_AGAIN_AFTER = timedelta(hours=1)
"""Trouble that comes and goes is one message an hour."""
TRY_TO_TELL_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What the service stands still for."""

    kind: str
    why: str
    since: datetime


class Standstill:
    """Knows whether the database can be worked with. `pause` is called when it cannot, `resume` when it can again."""

    def __init__(self, app: App, *, pause: Callable[[], None], resume: Callable[[], Awaitable[object]]) -> None:
        self.trouble: Trouble | None = None
        self._app, self._pause, self._resume = app, pause, resume
        self._told: Trouble | None = None
        """The trouble that somebody was told of last."""
        self._told_at: datetime | None = None
        self._try_to_tell_at: datetime | None = None
        app.well = asyncio.Event()
        app.well.set()
        app.database.on_trouble = self.met

    def met(self, error: DatabaseTroubleError) -> None:
        """Stand still, if that is new."""
        if self.trouble is None:
            now = self._app.clock()
            self.trouble = Trouble(kind=error.kind, why=str(error), since=now)
            self._try_to_tell_at = max(now + TELL_AFTER, self._told_at + TELL_AGAIN_AFTER if self._told_at else now)
            if self._app.well:
                self._app.well.clear()
            log.error("database_trouble", kind=error.kind, reason=str(error))
            self._pause()

    async def look(self, write: Callable[[], Awaitable[object]]) -> None:
        """Try whether the trouble is over; if it is not, tell somebody. `write` writes what is due anyway."""
        trouble = self.trouble
        if trouble is None:
            return
        try:
            over = await self._is_over(trouble, write)
        except DatabaseTroubleError:
            over = False
        if over:
            await self._go_on(trouble)
        else:
            await self._tell(trouble)

    async def _is_over(self, trouble: Trouble, write: Callable[[], Awaitable[object]]) -> bool:
        database = self._app.database
        free = room(database.engine.url)
        if trouble.kind == "full" and free is not None and free < ENOUGH_ROOM:
            return False
        if trouble.kind == "gone":
            database.reconnect()
        if not await asyncio.to_thread(is_current, database):  # another file lies in its place, or one without tables
            return False
        await write()
        await self._resume()
        return True

    async def _go_on(self, trouble: Trouble) -> None:
        now = self._app.clock()
        self.trouble = None
        if self._app.well:
            self._app.well.set()
        lasted = (now - trouble.since).total_seconds()
        log.warning("database_back", kind=trouble.kind, lasted_s=round(lasted, 1))
        if self._told is trouble:
            await self._app.keep(queue_news, self._app.in_force, _news(trouble, until=now), now=now)

    async def _tell(self, trouble: Trouble) -> None:
        now = self._app.clock()
        if self._told is trouble or self._try_to_tell_at is None or now < self._try_to_tell_at:
            return
        self._try_to_tell_at = now + TRY_TO_TELL_EVERY
        if await asyncio.to_thread(tell_at_once, self._app.in_force, _news(trouble), now=now):
            self._told, self._told_at = trouble, now


def _news(trouble: Trouble, *, until: datetime | None = None) -> ServiceNews:
    return ServiceNews(what="database", kind=trouble.kind, why=trouble.why, since=trouble.since, until=until)
