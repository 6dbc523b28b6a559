"""Puts Newsvane together: the configuration in force, the database, and what the jobs work with."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import structlog

from crawler.errors import DatabaseTroubleError
from crawler.masking import keep_secret
from crawler.store.sources import keep_sources
from monitors.deliver.channels import Facilities
from monitors.deliver.destinations import Destinations
from monitors.placing import Placing
from monitors.secrets import secrets_of
from monitors.store.circuits import try_changed
from monitors.store.notes import note
from monitors.store.watchlists import keep_watchlists
from monitors.tell_service import configuration_is_good

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.domain import Article, Source
    from crawler.store.claims import Worker
    from crawler.store.database import Database
    from monitors.domain import DeliveryRule, Match, Tier, Watchlist
    from monitors.match.matcher import Matched, Matcher
    from monitors.watchlist_file import Configuration

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class InForce:
    """A configuration with its watchlists compiled. Replaced as a whole when the file changes."""

    configuration: Configuration
    matcher: Matcher

    @classmethod
    def of(cls, configuration: Configuration) -> InForce:
        keep_secret(secrets_of(configuration))
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

    @cached_property
    def destinations(self) -> Destinations:
        return Destinations(self.configuration.channels, self.facilities)

    def match(self, article: Article, source_id: str) -> Matched:
        """Match an article as a source carried it; what is only related, where somebody may hear of it."""
        matched = self.matcher.match(article, self.sources.get(source_id))
        return replace(matched, matches=tuple(filter(self._is_heard, matched.matches)))

    def _is_heard(self, match: Match) -> bool:
        return not match.is_related or self.watchlists[match.watchlist_id].tells_related

    def tier_of(self, watchlist: Watchlist, rule: DeliveryRule) -> Tier | None:
        """Return how well the concepts of a watchlist are understood; None where a rule tells nothing found by one."""
        told = watchlist.concepts or (watchlist.related and rule.tells_related)
        return self.matcher.panel.tier if self.matcher.panel and told else None

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
