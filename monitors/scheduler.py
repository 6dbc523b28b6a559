"""The clock of the service: when each job runs, and how the whole comes to a graceful stop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from crawler.errors import DatabaseTroubleError, trouble_in
from crawler.store.claims import give_back
from crawler.store.tables import RevisitRow, SourceRow
from monitors import calibration, jobs
from monitors.health_server import HealthServer
from monitors.housekeeping import keep_house
from monitors.standstill import Standstill
from monitors.store.pauses import note_running
from monitors.store.services import note_service, service_stopped
from monitors.vitals import Vitals

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.app import App
    from monitors.configuration_file import ConfigurationFile
    from monitors.jobs import Crawling

log = structlog.get_logger()

TICK = timedelta(seconds=1)  # an alert leaves within three ticks of its article being stored
REVISIT_EVERY = timedelta(seconds=10)
REVISITS_AT_ONCE = 4
DELIVERING_AT_ONCE = 8  # where a destination does not answer, the others are served beside it
CALIBRATE = timedelta(seconds=10)  # looks whether an article was judged, or the archive has grown
TIDY = timedelta(minutes=10)  # looks whether the day's housekeeping is due
PULSE = timedelta(seconds=30)
LOOK = timedelta(seconds=3)  # whether the database can be worked with again
WATCH = timedelta(minutes=1)
HEARTBEAT = timedelta(minutes=1)
GRACE = timedelta(seconds=15)  # for what is under way when we are told to stop


class Clockwork:
    """Runs the jobs of an App until it is told to stop."""

    def __init__(self, app: App, crawling: Crawling, file: ConfigurationFile) -> None:
        self._app, self._crawling, self._file = app, crawling, file
        self._standstill = Standstill(app, pause=self._leave_the_web, resume=self._give_back)
        self._others: set[str] = set()
        """Other services on the database."""
        self._vitals = Vitals(app, self._standstill)
        self._health = HealthServer(self._vitals)
        self._running: set[asyncio.Task[object]] = set()
        self._stories_are_read = False
        # A clock only: nothing of it is stored, what was missed is run once, however late (the default drops it).
        defaults = {"coalesce": True, "misfire_grace_time": None}
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)

    async def run(self, stop: asyncio.Event) -> bool:
        """Work until `stop` is set, then let what is under way end; return whether all of it did within GRACE."""
        self._every(TICK, self._crawl, at_once=jobs.SOURCES_AT_ONCE)
        self._every(REVISIT_EVERY, self._revisit, at_once=REVISITS_AT_ONCE)
        self._every(TIDY, self._tidy)
        self._every(CALIBRATE, self._calibrate)
        self._every(TICK, self._match)
        self._every(TICK, self._compose)
        self._every(TICK, self._deliver, at_once=DELIVERING_AT_ONCE)
        self._every(TICK, self._reload)
        self._every(PULSE, self._beat)
        self._every(WATCH, self._watch)
        self._every(HEARTBEAT, self._heartbeat)
        self._every(LOOK, self._look, always=True)
        self._every(TICK, self._tick, always=True)
        self._scheduler.start()
        with suppress(DatabaseTroubleError):
            await self._beat()
        await stop.wait()
        log.info("stopping", under_way=len(self._running))
        self._scheduler.pause()
        self._leave_the_web()
        if self._running:
            await asyncio.wait(self._running, timeout=GRACE.total_seconds())
        self._health.close()
        all_ended = not self._running
        self._scheduler.shutdown(wait=False)  # cancels what has not ended
        with suppress(DatabaseTroubleError):
            await self._app.database.run(service_stopped, self._app.worker.id, now=self._app.clock())
        return all_ended

    def _every(
        self, interval: timedelta, job: Callable[[], Awaitable[object]], *, at_once: int = 1, always: bool = False
    ) -> None:
        name = job.__name__.strip("_")

        async def run() -> None:
            if self._standstill.trouble and not always:
                return
            task = asyncio.ensure_future(job())
            task.set_name(job.__name__)
            self._running.add(task)
            try:
                with self._vitals.run_of(name):
                    await task
            except asyncio.CancelledError:
                pass
            except Exception as error:  # a job that fails must not stop the clock: it is told, and run again
                if trouble := trouble_in(error):
                    self._standstill.met(trouble)
                else:
                    self._vitals.failed(name)
                    log.exception("job_failed", job=name)
            finally:
                self._running.discard(task)

        self._scheduler.add_job(run, "interval", seconds=interval.total_seconds(), max_instances=at_once)

    def _leave_the_web(self) -> None:
        for task in self._on_the_web():  # what it has stored is stored; the rest is found again
            task.cancel()

    def _on_the_web(self) -> list[asyncio.Task[object]]:
        return [task for task in self._running if task.get_name() in {"_crawl", "_revisit"}]

    async def _give_back(self) -> None:
        """Free what was left when the service began to stand still, now that it can be written."""
        if leaving := self._on_the_web():
            await asyncio.wait(leaving, timeout=GRACE.total_seconds())
        if not self._on_the_web():
            for table in (SourceRow, RevisitRow):
                await self._app.database.run(give_back, table, self._app.worker)

    async def _tick(self) -> None:
        self._vitals.tick()
        self._health.follow(self._app.in_force.configuration.health.listen)

    async def _look(self) -> None:
        await self._standstill.look(self._beat)

    async def _crawl(self) -> None:
        await jobs.crawl_due(self._app, self._crawling)

    async def _revisit(self) -> None:
        await jobs.revisit_due(self._app, self._crawling)

    async def _tidy(self) -> None:
        app = self._app
        await keep_house(app.database, app.in_force.configuration.settings.archive, app.clock)

    async def _calibrate(self) -> None:
        await calibration.follow(self._app)

    async def _match(self) -> None:
        if self._app.calibrated_by is None:
            await calibration.take_over(self._app)
        if not self._stories_are_read:
            await jobs.read_stories(self._app)
            self._stories_are_read = True
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
        await asyncio.to_thread(self._app.worker.stay, self._app.clock())
        now = self._app.clock()
        others = await self._app.database.run(_note_pulse, self._app.worker.id, now=now)
        self._vitals.pulse_at = now
        for other in set(others) - self._others:
            log.warning("another_service", other=other)
        self._others = set(others)

    async def _watch(self) -> None:
        await jobs.watch_health(self._app)

    async def _heartbeat(self) -> None:
        await self._beat()  # where nothing can be written, the service does not work, and is silent
        await jobs.send_heartbeat(self._app)


def _note_pulse(session: Session, worker_id: str, *, now: datetime) -> list[str]:
    note_running(session, now=now)
    return note_service(session, worker_id, now=now)
