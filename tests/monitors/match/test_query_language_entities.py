"""Entities in queries: what is certain, what is only possible, and what both mean under each operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.domain import Article
from monitors.domain import Alias, Entity, NeverNear, Watchlist
from monitors.match.matcher import Matcher
from monitors.match.query import read_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.monitors.match.conftest import Asks

ENTITIES = (
    Entity(
        id="amazon",
        name="Amazon.com Inc.",
        aliases=(
            Alias(text="Amazon.com"),
            Alias(text="Amazon Web Services"),
            Alias(text="Amazon", case_sensitive=True, ambiguous=True),
            Alias(text="NASDAQ:AMZN"),
            Alias(text="亚马逊", lang="zh"),
        ),
        context=("AWS", "cloud", "Bezos", "retailer", "e-commerce", "marketplace"),
        never_near=NeverNear(any=("rainforest", "river", "basin", "deforestation"), within=12),
    ),
    Entity(id="orange", name="Orange S.A.", aliases=(Alias(text="Orange", ambiguous=True),), context=("fibre",)),
    Entity(id="powell", name="Jerome Powell", person=True),
    Entity(id="york", name="New York"),
    Entity(id="times", name="New York Times"),
    Entity(id="xi", name="Xi Jinping", aliases=(Alias(text="Xi"), Alias(text="习近平")), person=True),
)
FORMS = {
    "entity:amazon": [
        "A strong alias: ⟨Amazon.com⟩",
        "Two words of the context: ⟨Amazon⟩, a retailer in the cloud",
        "A strong alias far away: ⟨Amazon⟩\n\nand\n⟨Amazon.com⟩’s",
        "⟨AMAZON.COM INC⟩ and ⟨Amazon.com, Incorporated⟩",
        "Shares (⟨NASDAQ: AMZN⟩) and ⟨$AMZN⟩",
        "[zh] ⟨亚马逊⟩网络服务",
        "? One word of the context: ⟨Amazon⟩ cloud, cloud",
        "? A forbidden word near: ⟨Amazon⟩ river, a retailer in the cloud",
        "The ⟨Amazon.com⟩ river: a strong alias needs nobody",
        "✗ amazon, a retailer in the cloud",
        "✗ AMZN",
    ],
    "entity:orange": [
        "⟨Orange SA⟩ and ⟨Orange⟩",
        "? ⟨Orange⟩ fibre",
        "? An ⟨orange⟩",
        "✗ Oranges",
    ],
    "entity:powell": ["⟨Jerome H. Powell⟩ … ⟨Powell⟩ and ⟨J. Powell⟩", "✗ Powell", "✗ J. Powell"],
    "entity:xi": ["⟨Xi Jinping⟩ and ⟨Xi⟩", "[zh] ⟨习近平⟩说", "? ⟨Xi⟩", "✗ xi"],
    "entity:york": ["In ⟨New York⟩", "✗ The New York Times"],
    "entity:(york OR times)": ["The ⟨New York Times⟩ of ⟨New York⟩"],
    # possible mentions under each operator
    "entity:amazon OR law": ["A ⟨law⟩ on the Amazon", "? The ⟨Amazon⟩", "✗ None"],
    "entity:amazon AND law": ["⟨Amazon.com⟩ ¶ A ⟨law⟩", "? ⟨Amazon⟩ ¶ A ⟨law⟩", "✗ Amazon"],
    "(entity:amazon AND law) OR (rule AND tax)": ["A ⟨rule⟩ and ⟨tax⟩: Amazon law", "? ⟨Amazon⟩ ⟨law⟩ and rule"],
    "law NOT entity:amazon": ["The Amazon ⟨law⟩", "✗ Amazon.com ¶ law", "✗ The Amazon cloud retailer’s law"],
    "law NOT (rule OR entity:amazon)": ["The Amazon ⟨law⟩", "✗ Amazon rule law", "✗ Amazon.com law"],
    "law NOT (rule NOT entity:amazon)": ["⟨law⟩", "⟨law⟩: Amazon.com rule", "? ⟨law⟩: Amazon rule", "✗ law: rule"],
    "title:entity:amazon": ["⟨Amazon.com⟩ ¶ Amazon", "? ⟨Amazon⟩ ¶ Amazon", "✗ The river ¶ Amazon"],
    "lead:(entity:amazon OR entity:york)": ["x ¶ ⟨New York⟩\nAmazon.com", "? x ¶ ⟨Amazon⟩\nNew York"],
    "entity:amazon NEAR/3 law": [
        "x\n⟨Amazon Web Services⟩ w w ⟨law⟩",
        "x\nA ⟨law⟩ w w ⟨Amazon.com Inc.⟩",
        "? x\n⟨Amazon⟩ ⟨law⟩",
        "? x\nAmazon.com w w w ⟨law⟩ on the ⟨Amazon⟩ river",
        "✗ x\nAmazon Web Services w w w law",
    ],
    "entity:amazon ONEAR/3 law": ["x\n⟨Amazon.com⟩ ⟨law⟩ Amazon.com", "? x\n⟨Amazon⟩ ⟨law⟩", "✗ x\nlaw Amazon.com"],
    "entity:amazon SENTENCE law": [
        "x\n⟨Amazon.com⟩ w w w w w ⟨law⟩. A law",
        "? x\n⟨Amazon⟩ ⟨law⟩",
        "✗ x\nAmazon! A law",
    ],
    "entity:amazon NOT NEAR/2 law": ["x\nlaw Amazon.com w w w ⟨Amazon.com⟩", "? x\n⟨Amazon⟩", "✗ x\nlaw Amazon.com"],
    "law NOT NEAR/2 entity:amazon": ["x\nAmazon ⟨law⟩", "✗ x\nAmazon.com law"],
    "atleast2(entity:amazon)": [
        "⟨Amazon.com⟩ and ⟨Amazon.com⟩",
        "? ⟨Amazon⟩ and ⟨Amazon⟩",
        "? ⟨Amazon.com⟩ and the ⟨Amazon⟩ river",
        "✗ Amazon Web Services",
    ],
    "first3(entity:amazon)": ["x ⟨Amazon.com⟩ y Amazon.com", "? ⟨Amazon⟩ y", "✗ x y z Amazon.com"],
    "entity:amazon^5": ["⟨Amazon.com⟩", "? ⟨Amazon⟩"],
    "entity:york NEAR/2 entity:powell": ["x\n⟨Jerome Powell⟩ in ⟨New York⟩ " + "w " * 90 + "⟨Powell⟩ of ⟨New York⟩"],
    "entity:york NEAR/2 york": ["x\nIn ⟨New York⟩ ⟨York⟩", "✗ x\nNew York"],
    # what an article is about
    "about:amazon": [
        "⟨Amazon.com⟩ grows ¶ x",
        "x\n⟨Amazon.com⟩, ⟨Amazon⟩ and ⟨Amazon⟩",
        "✗ x\nAmazon.com and Amazon",
        "✗ Amazon grows ¶ Nobody knows which",
    ],
    "about:amazon AND law": ["⟨Amazon.com⟩ ¶ A ⟨law⟩", "✗ x\nAmazon.com law"],
    "law NOT about:amazon": ["x ¶ y\nA ⟨law⟩ of Amazon.com", "✗ Amazon.com ¶ A law"],
    "about:powell AND entity:york": ["⟨Jerome Powell⟩ ¶ In ⟨New York⟩, ⟨Powell⟩"],
}


def cases() -> Iterator[object]:
    for query, lines in FORMS.items():
        yield from (pytest.param(query, line, id=f"{query} | {line[:50]}") for line in lines)


@pytest.mark.parametrize(("query", "line"), list(cases()))
def test_every_form_finds_exactly_this(asks: Asks, query: str, line: str) -> None:
    assert asks(query, line, entities=ENTITIES) == line


@pytest.mark.parametrize(("apart", "kind"), [(12, "?"), (13, "")])
def test_a_forbidden_word_is_near_within_as_many_words_as_were_given(asks: Asks, apart: int, kind: str) -> None:
    line = f"{kind} A river{' w' * (apart - 1)} ⟨Amazon⟩, a retailer in the cloud".strip()
    assert asks("entity:amazon", line, entities=ENTITIES) == line


def test_a_short_form_is_found_far_from_the_name_in_a_long_text(asks: Asks) -> None:
    filler = " w" * 2_000
    line = f"x\n⟨Jerome Powell⟩{filler} ⟨rates⟩ and ⟨Powell⟩{filler} ⟨Powell⟩ on ⟨rates⟩{filler}"
    assert asks("entity:powell NEAR/2 rates", line, entities=ENTITIES) == line.replace(
        "⟨Jerome Powell⟩", "Jerome Powell"
    )


def test_an_entity_that_nobody_described_is_an_error_of_that_watchlist() -> None:
    watchlists = [
        Watchlist(id=name, name="W", query=read_query(f"law OR entity:{name}")) for name in ("nobody", "york")
    ]
    matched = Matcher(watchlists, ENTITIES).match(Article(url="u", title="A law"))
    assert [match.watchlist_id for match in matched.matches] == ["york"]
    assert [(error.watchlist_id, error.reason) for error in matched.errors] == [("nobody", "no entity nobody")]
