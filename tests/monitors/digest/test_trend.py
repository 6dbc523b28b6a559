"""How many stories a day there were, and which days are called far above the usual."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from statistics import mean
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.digest.trend import DAYS, at_least, by_day, came_at, stands_out, trend

TODAY = date(2026, 11, 23)
LONG_AGO = date(2026, 1, 1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZURICH = ZoneInfo("Europe/Zurich")


def counts(*numbers: int) -> dict[date, int]:
    """Return counts of days, the last of which is today."""
    return {TODAY - timedelta(days=back): number for back, number in enumerate(reversed(numbers))}


def test_two_weeks_are_told_and_days_without_a_story_are_zeros() -> None:
    made = trend({TODAY: 4, TODAY - 13 * DAY: 2, TODAY - 14 * DAY: 99}, watched_from=LONG_AGO, today=TODAY)
    assert made.counts == (2, *[0] * 12, 4)
    assert (made.last_day, made.usual, made.far_above) == (TODAY, 0, False)


@pytest.mark.parametrize(
    ("days", "verdict"),
    [
        pytest.param([2] * 13 + [20], True, id="ten times the usual"),
        pytest.param([2] * 13 + [4], False, id="fewer than five"),
        pytest.param([0] * 13 + [5], True, id="five where there never is one"),
        pytest.param([30] * 13 + [44], False, id="not twice the usual"),
        pytest.param([30] * 13 + [60], True, id="twice the usual"),
        pytest.param([2, 9, 1, 14, 0, 3, 11, 5, 2, 8, 1, 12, 4, 12], False, id="where days differ much anyway"),
        pytest.param([3, 40, 3, 3, 2, 4, 3, 3, 2, 3, 4, 3, 3, 15], True, id="one burst does not hide the next"),
        pytest.param([9, 9, 9, 9, 9, 0, 0, 9, 9, 9, 9, 9, 0, 9], False, id="a working day after quiet weekends"),
    ],
)
def test_a_day_is_far_above_the_usual(days: list[int], *, verdict: bool) -> None:
    made = trend(counts(*days), watched_from=LONG_AGO, today=TODAY)
    assert made.far_above is verdict


def test_a_watchlist_of_a_few_days_has_no_verdict() -> None:
    for watched in range(14):
        made = trend(counts(*[1] * 13, 50), watched_from=TODAY - timedelta(days=watched), today=TODAY)
        assert made.far_above == (watched >= 7)
        assert (made.usual is None) == (watched < 7)
    made = trend(counts(1, 50), watched_from=None, today=TODAY)
    assert (made.usual, made.far_above) == (None, False)


def test_days_before_anybody_watched_do_not_make_it_look_quiet() -> None:
    made = trend(counts(0, 0, 0, 0, 0, 8, 9, 8, 7, 8, 9, 8, 8, 9), watched_from=TODAY - 8 * DAY, today=TODAY)
    assert (made.usual, made.far_above) == (8, False)


def test_in_the_morning_it_is_yesterday_that_stands_out() -> None:
    made = trend(counts(*[2] * 12, 20, 1), watched_from=LONG_AGO, today=TODAY)
    assert (made.far_above, made.yesterday_far_above) == (False, True)
    assert not trend(counts(*[2] * 12, 3, 20), watched_from=LONG_AGO, today=TODAY).yesterday_far_above


def test_a_story_counts_once_on_each_local_day() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # half past midnight in Zurich
    found = by_day([(1, late), (1, late + HOUR), (2, late), (1, late - 2 * HOUR)], ZURICH)
    assert found == {date(2026, 11, 23): 2, date(2026, 11, 22): 1}


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_on_which_the_clocks_change_is_one_day(day: date, hours: int) -> None:
    start = datetime.combine(day, datetime.min.time(), ZURICH).astimezone(UTC)
    each_hour = [(number, start + number * HOUR) for number in range(hours)]
    assert by_day([(-1, start - timedelta(seconds=1)), *each_hour, (99, start + hours * HOUR)], ZURICH) == {
        day - DAY: 1,
        day: hours,
        day + DAY: 1,
    }


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        pytest.param(NOON - 9 * HOUR, NOON - 9 * HOUR, id="found in the morning"),
        pytest.param(None, NOON, id="undated"),
        pytest.param(NOON + HOUR, NOON, id="of the future"),
        pytest.param(NOON - 60 * DAY, NOON, id="dug out"),
        pytest.param(datetime(1, 1, 1, tzinfo=UTC), NOON, id="of the year 1"),
    ],
)
def test_an_article_counts_when_it_came(published: datetime | None, expected: datetime) -> None:
    assert came_at(published, NOON) == expected


def test_the_tail_of_poisson_is_that_of_the_tables() -> None:
    for count, mean_, expected in ((5, 1.0, 0.00366), (10, 3.0, 0.00110), (1, 0.5, 0.39347), (20, 10.0, 0.00345)):
        assert at_least(count, mean_) == pytest.approx(expected, abs=5e-6)


@given(st.integers(0, 5000), st.floats(0.5, 5000))
def test_a_likelihood_is_one_and_more_stories_are_never_likelier(count: int, mean_: float) -> None:
    assert 0 <= at_least(count + 1, mean_) <= at_least(count, mean_) + 1e-9 <= 1 + 1e-9


def test_on_ordinary_days_it_is_seldom_said_and_on_extraordinary_ones_mostly() -> None:
    rng = random.Random(1)  # noqa: S311

    def told(usual: float, *, times: float = 1.0, bursts: bool = False) -> float:
        def day(factor: float = 1.0) -> int:
            rate = usual * factor * (rng.gammavariate(3, 1 / 3) if bursts else 1)
            number, at = 0, rng.expovariate(1)
            while at < rate:  # a Poisson process
                number, at = number + 1, at + rng.expovariate(1)
            return number

        return mean(stands_out(day(times), [day() for _ in range(DAYS - 1)]) for _ in range(120))

    assert max(told(usual) for usual in (0.2, 3, 20)) <= 0.03
    assert max(told(usual, bursts=True) for usual in (3, 20)) <= 0.12
    assert min(told(usual, times=5) for usual in (3, 20)) >= 0.8
