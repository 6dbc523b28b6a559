"""Every function, field and weight of the query language, quoted, with what it finds and what it does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from crawler.domain import Article, Source
from monitors.domain import Entity, Keyword, Watchlist
from monitors.match.matcher import Matcher
from monitors.match.query import read_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.domain import Match
    from tests.monitors.match.conftest import Asks


def far(words: int) -> str:
    return " w" * words


ENTITIES = (Entity(id="halden", name="Halden AG"), Entity(id="york", name="New York"))

FORMS = {
    "atleast3(x)": [
        "⟨x⟩ ¶ ⟨x⟩ ‖ ⟨x⟩",
        "⟨x⟩ and ⟨x⟩\nand ⟨x⟩ and ⟨X⟩",
        "✗ x\nand x",
        "✗ x ¶ x",
    ],
    "atleast2(law OR rule)": ["A ⟨law⟩ or ⟨rule⟩", "✗ A law"],
    'atleast2("new york" OR york)': ["⟨New ⟨York⟩⟩ or ⟨York⟩", "✗ New York"],
    'atleast2("a b a")': ["⟨a b a⟩ ⟨a b a⟩", "✗ a b a b a"],
    "atleast2(A NEAR/2 B)": [
        "x\n⟨A⟩ ⟨B⟩ w w w w ⟨B⟩ ⟨A⟩",
        "✗ x\nA B w w w w A",
        "✗ x\nA B A",
        "✗ A B ¶ A w w B",
    ],
    "atleast2((A NEAR/2 B) OR (c NEAR/2 d))": ["⟨A⟩ ⟨B⟩ ⟨c⟩ ⟨d⟩", "✗ x\nA B w w w c w w d"],
    'atleast2("a b c"~8)': ["⟨a⟩ ⟨b⟩ ⟨c⟩ ⟨c⟩ ⟨b⟩ ⟨a⟩", "✗ a b c a b"],
    "atleast2(A SENTENCE B)": ["x\n⟨A⟩ or ⟨b⟩. ⟨A⟩ to ⟨b⟩.", "✗ x\nA or b. A to c. B to c."],
    "atleast2(A NOT NEAR/2 B)": ["x\n⟨A⟩ w w w B A w w ⟨A⟩", "✗ x\nA B w w A"],
    "atleast2(entity:halden)": ["⟨Halden AG⟩\nThe ⟨Halden AG⟩", "✗ Halden AG and Halden"],
    "atleast2(re/x+/)": ["⟨xxx⟩ ¶ a⟨x⟩a", "✗ xxx"],
    "title:atleast2(x)": ["⟨x⟩ ⟨x⟩ ¶ x", "✗ x ¶ x x"],
    "first50(x)": [
        f"{far(49)} ⟨x⟩ x",
        "A ¶ ⟨x⟩",
        f"A ¶ Deck ‖ {far(49)} ⟨x⟩ x",
        f"[zh] {'网' * 98}⟨x⟩{'网' * 2}x",
        f"✗ {far(50)} x",
        f"✗ x ¶ x ‖ {far(50)} x",
        f"✗ [zh] {'网' * 99}x",
    ],
    'first50("a b")': [f"{far(48)} ⟨a b⟩ a b", f"✗ {far(49)} a b"],
    "first3(A NEAR/2 B)": ["⟨A⟩ w ⟨B⟩ A B", "✗ A w w A B"],
    "first3(A AND B)": ["⟨A⟩ w ⟨B⟩ A", "✗ A w w B"],
    "first3(A NOT B)": ["⟨A⟩ w w B", "B ¶ ⟨A⟩", "✗ A w B"],
    "first5(first3(x))": ["w w ⟨x⟩", "✗ w w w x"],
    "title:x": ["⟨x⟩ ¶ x ‖ x", "✗ y ¶ x ‖ x"],
    "lead:x": ["x ¶ ⟨x⟩ ‖ x", "x ¶ ⟨x⟩\nx", "\n \n⟨x⟩\nx", "✗ x ¶ y ‖ x", "✗ x ¶ y\nx"],
    "hlead:x": ["⟨x⟩ ¶ ⟨x⟩ ‖ x", "⟨x⟩ ¶ ⟨x⟩\nx", "✗ y ¶ y ‖ x", "✗ y ¶ y\nx"],
    "body:x": ["x ¶ x ‖ ⟨x⟩", "x ¶ ⟨x⟩\n⟨x⟩", "✗ x ¶ x ‖ y"],
    "title:(law OR rule)": ["A ⟨law⟩ and ⟨Rules⟩ ¶ law", "✗ No ¶ A law"],
    "title:(A AND B)": ["⟨A⟩ ⟨B⟩ ¶ A", "✗ A ¶ B"],
    "title:(A NOT B)": ["⟨A⟩ ¶ B", "✗ A B ¶ A"],
    "title:A AND B": ["⟨A⟩ ¶ A ⟨B⟩", "⟨A⟩ ⟨B⟩ ¶ x", "✗ B ¶ A"],
    'lead:"a b"': ["x ¶ ⟨a b⟩ ‖ a b", "✗ x ¶ a\nb", "✗ x ¶ a ‖ b"],
    "lead:(A NEAR/2 B)": ["x ¶ ⟨A⟩ ⟨B⟩\nA", "✗ x ¶ A\nB"],
    "hlead:(A NEAR/9 B)": ["⟨A⟩ ⟨B⟩ ¶ x", "✗ A ¶ B ‖ x"],
    "hlead:(A AND B)": ["⟨A⟩ ¶ ⟨B⟩ ‖ A", "✗ A ¶ C ‖ B"],
    "lead:first3(x)": ["w w ⟨x⟩\nx", "✗ w w w x", "✗ a ¶ x ‖ x"],
    "body:lead:x": ["⟨x⟩\nx", "✗ a ¶ x ‖ x"],
    "hlead:(title:x OR lead:y)": ["⟨x⟩ ¶ x ⟨y⟩\ny", "✗ y ¶ x"],
    "title:entity:halden": ["⟨Halden AG⟩ ¶ Halden AG", "✗ a ¶ Halden AG"],
    "title:(entity:halden NEAR/3 layoffs)": ["⟨Halden AG⟩ w ⟨layoffs⟩ ¶ x", "✗ a ¶ Halden AG layoffs"],
    "lead:re/[0-9]+/": ["1 ¶ ⟨2⟩ ‖ 3", "✗ 1 ¶ a ‖ 2"],
    "title:x^5": ["⟨x⟩ ¶ x"],
    "x^5": ["⟨x⟩", "✗ y"],
    "(x OR y)^5 NEAR/2 z": ["⟨x⟩ ⟨z⟩", "✗ x w w z"],
}


def cases() -> Iterator[object]:
    for query, lines in FORMS.items():
        yield from (pytest.param(query, line, id=f"{query} | {line[:50]}") for line in lines)


@pytest.mark.parametrize(("query", "line"), list(cases()))
def test_every_form_finds_exactly_this(asks: Asks, query: str, line: str) -> None:
    assert asks(query, line, entities=ENTITIES) == line


# -- facts ------------------------------------------------------------------------------------------------------------

WIRE = Source(
    id="scmp-tech", url="https://x.example", name="X", tier=1, country="HK", groups=frozenset({"china", "wires"})
)
ARTICLE = Article(
    url="https://www.news.example.org/sponsored/Story?id=1",
    title="A law",
    text="Two words and more.",
    authors=("Jane van Doe", "John Röe"),
    published=datetime(2026, 6, 30, 23, 30, tzinfo=timezone(timedelta(hours=2))),
    language="en-GB",
    site="The Daily Example",
    sections=("Business & Finance", "world"),
)
UNKNOWN = Article(url="https://example.org/1", title="A law")

FACTS = {
    'author:"Jane Van Doe"': True,
    "author:Doe": True,
    'author:"van doe"': True,
    "author:Roe": True,
    'author:"Jane Doe"': False,
    "author:Do": False,
    "author:(Smith OR Roe)": True,
    "author:“Jane van Doe”": True,
    'url:"/sponsored/"': True,
    "url:/Sponsored/story": True,
    "url:/other/": False,
    'url:"https://www.news.example.org/"': True,
    "site:example.org": True,
    "site:www.news.example.org": True,
    "site:NEWS.example.org": True,
    "site:ample.org": False,
    "site:other.example.org": False,
    'site:"the daily example"': True,
    "site:Daily": False,
    "source:scmp-tech": True,
    "source:SCMP-tech": True,
    "source:scmp": False,
    "group:china": True,
    "group:(x OR wires)": True,
    "group:wire": False,
    "tier:1": True,
    "tier:=1": True,
    "tier:<=2": True,
    "tier:<2": True,
    "tier:>1": False,
    "tier:(2 OR 1)": True,
    "lang:en": True,
    "lang:zh": False,
    "country:HK": True,
    "country:CH": False,
    "section:World": True,
    'section:"business and finance"': False,
    'section:"business & finance"': True,
    "section:business": False,
    "words:>300": False,
    "words:>3": True,
    "words:>4": False,
    "words:>=4": True,
    "words:<=4": True,
    "words:<4": False,
    "words:=4": True,
    "published:[2026-01-01 TO 2026-06-30]": True,
    "published:[2026-06-30 TO *]": True,
    "published:[2026-07-01 TO *]": False,
    "published:[* TO 2026-06-29]": False,
    "title:law AND (lang:zh OR tier:1)": True,
    "law NOT url:/sponsored/": False,
    "law NOT lang:zh": True,
    "law AND NOT (lang:en AND tier:1)": False,
}


@pytest.mark.parametrize(("query", "holds"), FACTS.items(), ids=FACTS)
def test_every_fact_is_asked_of_what_is_known(query: str, holds: bool) -> None:  # noqa: FBT001  # a column
    assert (answer(query, ARTICLE, WIRE) is not None) is holds
    if "law" not in query:
        assert (answer(f"law NOT ({query})", ARTICLE, WIRE) is None) is holds


WHAT_NOBODY_KNOWS = ["lang:en", "source:wire", "group:china", "tier:1", "country:HK", "published:[2026-01-01 TO *]"]


@pytest.mark.parametrize("fact", WHAT_NOBODY_KNOWS)
def test_what_nobody_knows_never_hides_an_article(fact: str) -> None:
    assert answer(f"law AND {fact}", UNKNOWN)
    assert answer(f"law NOT {fact}", UNKNOWN)
    assert answer(f"law AND NOT (rule OR {fact})", UNKNOWN)
    assert answer(f"law AND (rule OR {fact})", UNKNOWN)
    assert not answer(f"rule AND {fact}", UNKNOWN)


@pytest.mark.parametrize("fact", ["author:Doe", "section:world", 'site:"The Daily Example"', "words:>3"])
def test_what_an_article_has_none_of_does_not_fit(fact: str) -> None:
    assert not answer(f"law AND {fact}", UNKNOWN)
    assert answer(f"law NOT {fact}", UNKNOWN)


@pytest.mark.parametrize("fact", ["tier:<=2", "country:HK", "group:china"])
def test_a_source_that_was_given_no_tier_country_or_group_has_none(fact: str) -> None:
    plain = Source(id="plain", url="https://x.example", name="X")
    assert not answer(f"law AND {fact}", ARTICLE, plain)
    assert answer(f"law NOT {fact}", ARTICLE, plain)


@pytest.mark.parametrize("site", ["site:müller.example", "site:MÜLLER.example", "site:xn--mller-kva.example"])
@pytest.mark.parametrize("url", ["https://www.xn--mller-kva.example/1", "https://müller.example/1"])
def test_a_host_is_one_however_its_letters_are_spelled(site: str, url: str) -> None:
    assert answer(site, Article(url=url, title="A law"))


def test_two_characters_are_a_word_of_the_length_of_an_article() -> None:
    chinese = Article(url="u", title="", text="网络安全法律和AI", language="zh")
    assert answer("words:=4", chinese)


def test_facts_are_shown_for_what_they_are() -> None:
    match = answer('law AND author:doe AND tier:1 AND group:(china OR "wires")', ARTICLE, WIRE)
    assert match
    assert [(span.field, span.text, span.clause) for span in match.spans] == [
        ("title", "law", "law"),
        ("author", "Jane van Doe", "author:doe"),
        ("tier", "1", "tier:1"),
        ("group", "china", "group:china"),
        ("group", "wires", 'group:"wires"'),
    ]


def test_a_match_that_no_word_made_shows_the_title() -> None:
    match = answer("lang:en AND tier:1", ARTICLE, WIRE)
    assert match
    assert match.sentence.text == "A law"
    assert match.marked() == (("A law", False),)
    assert 0 < match.score < 1


def answer(query: str, article: Article, source: Source | None = None) -> Match | None:
    result = Matcher([Watchlist(id="w", name="W", query=read_query(query))], []).match(article, source)
    assert not result.errors
    return result.matches[0] if result.matches else None


# -- weights ----------------------------------------------------------------------------------------------------------

SCORES = {
    ("law", "No\nThe law"): 0.3,
    ("law^5", "No\nThe law"): 0.46,
    ("law^5", "No\nThe law, the law"): 0.48,
    ("law^0.5", "No\nThe law"): 0.15,
    ("law^0.5", "The law ¶ x"): 0.35,
    ("law^0.5 OR rule", "No\nThe law, the rule"): 0.367,
    ("law^0.5 OR rule", "The law ¶ x\nThe rule"): 0.417,
    ("(law OR rule)^5", "No\nThe rule"): 0.46,
    ("(law^2)^2", "No\nThe law"): 0.45,
    ("law NEAR/2 rule^5", "No\nThe law, the rule"): 0.46,
    ("law NEAR/2 rule", "No\nThe law, the rule"): 0.3,
    ("law SENTENCE rule", "No\nThe law, the rule and the law"): 0.4,
    ("law NOT NEAR/2 rule", "No\nThe law and law"): 0.4,
    ('"a b c"~8', "No\na b c"): 0.3,
    ("atleast2(law)", "No\nThe law, the law"): 0.4,
    ("atleast2(law NEAR/2 rule)", "No\nlaw rule law rule"): 0.4,
    ("atleast2(body:(law NEAR/2 rule))", "No\nlaw rule law rule"): 0.4,
    ("atleast2((law NEAR/2 rule) OR (tax NEAR/2 duty))", "No\nlaw rule tax duty"): 0.4,
    ("(law NEAR/2 rule)^2", "No\nlaw rule"): 0.4,
    ("(law AND rule) OR (law AND tax)", "No\nThe law, the rule, the tax"): 0.433,
    ("law AND @same", "No\nThe law"): 0.3,
    ("law NOT tax^5", "No\nThe law"): 0.3,
    ("words:<9 OR law", "No\nNo rule"): 0.3,
    ("hlead:law", "The law\nx"): 0.5,
}


@pytest.mark.parametrize(("query", "line"), SCORES, ids=map(" | ".join, SCORES))
def test_weights_count_in_the_score(query: str, line: str) -> None:
    title, _, text = line.rpartition(" ¶ ")
    tree = read_query(query, {"same": read_query("law")})
    article = Article(url="u", title=title, text=text, language="en")
    [match] = Matcher([Watchlist(id="w", name="W", query=tree)], []).match(article).matches
    assert match.score == pytest.approx(SCORES[query, line])


SENTENCES = {
    "law OR rule": "The law stands.",
    "law OR rule^5": "The rule falls.",
    "law^0.2 OR rule": "The rule falls.",
    "law OR rule^5 OR tax^4 OR duty^4": "A tax and a duty.",
}


@pytest.mark.parametrize(("query", "sentence"), SENTENCES.items(), ids=SENTENCES)
def test_weights_choose_the_sentence_that_is_shown(query: str, sentence: str) -> None:
    article = Article(url="u", title="", text="The law stands. The rule falls. A tax and a duty.", language="en")
    match = answer(query, article)
    assert match
    assert match.sentence.text == sentence


def test_a_query_beside_keywords_counts_together_with_them() -> None:
    watchlist = Watchlist(id="w", name="W", keywords=(Keyword(text="law"),), query=read_query("law OR rule"))
    article = Article(url="u", title="", text="No.\nThe law and rule.", language="en", published=datetime.now(UTC))
    [match] = Matcher([watchlist], []).match(article).matches
    assert match.clauses == ("law", "rule")
    assert match.score == pytest.approx(0.4)
