"""Reads a source that is a page which lists articles, and the pages on which its list goes on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from crawler.discover.patterns import LinkPattern
from crawler.discover.sections import parse_section
from crawler.domain import NotModified, Validators
from crawler.errors import FetchError, PermanentFetchError, TemporaryFetchError
from crawler.identity import canonical_url
from crawler.parsing import parsed
from crawler.spiders import Found, where_it_is

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.desk import Assignment
    from crawler.discover.memory import PageMemory
    from crawler.discover.sections import SectionPage
    from crawler.domain import Entry
    from crawler.fetch.client import Answer
    from crawler.spiders import Get

kind = "section"

MOST_PAGES = 10
"""Pages of one list that are read at one time."""


async def read(assignment: Assignment, get: Get, *, now: datetime) -> Found | NotModified:
    return await where_it_is(assignment, partial(read_section, get=get, now=now))


async def read_section(url: str, assignment: Assignment, get: Get, *, now: datetime) -> Found | NotModified:
    """Read the section page at `url` for a source."""
    async with get(url, validators=assignment.validators) as answer:
        if answer.status == 304:  # noqa: PLR2004  (not modified)
            if assignment.validators == Validators():
                raise TemporaryFetchError("HTTP 304, though we have nothing that could be unmodified", kind="http-304")
            return NotModified(pause=answer.max_age, moved_to=answer.url if answer.moved else None)
        first = await page_in(answer, assignment, now=now)
    if not first.entries:
        fits = "fits link_pattern" if assignment.source.link_pattern else "looks like that of an article"
        raise PermanentFetchError(f"none of the {first.links} links of the page {fits}", kind="no-articles")
    return await found_in(first, answer, url, assignment, get, now=now)


async def found_in(
    first: SectionPage, answer: Answer, url: str, assignment: Assignment, get: Get, *, now: datetime
) -> Found:
    """Return what a section page, in an answer to a request for `url`, and the pages after it bring to light."""
    entries = {entry.link: entry for entry in first.entries}
    remark = await _read_on(first, answer.url, entries, assignment, get, now=now)
    return Found(
        entries=tuple(entries.values()),
        feed_url=url if url != assignment.source.url else None,
        pause=answer.max_age,
        moved_to=answer.url if answer.moved else None,
        validators=answer.validators,
        memory=first.memory,
        remark=remark,
        refused=first.refused,
    )


async def _read_on(
    page: SectionPage, url: str, entries: dict[str, Entry], assignment: Assignment, get: Get, *, now: datetime
) -> str | None:
    """Read the pages on which a list goes on, as long as all on them is new, into `entries`.

    Return what is to be said where the budget ended it.
    """
    seen = {canonical_url(url)}
    for _ in range(MOST_PAGES - 1):
        if _is_known(page, assignment.memory) or page.next_url is None or canonical_url(page.next_url) in seen:
            return None
        seen.add(canonical_url(page.next_url))
        try:
            async with get(page.next_url) as answer:
                page = await page_in(answer, assignment, now=now)
        except FetchError:  # the list ends here for now; what is newest was on the first page
            return None
        fresh = [entry for entry in page.entries if entry.link not in entries]
        if not fresh:
            return None
        entries |= {entry.link: entry for entry in fresh}
    return f"the list was cut off after {MOST_PAGES} pages" if page.next_url else None


def _is_known(page: SectionPage, memory: PageMemory | None) -> bool:
    """Tell whether a list was seen before. One article that stays on top of it for long does not make it so."""
    known = sum(memory.knows(entry.link) for entry in page.entries) if memory else 0
    return known * 10 > len(page.entries)


async def page_in(answer: Answer, assignment: Assignment, *, now: datetime) -> SectionPage:
    """Return what a section page shows."""
    pattern = assignment.source.link_pattern
    return await parsed(
        answer,
        parse_section,
        "the links of the page",
        pattern=LinkPattern(pattern) if pattern else None,
        memory=assignment.memory,
        now=now,
    )
