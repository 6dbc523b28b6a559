"""What makes no difference to a keyword: two spellings of a word fold to the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.text.folding import _INVISIBLE, _bare, as_cased, fold, without_diacritics

SAME_WORD = {
    "case": ("MERGER", "merger"),
    "fullwidth": ("ｃｙｂｅｒ", "cyber"),
    "fullwidth, accent behind": ("ｃａｆｅ\u0301", "cafe"),
    "mathematical bold": ("𝐦𝐞𝐫𝐠𝐞𝐫", "merger"),
    "ligature": ("oﬃce", "office"),
    "composed": ("São", "sao"),
    "decomposed": ("Sa\u0303o", "sao"),
    "two accents, whatever their order": ("Vie\u0323\u0302t Vie\u0302\u0323t", "viet viet"),
    "accent apart from its letter": ("Sa\u200b\u0303o", "sao"),
    "stroke": ("Łódź", "lodz"),
    "vietnamese": ("Việt", "viet"),
    "german ß": ("Straße", "strasse"),
    "german SS": ("STRASSE", "strasse"),
    "capital ẞ": ("STRAẞE", "strasse"),
    "turkish dotted I": ("İstanbul", "istanbul"),
    "turkish dotted I in capitals": ("İSTANBUL", "istanbul"),
    "turkish city in english capitals": ("ISTANBUL", "istanbul"),
    "turkish dotless i": ("ışık", "isik"),
    "turkish dotless I": ("IŞIK", "isik"),
    "turkish dotless i in front": ("ısparta", "isparta"),
    "turkish dotless I in front": ("ISPARTA", "isparta"),
    "greek final sigma": ("ΟΔΟΣ", "οδοσ"),
    "greek name": ("Οδυσσεύς", "οδυσσευσ"),
    "greek capitals go without accents": ("ΟΔΥΣΣΕΥΣ", "οδυσσευσ"),
    "greek capitals with them": ("Ο∆ΥΣΣΕΎΣ".replace("∆", "Δ"), "οδυσσευσ"),
    "greek dialytika": ("Μαΐου ΜΑΪΟΥ ΜΑΙΟΥ", "μαιου μαιου μαιου"),
    "cyrillic keeps its й": ("Йод", "йод"),
    "decomposed cyrillic": ("И\u0306од", "йод"),
    "arabic tatweel": ("كـــتاب", "كتاب"),
    "arabic harakat": ("كِتَابٌ", "كتاب"),
    "arabic harakat on a tatweel": ("كـِتاب", "كتاب"),
    "arabic presentation forms": ("ﻛﺘﺎﺏ", "كتاب"),
    "arabic ligatures": ("ﻻ ﷲ", "لا الله"),
    "arabic presentation form of a vowel": ("ﻛﹷﺘﺎﺏ", "كتاب"),
    "arabic keeps its hamza": ("أخبار", "أخبار"),
    "hebrew niqqud": ("שָׁלוֹם", "שלום"),
    "hebrew presentation forms": ("\ufb2aלו\u05b9ם", "שלום"),
    "hindi nukta": ("\u0958लम", "\u0915\u093cलम"),
    "halfwidth kana": ("ｻｲﾊﾞｰ ﾋﾟｱﾉ", "サイバー ピアノ"),
    "decomposed kana": ("か\u3099", "が"),
    "compatibility ideograph": ("\uf90a", "金"),
    "decomposed hangul": ("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국"),
    "half decomposed hangul": ("하\u11ab", "한"),
}


@pytest.mark.parametrize(("written", "meant"), SAME_WORD.values(), ids=SAME_WORD)
def test_a_word_is_the_same_however_it_is_spelled(written: str, meant: str) -> None:
    assert without_diacritics(fold(written).text) == meant


HIDDEN = {
    "zero-width space": "\u200b",
    "zero-width non-joiner": "\u200c",
    "zero-width joiner": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "combining grapheme joiner": "\u034f",
    "variation selector": "\ufe0f",
    "rare variation selector": "\U000e0100",
    "mongolian variation selector": "\u180b",
    "mongolian vowel separator": "\u180e",
    "tag": "\U000e0061",
    "unassigned tag": "\U000e0fff",
    "right-to-left mark": "\u200f",
    "arabic letter mark": "\u061c",
    "right-to-left override": "\u202e",
    "isolate": "\u2067",
    "invisible times": "\u2062",
    "hangul filler": "\u3164",
    "halfwidth hangul filler": "\uffa0",
    "choseong filler": "\u115f",
    "khmer inherent vowel": "\u17b5",
    "annotation": "\ufffa",
    "musical beam": "\U0001d173",
    "shorthand overlap": "\U0001bca0",
    "many": "\u200b\u00ad\u202e\ufe0f\u034f" * 5,
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("word", ["merger", "ｍｅｒｇｅｒ", "網路", "سلام", "かが"])
def test_nothing_hides_a_word_that_shows(word: str, hidden: str) -> None:
    disguised = hidden + hidden.join(word) + hidden
    assert fold(disguised).text == fold(word).text
    assert as_cased(disguised) == as_cased(word)


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize(("apart", "together"), [("И\u0306", "й"), ("か\u3099", "が"), ("ᄒ\u1161", "하")])
def test_nothing_hides_a_mark_from_its_letter(apart: str, together: str, hidden: str) -> None:
    assert fold(hidden.join(apart)).text == together


def test_every_format_character_is_invisible() -> None:
    everything = map(chr, range(0x110000))
    assert [
        hex(ord(char)) for char in everything if unicodedata.category(char) == "Cf" and not _INVISIBLE.match(char)
    ] == []


def test_an_icon_of_a_private_font_does_not_join_two_words() -> None:
    assert fold("share\U000f0001merger").text == "share\U000f0001merger"


def test_case_can_be_told_apart_where_everything_else_is_folded() -> None:
    assert as_cased("Ｚü\u200brich") == "Zurich"
    assert as_cased("ZÜRICH") == "ZURICH"
    assert as_cased("İstanbul") == "Istanbul"
    assert as_cased("Αθήνα") == "Αθηνα"


@given(st.text(st.characters(categories=["L", "N"]), max_size=20))
def test_the_short_way_for_words_without_marks_leads_to_the_same(word: str) -> None:
    assert without_diacritics(word) == _bare(word)


@given(st.text(st.characters(categories=["L", "N", "Mn", "Zs"])))
def test_the_same_text_composed_and_decomposed_has_the_same_key(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert without_diacritics(fold(composed).text) == without_diacritics(fold(decomposed).text)


@given(st.text())
def test_a_folded_text_knows_where_all_of_it_came_from(text: str) -> None:
    folded = fold(text)
    at = 0
    for index in range(len(folded.text)):
        start, end = folded.original(index, index + 1)
        assert 0 <= start < end <= len(text)
        assert start >= at  # in order, if several come from one
        at = start
