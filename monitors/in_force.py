"""The configuration in force: its watchlists compiled, its sources and destinations by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from crawler.masking import keep_secret
from monitors.deliver.channels import Facilities
from monitors.deliver.destinations import Destinations
from monitors.secrets import secrets_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.domain import Article, Source
    from monitors.domain import DeliveryRule, Match, Tier, Watchlist
    from monitors.match.matcher import Matched, Matcher
    from monitors.watchlist_file import Configuration


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
