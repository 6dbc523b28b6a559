"""How a query reads text: spelling, inflection, signs, scripts without spaces, and characters that hide words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.domain import Article
from monitors.domain import Alias, Entity, Keyword, Watchlist
from monitors.match.matcher import Matcher
from monitors.match.query import read_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.monitors.match.conftest import Asks

FORMS = {
    # matching key: NFKC, casefold, diacritics folded
    "sao": ["In ⟨São⟩ and ⟨SAO⟩ and ⟨Sa\u0303o⟩"],
    "São": ["In ⟨Sao⟩"],
    '"Łódź"': ["In ⟨Lodz⟩", "[pl] W ⟨Łódź⟩"],
    "straße": ["[de] Die ⟨Strasse⟩ und die ⟨STRASSE⟩"],
    "ΟΔΟΣ": ["[el] Η ⟨οδός⟩ και η ⟨Οδος⟩"],
    '"istanbul"': ["[tr] ⟨İstanbul⟩ ve ⟨ISTANBUL⟩"],
    '"ışık"': ["[tr] Bir ⟨IŞIK⟩", "Bir ⟨isik⟩"],
    '"й"': ["[ru] ⟨Й⟩", "✗ [ru] и"],
    '"שלום"': ["[he] ⟨שָׁלוֹם⟩"],
    '"ﬁne"': ["A ⟨fine⟩ ⟨ﬁne⟩"],
    '"№"': ["⟨No⟩"],
    # apostrophes, quotes, dashes, possessives
    "data-center": ["A ⟨data center⟩, ⟨data-centers⟩, ⟨data‑center⟩, ⟨data–center⟩", "✗ A datacenter"],
    '"data center"': ["A ⟨data‑center⟩"],
    "O'Reilly": ["Mr ⟨O’Reilly⟩, ⟨OʼReilly⟩ and ⟨O'Reilly⟩’s"],
    "Moody's": ["⟨Moody⟩’s and ⟨Moody⟩ agree"],
    # whole words
    "law": ["The ⟨laws⟩ of in-⟨law⟩", "✗ An outlaw, lawyers", "✗ l a w"],
    # inflection by the language of the article
    "Haus": ["[de] Die ⟨Häuser⟩", "✗ Die Häuser", "✗ [zh] Die Häuser"],
    "sale": ["The ⟨sales⟩", "[zh] The ⟨sale⟩", "✗ [zh] The sales"],
    "loi": ["[fr] La ⟨loi⟩"],
    # signs of names
    "C++": ["In ⟨C++⟩ and C", "✗ In C and C#"],
    "AT&T": ["Of ⟨AT&T⟩’s and ⟨at&t⟩", "✗ AT T", "✗ at T-Mobile"],
    ".NET": ["In ⟨.NET⟩.", "✗ example.net", "✗ net"],
    "5G": ["A ⟨5G⟩ and ⟨5g⟩-net", "✗ 5 G", "✗ 15G"],
    '"S&P 500"': ["The ⟨S&P 500⟩ and ⟨s&p-500⟩", "✗ S P 500", "✗ 500 S&P"],
    '"S&P 500" NEAR/2 fell': ["x\nThe ⟨S&P 500⟩ w ⟨fell⟩", "✗ x\nThe S&P 500 w w fell"],
    "cs(C++)": ["⟨C++⟩ and c++", "✗ c++"],
    "$TSLA": ["A ⟨$TSLA⟩", "✗ TSLA"],
    "5%": ["By ⟨5%⟩", "✗ By 5"],
    "U.S.": ["The ⟨U.S⟩. and us", "✗ The US"],
    "Amazon.com": ["At ⟨Amazon.com⟩", "✗ Amazon com"],
    "Disney": ["On ⟨Disney⟩+"],
    # character runs
    "网络安全法": [
        "[zh] 修改⟨网络安全法⟩的",
        "修改⟨网络安全法⟩",
        "[zh] ⟨网络 安全法⟩",
        "✗ [zh] 网络的安全法",
    ],
    "法": ["[zh] 网络安全⟨法⟩律"],
    '"网络 安全"': ["[zh] ⟨网络安全⟩", "[zh] ⟨网络 安全⟩"],
    "サイバー": ["[ja] ⟨サイバー⟩攻撃", "[ja] ⟨ｻｲﾊﾞｰ⟩攻撃"],
    "삼성전자": ["[ko] ⟨삼성전자⟩가", "[ko] ⟨\u1109\u1161\u11b7\u1109\u1165\u11bc\u110c\u1165\u11ab\u110c\u1161⟩가"],
    "exact(网络)": ["[zh] ⟨网络⟩"],
    "cs(网络)": ["[zh] ⟨网络⟩"],
    "ไทย": ["[th] ประเทศ⟨ไทย⟩"],
    "5G网络": ["[zh] 建设⟨5G网络⟩", "[zh] ⟨5g 网络⟩"],
    "网络 NEAR/3 cloud": ["[zh] 无\n⟨网络⟩的的的的 ⟨cloud⟩", "✗ [zh] 无\n网络的的的的的 cloud"],
    "first3(法)": ["[zh] 网络安全的⟨法⟩", "✗ [zh] 网络安全的的法"],
    # right to left
    "القانون": ["[ar] هذا ⟨القانون⟩ الجديد", "[ar] ⟨القَانُون⟩"],
    '"חוק הסייבר"': ["[he] ⟨חוק הסייבר⟩ עבר"],
}


def cases() -> Iterator[object]:
    for query, lines in FORMS.items():
        yield from (pytest.param(query, line, id=f"{query} | {line[:50]}") for line in lines)


@pytest.mark.parametrize(("query", "line"), list(cases()))
def test_every_rule_of_the_text_finds_exactly_this(asks: Asks, query: str, line: str) -> None:
    assert asks(query, line) == line


HIDDEN = {
    "zero width": "cyber\u200bsecurity",
    "zero-width joiner": "cyber\u200dsecurity",
    "soft hyphen": "cyber\u00adsecurity",
    "fullwidth": "ｃｙｂｅｒｓｅｃｕｒｉｔｙ",
    "word joiner": "cyber\u2060security",
    "bidi marks": "cyber\u202esecurity\u202c",
    "byte order mark": "cyber\ufeffsecurity",
    "variation selector": "cyber\ufe0fsecurity",
    "mathematical letters": "𝐜𝐲𝐛𝐞𝐫𝐬𝐞𝐜𝐮𝐫𝐢𝐭𝐲",
    "a mark that nobody sees": "c\u034fybersecurity",
    "tag characters": "cyber\U000e0041security",
}
LEAVES = {
    **dict.fromkeys(["cybersecurity", "exact(cybersecurity)", "cs(cybersecurity)", "cyber*"], "A ⟨{}⟩ law ¶ y"),
    **dict.fromkeys(["cyberse?urity", "title:cybersecurity", "hlead:(cybersecurity OR x)"], "A ⟨{}⟩ law ¶ y"),
    **dict.fromkeys(["entity:cyber", "about:cyber", "atleast1(cybersecurity)"], "A ⟨{}⟩ law ¶ y"),
    '"cybersecurity law"': "A ⟨{} law⟩ ¶ y",
    **dict.fromkeys(["cybersecurity NEAR/1 law", '"law cybersecurity"~2'], "A ⟨{}⟩ ⟨law⟩ ¶ y"),
    "cybersecurity SENTENCE law": "A ⟨{}⟩ ⟨law⟩ ¶ y",
    "law NOT cybersecurity": "✗ A {} law ¶ y",
    "law NOT NEAR/1 cybersecurity": "✗ A {} law ¶ y",
}
CYBER = Entity(id="cyber", name="Cybersecurity", aliases=(Alias(text="cybersecurity", case_sensitive=True),))


@pytest.mark.parametrize("query", LEAVES)
@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
def test_no_character_hides_a_word_from_a_query(asks: Asks, hidden: str, query: str) -> None:
    line = LEAVES[query].format(hidden)
    assert asks(query, line, entities=[CYBER]) == line


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("form", ["{}", '"{}"', "exact({})", "title:{}", "{} NEAR/2 law", "{}^2"])
def test_no_character_hides_a_word_of_the_query_itself(asks: Asks, form: str, hidden: str) -> None:
    assert "⟨Cybersecurity⟩" in asks(form.format(hidden), "The Cybersecurity law ¶ x")


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
def test_no_character_hides_a_name_or_a_keyword(asks: Asks, hidden: str) -> None:
    entity = Entity(id="x", name=hidden, aliases=(Alias(text=f"{hidden} Ltd"),))
    assert asks("entity:x", "The Cybersecurity here", entities=[entity]) == "The ⟨Cybersecurity⟩ here"
    for options in ({}, {"exact": True}, {"lang": "en"}):
        watchlist = Watchlist(id="w", name="W", keywords=(Keyword(text=f"{hidden} law", **options),))  # type: ignore[arg-type] # options
        article = Article(url="u", title="A cybersecurity law", language="en")
        assert Matcher([watchlist], []).match(article).matches


@pytest.mark.parametrize("written", ["Cafe\u0301 Zu\u0308rich", "Café Zürich", "CAFÉ ZÜRICH", "cafe zurich"])
@pytest.mark.parametrize("typed", ["Cafe\u0301 Zu\u0308rich", "Café Zürich"])
@pytest.mark.parametrize("form", ['"{}"', 'exact("{}")', '"{}"~1', "entity:cafe"])
def test_composed_and_decomposed_letters_are_the_same(asks: Asks, form: str, typed: str, written: str) -> None:
    cafe = Entity(id="cafe", name=typed)
    marks = f"⟨{written.replace(' ', '⟩ ⟨')}⟩" if "~" in form else f"⟨{written}⟩"
    assert asks(form.format(typed), f"[de] Im {marks} ¶ x", entities=[cafe]) == f"[de] Im {marks} ¶ x"


@pytest.mark.parametrize("text", ["\x00law", "law\x00", "la\u200bw", "\ufefflaw", "law\ud800", "\u202elaw\u202c"])
def test_junk_in_a_text_hides_nothing_and_moves_no_span(text: str) -> None:
    matcher = Matcher([Watchlist(id="w", name="W", query=read_query("law OR (law NEAR/2 of)"))], [])
    result = matcher.match(Article(url="u", title=f"The {text} of", text=f"\U0001f680 {text}", language="en"))
    assert not result.errors
    texts = {"title": f"The {text} of", "text": f"\U0001f680 {text}"}
    for match in result.matches:
        assert all(texts[span.field][span.start : span.end] == span.text for span in match.spans)
    [found] = [span.text for match in result.matches for span in match.spans if span.field == "text"]
    assert found.replace("\u202c", "").replace("\u200b", "") == "law"
