from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.desk import Robots
from crawler.errors import ForbiddenFetchError, PermanentFetchError, TemporaryFetchError
from crawler.fetch.limits import parse_retry_after, status_error
from crawler.fetch.robots import parse_robots

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://a.example/news/1"


def rules(text: str, status: int | None = 200) -> None:
    return parse_robots(Robots(status=status, body=text.encode(), fetched_at=NOW))


def refusal(text: str, url: str = URL, published: str | None = None) -> None:
    return rules(text).refusal(url, published=published or url)


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [
        ("2.5", 2.5),
        ("0", 0),
        ("60", 60),
        ("61", 60),
        ("999999999", 60),
        ("1e99", 60),
        ("-5", 0),
        ("nan", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_a_crawl_delay_is_kept_up_to_a_minute(seconds: str, kept: float) -> None:
    assert rules(f"User-agent: *\nCrawl-delay: {seconds}").crawl_delay == timedelta(seconds=kept)


@pytest.mark.parametrize("status", [None, 429, 500, 503, 599])
def test_a_host_that_cannot_tell_is_asked_again_soon_and_left_alone_until_then(status: int) -> None:
    answer = rules("User-agent: *\nAllow: /", status)
    assert isinstance(answer.refusal(URL, published=URL), TemporaryFetchError)
    assert answer.good_until == NOW + timedelta(minutes=10)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_host_without_rules_allows_all_for_a_day(status: int) -> None:
    answer = rules("User-agent: *\nDisallow: /", status)
    assert answer.refusal(URL, published=URL) is None
    assert answer.good_until == NOW + timedelta(hours=24)


def test_a_rule_for_the_page_counts_in_the_spelling_that_was_published() -> None:
    published = URL + "?utm_source=rss"
    assert isinstance(refusal("User-agent: *\nDisallow: /news/1?utm_source=rss", URL, published), ForbiddenFetchError)


@pytest.mark.parametrize("rule", ["/*?utm_", "/*utm_source=", "/news/*?utm_", "/?utm_source"])
def test_a_rule_against_tracking_does_not_concern_who_asks_without(rule: str) -> None:
    assert refusal(f"User-agent: *\nDisallow: {rule}", URL, URL + "?utm_source=rss") is None


OTHERWISE = {
    # of paths, RFC 9309 (2.2.2) wants %62 and b compared as the same; Google's parser does not decode
    "/foo/bar/baz",
    # our addresses are always escaped, so that a URL with a bare letter beyond ASCII never comes here
    "/foo/bar/ツ",
}


def test_googles_own_cases_are_decided_as_google_does_but_for_three(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = json.loads((shared / "data" / "hostile" / "robots-google-cases.json").read_text())
    differ = []
    for case in cases:
        # an agent is asked about by its token; "Foo Bar" is none
        monkeypatch.setattr("crawler.fetch.robots.PRODUCT", case["agent"])
        allowed = refusal(case["robots"], case["url"]) is None
        if allowed != case["allowed"] and case["agent"] != "Foo Bar":
            differ.append(case["url"].removeprefix("http://foo.bar"))
    assert set(differ) <= OTHERWISE
    assert len(differ) <= 3


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: Newsvane news reader\nDisallow: /\n", False),
        ("User-agent: newsvane/1.0 (a comment)\nDisallow: /\n", False),
        ("User-agent: Newsvane\nX-Unknown: 1\nUser-agent: Other\nDisallow: /\n", False),
        ("User-agent: Newsvane\r\nX-Unknown: 1\r\nUser-agent: Other\r\nDisallow: /\r\n", False),
        ("User-agent: Newsvane\nAllow: /\nUser-agent: Other\nDisallow: /\n", True),
    ],
)
def test_an_agent_is_one_token_and_unknown_lines_part_no_group(text: str, *, allowed: bool) -> None:
    assert (refusal(text) is None) == allowed


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("3600", timedelta(hours=1)),
        (" 120 ", timedelta(minutes=2)),
        ("99999999999999999999", timedelta(days=1)),
        ("Mon, 23 Nov 2026 13:00:00 GMT", timedelta(hours=1)),
        ("Mon, 23 Nov 2026 13:00:00", timedelta(hours=1)),
        ("Fri, 23 Nov 2096 13:00:00 GMT", timedelta(days=1)),
        ("Mon, 23 Nov 2026 11:00:00 GMT", None),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("120, 300", None),
        ("٣", None),
        ("", None),
        (None, None),
    ],
)
def test_f09_retry_after_is_seconds_or_a_date_or_nothing(value: object, wait: timedelta) -> None:
    assert parse_retry_after(value, now=NOW) == wait


@given(st.text())
def test_no_retry_after_raises_or_leads_into_the_past_or_beyond_a_day(value: object) -> None:
    wait = parse_retry_after(value, now=NOW)
    assert wait is None or timedelta(0) < wait <= timedelta(days=1)


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ([200, 203, 206, 304], type(None)),
        ([400, 401, 404, 406, 410, 451], PermanentFetchError),
        ([403, 408, 421, 425, 429, 500, 502, 503, 504, 520, 599, 999], TemporaryFetchError),
    ],
)
def test_a_status_is_good_or_temporary_or_permanent(statuses: list[int], kind: type) -> None:
    assert {type(status_error(status)) for status in statuses} == {kind}
