"""What one source may cost in one run: pages, time, and patience with hosts that do not answer."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.errors import FetchError

PAGES = 500
"""What is left waits for the next run."""
TIME = timedelta(minutes=15)
"""So that a host which drips, or asks for a minute between two pages, does not keep a place for hours."""
PATIENCE = 3
"""How many pages in a row a host may hold up until the deadline."""


class Allowance:
    """Says of each page of a source whether it may still be fetched in this run. `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = clock() + TIME.total_seconds()
        self._pages = PAGES
        self._held_up: Counter[str] = Counter()
        self.left = 0
        """Pages that were not fetched in this run, for any of the three reasons."""

    def take(self, url: str) -> bool:
        """Tell whether a page may be fetched now, and count it."""
        allowed = self._pages > 0 and self._clock() < self._until and self._held_up[urlsplit(url).netloc] < PATIENCE
        self._pages -= allowed
        self.left += not allowed
        return allowed

    def answered(self, url: str, error: FetchError | None = None) -> None:
        """Note how fetching a page went."""
        host = urlsplit(url).netloc
        if error is not None and error.kind == "timeout":
            self._held_up[host] += 1
        else:
            del self._held_up[host]
