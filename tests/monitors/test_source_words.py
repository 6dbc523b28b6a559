"""What `newsvane sources` and `newsvane status` say of a source."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.store.sources import SourceState
from monitors.cli.source_words import condition, remarks, rhythm, with_text

AT = datetime(2026, 11, 23, 7, tzinfo=UTC)
WELL = SourceState(
    id="harbour",
    name="The Harbour Ledger",
    url="https://harbour.example/feed",
    feed_url=None,
    found_kind=None,
    last_checked_at=AT,
    last_read_at=AT,
    next_check_at=AT,
    failing_since=None,
    reason=None,
    remark=None,
    kind=None,
    gone_at=None,
    state="ok",
    state_since=None,
    state_why=None,
    last_new_at=AT,
    usual_gap_s=3 * 3600.0,
    moved_to=None,
    always_whole=False,
    articles=12,
    waiting=0,
    dropped=0,
    week_reads=40,
    week_failed=0,
    week_kinds={},
    week_stored=30,
    week_bodies=29,
)


def test_of_a_source_that_is_well_nothing_is_said() -> None:
    assert (condition(WELL), [*remarks(WELL)]) == ("", [])
    assert (rhythm(WELL), with_text(WELL)) == ("one in 3 hours", "97%")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (replace(WELL, failing_since=AT, reason="HTTP 500"), "failing since"),
        (replace(WELL, failing_since=AT, gone_at=AT, reason="HTTP 410"), "gone since"),
        (replace(WELL, state="silent", state_since=AT, state_why="nothing new"), "silent since"),
        (replace(WELL, state="changed layout", state_since=AT, state_why="short"), "changed layout since"),
    ],
    ids=["failing", "gone", "silent", "changed-layout"],
)
def test_the_worst_is_said(source: SourceState, told: str) -> None:
    assert condition(source).startswith(told)
    assert condition(source).endswith(source.reason or source.state_why or "?")


def test_failures_are_told_by_their_kind() -> None:
    source = replace(WELL, week_failed=4, week_kinds={"timeout": 3, "http-5xx": 1})
    assert [*remarks(source)] == ["failed at 4 of 40 reads in a week: http-5xx 1, timeout 3"]


def test_a_source_that_moved_says_where() -> None:
    seen = replace(WELL, moved_to="https://new.example/feed")
    assert [*remarks(seen)] == ["says that it moved to https://new.example/feed"]
    (believed,) = remarks(replace(seen, feed_url="https://new.example/feed"))
    assert believed.startswith("moved for good to https://new.example/feed")


def test_silence_is_told_in_days() -> None:
    assert rhythm(replace(WELL, usual_gap_s=timedelta(days=7).total_seconds())) == "one in 7 days"
