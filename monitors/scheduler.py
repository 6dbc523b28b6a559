"""The clock of the service: when each job runs, and how the whole comes to a graceful stop."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitors import jobs
from monitors.housekeeping import keep_house
from monitors.store.notes import note
from monitors.store.pauses import note_running

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.app import App, ConfigurationFile
    from monitors.jobs import Crawling

log = structlog.get_logger()

TICK = timedelta(seconds=1)  # an alert leaves within three ticks of its article being stored
REVISIT_EVERY = timedelta(seconds=10)
REVISITS_AT_ONCE = 4
TIDY = timedelta(minutes=10)  # looks whether the day's housekeeping is due
PULSE = timedelta(seconds=30)
WATCH = timedelta(minutes=1)
HEARTBEAT = timedelta(minutes=1)
GRACE = timedelta(seconds=15)  # for what is under way when we are told to stop


class Clockwork:
    """Runs the jobs of an App until it is told to stop."""

    def __init__(self, app: App, crawling: Crawling, file: ConfigurationFile) -> None:
        self._app, self._crawling, self._file = app, crawling, file
        self._running: set[asyncio.Task[object]] = set()
        # A clock only: nothing of it is stored, what was missed is run once, however late (the default drops it).
        defaults = {"coalesce": True, "misfire_grace_time": None}
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)

    async def run(self, stop: asyncio.Event) -> bool:
        """Work until `stop` is set, then let what is under way end; return whether all of it did within GRACE."""
        self._every(TICK, self._crawl, at_once=jobs.SOURCES_AT_ONCE)
        self._every(REVISIT_EVERY, self._revisit, at_once=REVISITS_AT_ONCE)
        self._every(TIDY, self._tidy)
        self._every(TICK, self._match)
        self._every(TICK, self._compose)
        self._every(TICK, self._deliver)
        self._every(TICK, self._reload)
        self._every(PULSE, self._beat)
        self._every(WATCH, self._watch)
        self._every(HEARTBEAT, self._heartbeat)
        self._scheduler.start()
        await self._beat()
        await stop.wait()
        log.info("stopping", under_way=len(self._running))
        self._scheduler.pause()
        for task in self._running:
            if task.get_name() in {"_crawl", "_revisit"}:  # what it has stored is stored; the rest is found again
                task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=GRACE.total_seconds())
        all_ended = not self._running
        self._scheduler.shutdown(wait=False)  # cancels what has not ended
        await self._app.database.run(note, "service", None, now=self._app.clock())
        return all_ended

    def _every(self, interval: timedelta, job: Callable[[], Awaitable[object]], *, at_once: int = 1) -> None:
        async def run() -> None:
            task = asyncio.ensure_future(job())
            task.set_name(job.__name__)
            self._running.add(task)
            try:
                await task
            except asyncio.CancelledError:
                pass
            except Exception:  # a job that fails must not stop the clock: it is told, and run again at the next tick
                log.exception("job_failed", job=job.__name__.strip("_"))
            finally:
                self._running.discard(task)

        self._scheduler.add_job(run, "interval", seconds=interval.total_seconds(), max_instances=at_once)

    async def _crawl(self) -> None:
        await jobs.crawl_due(self._app, self._crawling)

    async def _revisit(self) -> None:
        await jobs.revisit_due(self._app, self._crawling)

    async def _tidy(self) -> None:
        app = self._app
        await keep_house(app.database, app.in_force.configuration.settings.archive, app.clock)

    async def _match(self) -> None:
        while await jobs.match_new(self._app):
            pass

    async def _compose(self) -> None:
        await jobs.compose_due(self._app)

    async def _deliver(self) -> None:
        while await jobs.deliver_due(self._app):
            pass

    async def _reload(self) -> None:
        await self._file.reload(self._app)
        await jobs.read_archive(self._app)

    async def _beat(self) -> None:
        await self._app.database.run(_note_pulse, now=self._app.clock())

    async def _watch(self) -> None:
        await jobs.watch_health(self._app)

    async def _heartbeat(self) -> None:
        await self._beat()  # where nothing can be written, the service does not work, and is silent
        await jobs.send_heartbeat(self._app)


def _note_pulse(session: Session, *, now: datetime) -> None:
    note(session, "service", {"pid": os.getpid()}, now=now)
    note_running(session, now=now)
