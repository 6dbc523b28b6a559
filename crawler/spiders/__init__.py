"""How a source is read: one file for each kind, found by itself.

A kind's file holds `kind` and `read`; nothing else has to know of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Protocol

from crawler.domain import Validators
from crawler.errors import PermanentFetchError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime, timedelta

    from crawler.desk import Assignment
    from crawler.discover.memory import PageMemory
    from crawler.domain import Entry, FoundKind, NotModified
    from crawler.fetch.client import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What reading a source brought to light."""

    entries: tuple[Entry, ...]
    feed_url: str | None = None
    """Where the entries came from, when that is not the source's own URL and is to be asked next time."""
    found_kind: FoundKind | None = None
    """What that is, where it had to be found out."""
    validators: Validators = field(default_factory=Validators)
    memory: PageMemory | None = field(default=None, repr=False)
    """What a section page showed up to now."""
    remark: str | None = None
    """What had to be left undone, for people to read."""
    old: tuple[Entry, ...] = ()
    """What is listed and too old to be news: remembered, and never fetched."""
    pause: timedelta | None = None
    """For how long the publisher says that nothing will change."""
    moved_to: str | None = None
    """Where permanent redirects led, if any did; it is asked next time once they did so for long enough."""
    refused: int = 0
    """How many links were no addresses of the web."""


class Get(Protocol):
    """Fetches a URL as crawler.fetch.client.Client.get does, or raises a FetchError."""

    def __call__(
        self, url: str, *, most_bytes: int = ..., validators: Validators | None = None
    ) -> AbstractAsyncContextManager[Answer]: ...


class Spider(Protocol):
    """The name and the function that make a module in this package a spider."""

    kind: str
    """What `type:` says in the YAML."""

    async def read(self, assignment: Assignment, get: Get, *, now: datetime) -> Found | NotModified:
        """Read a source's URL and return its entries.

        Raises:
            FetchError: it could not be read.
        """


@cache
def spiders() -> Mapping[str, Spider]:
    """Return every spider of this package by its kind."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return {module.kind: module for module in modules}


async def where_it_is(
    assignment: Assignment, read: Callable[[str, Assignment], Awaitable[Found | NotModified]]
) -> Found | NotModified:
    """Read a source at the address to which it moved; if nothing is there any more, at its own, which may know."""
    url, moved_to = assignment.source.url, assignment.feed_url
    if moved_to is None:
        return await read(url, assignment)
    try:
        return await read(moved_to, assignment)
    except PermanentFetchError:
        return await read(url, replace(assignment, validators=Validators()))
