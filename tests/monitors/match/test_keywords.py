"""Each rule of the keyword form (the examples of docs/query-language.md are tested beside), and what cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from monitors.domain import Keyword
from monitors.match.keywords import KeywordError, check_keyword, read_keyword

if TYPE_CHECKING:
    from tests.monitors.match.conftest import Matches

FILLER = " word"
LEAD = "A first paragraph.\n"
"""In it words may stand anywhere, so that distances are to be seen in the second."""


def test_the_words_of_a_keyword_may_be_as_far_apart_as_ten_more_words(matched: Matches) -> None:
    assert matched("China law", text=LEAD + "China" + FILLER * 10 + " law")
    assert not matched("China law", text=LEAD + "China" + FILLER * 11 + " law")


@pytest.mark.parametrize("text", ["law data China", "data law China", "China data law"])
def test_the_words_of_a_keyword_may_come_in_any_order(matched: Matches, text: str) -> None:
    assert matched("China data law", text=text)


def test_in_the_title_and_lead_the_words_may_stand_anywhere(matched: Matches) -> None:
    title, lead, far = "China acts" + FILLER * 20, "A law" + FILLER * 20, "Data" + FILLER * 20
    assert matched("China law", title=title, lead=lead)
    assert matched("China law", title=title, text=f"{lead}\nMore")
    assert matched("China law data", title=f"{title} data", text=f"{lead}\nMore")
    assert not matched("China law data", title=title, text=f"{lead}\n{far}")


def test_the_first_paragraph_is_no_lead_where_there_is_a_deck(matched: Matches) -> None:
    assert not matched("China law", title="China", lead="A deck", text="A law")


def test_words_do_not_stand_together_across_fields(matched: Matches) -> None:
    assert not matched('"China law"', title="China", text="law")
    assert not matched("China data law", text=f"x\ny{FILLER * 3}", title="China", lead="data")


def test_a_group_counts_its_longest_alternative(matched: Matches) -> None:
    assert matched("(data center|cloud) law", text=LEAD + "cloud" + FILLER * 11 + " law")
    assert not matched("(data center|cloud) law", text=LEAD + "cloud" + FILLER * 12 + " law")


@pytest.mark.parametrize("keyword", ["law organi?ation", "law cyb?r*", "law “organization”"])
def test_a_wildcard_counts_as_one_word(matched: Matches, keyword: str) -> None:
    for far, text in ((0, "organization cyber"), (11, "organization"), (11, "cyber")):
        assert bool(matched(keyword, text=LEAD + "law" + FILLER * far + f" {text}")) is (far == 0)


@pytest.mark.parametrize("pasted", ["China law \u200f", "\u202aChina law\u202c", "China \u200b law", "China\u2060 law"])
def test_what_nobody_sees_in_a_keyword_makes_no_difference(matched: Matches, pasted: str) -> None:
    assert matched(pasted, text="A law of China")
    assert check_keyword("\u200f", None) == "no words (at character 1)"


@pytest.mark.parametrize("minus", "-–−‑")
def test_a_minus_forbids_whatever_a_word_processor_made_of_it(matched: Matches, minus: str) -> None:
    assert matched(f"law {minus}sport", text="law")
    assert not matched(f"law {minus}sport", text="law on sports")


def test_spans_are_every_word_that_takes_part_and_no_other(matched: Matches) -> None:
    text = LEAD + "law" + FILLER * 30 + " China's laws and one law" + FILLER * 30 + " China"
    match = matched("China law", text=text)
    assert match
    assert [span.text for span in match.spans] == ["China", "laws", "law"]
    assert all(text[span.start : span.end] == span.text for span in match.spans)
    assert {span.clause for span in match.spans} == {"China law"}


def test_chinese_words_are_near_by_characters(matched: Matches) -> None:
    near, far = f"{LEAD}网络{'的' * 20}法律", f"{LEAD}网络{'的' * 21}法律"
    assert matched("网络 法律", text=near, language="zh")
    assert not matched("网络 法律", text=far, language="zh")


def test_inflection_is_that_of_the_language_of_the_article(matched: Matches) -> None:
    assert matched("haus", text="Die Häuser brennen.", language="de")
    assert matched("häuser", text="Das Haus brennt.", language="de-CH")
    assert not matched("haus", text="Die Häuser brennen.", language="en")


@pytest.mark.parametrize("language", [None, "zh", "und", "x-klingon"])
def test_without_a_stemmer_only_the_word_itself_is_found(matched: Matches, language: str | None) -> None:
    assert matched("sale", text="The sale", language=language)
    assert not matched("sale", text="The sales", language=language)


@pytest.mark.parametrize(("typed", "written"), [("regulation", "régulation"), ("régulation", "regulations")])
def test_accents_matter_neither_in_the_word_nor_in_its_stem(matched: Matches, typed: str, written: str) -> None:
    assert matched(typed, text=f"La {written} avance.", language="fr")


def test_a_keyword_in_a_language_looks_at_articles_of_that_language_and_of_none(matched: Matches) -> None:
    keyword = Keyword(text="gift", lang="de")
    assert matched(keyword, text="gift", language="de")
    assert matched(keyword, text="gift", language=None)
    assert not matched(keyword, text="gift", language="en")


def test_case_sensitive_keywords_take_the_case_as_it_is_and_no_inflection(matched: Matches) -> None:
    us = Keyword(text="US law", case_sensitive=True)
    assert matched(us, text="The US law")
    assert not matched(us, text="law for us")
    assert not matched(us, text="US laws")
    assert matched(Keyword(text="Cyber*", case_sensitive=True), text="Cyberwar")
    assert not matched(Keyword(text="Cyber*", case_sensitive=True), text="cyberwar")
    assert matched(Keyword(text="São", case_sensitive=True), text="Sao")


def test_exact_keywords_are_not_inflected(matched: Matches) -> None:
    assert matched(Keyword(text="selling", exact=True), text="Selling now")
    assert not matched(Keyword(text="selling", exact=True), text="It sells")


SIGNED = {
    "C++": (["C++", "C++.", "(C++)", "C++-based"], ["C", "C+", "C#", "C + +"]),
    ".NET": ([".NET", "a (.NET) b", "on .net,"], ["net", "example.net", "ASP.NET", "...net"]),
    "AT&T": (["AT&T", "AT&T's", "at & t"], ["at T-Mobile", "AT T", "AT+T"]),
    "S&P 500": (["S&P 500", "500 in the S&P"], ["S P 500"]),
    "5G": (["5G", "5g-Netz"], ["5 G", "15G"]),
    "Johnson & Johnson": (["Johnson & Johnson", "Johnson&Johnson"], ["Johnson", "Johnson, Johnson"]),
    "Amazon.com": (["Amazon.com", "amazon.com's"], ["Amazon", "Amazon com"]),
    "U.S. law": (["the U.S. law", "law in the U.S."], ["us law", "U S law"]),
    "#MeToo": (["#MeToo", "(#metoo)"], ["MeToo"]),
    "$5": (["$5", "US $5"], ["5", "€5", "$50"]),
    "5%": (["5%", "5%-ig"], ["5", "5 percent"]),
    "Disney": (["Disney+", "Disney"], ["Disneyland"]),
    "+law": (["law"], []),
}


@pytest.mark.parametrize("keyword", SIGNED)
def test_signs_of_a_name_count_as_written(matched: Matches, keyword: str) -> None:
    found, not_found = SIGNED[keyword]
    for text in found:
        assert matched(keyword, text=f"We saw {text} there"), text
    for text in not_found:
        assert not matched(keyword, text=f"We saw {text} there"), text


@pytest.mark.parametrize(
    ("keyword", "text"), [("C++", "In C++."), (".NET", "In .NET."), ("AT&T", "AT&T's"), ("$5", "For $5.")]
)
def test_the_signs_are_part_of_the_span(matched: Matches, keyword: str, text: str) -> None:
    match = matched(keyword, text=text)
    assert match
    assert [span.text for span in match.spans] == [keyword]


HIDDEN = {
    "zero width": "cyber\u200bsecurity",
    "soft hyphen": "cyber\u00adsecurity",
    "fullwidth": "ｃｙｂｅｒｓｅｃｕｒｉｔｙ",
    "word joiner": "cyber\u2060security",
    "bidi marks": "cyber\u202esecurity\u202c",
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
def test_invisible_and_wide_characters_hide_no_keyword(matched: Matches, hidden: str) -> None:
    match = matched("cybersecurity law", text=f"A {hidden} law")
    assert match
    assert [span.text for span in match.spans] == [hidden, "law"]


def test_a_decomposed_accent_hides_no_keyword(matched: Matches) -> None:
    match = matched('"Café Zürich"', text="Im Cafe\u0301 Zu\u0308rich.", language="de")
    assert match
    assert [span.text for span in match.spans] == ["Cafe\u0301 Zu\u0308rich"]


UNREADABLE = {
    "": "no words",
    "  ": "no words",
    "- –": "no words",
    "🚀": "no letter or digit",
    '""': "no letter or digit",
    "China (": "nothing closes",
    "(China|Taiwan law": "nothing closes",
    "China) law": "nothing opened",
    "((a|b) c|d)": "a group inside a group",
    "(a|)": "no letter or digit",
    "China|Taiwan law": "alternatives stand in parentheses",
    '"China law': "quote that nothing closes",
    "(“a b” c|d)": "quotes must enclose",
    "(a|-b)": "a group cannot forbid",
    "-law": "only forbids",
    '-"law firm" -(a|b)': "only forbids",
    "law -law": "forbids a word that it asks for",
    "café law -CAFE": "forbids a word that it asks for",
    "(law|tax) -(tax|law|data)": "forbids a word that it asks for",
    "cy*": "at least 3 letters",
    "*security": "at least 3 letters",
    "data * law": "at least 3 letters",
    "网络*": "no * or ? is needed",
    "data-c*": "at least 3 letters",
    "China AND law": "AND is for queries",
    "(China OR Taiwan) law": "OR is for queries",
    "China NEAR/3 law": "NEAR/3 is for queries",
    "title:law": "title: is for queries",
    '"cloud unit"~8': "~8 is for queries",
    "China W/3 law": "W/3 is for queries",
    "entity:amazon": "entity: is for queries",
    "cs(US) law": "cs is for queries; {text: …, case_sensitive: true} is for keywords",
    "law (exact(selling))": "exact is for queries; {text: …, exact: true} is for keywords",
    "atleast3(law)": "atleast3 is for queries; as a word, quote it",
    "first50(law)": "first50 is for queries",
    "law^5": "^5 is for queries",
    '"spin off"^0.5': "^0.5 is for queries",
    "law~3": "~3 is for queries",
    "re/law(s)?/": "re/ is for queries",
    "law -…": "no letter or digit",
    "law --rule": "two dashes before a word, in '--rule'",
    "law –-rule": "two dashes",
}


@pytest.mark.parametrize(("keyword", "problem"), UNREADABLE.items())
def test_what_cannot_be_read_or_never_matches_is_refused(keyword: str, problem: str) -> None:
    assert problem in str(check_keyword(keyword, None))


@pytest.mark.parametrize(
    "keyword",
    [
        "STOP AND GO",
        '"AND" gate',
        "Mission: Impossible",
        "a - b",
        '"Who? Me"',
        "a (b)",
        "(a|b) -a",
        "c++ -c",
        "re/max",
        "C.S. (x|y)",
    ],
)
def test_what_only_looks_odd_is_accepted(keyword: str) -> None:
    assert check_keyword(keyword, None) is None


def test_case_sensitive_keywords_may_forbid_another_case(matched: Matches) -> None:
    assert check_keyword("US -us", None)
    assert matched(Keyword(text="US -us", case_sensitive=True), text="The US")


def test_the_position_of_a_mistake_is_told() -> None:
    with pytest.raises(KeywordError, match=r"\(at character 7\)") as caught:
        read_keyword(Keyword(text="China (law"))
    assert caught.value.position == 6
