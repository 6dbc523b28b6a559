"""Where a sentence ends."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.text.sentences import sentences, shorten

CASES = {
    "two": ["It rained.", "Then it stopped!"],
    "quotes": ["“It rained.”", "She left."],
    "title": ["Mr. Smith met Dr. Jones.", "They talked."],
    "initials": ["George W. Bush spoke in the U.S. Senate.", "Nobody came."],
    "company": ["Amazon.com Inc. Chief Jassy spoke.", "Shares rose."],
    "number": ["It rose 2.5 percent.", "No. 5 stayed."],
    "no is a word": ["She said no.", "They left."],
    "small letters": ["He paid approx. five dollars for z.B. this.", "Then he left."],
    "a year ends a sentence": ["It began in 2019.", "Then it grew."],
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


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\n\n", "\u2029"])
def test_a_line_break_ends_a_paragraph_and_its_sentence(break_: str) -> None:
    text = f"  A headline{break_}a text "
    assert [text[start:end] for start, end in sentences(text)] == ["A headline", "a text"]


@given(st.text(st.sampled_from('aB .!?…"”)\n。1')) | st.text())
def test_sentences_leave_nothing_out_but_space(text: str) -> None:
    found = list(sentences(text))
    assert "".join("".join(text[start:end].split()) for start, end in found) == "".join(text.split())
    assert all(start < end for start, end in found)


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


@pytest.mark.parametrize("junk", ["." * 200_000, "!”" * 100_000, "A. " * 100_000, "\n" * 200_000])
def test_junk_is_cut_in_linear_time(junk: str) -> None:
    started = time.process_time()
    list(sentences(junk))
    assert time.process_time() - started < 5
