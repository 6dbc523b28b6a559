"""The tests of watchlists are run where work begins, and a failing one is a mistake."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.errors import ConfigError
from crawler.settings import Settings
from monitors import trials
from monitors.deliver.smtp import Smtp
from monitors.domain import Keyword, Watchlist
from monitors.trials import Failure, Trial
from monitors.watchlist_file import Configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Configured = Callable[..., Configuration]
    Told = Callable[..., list[str]]


def watchlist(tests: str, more: str = "") -> str:
    """Return a file whose tests begin on line 7."""
    return f"""\
settings: {{contact: me@example.org, languages: [en, zh, de]}}
sources: [{{id: a, url: "https://a.org", groups: [china]}}]
entities: [{{id: amazon, name: Amazon.com Inc., aliases: [{{text: Amazon, ambiguous: true}}], context: [cloud, shop]}}]
watchlists:
  - name: Cloud law
    keywords: [cloud law]
    tests: {tests}
    {more}
"""


SENTENCES = [
    pytest.param("The new laws on clouds passed.", True, id="inflected"),
    pytest.param("The law of the sea.", False, id="half of it"),
]


@pytest.mark.parametrize(("sentence", "matches"), SENTENCES)
def test_a_test_that_holds_is_no_mistake(configured: Configured, sentence: str, *, matches: bool) -> None:
    key = "match" if matches else "no_match"
    text = watchlist(f"[{{{key}: {sentence}}}]", more="languages: [en]")
    assert len(configured(text, to_run=True).trials["cloud-law"]) == 1


@pytest.mark.parametrize(("sentence", "matches"), SENTENCES)
def test_a_failing_one_is_told_with_its_line(told: Told, sentence: str, *, matches: bool) -> None:
    key, problem = ("no_match", "matches, but should not: ") if matches else ("match", "does not match: ")
    (mistake,) = told(
        watchlist(f"\n      - {{match: cloud laws, lang: en}}\n      - {{{key}: {sentence}}}"), to_run=True
    )
    assert mistake.startswith(f"9 watchlists.0.tests.1: {problem}")
    assert ("found `cloud law`" if matches else "`cloud` is missing") in mistake


def test_only_possible_mentions_are_no_match(told: Told, configured: Configured) -> None:
    asks = "entities: [amazon]\n    languages: [en]"
    (mistake,) = told(watchlist("[{match: Amazon sells books.}]", asks), to_run=True)
    assert "does not match (a possible mention is no match): " in mistake
    assert configured(watchlist("[{no_match: Amazon sells books.}]", asks), to_run=True)
    assert configured(watchlist("[{match: Amazon shops in the cloud.}]", asks), to_run=True)


def test_more_of_the_explanation_follows_below(configured: Configured) -> None:
    with pytest.raises(ConfigError) as error:
        configured(watchlist("[{match: The law of the sea., lang: en}]", "query: rule OR act"), to_run=True)
    (problem,) = error.value.problems
    assert "\n" not in problem.message
    assert "`cloud law`" in str(problem)
    assert "rule" in str(problem)


def test_what_came_from_the_environment_is_not_explained(configured: Configured) -> None:
    text = watchlist("[{match: nothing}]").replace("cloud law", "'${WORD}'")
    with pytest.raises(ConfigError) as error:
        configured(text, {"WORD": "projectxyzzy"}, to_run=True)
    assert "7: watchlists.0.tests.0: " in str(error.value)
    assert "xyzzy" not in str(error.value)


def test_tests_are_only_run_where_work_begins(configured: Configured) -> None:
    assert configured(watchlist("[{match: nothing of it}]")).trials


def test_all_failing_tests_are_told_at_once(told: Told) -> None:
    tests = "[{match: nothing}]\n  - {name: B, keywords: [b], tests: [{no_match: b}, {match: b}, {match: c}]}"
    assert [mistake.split(":")[0] for mistake in told(watchlist(tests), to_run=True)] == [
        "7 watchlists.0.tests.0",
        "8 watchlists.1.tests.0",
        "8 watchlists.1.tests.2",
    ]


def test_the_title_of_a_test_is_that_of_its_article(configured: Configured) -> None:
    # in the title and lead words may stand as far apart as they like
    long = "A law was passed. " + "Nothing else happened here today. " * 3
    text = watchlist(f"[{{match: {long.strip()}, title: All about the cloud, lang: en}}]")
    assert configured(text, to_run=True)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        pytest.param("{}", "needs either `match` or `no_match`", id="neither"),
        pytest.param("{match: a, no_match: b}", "needs either `match` or `no_match`, not both", id="both"),
        pytest.param("{match: '—'}", "needs a letter or a digit to be found by", id="no word"),
        pytest.param('{match: "a\\0b"}', "needs text without control characters", id="control characters"),
        pytest.param("{match: a, lang: fr}", "no article will be in `fr`: it is missing", id="language"),
        pytest.param("{matches: a}", "unknown key; did you mean `match`?", id="unknown key"),
        pytest.param("a sentence", "needs a mapping (key: value)", id="text alone"),
    ],
)
def test_a_test_that_says_nothing_is_a_mistake(told: Told, test: str, expected: str) -> None:
    assert any(expected in mistake for mistake in told(watchlist(f"[{test}]")))


def test_a_text_may_have_several_lines(configured: Configured) -> None:
    text = watchlist("\n      - match: |\n          On the cloud.\n          A law.\n        lang: en")
    assert configured(text, to_run=True).trials["cloud-law"][0].text == "On the cloud.\nA law.\n"


# -- in which language, and from where --------------------------------------------------------------------------------

GIFT = Watchlist(id="gift", name="Gift", keywords=(Keyword(text="gift", lang="de"),))


def failures(
    watchlists: Sequence[Watchlist], tests: Mapping[str, tuple[Trial, ...]], languages: tuple[str, ...]
) -> list[Failure]:
    configuration = Configuration(
        path=Path(),
        settings=Settings(languages=languages),
        sources=(),
        entities=(),
        watchlists=tuple(watchlists),
        channels={},
        smtp=Smtp(),
        trials=tests,
    )
    return list(trials.failures(configuration))


def failed(trial: Trial, watchlist: Watchlist = GIFT, languages: tuple[str, ...] = ("en", "de")) -> list[str]:
    return [failure.reason.split(":")[0] for failure in failures([watchlist], {watchlist.id: (trial,)}, languages)]


def test_a_test_is_in_the_language_that_it_names() -> None:
    assert not failed(Trial(text="gift", language="de", matches=True))
    assert failed(Trial(text="gift", language="en", matches=True)) == ["does not match"]


def test_else_in_the_only_language_of_the_watchlist_or_of_all() -> None:
    german = Watchlist(id="gift", name="Gift", keywords=GIFT.keywords, languages=frozenset({"de"}))
    english = Watchlist(id="gift", name="Gift", keywords=GIFT.keywords, languages=frozenset({"en"}))
    assert not failed(Trial(text="gift", matches=True), german)
    assert not failed(Trial(text="gift", matches=False), english)
    assert not failed(Trial(text="gift", matches=True), languages=("de",))


def test_else_in_the_one_that_it_seems_to_be_in() -> None:
    assert not failed(Trial(text="Das Gift der Schlange wirkt schon nach wenigen Minuten im Körper.", matches=True))
    assert not failed(Trial(text="The gift of the king was shown to everybody in the garden.", matches=False))


def test_the_languages_of_a_watchlist_hold_and_its_sources_do_not(told: Told, configured: Configured) -> None:
    limits = "languages: [zh]\n    sources: {groups: [china]}"
    assert configured(watchlist("[{match: cloud law}]", limits), to_run=True)
    (mistake,) = told(watchlist("[{match: cloud law, lang: en}]", limits), to_run=True)
    assert "does not match" in mistake


def test_many_watchlists_are_tried_each_by_itself() -> None:
    many = [Watchlist(id=f"w{number}", name="w", keywords=(Keyword(text=f"cloud{number}"),)) for number in range(50)]
    tests = {
        one.id: (Trial(text=one.keywords[0].text, matches=True), Trial(text="cloud7", matches=False)) for one in many
    }
    assert [(one.watchlist, one.trial) for one in failures(many, tests, ("en",))] == [(7, 1)]


def test_of_very_many_failures_only_the_first_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "MOST_EXPLAINED", 2)
    tests = (Trial(text="nothing", language="de", matches=True),) * 5
    found = [failure.reason for failure in failures([GIFT], {"gift": tests}, ("de",))]
    assert [reason.startswith("does not match: ") for reason in found] == [True, True, False, False, False]


def test_the_mistakes_come_in_the_order_of_the_file(told: Told) -> None:
    tests = "[{match: nothing}]\n    entities: [amazon]\n  - {name: B, keywords: [b], tests: [{match: c}]}"
    assert [mistake.split(" ")[0] for mistake in told(watchlist(tests), to_run=True)] == ["7", "9"]


def test_without_tests_nothing_is_done() -> None:
    assert not failures([GIFT], {}, ("de",))
