"""Decides when to read a source again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.domain import Failed, FetchOutcome, NotModified, Read

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """How often a source is read, and how long it rests at most while it fails."""

    every: timedelta = timedelta(minutes=15)
    at_most: timedelta = timedelta(hours=6)


def next_check(outcome: FetchOutcome, polling: Polling, *, failures: int, now: datetime) -> datetime:
    """Return when to read the source again; never sooner than the publisher asked.

    `failures` is how many times in a row it could not be read, this time included.
    """
    match outcome:
        case Read(retry_after=asked):
            wait = polling.every
        case NotModified():
            wait, asked = polling.every, None
        case Failed(retry_after=asked):
            # the exponent is bounded, since a source may fail for years
            wait = min(polling.every * 2 ** min(failures, 30), polling.at_most)
    return now + max(wait, asked or timedelta(0))
