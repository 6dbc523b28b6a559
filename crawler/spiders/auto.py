"""Reads a source of which only a URL is known: a feed, or a site whose feed is found by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.discover.feeds import is_feed
from crawler.discover.sites import declared_feeds, well_known_feeds
from crawler.errors import FetchError, PermanentFetchError, TemporaryFetchError
from crawler.fetch.limits import FEED_BYTES
from crawler.spiders import Found
from crawler.spiders.feed import found_in, read_feed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.desk import Assignment
    from crawler.domain import NotModified
    from crawler.spiders import Get

kind = "auto"

MOST_DECLARED = 4
"""How many of the feeds that a site declares are tried before the usual places."""


async def read(assignment: Assignment, get: Get, *, now: datetime) -> Found | NotModified:  # noqa: ARG001
    url = assignment.source.url
    if assignment.feed_url is not None:
        try:
            return await read_feed(assignment.feed_url, url, get, assignment.validators)
        except PermanentFetchError:  # gone: look again, once
            return await _look(url, get)
    return await _look(url, get, assignment)


async def _look(url: str, get: Get, assignment: Assignment | None = None) -> Found | NotModified:
    """Read a URL that may be a feed or a site, and in a site the best of its feeds."""
    validators = assignment.validators if assignment else None
    async with get(url, most_bytes=FEED_BYTES, validators=validators) as answer:
        if answer.status == 304 or is_feed(answer.body, answer.charset):  # noqa: PLR2004  (not modified)
            return await found_in(answer, url, url, validators)
        declared = declared_feeds(answer.body, answer.url, answer.charset)[:MOST_DECLARED]
    return await _first_feed((*declared, *well_known_feeds(answer.url)), url, get)


async def _first_feed(candidates: Sequence[str], url: str, get: Get) -> Found | NotModified:
    """Return the first feed with entries, else an empty one."""
    empty: Found | NotModified | None = None
    doubt: FetchError | None = None
    for candidate in dict.fromkeys(candidates):
        try:
            found = await read_feed(candidate, url, get)
        except TemporaryFetchError as error:
            doubt = error
        except PermanentFetchError:
            continue
        else:
            if isinstance(found, Found) and found.entries:
                return found
            empty = empty or found
    if empty is not None:
        return empty
    if isinstance(doubt, TemporaryFetchError):
        told = f"no feed found, and one could not be tried: {doubt}"
        raise TemporaryFetchError(told, kind=doubt.kind, retry_after=doubt.retry_after)
    told = "no feed found: the page names none, and none is in the usual places"
    raise PermanentFetchError(told, kind="not-a-feed")
