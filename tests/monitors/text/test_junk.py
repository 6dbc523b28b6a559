"""A million characters that nobody wrote to be read: what comes of them is right, and comes in time.

Each takes under a second; were one of them quadratic, it would take minutes.
"""

from __future__ import annotations

import pytest

from monitors.text.folding import as_cased, without_diacritics
from monitors.text.sentences import paragraphs, sentences
from monitors.text.stems import _ALGORITHMS, stems
from monitors.text.tokens import Tokens

pytestmark = pytest.mark.timeout(200)

MILLION = 1_000_000

ONE_WORD = {
    "marks on one letter": "a" + "\u0301\u0323" * (MILLION // 2),
    "marks of many kinds": "a" + "".join(chr(0x300 + at * at % 0x70) for at in range(MILLION)),
    "zero-width joiners": "mer" + "\u200d" * MILLION + "ger",
    "zero-width joiners between letters": "m\u200d" * (MILLION // 2),
    "tags": "a" + "\U000e0061" * MILLION + "b",
    "bidi controls": "a" + "\u202e" * MILLION + "b",
    "no space": "x" * MILLION,
    "no space, expanding": "ß" * MILLION,
    "tatweel": "ك" + "\u0640" * MILLION + "ب",
    "vowel signs": "हि" * (MILLION // 2),
}


@pytest.mark.parametrize("junk", ONE_WORD.values(), ids=ONE_WORD)
def test_a_word_without_an_end_is_one_word(junk: str) -> None:
    tokens = Tokens(junk)
    assert len(tokens) == 1
    assert tokens.span(0, 0) == (0, len(junk))
    assert tokens.tokens_in(len(junk) // 2, len(junk)) == (0, 0)
    assert tokens.sentence_of(0) == tokens.paragraph_of(0) == 0


def test_what_is_hidden_a_million_times_is_still_found() -> None:
    assert Tokens(ONE_WORD["zero-width joiners"]).words == ["merger"]
    assert as_cased("M" + ONE_WORD["zero-width joiners"]) == "Mmerger"
    assert Tokens(ONE_WORD["tatweel"]).words == ["كب"]
    assert Tokens("a law" + "\u0301" * MILLION + " passed").words[2] == "passed"


CHARACTERS = {
    "jamo": ("\u1112\u1161\u11ab", "한"),
    "leading jamo": ("\u1112", "\u1112"),
    "vowel jamo": ("\u1161", "\u1161"),
    "halfwidth kana": ("ｶﾞ", "ガ"),
    "han": ("网", "网"),
}


@pytest.mark.parametrize(("written", "word"), CHARACTERS.values(), ids=CHARACTERS)
def test_characters_without_an_end_are_a_token_each(written: str, word: str) -> None:
    count = MILLION // 3 // len(written)
    tokens = Tokens(written * count)
    assert tokens.words == [word] * count
    assert tokens.steps[-1] == count


@pytest.mark.parametrize("language", _ALGORITHMS)
@pytest.mark.parametrize("letters", ["a", "க", "ו", "ing"])
def test_a_word_without_an_end_has_no_stems(language: str, letters: str) -> None:
    assert stems(letters * MILLION, language) == frozenset()
    assert without_diacritics(letters * MILLION) == letters * MILLION


SENTENCES = {
    "letters and stops": ("a.b.c.", 1),
    "stops": (".", 1),
    "stops and quotes": ("!”", 1),
    "stops and straight quotes": ('."', 1),
    "initials": ("A. ", 1),
    "line breaks": ("\n", 0),
    "spaces": (" ", 0),
    "full stops that need no space": ("。", 1),
}


@pytest.mark.parametrize(("junk", "count"), SENTENCES.values(), ids=SENTENCES)
def test_stops_without_an_end_are_cut_in_time(junk: str, count: int) -> None:
    text = junk * (MILLION // len(junk))
    assert len(list(sentences(text))) == count
    assert len(list(paragraphs(text))) == count
