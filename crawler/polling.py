"""Decides when to read a source again: from what it publishes, from what it asks for, from how it fails. Pure.

At each read a third to two thirds of a feed's entries should be known already: then nothing has scrolled out of it
unseen, and no read was in vain. How fast a source publishes is learned from its reads, and at first from the dates of
its entries. docs/crawling.md tells the rules in words.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler.domain import Failed, FetchOutcome, NotModified, Read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

PROMPT = timedelta(hours=1)
"""How long an article may wait to be seen, at a source that has room for more in its feed."""
PROMPT_SHARE = 12
"""Where a source publishes seldom, an article may wait for this part of its usual gap."""
SOFT_START, SOFT_MOST = timedelta(minutes=15), timedelta(hours=6)
HARD_START, HARD_MOST = timedelta(hours=1), timedelta(days=1)
JITTER = 0.1

LONGEST_HINT = timedelta(hours=2)

_AIM = 0.5  # the share of a feed that should be new at a read
_LEAST_AIM = 1 / 3
_SIGMAS = 5  # a small feed is read sooner, for as many may come by chance as are usual, and this many deviations more
_SAFE = 0.8  # the share of a feed that may be new at the fastest pace that is remembered
_MEMORY_READS = 4  # reads over which the pace is smoothed: the noise of ten new entries then stays within the aim
_GAP_WEIGHT = 0.2
_PEAK_HALF_LIFE = timedelta(days=21)  # what a week of silence leaves of a peak still is safe
_PEAK_WINDOW = timedelta(minutes=30)  # entries that come in one go are no pace
_LONGEST_HALF_LIFE = timedelta(days=60)
_MOST_DOUBLINGS = 30
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """How often a source may be read: `every` so often, or (None) as often as it needs within the bounds."""

    every: timedelta | None = None
    at_least: timedelta = timedelta(minutes=5)
    """The least time between two reads: feeds come out of caches that are five minutes old, and hosts notice."""
    at_most: timedelta = timedelta(hours=6)
    """Four reads a day find out that a source of two articles a week has a new one, and that a dead one is dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How a source publishes. Bounded: it is as large after ten years as after a day."""

    entries: int = 0
    """In its feed, at the last read."""
    per_hour: float | None = None
    """New entries, smoothed over the last reads; None before anything is known."""
    peak_per_hour: float = 0.0
    """The fastest it went for half an hour or longer; forgotten by half in three weeks."""
    gap_s: float | None = None
    """Seconds between two new entries, smoothed."""
    longest_gap_s: float = 0.0
    """The longest silence; forgotten by half in two months."""
    gaps: int = 0
    """How many silences came to an end so far."""
    span_s: float = 0.0
    """The time that is known of: these silences, one after the other."""
    window_s: float = 0.0
    window_new: int = 0
    """The stretch of reads that is being measured for its peak."""

    @property
    def usual_gap(self) -> timedelta | None:
        return None if self.gap_s is None else timedelta(seconds=self.gap_s)

    @property
    def longest_gap(self) -> timedelta:
        return timedelta(seconds=self.longest_gap_s)


# -- learning a source's rhythm ---------------------------------------------------------------------------------------


def first_heard(entries: int, dates: Sequence[datetime], *, now: datetime) -> Rhythm:
    """Return the rhythm that the first read of a source tells by the dates of its entries, where those can be believed.

    The days are counted back from now: an offset that is wrong in all of them changes nothing.
    """
    days = sorted(dates)
    gaps = [(late - early).total_seconds() for early, late in pairwise(days)]
    span = sum(gaps)
    # dates that are all the same, or in the future, are those of the program that wrote the feed
    if len(days) < max(3, entries // 2) or span < _HOUR.total_seconds() or days[-1] > now + timedelta(days=1):
        return Rhythm(entries=entries)
    half = max(len(days) // 2, 2)
    spans = [(days[at + half - 1] - days[at]).total_seconds() for at in range(len(days) - half + 1)]
    fastest = max(min(spans), _PEAK_WINDOW.total_seconds())
    return Rhythm(
        entries=entries,
        per_hour=len(gaps) / span * 3600,
        peak_per_hour=half / fastest * 3600,
        gap_s=span / len(gaps),
        longest_gap_s=max(gaps),
        gaps=len(gaps),
        span_s=span,
    )


def heard(rhythm: Rhythm, *, entries: int | None, new: int, since: timedelta, quiet: timedelta) -> Rhythm:
    """Return the rhythm after another read that brought `new` entries.

    `entries` is how many the feed holds (None after a 304), `since` the time since the read before, `quiet` the time
    since there was anything new.
    """
    passed_s = max(since.total_seconds(), 60.0)
    now_per_hour = new / passed_s * 3600
    items = rhythm.entries if entries is None else entries
    if 0 < items <= new:  # some may have been missed: it was faster than we could see
        now_per_hour *= 1.5
    smoothed = now_per_hour if rhythm.per_hour is None else _towards(rhythm.per_hour, now_per_hour, 1 / _MEMORY_READS)
    hurried = max(smoothed, now_per_hour) if new > items * (1 - _LEAST_AIM) else smoothed
    return _with_peak(_with_gap(replace(rhythm, entries=items, per_hour=hurried), new, quiet), new, passed_s)


def _with_peak(rhythm: Rhythm, new: int, passed_s: float) -> Rhythm:
    window_s, window_new = rhythm.window_s + passed_s, rhythm.window_new + new
    faded = rhythm.peak_per_hour * 0.5 ** (passed_s / _PEAK_HALF_LIFE.total_seconds())
    if window_s < _PEAK_WINDOW.total_seconds():
        return replace(rhythm, peak_per_hour=faded, window_s=window_s, window_new=window_new)
    peak = max(faded, window_new / window_s * 3600)
    return replace(rhythm, peak_per_hour=peak, window_s=0.0, window_new=0)


def _with_gap(rhythm: Rhythm, new: int, quiet: timedelta) -> Rhythm:
    quiet_s = quiet.total_seconds()
    if not new:
        return rhythm
    gap_s = quiet_s / new if rhythm.gap_s is None else _towards(rhythm.gap_s, quiet_s / new, _GAP_WEIGHT)
    faded = rhythm.longest_gap_s * 0.5 ** (quiet_s / _LONGEST_HALF_LIFE.total_seconds())
    longest, gaps, span_s = max(faded, quiet_s), min(rhythm.gaps + 1, 1_000_000), rhythm.span_s + quiet_s
    return replace(rhythm, gap_s=gap_s, longest_gap_s=longest, gaps=gaps, span_s=span_s)


def _towards(old: float, new: float, weight: float) -> float:
    return old + (new - old) * weight


# -- when to come back ------------------------------------------------------------------------------------------------


def usual_wait(rhythm: Rhythm, polling: Polling, *, quiet: timedelta, hint: timedelta | None = None) -> timedelta:
    """Return how long a source that answers may rest.

    `hint` is what its TTL and its Cache-Control ask for. Many ask for a day and publish every hour: it counts where
    the feed has room for what comes meanwhile, and no further than to LONGEST_HINT.
    """
    if polling.every is not None:
        return polling.every
    patient = max(rhythm.usual_gap or timedelta(0), quiet) / PROMPT_SHARE
    prompt = max(PROMPT, patient, min(hint or PROMPT, LONGEST_HINT))
    aim = _time_for(_new_at_once(rhythm.entries), rhythm.per_hour or 0.0, most=prompt)
    safe = _time_for(rhythm.entries * _SAFE, rhythm.peak_per_hour, most=prompt)
    wait = min(aim, safe)
    if rhythm.per_hour is None:  # nothing is known yet: a second look tells how fast it is
        wait = min(wait, SOFT_START)
    return min(max(wait, polling.at_least), polling.at_most)


def _new_at_once(entries: int) -> float:
    """Return how many of a feed's entries should be new at a read, so that chance does not bring more than it holds."""
    bearable = ((math.sqrt(_SIGMAS**2 + 4 * entries) - _SIGMAS) / 2) ** 2
    return max(entries * _LEAST_AIM, min(entries * _AIM, bearable))


def _time_for(entries: float, per_hour: float, *, most: timedelta) -> timedelta:
    """Return how long so many entries take at a pace."""
    if entries <= 0 or per_hour <= 0 or entries / per_hour > most / _HOUR:
        return most
    return _HOUR * (entries / per_hour)


def next_check(
    outcome: FetchOutcome,
    polling: Polling,
    *,
    usual: timedelta,
    failures: int,
    chance: float,
    now: datetime,
) -> datetime:
    """Return when to read the source again; never sooner than the publisher asked, and exactly then if it asked.

    `usual` is its usual wait, `failures` how many times in a row it could not be read, this time included; `chance`
    (0 to 1, see `chance_of`) keeps sources from coming all at once.
    """
    match outcome:
        case Read(retry_after=asked):
            wait = _spread(usual, polling, chance)
        case NotModified():
            wait, asked = _spread(usual, polling, chance), None
        case Failed(retry_after=asked, permanent=permanent):
            wait = _after_failure(usual, polling, failures=failures, permanent=permanent) * (1 + JITTER * chance)
    return now + max(wait, asked or timedelta(0))


def _spread(wait: timedelta, polling: Polling, chance: float) -> timedelta:
    """Move a wait a little: an adaptive one comes sooner, within its bounds, a fixed one later."""
    if polling.every is not None:
        return wait * (1 + JITTER / 2 * chance)
    return max(wait * (1 - JITTER * chance), polling.at_least)


def _after_failure(usual: timedelta, polling: Polling, *, failures: int, permanent: bool) -> timedelta:
    """Return how long to leave a failing source alone: twice as long each time, but it is never given up."""
    first = HARD_START if permanent else min(usual, SOFT_START)
    most = max(HARD_MOST if permanent else SOFT_MOST, usual)
    # the exponent is bounded, since a source may fail for years
    doubled = 1 << min(max(failures - 1, 0), _MOST_DOUBLINGS)
    return min(max(first, polling.every or polling.at_least) * doubled, most)


def chance_of(source_id: str, now: datetime) -> float:
    """Return a number from 0 to 1 that is another for each source and read, and the same when asked again."""
    return zlib.crc32(f"{source_id} {math.floor(now.timestamp())}".encode()) / 0xFFFFFFFF
