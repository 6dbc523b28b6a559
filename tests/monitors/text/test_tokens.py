"""What a text is cut into, and that every token still knows where it stood."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitors.text.cutting import _RUNNING_CHARACTER, kinds, words, words_of_ascii
from monitors.text.folding import fold
from monitors.text.sentences import paragraphs, sentences
from monitors.text.tokens import Tokens, length

TOKENS = {
    "words": ("A new law.", ["a", "new", "law"]),
    "hyphens and dashes": ("data-center data‑center data–center", ["data", "center"] * 3),
    "possessive": ("Amazon's AMAZON’S Amazonʼs", ["amazon"] * 3),
    "possessive with something hidden in it": ("Amazon\u200b’\u200bs cloud", ["amazon", "cloud"]),
    "no possessive": ("it'seems o'sullivan", ["it", "seems", "o", "sullivan"]),
    "elision": ("l’entreprise d'État", ["l", "entreprise", "d", "état"]),
    "german compound": (
        "Straßenbahnhaltestelle Datenschutz-Grundverordnung",
        ["strassenbahnhaltestelle", "datenschutz", "grundverordnung"],
    ),
    "turkish suffix": ("İstanbul’da", ["i\u0307stanbul", "da"]),
    "trade mark": ("PlayStation™ sales", ["playstation", "sales"]),
    "ellipsis": ("wait…and see", ["wait", "and", "see"]),
    "no-break space": ("S\u00a0500", ["s", "500"]),
    "underscore": ("snake_case", ["snake", "case"]),
    "han": ("5G网络", ["5g", "网", "络"]),
    "han beyond the basic plane": ("\U00020bb7野家", ["\U00020bb7", "野", "家"]),
    "kana": ("トランプ・大統領", ["ト", "ラ", "ン", "プ", "大", "統", "領"]),
    "halfwidth kana": ("ｻｲﾊﾞｰ攻撃 ﾋﾟｱﾉ", ["サ", "イ", "バ", "ー", "攻", "撃", "ピ", "ア", "ノ"]),
    "hangul": ("삼성 전자", ["삼", "성", "전", "자"]),
    "decomposed hangul": ("\u1112\u1161\u11ab\u1100\u116e\u11a8", ["한", "국"]),
    "thai": ("ข่าว", ["ข", "\u0e48", "า", "ว"]),
    "hindi keeps its vowel signs": ("हिन्दी समाचार", ["हिन्दी", "समाचार"]),
    "chakma keeps its vowel signs": ("\U00011103\U0001112c\U00011107", ["\U00011103\U0001112c\U00011107"]),
    "a mark without a letter": ("a \u0301b 网\u0301c", ["a", "b", "网", "c"]),
    "arabic": ("أخبار اليوم", ["أخبار", "اليوم"]),
    "arabic tatweel that stands alone": ("قال ـ اليوم", ["قال", "اليوم"]),
    "hebrew": ("\u200fצה״ל: שלום\u200e", ["צה", "ל", "שלום"]),
    "right to left inside left to right": ("Buy \u2067אפל\u2069 now", ["buy", "אפל", "now"]),
    "nothing": ("… — !", []),
    "empty": ("", []),
}


@pytest.mark.parametrize(("text", "words"), TOKENS.values(), ids=TOKENS)
def test_a_text_is_cut_into_words_and_characters(text: str, words: list[str]) -> None:
    assert list(Tokens(text).words) == words


ORIGINALS = {
    "plain": ("The law.", ["The", "law"]),
    "expanding": ("die Straße am Fluß.", ["die", "Straße", "am", "Fluß"]),
    "shrinking": ("a Sa\u0303o cy\u00adber x", ["a", "Sa\u0303o", "cy\u00adber", "x"]),
    "both, next to each other": ("ß\u200b\u00df e\u0301", ["ß\u200bß", "e\u0301"]),
    "turkish": ("Iğdır, İzmir’in İİ iki ışık", ["Iğdır", "İzmir", "in", "İİ", "iki", "ışık"]),
    "greek": ("ΟΔΥΣΣΕΥΣ, Οδυσσεύς.", ["ΟΔΥΣΣΕΥΣ", "Οδυσσεύς"]),
    "possessive left out": ("“Moody’s”", ["Moody"]),
    "decomposed hangul": ("\u1112\u1161\u11ab\u1100\u116e\u11a8", ["\u1112\u1161\u11ab", "\u1100\u116e\u11a8"]),
    "halfwidth kana": ("ｻｲﾊﾞｰ", ["ｻ", "ｲ", "ﾊﾞ", "ｰ"]),
    "arabic": ("«كـــتابٌ» ﻻ", ["كـــتابٌ", "ﻻ"]),
    "hebrew": ("\u200fשָׁלוֹם\u200e.", ["שָׁלוֹם\u200e"]),
    "hidden": ("\u200bmer\u202eger\u200b!", ["mer\u202eger\u200b"]),
    "a sign of several words": ("a ㎯ b", ["a", "㎯", "㎯", "b"]),
}


@pytest.mark.parametrize(("text", "originals"), ORIGINALS.values(), ids=ORIGINALS)
def test_a_token_knows_what_stood_in_the_original(text: str, originals: list[str]) -> None:
    tokens = Tokens(text)
    assert [tokens.original(index) for index in range(len(tokens))] == originals


letters = st.text(
    st.sampled_from(
        "aZ9 .'s-’—\n\0\u2029\u00df\u0130\u0131\u0301\u0345\u00e9\u200b\u00ad\ufb03"
        "网ガｶﾞ한\u1112\u1161\u11abहिक्\u0e48\u0640"
    )
)
anything = letters | st.text() | st.text(st.characters(exclude_categories=[]))


@given(anything)
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


def _as_a_regular_expression() -> re.Pattern[str]:
    """Return what cutting means, said in another way, which takes five times as long."""
    codes = map(chr, range(0x110000))
    marks = [
        char for char in codes if unicodedata.category(char) in {"Mn", "Mc"} and not _RUNNING_CHARACTER.match(char)
    ]
    running = _RUNNING_CHARACTER.pattern
    letter = rf"[^\W_{running[1:-1]}]"
    return re.compile(rf"{letter}+(?:[{''.join(marks)}]+{letter}*)*|{running}")


TOKEN = _as_a_regular_expression()


@given(anything)
def test_words_are_letters_with_their_marks_and_running_characters(text: str) -> None:
    assert words(kinds(text)) == TOKEN.findall(text)


@given(anything)
def test_between_the_words_and_at_them_stands_the_whole_text(text: str) -> None:
    tokens = Tokens(text)
    assert len(tokens) == len(tokens.words)
    gaps = [tokens.between(index) for index in range(len(tokens) + 1)]
    whole = "".join(gap + word for gap, word in zip(gaps, [*tokens.words, ""], strict=True))
    assert whole == tokens._plain
    assert not any(TOKEN.search(gap) for gap in gaps[:1])


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_finds_the_same_words(text: str) -> None:
    assert words_of_ascii(text) == words(kinds(text))


@given(st.text(st.sampled_from("ab c网 ")))
def test_positions_are_those_of_the_words_asked_for(text: str) -> None:
    tokens = Tokens(text)
    positions = tokens.positions({"a", "网"})
    assert {(word, at) for word, found in positions.items() for at in found} == {
        (word, at) for at, word in enumerate(tokens.words) if word in {"a", "网"}
    }


def test_two_characters_of_a_running_script_are_as_long_as_a_word() -> None:
    assert list(Tokens("one two").steps) == [0, 2, 4]
    assert list(Tokens("5G网络 law").steps) == [0, 2, 3, 4, 6]
    assert list(Tokens("").steps) == [0]


@given(anything)
def test_steps_are_the_lengths_of_the_words_before(text: str) -> None:
    tokens = Tokens(text)
    lengths = [length(word) for word in tokens.words]
    assert list(tokens.steps) == [sum(lengths[:index]) for index in range(len(tokens) + 1)]


# -- from the original text back to the tokens -------------------------------------------------------------------------


def stretch(text: str, of: str) -> tuple[int, int]:
    return text.index(of), text.index(of) + len(of)


TOUCHED = {
    "words": ("The new law passed.", "new law", (1, 2)),
    "pieces of words": ("The new law passed.", "w la", (1, 2)),
    "one letter": ("The new law passed.", "e", (0, 0)),
    "nothing but signs": ("The law, it passed.", ", ", None),
    "nothing": ("The law", "", None),
    "the possessive": ("Moody’s says", "’s", None),
    "half of an expanded letter": ("die Straße da", "ß", (1, 1)),
    "a hidden character": ("a mer\u200bger", "\u200b", (1, 1)),
    "an accent": ("a cafe\u0301 b", "\u0301", (1, 1)),
    "characters": ("修改网络法", "网络", (2, 3)),
    "a fraction": ("a ¼ b", "¼", (1, 2)),
    "everything": (" İ ß ", " İ ß ", (0, 1)),
}


@pytest.mark.parametrize(("text", "of", "touched"), TOUCHED.values(), ids=TOUCHED)
def test_a_stretch_of_the_text_touches_tokens(text: str, of: str, touched: tuple[int, int] | None) -> None:
    assert Tokens(text).tokens_in(*stretch(text, of)) == touched


@given(anything, st.integers(0, 40), st.integers(0, 40))
def test_exactly_those_tokens_are_touched_that_share_a_character(text: str, start: int, end: int) -> None:
    tokens = Tokens(text)
    spans = [tokens.span(index, index) for index in range(len(tokens))]
    sharing = [index for index, (first, last) in enumerate(spans) if max(first, start) < min(last, end)]
    assert tokens.tokens_in(start, end) == ((sharing[0], sharing[-1]) if sharing else None)


# -- sentences and paragraphs ------------------------------------------------------------------------------------------


def test_a_token_knows_its_sentence_and_its_paragraph() -> None:
    tokens = Tokens("\n It rained. Then it\u2019s over!\r\n\r\nNext day\u2028Straße. \n")
    assert tokens.words == ["it", "rained", "then", "it", "over", "next", "day", "strasse"]
    assert [tokens.sentence_of(index) for index in range(len(tokens))] == [0, 0, 1, 1, 1, 2, 2, 3]
    assert [tokens.paragraph_of(index) for index in range(len(tokens))] == [0, 0, 0, 0, 0, 1, 1, 2]


def test_the_sentences_of_tokens_are_those_of_their_text() -> None:
    text = "Es regnet auf der Straße. “Gut.”\nEr ging."
    tokens = Tokens(text)
    assert list(tokens.sentences) == list(sentences(text))
    assert list(tokens.paragraphs) == list(paragraphs(text))
    start, end = tokens.sentences[tokens.sentence_of(4)]
    assert text[start:end] == "Es regnet auf der Straße."


@given(anything | st.text(st.sampled_from("aB .!?…”。\n\r\x85\u2028\u2029\u0301\u0345\u200b网")))
@example("\u2029\u0345a")
@example("a\n\u0301b")
def test_every_token_ends_in_its_sentence_and_in_its_paragraph(text: str) -> None:
    tokens = Tokens(text)
    for index in range(len(tokens)):
        _, end = tokens.span(index, index)
        for first, last in (
            tokens.sentences[tokens.sentence_of(index)],
            tokens.paragraphs[tokens.paragraph_of(index)],
        ):
            assert first < end <= last
