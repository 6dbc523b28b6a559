"""Values of facts become comparisons and ranges of days."""

from __future__ import annotations

from datetime import date

import pytest

from monitors.match.query.values import Comparison, Days, comparison, days

COMPARISONS = {
    ">300": (Comparison(">", 300), [301, 10**9], [0, 299, 300]),
    ">=300": (Comparison(">=", 300), [300, 301], [299]),
    "<300": (Comparison("<", 300), [0, 299], [300, 301]),
    "<=300": (Comparison("<=", 300), [0, 300], [301]),
    "=300": (Comparison("=", 300), [300], [299, 301]),
    "300": (Comparison("=", 300), [300], [299, 301]),
    "> 300": (Comparison(">", 300), [301], [300]),
    "<1": (Comparison("<", 1), [0], [1]),
}


@pytest.mark.parametrize("written", COMPARISONS)
def test_a_comparison_holds_for_the_numbers_it_names(written: str) -> None:
    expected, holding, failing = COMPARISONS[written]
    wanted = comparison(written)
    assert wanted == expected
    assert all(map(wanted.holds, holding))
    assert not any(map(wanted.holds, failing))


@pytest.mark.parametrize(
    "written", ["", ">", "=>3", "<>3", "-3", ">-3", "3.5", "1e3", "300..500", "٣", ">1234567890", "a"]
)
def test_what_is_no_comparison_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="needs a comparison with a whole number"):
        comparison(written)


RANGES = {
    "[2026-01-01 TO 2026-06-30]": (
        Days(date(2026, 1, 1), date(2026, 6, 30)),
        ["2026-01-01", "2026-06-30"],
        ["2025-12-31", "2026-07-01"],
    ),
    "[2026-01-01 TO *]": (Days(date(2026, 1, 1), None), ["2026-01-01", "2999-01-01"], ["2025-12-31"]),
    "[* TO 2026-06-30]": (Days(None, date(2026, 6, 30)), ["1999-01-01", "2026-06-30"], ["2026-07-01"]),
    "[2026-01-01 TO 2026-01-01]": (Days(date(2026, 1, 1), date(2026, 1, 1)), ["2026-01-01"], ["2026-01-02"]),
    "[ 2026-01-01   TO * ]": (Days(date(2026, 1, 1), None), ["2026-01-01"], ["2025-12-31"]),
}


@pytest.mark.parametrize("written", RANGES)
def test_a_range_holds_for_its_days_both_ends_included(written: str) -> None:
    expected, holding, failing = RANGES[written]
    wanted = days(written)
    assert wanted == expected
    assert all(wanted.holds(date.fromisoformat(day)) for day in holding)
    assert not any(wanted.holds(date.fromisoformat(day)) for day in failing)


NO_RANGES = {
    "": "needs two days",
    "2026-01-01": "needs two days",
    "[2026-01-01]": "needs two days",
    "[2026-01-01 to 2026-06-30]": "needs two days",
    "[2026-01-01 TO]": "needs two days",
    "[2026-1-1 TO *]": "needs days such as 2026-01-31",
    "[20260101 TO *]": "needs days such as 2026-01-31",
    "[2026-W01-1 TO *]": "needs days such as 2026-01-31",
    "[2026-02-29 TO *]": "needs days such as 2026-01-31",
    "[yesterday TO *]": "needs days such as 2026-01-31",
    "[* TO *]": "open at both ends",
    "[2026-02-01 TO 2026-01-01]": "can never match",
}


@pytest.mark.parametrize(("written", "said"), NO_RANGES.items(), ids=NO_RANGES)
def test_what_is_no_range_is_refused(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        days(written)
