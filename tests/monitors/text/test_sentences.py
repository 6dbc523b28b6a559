"""Where a sentence ends."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.text.sentences import LINE_ENDS, paragraphs, sentences, shorten
from monitors.text.tokens import Tokens

CASES = {
    "two": ["It rained.", "Then it stopped!"],
    "quotes": ["“It rained.”", "She left."],
    "title": ["Mr. Smith met Dr. Jones.", "They talked."],
    "initials": ["George W. Bush spoke in the U.S. Senate.", "Nobody came."],
    "company": ["Amazon.com Inc. Chief Jassy spoke.", "Shares rose."],
    "number": ["It rose 2.5 percent.", "No. 5 stayed."],
    "a number with a point": ["It fell from 3.94.", "That of oil rose.", "It was worth $1.09.", "“Few knew.”"],
    "no is a word": ["She said no.", "They left."],
    "small letters": ["He paid approx. five dollars for z.B. this.", "Then he left."],
    "a year ends a sentence": ["It began in 2019.", "Then it grew."],
    "three dots are no abbreviation": ["They asked for Mr...", "Then it rang."],
    "german": ["Am 3. Oktober sprach Prof. Müller.", "„Gut.“", "Er ging."],
    "chinese": ["全国人大常委会通过决定。", "“很好！”", "他说。"],
    "japanese": ["政府は発表した。", "「はい。」", "以上。"],
    "hindi": ["यह खबर है।", "अगला वाक्य।"],
    "no full stop": ["An end without a stop"],
}


@pytest.mark.parametrize("expected", CASES.values(), ids=CASES)
def test_sentences_are_told_apart(expected: list[str]) -> None:
    text = " ".join(expected)
    assert [text[start:end] for start, end in sentences(text)] == expected


def test_chinese_needs_no_space_between_sentences() -> None:
    text = "通过决定。他说！"
    assert [text[start:end] for start, end in sentences(text)] == ["通过决定。", "他说！"]


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\n\n", "\f", "\x85", "\u2028", "\u2029"], ids=ascii)
def test_a_line_break_ends_a_paragraph_and_its_sentence(break_: str) -> None:
    text = f"  A headline{break_}a text "
    assert [text[start:end] for start, end in sentences(text)] == ["A headline", "a text"]


@pytest.mark.parametrize("end", [".", "?", "Inc.", "z.B.", "3.", "…”"])
@pytest.mark.parametrize("break_", [" \n", " \r", "\x85", " \u2028", "\u2029 "], ids=ascii)
def test_no_abbreviation_and_no_small_letter_carries_a_sentence_into_the_next_paragraph(end: str, break_: str) -> None:
    text = f"It was {end}{break_}and so on"
    assert [text[start:end] for start, end in sentences(text)] == [f"It was {end}", "and so on"]


@given(st.text(st.sampled_from('aB .!?…"”)\n。1')) | st.text())
def test_sentences_leave_nothing_out_but_space(text: str) -> None:
    found = list(sentences(text))
    assert "".join("".join(text[start:end].split()) for start, end in found) == "".join(text.split())
    assert all(start < end for start, end in found)


@given(st.text(st.sampled_from("aB .!?…”。\n\r\x85\u2028\u2029\x0b1")) | st.text())
def test_no_sentence_crosses_a_paragraph(text: str) -> None:
    inside = [(start, end) for start, end in paragraphs(text)]
    for start, end in sentences(text):
        assert any(first <= start and end <= last for first, last in inside)
    assert not any(re.search(f"[{LINE_ENDS}]", text[first:last]) for first, last in inside)
    assert "".join("".join(text[first:last].split()) for first, last in inside) == "".join(text.split())


@given(st.lists(st.sampled_from(["A", "b", "Mr", ".", "?!", "。", '"', " ", "\n", "\u2028"]), max_size=40).map("".join))
def test_the_sentence_at_a_place_is_the_one_that_cutting_all_gives(text: str) -> None:
    tokens = Tokens(text)
    for start, end in sentences(text):
        assert {tokens.sentence_at(at) for at in range(start, end)} == {(start, end)}


def test_an_endless_sentence_is_cut_to_the_words_around_the_hit() -> None:
    text = "word " * 500 + "merger " + "word " * 500
    at = text.index("merger")
    start, end = shorten(text, 0, len(text), around=at)
    cut = text[start:end]
    assert "merger" in cut
    assert len(cut) <= 500
    assert set(cut.split()) == {"word", "merger"}


def test_an_endless_sentence_without_spaces_is_cut_too() -> None:
    text = "法" * 3000
    start, end = shorten(text, 0, len(text), around=1500)
    assert start <= 1500 < end
    assert end - start == 500


@pytest.mark.parametrize(
    "text",
    [
        *("law tax " * 50_000, "A law! " * 50_000, "A law!\n" * 50_000, "." * 400_000, ". " * 200_000),
        *("A." + '"' * 400_000, "A." + " " * 400_000 + "a", "A.'" * 100_000, "U.S." * 100_000, "a\n " * 100_000),
    ],
    ids=lambda text: ascii(text[:8]),
)
def test_a_hostile_text_costs_no_more_time_than_a_long_one(text: str) -> None:
    tokens = Tokens(text)
    started = time.thread_time()
    for at in range(0, len(text), 7):
        tokens.sentence_at(at)
    assert time.thread_time() - started < 5, "cutting it anew for each place takes minutes"
