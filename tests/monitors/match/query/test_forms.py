"""Every form of the query language, and the tree it is read into."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from monitors.match import facts
from monitors.match.query import check, names, parse, read_query
from monitors.match.query.tree import (
    About,
    AtLeast,
    Both,
    Either,
    Fact,
    First,
    In,
    Meaning,
    Mention,
    Not,
    Pair,
    Reference,
    Regex,
    Together,
    Weighted,
    Words,
)

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.match.query.tree import Form, Part


def words(written: str, form: Form = "inflected") -> Words:
    return Words(words=written, form=form, text="")


def pair(kind: str, distance: int, left: Part | None = None, right: Part | None = None) -> Pair:
    return Pair(kind=kind, left=left or words("A"), right=right or words("B"), distance=distance, text="")


def fact(name: str, value: str) -> Fact:
    return Fact(name=name, value=value, text="")


def either(*alternatives: Part) -> Either:
    return Either(alternatives=alternatives, text="")


def both(*conditions: Part) -> Both:
    return Both(conditions=conditions, text="")


def no(part: Part) -> Not:
    return Not(part=part, text="")


A, B, C, X = words("A"), words("B"), words("C"), words("x")

LEAVES = {
    "merger": words("merger"),
    '"spin off"': words("spin off", "exact"),
    "exact(selling)": words("selling", "exact"),
    "cs(US)": words("US", "cased"),
    'cs("Apple Pay")': words("Apple Pay", "cased"),
    "divest*": words("divest*"),
    "organi?ation": words("organi?ation"),
    "entity:amazon": Mention(entity="amazon", text=""),
    "about:amazon": About(entity="amazon", text=""),
    "concept:data-localization": Meaning(concept="data-localization", text=""),
    "concept:x>0.7": Meaning(concept="x", over=0.7, text=""),
    "@name": Reference(name="name", text=""),
    r"re/\d+ words?/": Regex(pattern=r"\d+ words?", text=""),
    r"re/1\/2 \\\\\/[“”]/": Regex(pattern=r"1/2 \\\\/[“”]", text=""),
}
OPERATORS = {
    "A OR B": either(A, B),
    "A AND B": both(A, B),
    "A NOT B": both(A, no(B)),
    "A AND NOT B": both(A, no(B)),
    "NOT A AND B": both(no(A), B),
    "A NEAR/8 B": pair("near", 8),
    "A ONEAR/8 B": pair("onear", 8),
    "A W/8 B": pair("near", 8),
    '"a b"~8': pair("near", 8, words("a", "exact"), words("b", "exact")),
    '"a b c"~8': Together(members=tuple(words(word, "exact") for word in "abc"), width=9, text=""),
    "A NEAR B": pair("near", 10),
    "A ONEAR B": pair("onear", 10),
    "A W B": pair("near", 10),
    "A SENTENCE B": pair("sentence", 0),
    "A PARAGRAPH B": pair("paragraph", 0),
    "A NOT NEAR/3 B": pair("not near", 3),
    "A NOT W/3 B": pair("not near", 3),
    "A NOT NEAR B": pair("not near", 10),
    "NOT A": no(A),
    "( A )": A,
    "(A OR B) NEAR/2 C": pair("near", 2, either(A, B), C),
}
FUNCTIONS_AND_FIELDS = {
    "atleast3(x)": AtLeast(count=3, part=X, text=""),
    "first50(x)": First(words=50, part=X, text=""),
    "title:x": In(scope="title", part=X, text=""),
    "lead:x": In(scope="lead", part=X, text=""),
    "hlead:x": In(scope="hlead", part=X, text=""),
    "body:x": In(scope="body", part=X, text=""),
    'author:"Jane Doe"': fact("author", "Jane Doe"),
    'url:"/sponsored/"': fact("url", "/sponsored/"),
    "url:/sponsored/": fact("url", "/sponsored/"),
    "site:example.org": fact("site", "example.org"),
    "source:scmp-tech": fact("source", "scmp-tech"),
    "group:china": fact("group", "china"),
    "tier:1": fact("tier", "1"),
    "tier:>1": fact("tier", ">1"),
    "tier:<=2": fact("tier", "<=2"),
    "lang:en": fact("lang", "en"),
    "country:HK": fact("country", "HK"),
    "section:business": fact("section", "business"),
    "words:>300": fact("words", ">300"),
    "published:[2026-01-01 TO 2026-06-30]": fact("published", "[2026-01-01 TO 2026-06-30]"),
    "published:[2026-01-01 TO *]": fact("published", "[2026-01-01 TO *]"),
    "x^5": Weighted(part=X, weight=5, text=""),
    "x^0.25": Weighted(part=X, weight=0.25, text=""),
    "title:(law OR rule)": In(scope="title", part=either(words("law"), words("rule")), text=""),
    "author:(“A” OR B)": either(fact("author", "A"), fact("author", "B")),
    "author:(A OR (B OR C))": either(fact("author", "A"), either(fact("author", "B"), fact("author", "C"))),
    "author:(A)": fact("author", "A"),
    "tier:(1 OR >3)": either(fact("tier", "1"), fact("tier", ">3")),
    "entity:(amazon OR ny)": either(Mention(entity="amazon", text=""), Mention(entity="ny", text="")),
    "title:entity:amazon": In(scope="title", part=Mention(entity="amazon", text=""), text=""),
    "title:re/x/": In(scope="title", part=Regex(pattern="x", text=""), text=""),
    "hlead:(title:x)": In(scope="hlead", part=In(scope="title", part=X, text=""), text=""),
    "hlead:title:x": In(scope="hlead", part=In(scope="title", part=X, text=""), text=""),
    "title:x^5": Weighted(part=In(scope="title", part=X, text=""), weight=5, text=""),
    'atleast3("a b"~8)': AtLeast(count=3, part=OPERATORS['"a b"~8'], text=""),
    "first50(A NOT B)": First(words=50, part=both(A, no(B)), text=""),
}
FORMS = {**LEAVES, **OPERATORS, **FUNCTIONS_AND_FIELDS}

WORDS = """
C++ AT&T .NET 5G data-center O'Reilly 24/7 $TSLA #metoo R&D U.S. 5% Amazon.com e=mc² naïve
网络安全法 новости كلمة कानून サイバー and/or note near-by Nearby
ORACLE ANDY NOTE W3C SENTENCED re re-elect research/re/x titles AND/OR a;b {x} x<y
""".split()  # noqa: SIM905  # a list of them would fill the page


@pytest.mark.parametrize("query", FORMS)
def test_every_form_is_read_into_its_tree(query: str) -> None:
    assert parse(query) == FORMS[query]


@pytest.mark.parametrize("query", [query for query in FORMS if query not in {"NOT A", "@name"}])
def test_every_form_makes_sense(query: str) -> None:
    check(parse(query), query)


def test_every_form_that_the_language_names_is_among_these(shared: Path) -> None:
    page = (shared / "query-language.md").read_text("utf-8")
    page = page[page.index("## Leaves") : page.index("## Keywords")]
    named = set(re.findall(r"`([^`]+)`", page)) - {"NEAR", "NEAR/10", "re/…/", "( … )", "a NEAR/3 b NEAR/3 c"}
    forms = {form for form in named if not re.fullmatch(r"\w+:", form)}
    assert len(forms) > 25
    assert forms <= {*FORMS, "words:>300"}
    assert {form for form in named if form.endswith(":")} <= {"queries:", *(f"{name}:" for name in names.FIELD_NAMES)}


@pytest.mark.parametrize("word", WORDS)
def test_a_bare_word_may_hold_what_names_hold(word: str) -> None:
    assert read_query(word) == words(word)
    assert read_query(f"({word} OR x) AND {word}") == both(either(words(word), X), words(word))


def test_operators_and_fields_are_words_where_they_are_quoted() -> None:
    assert read_query('"AND"') == words("AND", "exact")
    assert read_query('"title:x (a OR b)^5"') == words("title:x (a OR b)^5", "exact")


def test_a_question_mark_that_ends_a_quoted_word_is_punctuation() -> None:
    assert parse('"who pays?"').words == "who pays"
    assert parse('"organi?ation what?! now"').words == "organi?ation what ! now"
    assert parse("organisation?").words == "organisation?"


LOOSEST_FIRST = {
    "a OR b NEAR/3 c": "a OR (b NEAR/3 c)",
    "a NEAR/3 b OR c": "(a NEAR/3 b) OR c",
    "a AND b NEAR/3 c NOT d": "a AND (b NEAR/3 c) NOT d",
    "a NEAR/3 b^5": "a NEAR/3 (b^5)",
    "NOT a NEAR/3 b AND c": "(NOT (a NEAR/3 b)) AND c",
    "title:a NEAR/3 b": "(title:a) NEAR/3 b",
    "title:a AND b": "(title:a) AND b",
    "a NOT NEAR/3 b AND c": "(a NOT NEAR/3 b) AND c",
    "a NOT b NOT c AND d": "a AND (NOT b) AND (NOT c) AND d",
    "a AND NOT NOT b": "a AND (NOT (NOT b))",
}


@pytest.mark.parametrize(("query", "bracketed"), LOOSEST_FIRST.items(), ids=LOOSEST_FIRST)
def test_tighter_operators_need_no_parentheses(query: str, bracketed: str) -> None:
    assert parse(query) == parse(bracketed)


def test_or_and_and_join_as_many_as_there_are() -> None:
    assert parse("a OR b OR c OR d") == either(*map(words, "abcd"))
    assert parse("a AND b AND c AND d") == both(*map(words, "abcd"))
    assert parse("a AND (b AND c)") == both(words("a"), both(words("b"), words("c")))


SPELLINGS = {
    "spaces": ("  ( a   OR\n\tb )\u3000AND\xa0c ", "(a OR b) AND c"),
    "no spaces where none are needed": ('(a)AND("b")OR(c)'.replace("OR", "AND"), 'a AND "b" AND c'),
    "an operator that touches its parenthesis": ("a NEAR/3(b OR c)", "a NEAR/3 (b OR c)"),
    "a space behind a field": ("title: x", "title:x"),
    "a space before a weight": ("x ^5", "x^5"),
    "a space before a distance": ('"a b" ~8', '"a b"~8'),
    "a line break in NOT NEAR": ("a NOT\n  NEAR/3 b", "a NOT NEAR/3 b"),
    "spaces in quotes": ('"spin \n off"', '"spin off"'),
    "curly quotes": ("“spin off”", '"spin off"'),
    "low quotes": ("„spin off“", '"spin off"'),
    "guillemets": ("«spin off» OR »spin off«", '"spin off" OR "spin off"'),
    "full-width quotes": ("＂spin off＂", '"spin off"'),
    "corner brackets": ("「网络」 OR 『安全』", '"网络" OR "安全"'),
    "full-width parentheses": ("（a OR b） AND c", "(a OR b) AND c"),
    "a full-width colon": ("title：x", "title:x"),
    "parentheses in parentheses": ("((((a)) OR (b)))", "a OR b"),
    "a function of a quoted word": ('exact("selling")', "exact(selling)"),
}


@pytest.mark.parametrize(("written", "plain"), SPELLINGS.values(), ids=SPELLINGS)
def test_spellings_make_no_difference(written: str, plain: str) -> None:
    assert parse(written) == parse(plain)


def test_each_part_knows_how_it_was_written_and_where() -> None:
    query = '  title:( “spin  off”\n OR sell^2 )  NOT (a NEAR/3 b) AND author:(A OR "B  C")'
    found = [(part.text, query[part.at :].split(maxsplit=1)[0]) for part in parse(query).walk()]
    assert found == [
        ('title:( “spin off” OR sell^2 ) NOT (a NEAR/3 b) AND author:(A OR "B C")', "title:("),
        ("title:( “spin off” OR sell^2 )", "title:("),
        ("“spin off” OR sell^2", "“spin"),
        ("“spin off”", "“spin"),
        ("sell^2", "sell^2"),
        ("sell", "sell^2"),
        ("NOT (a NEAR/3 b)", "NOT"),
        ("a NEAR/3 b", "a"),
        ("a", "a"),
        ("b", "b)"),
        ('author:(A OR "B C")', "author:(A"),
        ("author:A", "A"),
        ('author:"B C"', '"B'),
    ]


def test_the_words_of_a_phrase_with_a_distance_are_where_they_stand() -> None:
    assert [(part.at, part.text) for part in parse('x OR  "a  b c"~8').walk()][2:] == [
        (6, '"a b c"~8'),
        (7, "a"),
        (10, "b"),
        (12, "c"),
    ]


def test_the_facts_of_the_language_are_those_of_the_matcher() -> None:
    assert set(names.FACTS) == set(facts.FACTS)
