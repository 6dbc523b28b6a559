"""Entities by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.domain import Alias, Entity

if TYPE_CHECKING:
    from tests.monitors.match.conftest import Matches

AMAZON = Entity(
    id="amazon",
    name="Amazon.com",
    aliases=(
        Alias(text="Amazon Web Services"),
        Alias(text="Amazon", case_sensitive=True),
        Alias(text="亚马逊", lang="zh"),
    ),
)
YORK = Entity(id="york", name="New York")
TIMES = Entity(id="times", name="New York Times")


def test_an_entity_is_found_by_its_name_and_its_aliases(matched: Matches) -> None:
    text = "amazon.com sells. Amazon’s AMAZON WEB SERVICES grows. An amazon rows."
    match = matched(entities=[AMAZON], text=text)
    assert match
    assert [span.text for span in match.spans] == ["amazon.com", "Amazon", "AMAZON WEB SERVICES"]
    assert match.clauses == ("entity:amazon",)


def test_a_name_is_not_inflected(matched: Matches) -> None:
    assert not matched(entities=[Entity(id="target", name="Target")], text="They targeted the targets.")


def test_of_two_names_of_an_entity_the_longer_one_is_the_mention(matched: Matches) -> None:
    match = matched(entities=[AMAZON], text="Amazon Web Services and Amazon")
    assert match
    assert [span.text for span in match.spans] == ["Amazon Web Services", "Amazon"]


def test_a_piece_of_a_longer_name_of_another_entity_is_no_mention(matched: Matches) -> None:
    assert not matched(entities=[YORK, TIMES], text="The New York Times wrote.")
    match = matched(entities=[YORK, TIMES], text="The New York Times wrote from New York.")
    assert match
    assert [(span.start, span.text) for span in match.spans] == [(30, "New York")]
    assert matched(entities=[TIMES, YORK], text="The New York Times wrote.")


def test_two_entities_may_share_a_name(matched: Matches) -> None:
    assert matched(entities=[YORK, Entity(id="state", name="new york")], text="In New York.")


def test_an_alias_of_a_language_is_found_in_that_language(matched: Matches) -> None:
    assert matched(entities=[AMAZON], text="关于亚马逊公司的报道", language="zh")
    assert matched(entities=[AMAZON], text="关于亚马逊公司的报道", language=None)
    assert not matched(entities=[AMAZON], text="亚马逊 in English", language="en")


def test_a_name_may_hold_what_is_syntax_in_a_keyword(matched: Matches) -> None:
    for name in ("Yahoo!", "AT&T", "Who? (band)", "E*Trade", "-30-"):
        match = matched(entities=[Entity(id="x", name=name)], text=f"So {name} said.")
        assert match, name
