"""Sources of many rhythms, read over virtual weeks: what is missed, how much is known at each read, what it costs."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from statistics import mean, median
from typing import TYPE_CHECKING

import pytest

from crawler.domain import Read
from crawler.polling import PROMPT, Polling, Rhythm, chance_of, first_heard, heard, next_check, usual_wait

if TYPE_CHECKING:
    from collections.abc import Callable

START = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
WEEKS = 4
BEFORE = timedelta(weeks=4)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

Publishes = list[datetime]


def steadily(per_hour: float, *, awake: Callable[[datetime], bool] = lambda _: True) -> Publishes:
    """Publish by chance, so many an hour, while the newsroom is awake."""
    dice, at, times = random.Random(7), START - BEFORE, []  # noqa: S311  (a seeded one)
    while at < START + timedelta(weeks=WEEKS):
        at += HOUR * dice.expovariate(per_hour)
        times += [at] if awake(at) else []
    return times


def every(gap: timedelta, number: int = 1, within: timedelta = MINUTE) -> Publishes:
    """Publish so many articles within a time, then rest."""
    rounds = int((BEFORE + timedelta(weeks=WEEKS)) / gap)
    return [START - BEFORE + turn * gap + one * within / number for turn in range(rounds) for one in range(number)]


def by_day(at: datetime) -> bool:
    return 6 <= at.hour < 23


def on_weekdays(at: datetime) -> bool:
    return at.weekday() < 5 and 7 <= at.hour < 19


@dataclass(frozen=True)
class Course:
    """How the reads of a source went, after the first two days."""

    reads: int
    missed: int
    known: list[float]
    """The share of the feed that was known, at each read."""
    late: list[timedelta]
    """How long each article waited to be seen."""

    @property
    def a_day(self) -> float:
        return self.reads / (WEEKS * 7)


def follow(
    times: Publishes, items: int, polling: Polling, *, dated: bool = True, hint: timedelta | None = None
) -> Course:
    """Read a feed that holds the last `items` articles, as often as the polling says."""
    now, seen, missed, reads = START, 0, 0, 0
    rhythm, since, last_new, known, late = Rhythm(), now, now, [], []
    while now < START + timedelta(weeks=WEEKS):
        there = bisect_right(times, now)
        first = reads == 0
        unseen = times[max(seen, there - items) : there]
        if first:
            held = times[max(there - items, 0) : there]
            rhythm = first_heard(len(held), held if dated else [], now=now)
        else:
            missed += max(there - items - seen, 0)
            late += [now - at for at in unseen]
            known.append(1 - len(unseen) / items)
            rhythm = heard(rhythm, entries=items, new=len(unseen), since=now - since, quiet=now - last_new)
        last_new = now if unseen else last_new
        seen, since, reads = there, now, reads + 1
        wait = usual_wait(rhythm, polling, quiet=now - last_new, hint=hint)
        outcome = Read(entries=items, new=len(unseen))
        now = next_check(outcome, polling, usual=wait, failures=0, chance=chance_of("source", now), now=now)
    return Course(reads, missed, known, late)


RHYTHMS = {
    "wire-40-an-hour-in-50": (steadily(40), 50),
    "wire-40-an-hour-in-20": (steadily(40), 20),
    "wire-120-an-hour-in-100": (steadily(120), 100),
    "wire-that-sleeps-at-night": (steadily(40, awake=by_day), 50),
    "small-feed-on-weekdays": (steadily(12, awake=on_weekdays), 15),
    "daily-paper": (steadily(1.5, awake=by_day), 30),
    "blog-a-week": (every(timedelta(days=7)), 10),
    "weekly-magazine": (every(timedelta(days=7), 40, HOUR), 60),
    "bursts-of-15-in-25": (every(timedelta(hours=9), 15, HOUR), 25),
    "twelve-in-one-go-every-hour": (every(HOUR, 12), 20),
    "three-a-day": (steadily(1 / 8), 10),
}


QUICK = [name for name in RHYTHMS if name.startswith("wire")]
"""Those that publish so fast that the feed, and not the bounds, decides when to read."""


@cache
def followed(name: str, *, dated: bool = True) -> Course:
    return follow(*RHYTHMS[name], Polling(), dated=dated)


@pytest.mark.parametrize("dated", [True, False], ids=["dated", "undated"])
@pytest.mark.parametrize("name", RHYTHMS)
def test_no_article_scrolls_out_of_its_feed_unseen(name: str, *, dated: bool) -> None:
    course = followed(name, dated=dated)
    tell(name, course)
    assert course.missed == 0
    assert max(course.late) <= Polling().at_most


@pytest.mark.parametrize("name", QUICK)
def test_a_third_to_two_thirds_of_a_feed_are_known_at_each_read(name: str) -> None:
    course = followed(name)
    assert 1 / 3 <= median(course.known) <= 0.7  # chance could empty a feed of 20: it is read a little sooner
    if RHYTHMS[name][1] >= 50:
        assert mean(1 / 3 <= share <= 2 / 3 for share in course.known if share < 1) > 0.6


@pytest.mark.parametrize("name", sorted({*RHYTHMS} - {*QUICK}))
def test_no_article_waits_for_long_and_no_source_is_read_for_nothing(name: str) -> None:
    course = followed(name)
    usual = (BEFORE + timedelta(weeks=WEEKS)) / len(RHYTHMS[name][0])
    assert sum(course.late, timedelta(0)) / len(course.late) <= max(PROMPT, usual / 12)
    assert course.a_day <= 60


def test_a_day_of_max_age_costs_no_article() -> None:
    course = follow(*RHYTHMS["wire-40-an-hour-in-20"], Polling(), hint=DAY)
    assert course.missed == 0


def test_the_bounds_of_the_configuration_hold() -> None:
    polling = Polling(at_least=10 * MINUTE, at_most=30 * MINUTE)
    course = follow(*RHYTHMS["daily-paper"], polling)
    assert 48 <= course.a_day <= 144
    assert follow(*RHYTHMS["blog-a-week"], Polling(every=DAY)).a_day == pytest.approx(1, abs=0.1)


def tell(name: str, course: Course) -> None:
    """Print a line that `pytest -s` shows."""
    print(  # noqa: T201
        f"{name:28} {course.a_day:6.1f} reads a day, {course.missed} missed, known {mean(course.known):.2f} at a read, "
        f"an article waits {sum(course.late, timedelta(0)) / len(course.late)}"
    )
