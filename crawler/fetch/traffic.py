"""Counts the requests to each host until they are written down: a transaction for each would cost more than it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.desk import HostDay

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

FLUSH_EVERY_S = 5.0


class Traffic:
    """What was asked of hosts and is not yet handed over."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._counts: dict[tuple[str, date], HostDay] = {}
        self._taken_at = 0.0

    def note(self, host: str, *, status: int | None, received_bytes: int) -> None:
        """Count a request; `status` is None if no answer came."""
        day = self._now().date()
        so_far = self._counts.get((host, day)) or HostDay(host=host, day=day)
        self._counts[host, day] = replace(
            so_far,
            requests=so_far.requests + 1,
            bytes=so_far.bytes + received_bytes,
            unmodified=so_far.unmodified + (status == 304),  # noqa: PLR2004  (not modified)
            failed=so_far.failed + (status is None or status >= 400),  # noqa: PLR2004  (from here on an error)
        )

    def is_due(self, at: float) -> bool:
        """Tell whether the counts should be handed over; `at` is on the clock of the event loop."""
        return bool(self._counts) and at - self._taken_at >= FLUSH_EVERY_S

    def take(self, at: float) -> list[HostDay]:
        taken, self._counts, self._taken_at = list(self._counts.values()), {}, at
        return taken
