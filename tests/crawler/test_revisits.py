"""When an article that is watched for edits is looked at again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.revisits import asks_whole, next_visit

STORED = datetime(2026, 11, 23, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


def visits(track: timedelta) -> list[float]:
    """Return after how many hours an article is looked at."""
    found, at = [], STORED
    while (following := next_visit(STORED, track, after=at)) is not None:
        at = following
        found.append((at - STORED) / HOUR)
    return found


@pytest.mark.parametrize(
    ("track", "hours"),
    [
        (timedelta(days=3), [1, 3, 8, 24, 48, 72]),
        (timedelta(hours=36), [1, 3, 8, 24, 36]),
        (timedelta(days=1), [1, 3, 8, 24]),
        (timedelta(hours=3), [1, 3]),
        (timedelta(hours=1), [1]),
    ],
    ids=str,
)
def test_visits_are_dense_at_first_and_daily_then(track: timedelta, hours: list[float]) -> None:
    assert visits(track) == hours


def test_what_was_missed_is_made_good_by_one_visit() -> None:
    assert next_visit(STORED, timedelta(days=3), after=STORED + 20 * HOUR) == STORED + 24 * HOUR
    assert next_visit(STORED, timedelta(days=3), after=STORED + 90 * HOUR) is None


def test_one_visit_of_four_asks_whatever_the_server_says_of_changes() -> None:
    assert [asks_whole(done) for done in range(8)] == [False, False, False, True] * 2
