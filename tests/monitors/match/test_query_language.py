"""Every leaf and operator of the query language, quoted, with what it finds and what it does not.

What an article has to look like is written between ⟨ and ⟩; see Asks in conftest.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitors.domain import Alias, Entity, NeverNear
from monitors.match.query import QueryError, read_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.monitors.match.conftest import Asks


def far(words: int) -> str:
    return " w" * words


AMAZON = Entity(
    id="amazon",
    name="Amazon.com Inc.",
    aliases=(
        Alias(text="Amazon.com"),
        Alias(text="Amazon Web Services"),
        Alias(text="Amazon", case_sensitive=True, ambiguous=True),
        Alias(text="亚马逊", lang="zh"),
    ),
    context=("AWS", "cloud", "Bezos", "retailer", "e-commerce", "marketplace"),
    never_near=NeverNear(any=("rainforest", "river", "basin", "deforestation"), within=12),
)
HALDEN, CORVANE = Entity(id="halden", name="Halden"), Entity(id="corvane", name="Corvane")
ENTITIES = (AMAZON, HALDEN, CORVANE)
QUERIES = {"name": "law OR rule", "routine": '"law firm" OR @name', "near": "x NEAR/2 y"}

LEAVES = {
    "merger": [
        "The ⟨merger⟩ and other ⟨Mergers⟩, or a ⟨merger⟩-talk: ⟨MERGER⟩’s",
        "A ⟨merger⟩ ¶ The ⟨merger⟩ ‖ That ⟨merger⟩",
        "[de] Der ⟨Merger⟩",
        "✗ They merged",
        "✗ A megamerger",
    ],
    '"spin off"': [
        "They ⟨spin off⟩ and ⟨Spin-Off⟩, or ⟨SPIN‑OFF⟩, or ⟨spin\n off⟩",
        "✗ They are spinning off, it spins off, a spin-offs",
        "✗ Off they spin",
        "✗ To spin it off",
        "✗ A spin ¶ Off it goes",
        "✗ A spin ¶ and a spin ‖ Off it goes",
    ],
    "exact(selling)": ["⟨Selling⟩ now", "✗ It sells, sold and will sell"],
    "cs(US)": ["Of ⟨US⟩ and us, the ⟨US⟩’s, ⟨ＵＳ⟩ and ⟨U\u200bS⟩", "✗ With us", "✗ USA", "✗ Us two", "✗ The U S of A"],
    'cs("Apple Pay")': ["An ⟨Apple Pay⟩ and an apple pay", "⟨Apple-Pay⟩", "✗ APPLE PAY", "✗ Apple Pays"],
    "divest*": ["To ⟨divest⟩, ⟨divested⟩, ⟨Divestments⟩", "✗ To dives and reinvest", "✗ di vest"],
    "organi?ation": ["An ⟨organisation⟩, an ⟨Organization⟩", "✗ An organiation", "✗ Organisations", "✗ organizzation"],
    "entity:amazon": [
        "At ⟨Amazon.com Inc.⟩ and ⟨amazon.com⟩, ⟨Amazon Web Services⟩",
        "Of ⟨Amazon⟩, a cloud retailer",
        "⟨Amazon⟩ ¶ A cloud ‖ retailer",
        "[zh] 关于⟨亚马逊⟩公司",
        "? The ⟨Amazon⟩ here",
        "? The ⟨Amazon⟩ cloud",
        "✗ The amazon rows",
        "✗ 关于亚马逊公司",
    ],
    "about:amazon": [
        "⟨Amazon.com⟩ grows ¶ Nothing\nand ⟨Amazon.com⟩",
        "⟨Amazon.com⟩ grows\nmuch",
        "A deck ¶ ⟨Amazon.com⟩ grows ‖ Yes",
        "No\nOf ⟨Amazon.com⟩, ⟨Amazon.com⟩ and ⟨Amazon.com⟩",
        "No\n⟨Amazon.com⟩, ⟨Amazon.com⟩, ⟨Amazon.com⟩ Halden, Halden, Halden, Halden Corvane, Corvane, Corvane",
        "✗ No\nHalden, Amazon.com, Amazon.com, Halden",
        "✗ No\nAmazon.com, Amazon.com, Amazon.com, " + "Halden, Corvane, " * 4,
        "✗ ¶ A deck ‖ Amazon.com in the first paragraph\nis no lead",
        "✗ Amazon ¶ Nobody can tell",
    ],
    "@name": ["A ⟨law⟩ and ⟨rules⟩", "✗ No order"],
    r"re/\d{4}-\d+/": [
        "Case ⟨2026-17⟩ and no2026-x",
        "A ⟨2026-1⟩ ¶ b ⟨2027-1⟩ ‖ c⟨2028-1⟩c",
        "✗ Case 2026‑17",
        "✗ 202-617",
    ],
    "re/(?i)cyber[a-z]+/": ["⟨CyberSecurity⟩ in hyper⟨cyberspaces⟩", "✗ cyber"],
    "re/law/": ["An out⟨law⟩ed ⟨law⟩", "✗ LAW"],
    "re/^The .* end$/": ["⟨The very end⟩ ¶ x", "✗ So The end ¶ x", "✗ The\nend"],
    "re/(?s)a.b/": ["⟨a\nb⟩", "⟨a b⟩ ¶ a", "✗ a ¶ b"],
    r"re/[!?]{2,}/": ["What⟨?!⟩ And⟨!!!⟩", "✗ What? Yes!"],
    r"re/km\/h/": ["At 90 ⟨km/h⟩", "✗ kmh"],
    r"re/网.安/": ["[zh] 修改⟨网络安⟩全法🚀⟨网x安⟩"],
    r"re/\p{Lu}{3}/": ["⟨ÄÖÜ⟩ und ⟨ABC⟩D"],
}

OPERATORS = {
    "A OR B": ["An ⟨A⟩ or the ⟨B⟩", "Only ⟨a⟩", "Only ¶ ⟨b⟩", "✗ Only c"],
    "A AND B": ["⟨A⟩ ¶ ⟨B⟩", "⟨b⟩ ‖ then ⟨a⟩", "✗ Only a", "✗ Only b"],
    "A NOT B": ["An ⟨A⟩ alone", "✗ An A ¶ and B", "✗ A B", "✗ B"],
    "A AND NOT B": ["An ⟨A⟩ alone", "✗ An A ¶ and B"],
    "NOT A AND B": ["The ⟨B⟩ alone", "✗ B ¶ a", "✗ c"],
    "A NEAR/8 B": [
        f"x\n⟨A⟩{far(7)} ⟨B⟩",
        f"x\n⟨B⟩{far(7)} ⟨A⟩",
        f"⟨A⟩{far(7)} ⟨B⟩ ¶ x",
        f"x ¶ ⟨A⟩{far(7)} ⟨B⟩ ‖ A{far(8)} B",
        f"x\n⟨A⟩ ⟨B⟩{far(8)} A",
        "x\n⟨A⟩.\n\n⟨B⟩",
        f"✗ x\nA{far(8)} B",
        f"✗ x\nB{far(8)} A",
        "✗ A ¶ B",
        "✗ A ¶ B ‖ c",
        "✗ c ¶ A ‖ B",
        "✗ A A A",
    ],
    "A ONEAR/8 B": [
        f"x\n⟨A⟩{far(7)} ⟨B⟩",
        "x\nB ⟨A⟩ ⟨A⟩ ⟨B⟩ ⟨B⟩ A",
        f"✗ x\nA{far(8)} B",
        "✗ x\nB A",
        "✗ A ¶ B",
    ],
    "A W/8 B": [f"x\n⟨B⟩{far(7)} ⟨A⟩", f"✗ x\nB{far(8)} A"],
    "A NEAR B": [f"x\n⟨A⟩{far(9)} ⟨B⟩", f"✗ x\nA{far(10)} B"],
    "A NEAR/10 B": [f"x\n⟨A⟩{far(9)} ⟨B⟩", f"✗ x\nA{far(10)} B"],
    "A NEAR/1 B": ["x\n⟨A⟩ ⟨B⟩ ⟨A⟩", "x\n⟨A⟩-⟨b⟩", "✗ x\nA c B"],
    '"a b"~8': [f"x\n⟨A⟩{far(7)} ⟨B⟩", f"x\n⟨b⟩{far(7)} ⟨a⟩", f"✗ x\nA{far(8)} B", "✗ A ¶ B"],
    '"a b c"~8': [
        f"x\n⟨A⟩{far(3)} ⟨C⟩{far(3)} ⟨B⟩",
        f"✗ x\nA{far(3)} C{far(4)} B",
        "✗ a b ¶ c",
        "✗ a b b a",
    ],
    '"spin off" NEAR/2 "data center"': [
        "x\n⟨spin off⟩ w ⟨data center⟩",
        "x\n⟨data center⟩ w ⟨spin off⟩",
        "✗ x\nspin off w w data center",
        "✗ x\noff spin data center",
    ],
    '"data center" NEAR/9 center': ["x\nThe ⟨data center⟩ and the ⟨center⟩", "✗ x\nThe data center"],
    "law NEAR/3 law": ["x\n⟨law⟩ w w ⟨laws⟩", "✗ x\nlaw w w w law", "✗ x\nlaw"],
    "(A OR x) NEAR/2 (B OR y)": ["⟨A⟩ w ⟨y⟩, ⟨x⟩ ⟨B⟩", "⟨A⟩ ⟨B⟩ w w w y", "✗ A x w w w B y", "✗ A x"],
    "divest* NEAR/2 entity:amazon": [
        "A deck ¶ ⟨Amazon Web Services⟩ ⟨divested⟩ ‖ ⟨divestments⟩ of ⟨Amazon.com Inc.⟩ w w divest",
        "Amazon.com w w\n⟨divests⟩ w ⟨Amazon.com⟩",
        "? No\nThe ⟨Amazon⟩ ⟨divests⟩",
        "✗ Amazon.com w w\ndivests w w Amazon.com",
    ],
    "re/[A-Z]{3}/ NEAR/2 law": ["x\nThe ⟨PIP⟩L w ⟨law⟩", "✗ x\nThe PIPL w w law", "✗ x\nPIPL ¶ law"],
    "@name NEAR/2 order": ["An ⟨order⟩ of ⟨law⟩ w w w w ⟨rules⟩ in ⟨order⟩"],
    "title:A NEAR/2 B": ["⟨A⟩ ⟨B⟩ ¶ A B", "✗ x ¶ A B", "✗ A ¶ B"],
    "网络 NEAR/2 法律": [
        "[zh] 无\n⟨网络⟩的的⟨法律⟩",
        "[zh] 无\n⟨法律⟩的的⟨网络⟩",
        "[zh] 无\n⟨网络⟩ w ⟨法律⟩",
        "[zh] 无\n⟨网络⟩。。。⟨法律⟩",
        "✗ [zh] 无\n网络的的的法律",
        "✗ [zh] 无\n网络 w w 法律",
    ],
    "网 NEAR/1 安": ["[zh] 无\n⟨网⟩⟨安⟩", "✗ [zh] 无\n网的安"],
    "A SENTENCE B": [
        f"x\nNo. ⟨A⟩{far(30)} ⟨B⟩! Yes.",
        "Mr. ⟨A⟩ and Mrs. ⟨B⟩",
        "⟨A⟩! And ⟨B⟩. ¶ The title is one sentence",
        "x ¶ ⟨B⟩ and ⟨A⟩ ‖ The a. The b",
        "[zh] ⟨A⟩，⟨B⟩。B",
        "✗ x\nThe a. The b.",
        "✗ x\nThe A\nThe B",
        "✗ A ¶ B",
        "✗ x ¶ A ‖ B",
        "✗ [zh] A。B",
    ],
    "A PARAGRAPH B": [
        f"x\n⟨A⟩. No.{far(90)}. ⟨B⟩.\nB",
        "⟨A⟩ ⟨B⟩ ¶ x",
        "x ¶ ⟨B⟩. Or ⟨A⟩ ‖ A",
        "✗ x\nThe A\nThe B",
        "✗ x\nThe A\n\nThe B",
        "✗ A ¶ B",
    ],
    '"data center" SENTENCE center': ["A ⟨data center⟩ or ⟨center⟩", "✗ A data center"],
    "A NOT NEAR/3 B": [
        "x\nA w w B w w w ⟨A⟩",
        "x\n⟨A⟩ w w w B",
        "⟨A⟩ ¶ B",
        "x\nB A" + far(3) + " ⟨A⟩",
        "✗ x\nA w w B w w A",
        "✗ B",
    ],
    'new NOT NEAR/3 "new york"': ["x\nIn New York w w w ⟨new⟩", "✗ x\nNew York", "✗ x\nnew New York new"],
    "entity:amazon NOT NEAR/3 entity:amazon": ["? No\nThe ⟨Amazon⟩ here", "✗ Amazon.com"],
    "law NOT NEAR/2 (firm OR school)": ["A law firm and its ⟨law⟩ of the schools and a law school", "✗ law w firm"],
    "entity:amazon NOT NEAR/3 layoffs": ["Amazon.com w layoffs w w w w ⟨Amazon.com⟩", "✗ Amazon.com layoffs"],
    "layoffs NOT NEAR/3 entity:amazon": [
        "x\nAmazon.com w layoffs w w w w ⟨layoffs⟩",
        "x\nOf Amazon w ⟨layoffs⟩",
        "✗ x\nAmazon.com layoffs",
    ],
    "law NOT entity:amazon": ["A ⟨law⟩", "A ⟨law⟩ of the Amazon", "✗ A law of Amazon.com", "✗ No"],
    "( A OR B ) AND c": ["⟨A⟩ ⟨c⟩", "⟨b⟩ ⟨c⟩", "✗ A B", "✗ c"],
    "A OR (B AND NOT c)": ["⟨A⟩ c", "⟨B⟩", "⟨A⟩ ⟨B⟩", "✗ B c"],
    "A NOT (B OR c)": ["⟨A⟩", "✗ A B", "✗ A c"],
    "A NOT (B AND c)": ["⟨A⟩ B", "⟨A⟩ c", "✗ A c B"],
    "A NOT (B NEAR/2 c)": [f"⟨A⟩ B{far(2)} c", "✗ A ¶ B w c"],
    "A AND @routine": ["⟨A⟩ ⟨⟨law⟩ firm⟩", "⟨A⟩ ⟨rule⟩", "✗ A firm"],
    "A AND @near": ["⟨A⟩ ⟨x⟩ ⟨y⟩", "✗ A x w w y"],
    "A NOT @near": ["⟨A⟩ x w w y", "✗ A x y"],
}

FORMS = {**LEAVES, **OPERATORS}


def cases() -> Iterator[object]:
    for query, lines in FORMS.items():
        yield from (pytest.param(query, line, id=f"{query} | {line[:50]}") for line in lines)


@pytest.mark.parametrize(("query", "line"), list(cases()))
def test_every_form_finds_exactly_this(asks: Asks, query: str, line: str) -> None:
    assert asks(query, line, entities=ENTITIES, queries=QUERIES) == line


def test_every_form_that_the_language_names_is_quoted_here(shared: Path) -> None:
    page = (shared / "query-language.md").read_text("utf-8")
    page = page[page.index("## Leaves") : page.index("## Keywords")]
    named = set(re.findall(r"`([^`]+)`", page)) - {"queries:", "( … )", "re/…/"}
    here = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_query_language*.py"))
    assert {form for form in named if form not in here} == set()


@pytest.mark.parametrize("query", ["NOT A", "NOT A NOT B", "NOT (A OR B)", "A OR NOT B"])
def test_a_query_that_is_only_negative_is_an_error(query: str) -> None:
    with pytest.raises(QueryError, match="only forbids"):
        read_query(query)


@pytest.mark.parametrize(
    "query", ["a NEAR/3 b NEAR/3 c", "(a NEAR/3 b) NEAR/3 c", "(a AND b) NEAR c", "a NEAR (NOT b)"]
)
def test_chains_and_logic_inside_of_near_are_errors(query: str) -> None:
    with pytest.raises(QueryError, match="NEAR"):
        read_query(query)


@pytest.mark.parametrize("words", [200, 1_000, 4_000])
def test_a_pair_is_found_wherever_in_a_long_text_it_stands(asks: Asks, words: int) -> None:
    for at in (0, 15, 16, 17, words // 2, words - 1):
        text = f"x\n{far(at)} A{far(15)} B{far(words - at)}"
        assert asks("A NEAR/16 B", text) == text.replace("A", "⟨A⟩").replace("B", "⟨B⟩")
        assert asks("A NEAR/15 B", text) == f"✗ {text}"


def test_a_regular_expression_of_a_hostile_mind_takes_no_time(asks: Asks) -> None:
    line = "✗ " + "a" * 100_000 + "b"
    assert asks("re/(a+)+$/", line) == line
