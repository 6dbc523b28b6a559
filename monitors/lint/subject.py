"""What the rules look at, and what they say of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from monitors.match.keywords import read_keyword
from monitors.match.query.tree import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crawler.domain import Source
    from crawler.yaml_tree import Place
    from monitors.domain import Entity, Keyword, SourceFilter, Watchlist
    from monitors.match.query.tree import Part
    from monitors.watchlist_file import Configuration


class Remark(NamedTuple):
    """What a rule says of a place in the file; `at` points at a character of the text there."""

    place: Place
    message: str
    at: int | None = None


class Entry(NamedTuple):
    """One entry of `keywords:`, `all:` or `none:`."""

    place: Place
    keyword: Keyword
    part: Part


@dataclass(frozen=True)
class Listed:
    """A watchlist with its place in the file, its keywords read."""

    place: Place
    watchlist: Watchlist
    languages: tuple[str, ...]
    """Those that its articles can be in; empty: any."""

    @cached_property
    def keywords(self) -> Sequence[Entry]:
        return self._read("keywords", self.watchlist.keywords)

    @cached_property
    def all(self) -> Sequence[Entry]:
        return self._read("all", self.watchlist.all)

    @cached_property
    def none(self) -> Sequence[Entry]:
        return self._read("none", self.watchlist.none)

    def _read(self, section: str, keywords: Sequence[Keyword]) -> Sequence[Entry]:
        return [
            Entry((*self.place, section, index), keyword, read_keyword(keyword))
            for index, keyword in enumerate(keywords)
        ]


@dataclass(frozen=True)
class Written:
    """A keyword or a query where it stands in the file."""

    place: Place
    part: Part
    languages: tuple[str, ...]
    """Those of the articles that it is about; empty: any."""

    @cached_property
    def parts(self) -> Sequence[Part]:
        """It and everything in it that stands in the same text: not what named queries say."""
        return list(_own_parts(self.part))


@dataclass(frozen=True)
class Subject:
    """A configuration, taken apart once for all rules."""

    configuration: Configuration

    @cached_property
    def watchlists(self) -> Sequence[Listed]:
        spoken = self.configuration.settings.languages
        return [
            Listed(("watchlists", number), watchlist, tuple(sorted(watchlist.languages)) or spoken)
            for number, watchlist in enumerate(self.configuration.watchlists)
        ]

    @cached_property
    def entities(self) -> Mapping[str, Entity]:
        return {entity.id: entity for entity in self.configuration.entities}

    @cached_property
    def _heard(self) -> dict[SourceFilter | None, Sequence[Source]]:
        return {None: self.configuration.sources}

    def heard(self, watchlist: Watchlist) -> Sequence[Source]:
        """Return the sources that a watchlist listens to."""
        limits = watchlist.sources
        if limits not in self._heard:
            self._heard[limits] = [
                source
                for source in self.configuration.sources
                if limits is None or source.id in limits.ids or not limits.groups.isdisjoint(source.groups)
            ]
        return self._heard[limits]

    @cached_property
    def queries(self) -> Sequence[Written]:
        """Every query, the named ones too."""
        spoken = self.configuration.settings.languages
        named = [Written(("queries", name), part, spoken) for name, part in self.configuration.queries.items()]
        return named + [
            Written((*listed.place, "query"), listed.watchlist.query, listed.languages)
            for listed in self.watchlists
            if listed.watchlist.query
        ]

    @cached_property
    def written(self) -> Sequence[Written]:
        """Every keyword and every query."""
        return [*self.queries, *self._keywords()]

    def _keywords(self) -> Iterator[Written]:
        for listed in self.watchlists:
            for entry in (*listed.keywords, *listed.all, *listed.none):
                tongue = entry.keyword.lang
                yield Written((*entry.place, "text"), entry.part, (tongue,) if tongue else listed.languages)


def _own_parts(part: Part) -> Iterator[Part]:
    waiting = [part]
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, Reference):
            waiting += reversed(part.parts)
