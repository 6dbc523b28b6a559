"""`deliver:` says when and of what somebody is told; a wrong value says what would be right."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.errors import ConfigError
from crawler.yaml_tree import read
from monitors.domain import MIDNIGHT, QuietHours
from monitors.lint import lint
from monitors.requirement.parse import parse
from monitors.watchlist_file import configuration_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitors.domain import DeliveryRule
    from monitors.watchlist_file import Configuration

    Configured = Callable[..., Configuration]
    Told = Callable[..., list[str]]

HEAD = """\
settings: {timezone: Europe/Zurich, languages: [en, zh]}
sources:
  - {id: cac, url: "https://a.example.org", groups: [china], tier: 1, country: CN, language: zh}
  - {id: reg, url: "https://b.example.org", groups: [tech], tier: 2, country: GB, language: en}
"""
WEEKDAYS = frozenset(range(5))


def watchlist(*keys: str) -> str:
    return HEAD + f"watchlists: [{{name: A, keywords: [a], deliver: [{{to: me@example.org, {', '.join(keys)}}}]}}]\n"


@pytest.fixture
def rule(configured: Configured) -> Callable[..., DeliveryRule]:
    def read_rule(*keys: str) -> DeliveryRule:
        return configured(watchlist(*keys)).watchlists[0].deliver[0]

    return read_rule


def test_hourly_is_every_full_hour(rule: Callable[..., DeliveryRule]) -> None:
    schedule = rule("at: hourly", "days: mon-fri").schedule
    assert schedule is not None
    assert schedule.at == tuple(time(hour) for hour in range(24))
    assert schedule.days == WEEKDAYS


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"20:00-07:00"', (QuietHours(start=time(20), end=time(7)),)),
        ("sat-sun", (QuietHours(start=MIDNIGHT, end=MIDNIGHT, days=frozenset({5, 6})),)),
        ('"mon-fri 12:00-13:30"', (QuietHours(start=time(12), end=time(13, 30), days=WEEKDAYS),)),
        ('"sat,sun 9:00 - 24:00"', (QuietHours(start=time(9), end=MIDNIGHT, days=frozenset({5, 6})),)),
        (
            '["20:00-07:00", "Sun"]',
            (QuietHours(start=time(20), end=time(7)), QuietHours(start=MIDNIGHT, end=MIDNIGHT, days=frozenset({6}))),
        ),
    ],
)
def test_quiet_hours_are_hours_or_days_or_both(
    rule: Callable[..., DeliveryRule], written: str, expected: tuple[QuietHours, ...]
) -> None:
    assert rule("when: now", f"quiet: {written}").quiet == expected


def test_quiet_hours_are_told_in_a_zone_of_their_own_or_in_that_of_the_settings(
    rule: Callable[..., DeliveryRule],
) -> None:
    assert rule("when: now", "quiet: sat-sun").timezone == "Europe/Zurich"
    assert rule("when: now", "quiet: sat-sun", "timezone: Asia/Hong_Kong").timezone == "Asia/Hong_Kong"


def test_an_alert_has_a_condition_a_limit_and_a_size(rule: Callable[..., DeliveryRule]) -> None:
    made = rule("when: now", 'if: "score >= 0.8 or tier == 1"', "max_per_hour: 6", "max_items: 20")
    assert made.only_if is not None
    assert made.only_if.text == "score >= 0.8 or tier == 1"
    assert (made.max_per_hour, made.max_items) == (6, 20)


@pytest.mark.parametrize(
    ("keys", "mistake"),
    [
        (["at: often"], 'at: needs a time of day such as "07:00"'),
        (['at: [hourly, "07:00"]'], 'at.0: needs a time of day such as "07:00"'),
        (["when: later"], "when: needs now"),
        (["when: now", "quiet: night"], 'quiet: needs hours such as "20:00-07:00", "sat-sun" or "mon-fri 12:00-'),
        (["when: now", 'quiet: "25:00-07:00"'], 'quiet: needs hours such as "20:00-07:00"'),
        (["when: now", "quiet: 7"], 'quiet: needs hours such as "20:00-07:00"'),
        (["when: now", 'quiet: "mon-fry 12:00-13:00"'], 'quiet: needs hours such as "20:00-07:00"'),
        (["when: now", 'quiet: "07:00-07:00"'], "quiet: begins when it ends; for whole days, name the days alone"),
        (["when: now", "quiet: []"], "quiet: needs at least one"),
        (["when: now", "quiet: mon-sun"], "quiet: leaves no time in which anything would be told"),
        (["when: now", 'quiet: ["07:00-20:00", "20:00-07:00"]'], "quiet: leaves no time"),
        (["when: now", "max_per_hour: 0"], "max_per_hour: must be at least 1"),
        (["when: now", 'max_per_hour: "6"'], "max_per_hour: needs a whole number"),
        (["when: now", "timezone: Europe/Berlin"], "timezone: says where `at` or `quiet` are meant, and"),
        (["when: now", "quiet: sun", "timezone: Mars/Base"], "timezone: is not a time zone"),
        (["when: now", "days: mon"], "days: is for digests (`at`), and means nothing with `when: now`"),
        (["when: now", "empty: send"], "empty: is for digests (`at`), and means nothing with `when: now`"),
        (["at: hourly", "quiet: sat"], "quiet: is for alerts (`when: now`), and means nothing with `at`"),
        (["at: hourly", 'if: "score > 0.5"'], "if: is for alerts (`when: now`), and means nothing with `at`"),
        (["at: hourly", "max_per_hour: 3"], "max_per_hour: is for alerts (`when: now`), and means nothing with `at`"),
        (["when: now", "if: 3"], 'if: needs a condition such as "score >= 0.8 or tier == 1"'),
        (["when: now", "iff: a"], "iff: unknown key; did you mean `if`?"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_a_mistake_that_says_what_would_be_right(told: Told, keys: list[str], mistake: str) -> None:
    (problem,) = told(watchlist(*keys))
    assert problem.startswith(f"5 watchlists.0.deliver.0.{mistake}")


@pytest.mark.parametrize(
    ("condition", "place", "told"),
    [
        ("score >= 0.8 or tierr == 1", "tierr", "there is no `tierr` to compare; did you mean `tier`?"),
        ("source == cca", "source", "there is no source `cca`; did you mean `cac`?"),
        ("tier == 1 or group in [chin]", "group", "no source is in a group `chin`; did you mean `china`?"),
        ("lang == de", "lang", "no article will be in `de`: it is missing from settings.languages"),
        ("(tier == 1", "", "ends too early: needs `and`, `or` or `)`"),
    ],
)
def test_a_wrong_condition_is_shown_where_it_goes_wrong(
    write: Callable[[str], Path], condition: str, place: str, told: str
) -> None:
    path = write(watchlist("when: now", f'if: "{condition}"'))
    with pytest.raises(ConfigError) as error:
        configuration_of(read(path, {}), path)
    (problem,) = error.value.problems
    line = path.read_text().splitlines()[problem.line - 1]
    at = line.index(condition) + (condition.index(place) if place else len(condition))
    assert (problem.message, problem.column) == (told, at + 1)


@pytest.mark.parametrize(
    ("condition", "more", "warning"),
    [
        ("tier == 3", "", "`tier == 3` is never true: no source of this watchlist is of such a tier"),
        ("score > 0.5 and tier > 2", "", "`tier > 2` is never true: no source of this watchlist is of such a tier"),
        ("country == US", "", "`country == US` is never true: no source of this watchlist is of such a country"),
        ("group == tech", "sources: {ids: [cac]}", "is never true: no source of this watchlist is of such a group"),
        ("source in [reg]", "sources: {ids: [cac]}", "is never true: no source of this watchlist is such a one"),
        ("lang == en", "sources: {ids: [cac]}", "is never true: no source of this watchlist is of such a language"),
    ],
)
def test_a_comparison_that_is_never_true_is_warned_of(
    write: Callable[[str], Path], condition: str, more: str, warning: str
) -> None:
    keys = f'{{to: me@example.org, when: now, if: "{condition}"}}'
    path = write(HEAD + f"watchlists: [{{name: A, keywords: [a], {more + ', ' if more else ''}deliver: [{keys}]}}]\n")
    document = read(path, {})
    (remark,) = lint(document, configuration_of(document, path))
    assert remark.key == "watchlists.0.deliver.0.if"
    assert warning in remark.message


def test_a_comparison_that_can_be_true_is_not_warned_of(write: Callable[[str], Path]) -> None:
    path = write(watchlist("when: now", 'if: "tier == 1 or country != CN or group in [tech, china] or lang == zh"'))
    document = read(path, {})
    assert lint(document, configuration_of(document, path)) == []


def test_every_condition_of_the_page_can_be_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
    (conditions,) = re.findall(r"^```conditions\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert [parse(line).text for line in conditions.splitlines()]
