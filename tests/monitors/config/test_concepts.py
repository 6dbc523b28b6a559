"""`concepts:` of the YAML, and what refers to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.domain import Article
from monitors.domain import Concept
from monitors.match.explain import Explainer

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitors.watchlist_file import Configuration

    Configured = Callable[..., Configuration]
    Told = Callable[..., list[str]]


def test_a_concept_keeps_everything_that_was_said(configured: Configured) -> None:
    configuration = configured("""\
concepts:
  - id: data-localization
    description: |
      Rules that require data to be stored inside a country,
      or that restrict its export.
    examples: [Companies must keep the records of residents on servers in the country., 数据必须存储在境内]
    counterexamples: ["The retailer opened a local data centre."]
    about: 5/week
  - {id: outage, description: A service that many rely on is down.}
""")
    assert configuration.concepts == (
        Concept(
            id="data-localization",
            description="Rules that require data to be stored inside a country,\nor that restrict its export.\n",
            examples=("Companies must keep the records of residents on servers in the country.", "数据必须存储在境内"),
            counterexamples=("The retailer opened a local data centre.",),
            per_week=5,
        ),
        Concept(id="outage", description="A service that many rely on is down."),
    )


@pytest.mark.parametrize(
    ("about", "per_week"),
    [("5/week", 5), ("2/day", 14), ("0.5/week", 0.5), ("10/month", 2.3), ("3 / week", 3)],
)
def test_about_is_so_many_a_week(configured: Configured, about: str, per_week: float) -> None:
    (concept,) = configured(f"concepts: [{{id: a, description: outage, about: {about}}}]\n").concepts
    assert concept.per_week == pytest.approx(per_week, abs=0.01)


def test_a_file_without_concepts_has_none(configured: Configured) -> None:
    assert configured("watchlists: [{name: A, keywords: [law]}]\n").concepts == ()


def test_a_concept_is_something_to_look_for(configured: Configured) -> None:
    concepts = "concepts: [{id: outage, description: down}]\n"
    (watchlist,) = configured(f"{concepts}watchlists: [{{name: A, concepts: [outage]}}]\n").watchlists
    assert watchlist.concepts == ("outage",)


@pytest.mark.parametrize(
    ("settings", "says", "related"),
    [
        pytest.param("{}", "", True, id="nobody says"),
        pytest.param("{}", "related: false", False, id="the watchlist does"),
        pytest.param("{related: false}", "", False, id="the settings do"),
        pytest.param("{related: false}", "related: true", True, id="both, and the watchlist is nearer"),
    ],
)
def test_keywords_are_read_as_a_concept_unless_somebody_says_no(
    configured: Configured, settings: str, says: str, *, related: bool
) -> None:
    text = f"settings: {settings}\nwatchlists: [{{name: A, keywords: [law], {says}}}]\n"
    assert configured(text).watchlists[0].related is related


@pytest.mark.parametrize(("says", "most"), [("", 3), (", max_related: 0", 0), (", max_related: 10", 10)])
def test_a_digest_shows_so_many_related_stories(configured: Configured, says: str, most: int) -> None:
    deliver = f'deliver: [{{to: me@example.org, at: "07:00"{says}}}]'
    (watchlist,) = configured(f"watchlists: [{{name: A, keywords: [law], {deliver}}}]\n").watchlists
    assert watchlist.deliver[0].max_related == most


def test_an_article_that_means_a_concept_matches_and_another_does_not(configured: Configured) -> None:
    configuration = configured("""\
concepts:
  - id: storage
    description: Rules that require data to be stored or processed inside a country, or that restrict its export.
watchlists:
  - {name: List, concepts: [storage]}
  - {name: Query, query: concept:storage AND title:cabinet}
  - {name: Strict, query: concept:storage>0.9999}
""")
    meant = "A new decree obliges firms to process the data of citizens inside the country and restricts its export."
    articles = [
        Article(url="https://example.org/1", title="Cabinet signs data decree", text=meant, language="en"),
        Article(
            url="https://example.org/2", title="Cabinet opens a bridge", text="Ships pass below it.", language="en"
        ),
    ]
    found = [configuration.matcher.match(article) for article in articles]
    assert [[match.watchlist_id for match in one.matches] for one in found] == [["list", "query"], []]
    assert not any(one.errors for one in found)
    assert all(match.kind == "match" and match.spans for match in found[0].matches)
    explainer = Explainer(configuration.entities, configuration.matcher.panel)
    told = [[explainer.explain(watchlist, one).verdict for watchlist in configuration.watchlists] for one in articles]
    assert told == [["match", "match", "no"], ["no", "no", "no"]]


@pytest.mark.parametrize("about", ["5", "0/week", "5/year", "-1/day", "many", "5 a week", "[5/week]", "1e3/week"])
def test_about_is_a_number_and_a_unit(told: Told, about: str) -> None:
    assert told(f"concepts:\n  - id: a\n    description: outage\n    about: {about}\n") == [
        "4 concepts.0.about: needs about how many articles there are, such as 5/week, 2/day or 10/month"
    ]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param("{description: outage}", "2 concepts.0.id: is missing", id="no id"),
        pytest.param("{id: a}", "2 concepts.0.description: is missing", id="no description"),
        pytest.param("{id: a b, description: outage}", "2 concepts.0.id: needs letters, digits", id="id"),
        pytest.param("{id: a, description: '…'}", "2 concepts.0.description: needs a letter", id="no word"),
        pytest.param("{id: a, description: x, examples: y}", "2 concepts.0.examples: needs a list", id="one example"),
        pytest.param("{id: a, description: x, examples: ['']}", "2 concepts.0.examples.0: needs some", id="empty"),
        pytest.param(
            "{id: a, description: x, counterexample: [y]}",
            "2 concepts.0.counterexample: unknown key; did you mean `counterexamples`?",
            id="unknown key",
        ),
    ],
)
def test_a_mistake_in_a_concept_is_told_with_its_line(told: Told, entry: str, expected: str) -> None:
    (mistake,) = told(f"concepts:\n  - {entry}\n")
    assert mistake.startswith(expected)


def test_an_id_that_is_there_twice_is_refused(told: Told) -> None:
    assert told("concepts:\n  - {id: a, description: outage}\n  - {id: a, description: strike}\n") == [
        "3 concepts.1.id: `a` is also the id of the entry on line 2; give one of them another"
    ]


def test_a_folder_without_a_model_is_a_mistake_with_its_line(told: Told) -> None:
    (problem,) = told("settings:\n  semantic: ./nowhere\n")
    assert problem.startswith("2 settings.semantic: there is no model.onnx and no tokenizer.json in ")
