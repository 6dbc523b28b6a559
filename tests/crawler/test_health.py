"""How a source is doing, from its numbers alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.health import (
    Attempt,
    Bodies,
    Body,
    Chart,
    State,
    Verdict,
    changed_layout,
    in_words,
    outage_since,
    verdict,
)
from crawler.polling import Rhythm

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAILY = Rhythm(entries=20, per_hour=0.1, gap_s=86_400, longest_gap_s=2.5 * 86_400, gaps=20, span_s=30 * 86_400)
WELL = Chart(first_read_at=NOW - 90 * DAY, last_new_at=NOW - HOUR, good_reads=9, rhythm=DAILY)


def texts(*lengths: int, same: bool = False) -> list[Body]:
    return [Body(length=length, print=7 if same else at) for at, length in enumerate(lengths)]


USUAL = Bodies().with_more(texts(*range(3_000, 5_000, 50)), broken=False)


@pytest.mark.parametrize(
    ("of_late", "told"),
    [
        pytest.param(texts(*[4_000] * 10), None, id="as-ever"),
        pytest.param(texts(*[0] * 6, *[4_000] * 4), "6 of the last 10 articles came without a usable text", id="empty"),
        pytest.param(texts(*[0] * 3, *[4_000] * 7), None, id="some-are-empty-now-and-then"),
        pytest.param(texts(*[300] * 10), "the last 10 texts are short: 300 characters", id="short"),
        pytest.param(texts(*[2_000] * 10), None, id="shorter-but-not-by-much"),
        pytest.param(texts(*[3_500] * 10, same=True), "10 of the last 10 articles have the very same text", id="alike"),
        pytest.param(texts(3_500, 3_500, 3_500, same=True) + texts(*[4_000] * 7), None, id="a-few-are-alike"),
    ],
)
def test_a_layout_has_changed_when_the_texts_are_not_what_they_were(of_late: list[Body], told: str | None) -> None:
    found = changed_layout(USUAL.with_more(of_late, broken=False), already=False)
    assert (found or "").startswith(told or "")
    assert (found is None) is (told is None)


def test_what_was_never_otherwise_has_not_changed() -> None:
    never = Bodies().with_more(texts(*[0] * 40), broken=False)
    always_alike = Bodies().with_more(texts(*[500] * 40, same=True), broken=False)
    assert changed_layout(never, already=False) is None
    assert changed_layout(always_alike, already=False) is None


def test_a_broken_layout_must_be_well_mended() -> None:
    half = USUAL.with_more(texts(*[0] * 4, *[4_000] * 6), broken=False)
    assert changed_layout(half, already=False) is None
    assert changed_layout(half, already=True) is not None


def test_a_layout_that_stays_becomes_the_usual_one() -> None:
    bodies = USUAL
    for broken in range(600):
        bodies = bodies.with_more(texts(300 + broken % 3), broken=True)
    assert changed_layout(replace(bodies, alike=0.0, recent=tuple(texts(*[300] * 10))), already=True) is None


def test_what_is_remembered_of_bodies_is_bounded() -> None:
    assert len(Bodies().with_more(texts(*range(1, 500)), broken=False).recent) == 10


@pytest.mark.parametrize(
    ("chart", "state"),
    [
        pytest.param(WELL, "ok", id="well"),
        pytest.param(replace(WELL, last_new_at=NOW - 4 * DAY), "ok", id="a-long-weekend"),
        pytest.param(replace(WELL, last_new_at=NOW - 6 * DAY), "silent", id="twice-its-longest-silence"),
        pytest.param(
            replace(WELL, last_new_at=NOW - 6 * DAY, rhythm=replace(DAILY, span_s=86_400.0)), "ok", id="no-past-yet"
        ),
        pytest.param(replace(WELL, last_new_at=NOW - 6 * DAY, rhythm=replace(DAILY, gaps=2)), "ok", id="two-silences"),
        pytest.param(
            replace(WELL, failures=9, failing_since=NOW - DAY, last_new_at=NOW - 9 * DAY), "failing", id="not-silent"
        ),
        pytest.param(replace(WELL, failures=9, failing_since=NOW - HOUR / 2), "ok", id="failing-for-minutes"),
        pytest.param(replace(WELL, failures=9, failing_since=NOW - 9 * DAY, gone_at=NOW), "gone", id="gone"),
    ],
)
def test_the_worst_that_holds_is_how_it_is_doing(chart: Chart, state: State) -> None:
    assert verdict(chart, now=NOW).state == state


def test_a_state_keeps_its_beginning() -> None:
    before = Verdict(state="silent", since=NOW - 3 * DAY, why="nothing new for 5 days")
    found = verdict(replace(WELL, before=before, last_new_at=NOW - 8 * DAY), now=NOW)
    assert (found.since, found.why[:22]) == (before.since, "nothing new for 8 days")


def attempt(host: str, minutes_ago: float, kind: str | None = "timeout") -> Attempt:
    return Attempt(host=host, at=NOW - timedelta(minutes=minutes_ago), kind=kind)


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [
        pytest.param([attempt(host, 5) for host in "abc"], 5, id="three-hosts"),
        pytest.param([attempt("a", 5), attempt("b", 5), attempt("c", 9, None)], None, id="two-hosts-of-three"),
        pytest.param([attempt(host, 5) for host in "ab"], 5, id="all-of-two-hosts"),
        pytest.param([attempt("a", 5)] * 9, None, id="one-host"),
        pytest.param([*(attempt(host, 5) for host in "abc"), attempt("d", 3, None)], None, id="one-answered-since"),
        pytest.param([*(attempt(host, 5) for host in "abc"), attempt("d", 3, "http-404")], None, id="or-refused"),
        pytest.param([*(attempt(host, 5) for host in "abc"), attempt("d", 30, None)], 5, id="one-answered-before"),
        pytest.param([attempt(host, 1) for host in "abc"], None, id="only-just"),
    ],
)
def test_an_outage_is_when_nobody_answers(attempts: list[Attempt], minutes: float | None) -> None:
    found = outage_since(attempts, now=NOW)
    assert found == (None if minutes is None else NOW - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("time", "words"), [(9 * DAY, "9 days"), (36 * HOUR, "36 hours"), (HOUR, "60 minutes"), (HOUR / 60, "1 minute")]
)
def test_a_stretch_of_time_is_said_in_words(time: timedelta, words: str) -> None:
    assert in_words(time) == words
