"""Looks through a site for the best that it can be read by, with few requests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crawler.discover.feeds import tells_feed
from crawler.discover.ranking import best_of, rank
from crawler.discover.sitemaps import is_sitemap
from crawler.discover.sites import Hint, hints
from crawler.domain import NotModified, Validators
from crawler.errors import FetchError, PermanentFetchError, TemporaryFetchError
from crawler.fetch.limits import FEED_BYTES
from crawler.parsing import parsed
from crawler.spiders import Found
from crawler.spiders import feed as feeds
from crawler.spiders import section as sections
from crawler.spiders import sitemap as sitemaps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.desk import Assignment
    from crawler.discover.ranking import Rank
    from crawler.discover.sections import SectionPage
    from crawler.fetch.client import Answer
    from crawler.spiders import Get

MOST_TRIED = 11
"""Hints that a crawl follows before it takes the best that it has; `newsvane sources --discover` follows all."""
MOST_MAPS = 2
"""Sitemaps of an index that are read to judge it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What a hint led to."""

    hint: Hint
    found: Found | None = field(default=None, repr=False)
    rank: Rank | None = None
    error: FetchError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a site can be read by."""

    candidates: tuple[Candidate, ...]
    """In the order in which they were tried."""
    best: Candidate | None
    unmodified: NotModified | None = None
    """The answer, where the URL itself is what was read before and did not change."""

    def doubt(self) -> TemporaryFetchError | None:
        """Return why something could not be tried for now that may be better than the best."""
        if self.best and self.best.rank and self.best.rank.is_good:
            return None
        doubts = (one for one in self.candidates if isinstance(one.error, TemporaryFetchError))
        named = sorted(doubts, key=lambda one: one.hint.how == "a usual place")
        # what answers nothing but errors to guesses, as firewalls do, hides no feed
        worth = [one for one in named if self.best is None or one.hint.how != "a usual place"]
        return worth[0].error if worth and isinstance(worth[0].error, TemporaryFetchError) else None


async def discover(assignment: Assignment, get: Get, *, now: datetime, whole: bool = False) -> Discovery:
    """Look at a source's URL, and unless it is a feed or a sitemap at what it hints at, until a good one is met.

    With `whole`, all hints are followed.

    Raises:
        FetchError: the URL itself could not be read.
    """
    url, validators = assignment.source.url, assignment.validators
    async with get(url, most_bytes=FEED_BYTES, validators=validators) as answer:
        if answer.status == 304 or await parsed(answer, tells_feed, "the page"):  # noqa: PLR2004  (not modified)
            found = await feeds.found_in(answer, url, url, validators)
            return await asyncio.to_thread(_of_itself, found, "feed", url, now)
        page = None if is_sitemap(answer.body) else await sections.page_in(answer, assignment, now=now)
        named = await parsed(answer, hints, "the page", sitemaps=answer.sitemaps) if page else ()
        without_body = replace(answer, body=b"")
    if page is None:
        found = await sitemaps.read_sitemap(url, replace(assignment, validators=Validators()), get, now=now)
        return await asyncio.to_thread(_of_itself, found, "sitemap", url, now)
    search = _Search(assignment, get, now)
    await search.follow(named, whole=whole)
    return await search.end(page, without_body)


def _of_itself(found: Found | NotModified, kind: str, url: str, now: datetime) -> Discovery:
    if isinstance(found, NotModified):
        return Discovery(candidates=(), best=None, unmodified=found)
    hint = Hint(url=url, kind="sitemap" if kind == "sitemap" else "feed", how="the page itself")
    found = replace(found, found_kind="sitemap" if kind == "sitemap" else None)
    one = Candidate(hint=hint, found=found, rank=rank(hint, found.entries, site=url, now=now))
    return Discovery(candidates=(one,), best=one)


@dataclass(slots=True)
class _Search:
    """Follows hints, one after the other."""

    assignment: Assignment
    get: Get
    now: datetime
    tried: list[Candidate] = field(default_factory=list)

    async def follow(self, named: Sequence[Hint], *, whole: bool) -> None:
        for hint in named if whole else named[:MOST_TRIED]:
            one = await self._candidate(hint)
            self.tried.append(one)
            if one.rank and one.rank.is_good and not whole:
                return

    async def end(self, page: SectionPage, answer: Answer) -> Discovery:
        """Choose, with the page itself as the last candidate; if it is chosen, read on in its list."""
        url = self.assignment.source.url
        hint = Hint(url=url, kind="section", how="the page itself")
        itself = Candidate(hint=hint, rank=rank(hint, page.entries, site=url, now=self.now))
        candidates = (*self.tried, itself) if page.entries else tuple(self.tried)
        ranked = [(one, one.rank) for one in candidates if one.rank]
        at = best_of([one for _, one in ranked])
        best = None if at is None else ranked[at][0]
        if best is itself:
            found = await sections.found_in(page, answer, url, self.assignment, self.get, now=self.now)
            best = replace(itself, found=replace(found, found_kind="section"))
        return Discovery(candidates=candidates, best=best)

    async def _candidate(self, hint: Hint) -> Candidate:
        try:
            found = await self._read(hint)
        except FetchError as error:
            return Candidate(hint=hint, error=error)
        if isinstance(found, NotModified):  # nobody asked for that
            return Candidate(hint=hint, error=PermanentFetchError("HTTP 304", kind="http-304"))
        judged = await asyncio.to_thread(rank, hint, found.entries, site=self.assignment.source.url, now=self.now)
        return Candidate(hint=hint, found=replace(found, found_kind=hint.kind), rank=judged)

    async def _read(self, hint: Hint) -> Found | NotModified:
        url = self.assignment.source.url
        if hint.kind == "feed":
            return await feeds.read_feed(hint.url, url, self.get)
        fresh = replace(self.assignment, validators=Validators())
        return await sitemaps.read_sitemap(hint.url, fresh, self.get, now=self.now, most_maps=MOST_MAPS)
