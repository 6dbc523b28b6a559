"""Reads a source that is a sitemap, or an index of sitemaps."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from crawler.discover.history import news_and_history, worth_reading
from crawler.discover.sitemaps import parse_sitemap
from crawler.domain import NotModified, Validators
from crawler.errors import FetchError, TemporaryFetchError
from crawler.fetch.limits import FEED_BYTES
from crawler.parsing import parsed
from crawler.spiders import Found, where_it_is

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.desk import Assignment
    from crawler.discover.sitemaps import Listed, Sitemap, Submap
    from crawler.spiders import Get

kind = "sitemap"

MOST_MAPS = 10
"""Sitemaps of an index that are read at one time."""
DEEPEST_INDEX = 2
"""An index may list indexes, and these no more of them."""


async def read(assignment: Assignment, get: Get, *, now: datetime) -> Found | NotModified:
    return await where_it_is(assignment, partial(read_sitemap, get=get, now=now))


async def read_sitemap(
    url: str,
    assignment: Assignment,
    get: Get,
    *,
    now: datetime,
    most_maps: int = MOST_MAPS,
) -> Found | NotModified:
    """Read the sitemap at `url` for a source, and of those that it lists the most promising."""
    async with get(url, most_bytes=FEED_BYTES, validators=assignment.validators) as answer:
        if answer.status == 304:  # noqa: PLR2004  (not modified)
            if assignment.validators == Validators():
                raise TemporaryFetchError("HTTP 304, though we have nothing that could be unmodified", kind="http-304")
            return NotModified(pause=answer.max_age, moved_to=answer.url if answer.moved else None)
        sitemap = await parsed(answer, parse_sitemap, "the sitemap")
    below = _Below(get, read_at=assignment.read_at, now=now, most=most_maps)
    await below.read(sitemap.maps)
    if below.trouble and not below.read_well:
        raise below.trouble
    listed = (*sitemap.listed, *below.listed)
    # in threads, as is the order of the maps below: hundreds of thousands may be listed
    entries, old = await asyncio.to_thread(news_and_history, listed, read_at=assignment.read_at, now=now)
    return Found(
        entries=entries,
        old=old,
        feed_url=url if url != assignment.source.url else None,
        pause=answer.max_age,
        moved_to=answer.url if answer.moved else None,
        # an index without dates may stay the same while what it lists changes; one that was not read whole is asked for
        validators=answer.validators if not below.trouble and all(map(_is_dated, sitemap.maps)) else Validators(),
        refused=sitemap.refused + below.refused,
    )


@dataclass(slots=True, kw_only=True)
class _Below:
    """The sitemaps that an index lists, read within a budget. One that fails costs none of the others."""

    get: Get = field(kw_only=False)
    read_at: datetime | None
    now: datetime
    most: int
    listed: list[Listed] = field(default_factory=list)
    refused: int = 0
    asked: int = 0
    read_well: int = 0
    trouble: FetchError | None = None

    async def read(self, maps: Sequence[Submap], depth: int = 1) -> None:
        for one in await asyncio.to_thread(worth_reading, maps, read_at=self.read_at, now=self.now):
            if self.asked >= self.most:
                return
            self.asked += 1
            try:
                sitemap = await self._fetched(one.url)
            except FetchError as error:
                self.trouble = self.trouble or error
                continue
            self.read_well += 1
            self.refused += sitemap.refused
            self.listed += sitemap.listed
            if depth < DEEPEST_INDEX:
                await self.read(sitemap.maps, depth + 1)

    async def _fetched(self, url: str) -> Sitemap:
        async with self.get(url, most_bytes=FEED_BYTES) as answer:
            return await parsed(answer, parse_sitemap, "the sitemap")


def _is_dated(one: Submap) -> bool:
    return one.changed is not None
