"""Of an entity it is told what mentions it for certain, what may, and why that is no more than possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.domain import Article
from monitors.domain import Alias, Entity, NeverNear, Watchlist
from monitors.match.explain import explain, why
from monitors.match.query import read_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.match.explain import Explanation, Finding

AMAZON = Entity(
    id="amazon",
    name="Amazon.com Inc.",
    aliases=(Alias(text="Amazon Web Services"), Alias(text="Amazon", case_sensitive=True, ambiguous=True)),
    context=("AWS", "cloud", "Bezos"),
    never_near=NeverNear(any=("rainforest", "river"), within=3),
)
ORANGE = Entity(id="orange", name="Orange S.A.", aliases=(Alias(text="Orange", ambiguous=True),))
XI = Entity(id="xi", name="Xi Jinping", aliases=(Alias(text="Xi"),), person=True)
ENTITIES = (
    AMAZON,
    ORANGE,
    XI,
    Entity(id="ny", name="New York"),
    Entity(id="nyt", name="New York Times"),
    Entity(id="acme", name="Acme"),
)


def explained(query: str, text: str, title: str = "") -> Explanation:
    watchlist = Watchlist(id="w", name="W", query=read_query(query))
    return explain(watchlist, ENTITIES, Article(url="u", title=title, text=text, language="en"))


def clause(finding: Finding, kind: str) -> Iterator[Finding]:
    if finding.kind == kind:
        yield finding
    for part in finding.parts:
        yield from clause(part, kind)


def notes(explanation: Explanation, kind: str = "entity") -> str:
    return "; ".join(note for finding in clause(explanation.tree, kind) for note in finding.notes)


POSSIBLE = {
    "a namesake": ("The Amazon river.", "“Amazon” in the lead is only possible: within 3 words of “river”"),
    "no context": ("Amazon grows.", "no unambiguous name of it in the article, and only 0 of 2 context words"),
    "one word of context": ("Amazon and the cloud.", "and only 1 of 2 context words (“cloud”)"),
    "one word of context twice": ("Amazon and the cloud, the cloud.", "only 1 of 2 context words (“cloud”)"),
}


@pytest.mark.parametrize(("text", "told"), POSSIBLE.values(), ids=POSSIBLE)
def test_a_possible_mention_says_why_it_is_no_more(text: str, told: str) -> None:
    explanation = explained("entity:amazon", text)
    assert explanation.verdict == "possible"
    assert told in notes(explanation)
    assert told in (explanation.first_failure or "")
    (found,) = clause(explanation.tree, "entity")
    assert (found.state, found.spans, [span.text for span in found.possible]) == ("possible", (), ["Amazon"])


def test_certain_and_possible_mentions_are_told_apart() -> None:
    text = "Amazon Web Services grows, says Amazon. Far away from it, on the river Amazon, nobody knows."
    (found,) = clause(explained("entity:amazon", text).tree, "entity")
    assert found.state == "yes"
    assert [span.text for span in found.spans] == ["Amazon Web Services", "Amazon"]
    assert [(span.text, span.start) for span in found.possible] == [("Amazon", text.rindex("Amazon"))]
    assert any("within 3 words of “river”" in note for note in found.notes)


def test_without_context_words_none_are_asked_for() -> None:
    assert "no context words are given" in notes(explained("entity:orange", "Orange grows."))


def test_a_short_form_without_its_name_is_only_possible() -> None:
    told = "“Xi” is only possible: a short form, and its full name is not in the article"
    assert told in notes(explained("entity:xi", "Xi said so."))


@pytest.mark.parametrize(
    ("query", "text", "told"),
    [
        pytest.param("entity:amazon", "It grows.", "none of its names is in the article", id="not there"),
        pytest.param(
            "entity:ny",
            "The New York Times grows.",
            "“New York” stands only inside of a longer name, of another entity",
            id="in another name",
        ),
        pytest.param(
            "entity:xi",
            "Jinping spoke.",
            "“Jinping” is a short form, and its full name is not in the article",
            id="a first name alone",
        ),
        pytest.param(
            "title:entity:acme", "Acme grows, says Acme", "only in the lead (2×), not in the title", id="elsewhere"
        ),
        pytest.param("first3(entity:acme)", "It is all about Acme", "the first stands at word 5, 3 allowed", id="late"),
        pytest.param("title:entity:amazon", "The river Amazon", "only in the lead, not in the title", id="possibly"),
    ],
)
def test_an_entity_that_was_not_found_says_what_is_there(query: str, text: str, told: str) -> None:
    explanation = explained(query, text)
    assert explanation.verdict == "no"
    assert told in notes(explanation)


def test_what_is_missing_is_told_before_what_is_only_possible() -> None:
    explanation = explained("entity:amazon AND law", "The Amazon river.")
    assert (explanation.verdict, explanation.first_failure) == ("no", "query `law`: not in the article")


def test_a_possible_mention_forbids_nothing_and_that_is_said() -> None:
    explanation = explained("law NOT entity:amazon", "A law of the Amazon river.")
    assert explanation.verdict == "match"
    assert notes(explanation).endswith("what is only possible forbids nothing")


def test_a_pair_with_a_possible_mention_is_possible() -> None:
    explanation = explained("law NEAR/4 entity:amazon", "A law of the Amazon river.")
    assert explanation.verdict == "possible"
    assert "only with mentions that are no more than possible" in notes(explanation, "near")


def test_a_pair_that_is_too_far_counts_possible_mentions_too() -> None:
    explanation = explained("law NEAR/2 entity:amazon", "A law of all the Amazon river.")
    assert "nearest pair 4 words apart, 2 allowed" in (explanation.first_failure or "")


SUBJECTS = {
    "too few": ("Acme and Acme.", "mentioned in the text (2×); 2 mentions, none in title or lead; 3 wanted"),
    "others more often": (
        "Acme, Acme, Acme. " + "New York. Xi Jinping. " * 4,
        "3 mentions, none in title or lead; 4 wanted to be among the two most mentioned",
    ),
    "not there": ("Nobody.", "none of its names is in the article"),
}


@pytest.mark.parametrize(("text", "told"), SUBJECTS.values(), ids=SUBJECTS)
def test_what_is_not_the_subject_says_how_often_and_where(text: str, told: str) -> None:
    explanation = explained("about:acme", f"Nothing.\n{text}")
    assert explanation.verdict == "no"
    assert told in notes(explanation, "about")


def test_the_subject_is_told_where_it_stands() -> None:
    explanation = explained("about:acme", "Acme and Acme.", title="Acme grows")
    assert "mentioned in the title and the lead (2×)" in notes(explanation, "about")


def test_a_subject_of_possible_mentions_alone_is_none() -> None:
    told = notes(explained("about:amazon", "The Amazon river."), "about")
    assert told.startswith("no mention that is certain; “Amazon” in the lead is only possible")


def test_of_ten_thousand_namesakes_it_is_told_soon() -> None:
    told = notes(explained("entity:amazon", "The Amazon river. " * 10_000))
    assert "“Amazon” in the lead (10000×) is only possible: within 3 words of “river”" in told


def test_why_says_of_a_test_that_it_is_only_a_possible_mention() -> None:
    watchlist = Watchlist(id="w", name="W", entities=("amazon",))
    told = why(watchlist, ENTITIES, Article(url="", title="", text="Amazon grows.", language="en"))
    assert told.startswith("entity `entity:amazon`: “Amazon” is only possible: no unambiguous name")
