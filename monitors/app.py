"""Puts Newsvane together: the configuration in force, the database, and what the jobs work with."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import structlog

from crawler.errors import ConfigError
from crawler.store.sources import keep_sources
from monitors.deliver.channels import Facilities
from monitors.placing import Placing
from monitors.store.notes import note
from monitors.store.watchlists import keep_watchlists
from monitors.watchlist_file import Configuration, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crawler.domain import Source
    from crawler.store.claims import Worker
    from crawler.store.database import Database
    from monitors.domain import Watchlist
    from monitors.match.matcher import Matcher

log = structlog.get_logger()


@dataclass(frozen=True)
class InForce:
    """A configuration with its watchlists compiled. Replaced as a whole when the file changes."""

    configuration: Configuration
    matcher: Matcher

    @classmethod
    def of(cls, configuration: Configuration) -> InForce:
        return cls(configuration, configuration.matcher)

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        return {source.id: source for source in self.configuration.sources}

    @cached_property
    def watchlists(self) -> Mapping[str, Watchlist]:
        return {watchlist.id: watchlist for watchlist in self.configuration.watchlists}

    @cached_property
    def facilities(self) -> Facilities:
        return Facilities(smtp=self.configuration.smtp)

    def sources_of(self, watchlist: Watchlist) -> frozenset[str]:
        """Return the ids of the sources that a watchlist listens to."""
        wanted = watchlist.sources
        if wanted is None:
            return frozenset(self.sources)
        return frozenset(
            source.id
            for source in self.sources.values()
            if source.id in wanted.ids or not source.groups.isdisjoint(wanted.groups)
        )


@dataclass
class App:
    """What the jobs share. `clock` is the only source of the present time."""

    in_force: InForce
    database: Database
    worker: Worker
    clock: Callable[[], datetime]
    rng: random.Random = field(default_factory=random.Random)
    matching: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while articles are matched, so that a configuration never changes in between."""
    placing: Placing = field(default_factory=Placing)
    """Used only while `matching` is held."""

    async def adopt(self, in_force: InForce) -> None:
        """Put a configuration in force, and remember since when its parts are."""
        async with self.matching:
            await self.database.run(_remember, in_force.configuration, self.clock())
            self.in_force = in_force
        configuration = in_force.configuration
        log.info("configuration_loaded", sources=len(configuration.sources), watchlists=len(configuration.watchlists))


def _remember(session: Session, configuration: Configuration, now: datetime) -> None:
    keep_sources(session, configuration.sources, now=now)
    keep_watchlists(session, configuration.watchlists, now=now)
    note(session, "configuration", {"path": str(configuration.path)}, now=now)
    note(session, "configuration_refused", None, now=now)


class ConfigurationFile:
    """The YAML file of a running service: loaded anew when it changes, kept as it was when the change is broken."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = self._look()

    async def reload(self, app: App) -> None:
        """Adopt the file if it changed. A broken one is told in the log and in `newsvane status`, and not adopted."""
        seen = self._look()
        if seen == self._seen:
            return
        try:
            in_force = await asyncio.to_thread(lambda: InForce.of(load(self.path, to_run=True)))
        except ConfigError as error:
            problems = str(error)
            log.error("configuration_refused", problems=problems)  # noqa: TRY400  # the problems are told, not the stack
            await app.database.run(note, "configuration_refused", {"problems": problems}, now=app.clock())
        else:
            await app.adopt(in_force)
        self._seen = seen

    def _look(self) -> tuple[int, int] | None:
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_size
