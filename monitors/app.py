"""Puts Newsvane together: the configuration in force, the database, and what the jobs work with."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import structlog

from crawler.errors import DatabaseTroubleError
from crawler.store.sources import keep_sources
from monitors.placing import Placing
from monitors.store.circuits import try_changed
from monitors.store.notes import note
from monitors.store.watchlists import keep_watchlists
from monitors.tell_service import configuration_is_good

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.store.claims import Worker
    from crawler.store.database import Database
    from monitors.in_force import InForce

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")


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
    claiming: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while deliveries are claimed, so that no two runs of the job choose one destination."""
    sending: set[str] = field(default_factory=set)
    """The channels through which something is under way, with those that lead to the same destination."""
    calibrated_by: object = None
    """What the concepts were measured by last; see calibration.py."""
    well: asyncio.Event | None = None
    """Set while the database can be worked with, if somebody watches over that."""

    async def keep(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do as `database.run`, for what was done outside and cannot be undone: in trouble, wait until it is over.

        Raises:
            DatabaseTroubleError: there is trouble, and nobody watches over it.
        """
        while True:
            try:
                return await self.database.run(work, *args, **kwargs)
            except DatabaseTroubleError:
                if self.well is None:
                    raise
                await self.well.wait()

    async def adopt(self, in_force: InForce) -> None:
        """Put a configuration in force, and remember since when its parts are."""
        async with self.matching:
            await self.database.run(_remember, in_force, self.clock())
            self.in_force = in_force
            self.calibrated_by = None
        configuration = in_force.configuration
        log.info("configuration_loaded", sources=len(configuration.sources), watchlists=len(configuration.watchlists))


def _remember(session: Session, in_force: InForce, now: datetime) -> None:
    configuration = in_force.configuration
    keep_sources(session, configuration.sources, now=now)
    keep_watchlists(session, configuration.watchlists, now=now)
    try_changed(session, in_force.destinations, now=now)
    note(session, "configuration", {"path": str(configuration.path)}, now=now)
    configuration_is_good(session, in_force, now=now)
