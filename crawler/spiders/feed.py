"""Reads a source that is a feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.discover.feeds import parse_feed
from crawler.domain import NotModified, Validators
from crawler.errors import TemporaryFetchError
from crawler.fetch.limits import FEED_BYTES
from crawler.parsing import parsed
from crawler.spiders import Found, where_it_is

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from datetime import datetime

    from crawler.desk import Assignment
    from crawler.fetch.client import Answer
    from crawler.spiders import Get

kind = "feed"


async def read(assignment: Assignment, get: Get, *, now: datetime) -> Found | NotModified:  # noqa: ARG001  (a feed is news whenever it is read)
    def read_at(url: str, asked: Assignment) -> Awaitable[Found | NotModified]:
        return read_feed(url, asked.source.url, get, asked.validators)

    return await where_it_is(assignment, read_at)


async def read_feed(url: str, source_url: str, get: Get, validators: Validators | None = None) -> Found | NotModified:
    """Read the feed at `url` for the source at `source_url`."""
    async with get(url, most_bytes=FEED_BYTES, validators=validators) as answer:
        return await found_in(answer, url, source_url, validators)


async def found_in(
    answer: Answer, url: str, source_url: str, validators: Validators | None = None
) -> Found | NotModified:
    """Return what an answer to a request for `url` with these validators says."""
    if answer.status == 304:  # noqa: PLR2004  (not modified)
        if validators in {None, Validators()}:
            raise TemporaryFetchError("HTTP 304, though we have nothing that could be unmodified", kind="http-304")
        return NotModified(pause=answer.max_age, moved_to=answer.url if answer.moved else None)
    feed = await parsed(answer, parse_feed, "the feed")
    return Found(
        entries=feed.entries,
        feed_url=url if url != source_url else None,
        validators=answer.validators,
        pause=max(filter(None, (feed.ttl, answer.max_age)), default=None),
        moved_to=answer.url if answer.moved else None,
        refused=feed.refused,
    )
