from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.domain import Failed, NotModified, Read
from crawler.polling import PROMPT, Polling, Rhythm, chance_of, first_heard, next_check, usual_wait

if TYPE_CHECKING:
    from crawler.domain import FetchOutcome

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTES, HOURS, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("outcome", "failures", "wait"),
    [
        pytest.param(Read(entries=3, new=1), 0, 40 * MINUTES, id="read"),
        pytest.param(Read(entries=3, new=1, retry_after=2 * HOURS), 0, 2 * HOURS, id="read-but-stay-away"),
        pytest.param(NotModified(), 0, 40 * MINUTES, id="unmodified"),
        pytest.param(Failed(reason="x"), 1, 15 * MINUTES, id="first-failure"),
        pytest.param(Failed(reason="x"), 2, 30 * MINUTES, id="second-failure"),
        pytest.param(Failed(reason="x"), 6, 6 * HOURS, id="sixth-failure"),
        pytest.param(Failed(reason="x"), 1_000_000, 6 * HOURS, id="failing-for-years"),
        pytest.param(Failed(reason="x", retry_after=10 * HOURS), 1, 10 * HOURS, id="asked-to-stay-away"),
        pytest.param(Failed(reason="x", retry_after=1 * MINUTES), 1, 15 * MINUTES, id="asked-for-less"),
        pytest.param(Failed(reason="x", permanent=True), 1, 1 * HOURS, id="a-hard-failure-is-left-alone-for-longer"),
        pytest.param(Failed(reason="x", permanent=True), 99, 1 * DAYS, id="permanent-sources-come-back-too"),
    ],
)
def test_a_source_is_read_again(outcome: FetchOutcome, failures: int, wait: timedelta) -> None:
    at = next_check(outcome, Polling(), usual=40 * MINUTES, failures=failures, chance=0, now=NOW)
    assert at == NOW + wait


@given(
    failures=st.integers(0, 10**9),
    asked=st.none() | st.timedeltas(timedelta(0), DAYS),
    chance=st.floats(0, 1),
    permanent=st.booleans(),
)
def test_never_sooner_than_asked_and_exactly_then(
    failures: int, asked: timedelta | None, chance: float, *, permanent: bool
) -> None:
    outcome = Failed(reason="x", retry_after=asked, permanent=permanent)
    wait = next_check(outcome, Polling(), usual=HOURS, failures=failures, chance=chance, now=NOW) - NOW
    own = next_check(
        Failed(reason="x", permanent=permanent), Polling(), usual=HOURS, failures=failures, chance=chance, now=NOW
    )
    assert wait == max(own - NOW, asked or timedelta(0))
    assert 5 * MINUTES <= own - NOW <= 1.1 * DAYS


@given(
    entries=st.integers(0, 10_000),
    per_hour=st.none() | st.floats(0, 1e6),
    peak=st.floats(0, 1e6),
    gap_s=st.none() | st.floats(0, 1e9),
    hint=st.none() | st.timedeltas(timedelta(0), 365 * DAYS),
    chance=st.floats(0, 1),
)
def test_whatever_is_known_the_bounds_hold(
    entries: int, per_hour: float | None, peak: float, gap_s: float | None, hint: timedelta | None, chance: float
) -> None:
    rhythm = Rhythm(entries=entries, per_hour=per_hour, peak_per_hour=peak, gap_s=gap_s)
    polling = Polling(at_least=7 * MINUTES, at_most=3 * HOURS)
    usual = usual_wait(rhythm, polling, quiet=timedelta(0), hint=hint)
    at = next_check(Read(entries=entries, new=0), polling, usual=usual, failures=0, chance=chance, now=NOW)
    assert 7 * MINUTES <= at - NOW <= 3 * HOURS


@given(chance=st.floats(0, 1))
def test_a_fixed_wait_is_kept_and_never_shortened(chance: float) -> None:
    polling = Polling(every=20 * MINUTES)
    usual = usual_wait(Rhythm(entries=10, per_hour=100), polling, quiet=DAYS, hint=DAYS)
    at = next_check(Read(entries=1, new=0), polling, usual=usual, failures=0, chance=chance, now=NOW)
    assert 20 * MINUTES <= at - NOW <= 21 * MINUTES


QUICK = Rhythm(entries=50, per_hour=40, peak_per_hour=60, gap_s=90)
SLOW = Rhythm(entries=20, per_hour=0.2, peak_per_hour=1, gap_s=18_000)
SELDOM = Rhythm(entries=10, per_hour=0.006, peak_per_hour=0.01, gap_s=7 * 86_400)


@pytest.mark.parametrize(
    ("rhythm", "hint", "wait"),
    [
        pytest.param(QUICK, None, 37.5 * MINUTES, id="half-of-the-feed-is-new"),
        pytest.param(QUICK, 10 * MINUTES, 37.5 * MINUTES, id="a-ttl-that-is-shorter-changes-nothing"),
        pytest.param(QUICK, DAYS, 37.5 * MINUTES, id="a-day-is-not-waited-for-what-comes-by-the-minute"),
        pytest.param(SLOW, None, PROMPT, id="nothing-waits-for-longer-than-an-hour"),
        pytest.param(SLOW, DAYS, 2 * HOURS, id="unless-it-is-asked-to-and-then-not-for-a-day"),
        pytest.param(SELDOM, None, 6 * HOURS, id="but-for-longer-where-there-is-something-new-once-a-week"),
        pytest.param(Rhythm(), None, 15 * MINUTES, id="nothing-known-look-again-soon"),
    ],
)
def test_the_usual_wait_comes_from_what_is_published(rhythm: Rhythm, hint: timedelta | None, wait: timedelta) -> None:
    assert usual_wait(rhythm, Polling(), quiet=timedelta(0), hint=hint) == wait


@pytest.mark.parametrize(
    "dates",
    [
        pytest.param([NOW] * 20, id="all-the-same"),
        pytest.param([NOW - at * timedelta(seconds=1) for at in range(20)], id="within-seconds"),
        pytest.param([NOW + 30 * DAYS - at * DAYS for at in range(20)], id="in-the-future"),
        pytest.param([NOW - 10 * DAYS, NOW], id="too-few"),
    ],
)
def test_dates_that_cannot_be_believed_tell_nothing(dates: list[datetime]) -> None:
    assert first_heard(20, dates, now=NOW) == Rhythm(entries=20)


def test_the_first_read_tells_the_rhythm_by_its_dates() -> None:
    rhythm = first_heard(25, [NOW - at * HOURS for at in range(25)], now=NOW)
    assert rhythm.per_hour == pytest.approx(1)
    assert (rhythm.usual_gap, rhythm.longest_gap, rhythm.gaps) == (HOURS, HOURS, 24)


def test_twenty_thousand_sources_do_not_come_at_once() -> None:
    read = Read(entries=10, new=0)
    at = [
        next_check(read, Polling(), usual=HOURS, failures=0, chance=chance_of(f"source-{number}", NOW), now=NOW)
        for number in range(20_000)
    ]
    by_minute = [
        sum(NOW + minute * MINUTES <= one < NOW + (minute + 1) * MINUTES for one in at) for minute in range(54, 60)
    ]
    assert sum(by_minute) == 20_000
    assert max(by_minute) < 4_000
