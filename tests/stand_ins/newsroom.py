"""Two sources and a clock that is turned by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.domain import Source

HARBOUR = Source(id="harbour", url="https://harbour.example/feed", name="The Harbour Ledger", tier=1)
WIRE = Source(id="wire", url="https://wire.example/feed", name="Wire", groups=frozenset({"wires"}))


class Clock:
    """Shows 23 November 2026, 07:00 UTC, until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 7, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> datetime:
        self.now += by
        return self.now
