from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.domain import Failed, NotModified, Read
from crawler.polling import Polling, next_check

if TYPE_CHECKING:
    from crawler.domain import FetchOutcome

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTES, HOURS = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("outcome", "failures", "wait"),
    [
        pytest.param(Read(entries=3, new=1), 0, 15 * MINUTES, id="read"),
        pytest.param(Read(entries=3, new=1, retry_after=2 * HOURS), 0, 2 * HOURS, id="read-but-stay-away"),
        pytest.param(NotModified(), 0, 15 * MINUTES, id="unmodified"),
        pytest.param(Failed(reason="x"), 1, 30 * MINUTES, id="first-failure"),
        pytest.param(Failed(reason="x"), 2, 60 * MINUTES, id="second-failure"),
        pytest.param(Failed(reason="x"), 5, 6 * HOURS, id="fifth-failure"),
        pytest.param(Failed(reason="x"), 1_000_000, 6 * HOURS, id="failing-for-years"),
        pytest.param(Failed(reason="x", retry_after=10 * HOURS), 1, 10 * HOURS, id="asked-to-stay-away"),
        pytest.param(Failed(reason="x", retry_after=1 * MINUTES), 1, 30 * MINUTES, id="asked-for-less"),
        pytest.param(Failed(reason="x", permanent=True), 1, 30 * MINUTES, id="permanent-sources-come-back-too"),
    ],
)
def test_a_source_is_read_again(outcome: FetchOutcome, failures: int, wait: timedelta) -> None:
    assert next_check(outcome, Polling(), failures=failures, now=NOW) == NOW + wait


@given(failures=st.integers(0, 10**9), asked=st.none() | st.timedeltas(timedelta(0), timedelta(days=1)))
def test_never_sooner_than_asked_never_sooner_than_its_rhythm(failures: int, asked: timedelta | None) -> None:
    polling = Polling()
    wait = next_check(Failed(reason="x", retry_after=asked), polling, failures=failures, now=NOW) - NOW
    assert wait >= max(polling.every, asked or timedelta(0))
    assert wait <= max(polling.at_most, asked or timedelta(0))
