"""Reads a source of which only a URL is known: a feed, a sitemap, or a site in which the best of these is found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.domain import NotModified, Validators
from crawler.errors import PermanentFetchError, TemporaryFetchError
from crawler.spiders.feed import read_feed
from crawler.spiders.section import read_section
from crawler.spiders.sitemap import read_sitemap

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.desk import Assignment
    from crawler.discovery import Candidate, Discovery
    from crawler.spiders import Found, Get

kind = "auto"


async def read(assignment: Assignment, get: Get, *, now: datetime) -> Found | NotModified:
    if assignment.feed_url or assignment.found_kind:
        try:
            return await _read_again(assignment, get, now=now)
        except PermanentFetchError:  # gone: look again, once
            assignment = replace(assignment, feed_url=None, found_kind=None, validators=Validators())
    # not before, since it imports the spiders
    from crawler.discovery import discover

    return _chosen(await discover(assignment, get, now=now))


async def _read_again(assignment: Assignment, get: Get, *, now: datetime) -> Found | NotModified:
    """Read what was found before, as what it was found to be."""
    source_url, found_kind = assignment.source.url, assignment.found_kind or "feed"
    url = assignment.feed_url or source_url
    match found_kind:
        case "feed":
            found = await read_feed(url, source_url, get, assignment.validators)
        case "sitemap":
            found = await read_sitemap(url, assignment, get, now=now)
        case "section":
            found = await read_section(url, assignment, get, now=now)
    return found if isinstance(found, NotModified) else replace(found, found_kind=found_kind)


def _chosen(discovery: Discovery) -> Found | NotModified:
    """Return the best; nothing of it is remembered while something better may only be out of reach for now."""
    if discovery.unmodified:
        return discovery.unmodified
    doubt = discovery.doubt()
    best = discovery.best or _empty_feed(discovery)
    if best and best.found:
        if doubt is None or not best.found.entries:
            return best.found
        remark = f"what the site names could not be read ({doubt}), so its {best.hint.kind} was"
        return replace(best.found, feed_url=None, found_kind=None, validators=Validators(), remark=remark)
    if doubt:
        told = f"no feed found, and one could not be tried: {doubt}"
        raise TemporaryFetchError(told, kind=doubt.kind, retry_after=doubt.retry_after)
    told = "no feed found: the page names none, none is in the usual places, and it does not list articles"
    raise PermanentFetchError(told, kind="not-a-feed")


def _empty_feed(discovery: Discovery) -> Candidate | None:
    """Return a feed that has nothing to say yet."""
    return next((one for one in discovery.candidates if one.found and one.hint.kind == "feed"), None)
