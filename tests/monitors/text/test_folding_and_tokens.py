"""What a keyword sees of a text, and that every token still knows where it stood."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitors.text.folding import as_cased, fold, without_diacritics
from monitors.text.tokens import _ASCII_WORDS_ONLY, _TOKEN, Tokens

SAME_WORD = {
    "case": ("MERGER", "merger"),
    "fullwidth": ("ｃｙｂｅｒ", "cyber"),
    "soft hyphen": ("cy\u00adber", "cyber"),
    "zero width": ("cy\u200bb\u2060er", "cyber"),
    "zero width behind": ("cyber\u200d", "cyber"),
    "ligature": ("oﬃce", "office"),
    "german ß": ("Straße", "strasse"),
    "capital ẞ": ("STRAẞE", "strasse"),
    "greek final sigma": ("ΟΔΟΣ", "οδοσ"),
    "turkish dotted I": ("İstanbul", "istanbul"),
    "turkish dotless i": ("ışık", "isik"),
    "composed": ("São", "sao"),
    "decomposed": ("Sa\u0303o", "sao"),
    "stroke": ("Łódź", "lodz"),
    "vietnamese": ("Việt", "viet"),
    "cyrillic keeps its й": ("Йод", "йод"),
    "decomposed cyrillic": ("И\u0306од", "йод"),
    "greek keeps its accent": ("Άρης", "άρησ"),
    "halfwidth kana": ("ｶﾞ", "ガ"),
    "variation selector": ("℃\ufe0f", "°c"),
}


@pytest.mark.parametrize(("written", "meant"), SAME_WORD.values(), ids=SAME_WORD)
def test_a_word_is_the_same_however_it_is_spelled(written: str, meant: str) -> None:
    assert without_diacritics(fold(written).text) == meant


TOKENS = {
    "words": ("A new law.", ["a", "new", "law"]),
    "hyphens and dashes": ("data-center data‑center data–center", ["data", "center"] * 3),
    "possessive": ("Amazon's AMAZON’S Amazonʼs", ["amazon"] * 3),
    "no possessive": ("it'seems o'sullivan", ["it", "seems", "o", "sullivan"]),
    "elision": ("l’entreprise d'État", ["l", "entreprise", "d", "état"]),
    "trade mark": ("PlayStation™ sales", ["playstation", "sales"]),
    "ellipsis": ("wait…and see", ["wait", "and", "see"]),
    "no-break space": ("S\u00a0500", ["s", "500"]),
    "underscore": ("snake_case", ["snake", "case"]),
    "han": ("5G网络", ["5g", "网", "络"]),
    "kana": ("トランプ・大統領", ["ト", "ラ", "ン", "プ", "大", "統", "領"]),
    "hangul": ("삼성 전자", ["삼", "성", "전", "자"]),
    "decomposed hangul": ("\u1112\u1161\u11ab\u1100\u116e\u11a8", ["한", "국"]),
    "thai": ("ข่าว", ["ข", "\u0e48", "า", "ว"]),
    "hindi keeps its vowel signs": ("हिन्दी समाचार", ["हिन्दी", "समाचार"]),
    "arabic": ("أخبار اليوم", ["أخبار", "اليوم"]),
    "nothing": ("… — !", []),
}


@pytest.mark.parametrize(("text", "words"), TOKENS.values(), ids=TOKENS)
def test_a_text_is_cut_into_words_and_characters(text: str, words: list[str]) -> None:
    assert list(Tokens(text).words) == words


ORIGINALS = {
    "plain": ("The law.", ["The", "law"]),
    "expanding": ("die Straße am Fluß.", ["die", "Straße", "am", "Fluß"]),
    "shrinking": ("a Sa\u0303o cy\u00adber x", ["a", "Sa\u0303o", "cy\u00adber", "x"]),
    "both, next to each other": ("ß\u200b\u00df e\u0301", ["ß\u200bß", "e\u0301"]),
    "possessive left out": ("“Moody’s”", ["Moody"]),
    "decomposed hangul": ("\u1112\u1161\u11ab\u1100\u116e\u11a8", ["\u1112\u1161\u11ab", "\u1100\u116e\u11a8"]),
}


@pytest.mark.parametrize(("text", "originals"), ORIGINALS.values(), ids=ORIGINALS)
def test_a_token_knows_what_stood_in_the_original(text: str, originals: list[str]) -> None:
    tokens = Tokens(text)
    assert [tokens.original(index) for index in range(len(tokens))] == originals


letters = st.text(
    st.sampled_from("aZ9 .'s-\u00df\u0130\u0131\u0301\u00e9\u200b\u00ad\ufb03网ガｶﾞ한\u1112\u1161\u11ab’—\n\0")
)


@given(letters | st.text())
@example("a\u200b\u0301")
@example("\u0301a'S")
def test_every_token_folds_to_its_word_and_they_stand_in_order(text: str) -> None:
    tokens = Tokens(text)
    before = (0, 0)
    for index, word in enumerate(tokens.words):
        start, end = tokens.span(index, index)
        assert start < end <= len(text)
        assert start >= before[0]  # one character may be two tokens: ¼ is 1 and 4
        assert end >= before[1]
        assert word in fold(text[start:end]).text
        before = start, end


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_finds_the_same_words(text: str) -> None:
    assert Tokens(text).words == _TOKEN.findall(Tokens(text)._plain)
    assert text.translate(_ASCII_WORDS_ONLY).split() == _TOKEN.findall(text)


def test_two_characters_of_a_running_script_are_as_long_as_a_word() -> None:
    assert list(Tokens("one two").steps) == [0, 2, 4]
    assert list(Tokens("5G网络 law").steps) == [0, 2, 3, 4, 6]


def test_case_can_be_told_apart_where_everything_else_is_folded() -> None:
    assert as_cased("Ｚü\u200brich") == "Zurich"
    assert as_cased("ZÜRICH") == "ZURICH"


@pytest.mark.parametrize("junk", ["a" + "\u0301\u0323" * 20_000, "\u1112\u1161\u11ab" * 20_000, "\u200b" * 40_000])
def test_junk_is_folded_in_linear_time(junk: str) -> None:
    started = time.process_time()
    for word in Tokens(junk).words:
        without_diacritics(word)
    as_cased(junk)
    assert time.process_time() - started < 2  # 5 s for the first if it were normalised as a whole
