"""Tells how many stories a day there were, and whether a day is far above what is usual. Pure arithmetic."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from monitors.domain import Trend

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime, tzinfo

DAYS = 14
LEAST_DAYS = 7
"""A week of whole days, so that a weekend is among what is usual; a watchlist of two days has no verdict."""
LEAST_STORIES = 5
CHANCE = 0.01
FAR = 3.0
"""In deviations."""
LATE = timedelta(days=2)
"""For how long an article may have been out when it was found, so that it still counts on the day it was published."""

_AS_DEVIATION = 1.4826  # makes the MAD of a normal distribution its standard deviation
_LEAST_USUAL = 0.5  # days without a story do not prove that there never is one


def came_at(published: datetime | None, stored_at: datetime) -> datetime:
    """Return when an article came, for counting: when it was published, if that can be; else when it was found.

    So a night's articles stand on their day although they were read the next morning, or after Newsvane had stood
    still; while an old one that a site dug out, or one with a date that is wrong, counts when readers were told of it.
    """
    if published is not None and stored_at - LATE <= published <= stored_at:
        return published
    return stored_at


def by_day(stories: Iterable[tuple[int, datetime]], zone: tzinfo) -> dict[date, int]:
    """Count stories by the local day on which their articles came: on each day a story once, however many came.

    A day is what the calendar calls so, whether the clocks are changed in it or not.
    """
    days: defaultdict[date, set[int]] = defaultdict(set)
    for story, at in stories:
        days[at.astimezone(zone).date()].add(story)
    return {day: len(found) for day, found in days.items()}


def trend(counts: Mapping[date, int], *, watched_from: date | None, today: date) -> Trend:
    """Return what the last two weeks were like. `watched_from` is the first whole day that was watched.

    What is usual is the median of the whole days before, a week of them at the least: neither a burst nor a day that
    was missed moves it. Two weeks have each weekday but twice, too few to tell Mondays from Sundays; with quiet
    weekends the median is that of working days. A day is far above it if it has five stories, twice the usual, and both

    - so many come by chance on less than one day in a hundred, were stories as independent as a Poisson process has
      it: P(X >= n | the usual) < .01;
    - it is three deviations above, by the median absolute deviation (times 1.4826): Leys et al., "Detecting outliers",
      J. Exp. Soc. Psychol. 49 (2013). News comes in bursts, which Poisson does not know.

    On days at random, about 1 in 100 is told so; with bursts that double the usual every other week, about 1 in 20
    (tests/monitors/digest/test_trend.py).
    """
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    numbers = tuple(counts.get(day, 0) for day in days)
    watched = [number for day, number in zip(days, numbers, strict=True) if watched_from and day >= watched_from]
    before = watched[:-1]
    if len(before) < LEAST_DAYS:
        return Trend(counts=numbers, last_day=today)
    return Trend(
        counts=numbers,
        last_day=today,
        usual=float(median(before)),
        far_above=stands_out(numbers[-1], before),
        yesterday_far_above=stands_out(numbers[-2], before[:-1]),
    )


def stands_out(count: int, days: Sequence[int]) -> bool:
    """Tell whether a count is far above those of the days before; False while these are too few."""
    if count < LEAST_STORIES or len(days) < LEAST_DAYS:
        return False
    usual = median(days)
    deviation = _AS_DEVIATION * median(abs(day - usual) for day in days)
    chance = at_least(count, max(usual, _LEAST_USUAL))
    return count >= 2 * usual and count > usual + FAR * deviation and chance < CHANCE


def at_least(count: int, mean: float) -> float:
    """Return how likely a Poisson process of this mean brings so many or more."""
    return max(1 - math.fsum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(count)), 0.0)
