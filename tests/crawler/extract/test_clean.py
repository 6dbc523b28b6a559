from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.clean import clean, one_line, paragraphs

BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
ANY_TEXT = st.text(st.characters(exclude_categories=[]))


def test_what_nobody_sees_is_dropped() -> None:
    assert clean("a\0b\ud800c\u202ed\u2066e\u00adf\u200bg\ufeffh\x1b[0m") == "abcdefgh[0m"


def test_what_scripts_need_stays() -> None:
    assert clean("می\u200cخواهم क्\u200dष") == "می\u200cخواهم क्\u200dष"


def test_composed_and_decomposed_letters_become_one() -> None:
    assert clean("Zu\u0308rich") == "Zürich"


def test_a_title_has_one_line_whatever_ends_its_lines() -> None:
    assert one_line("a\r\nb\u2028c\u0085d\x0be\tf\u00a0g") == "a b c d e f g"


def test_paragraphs_are_the_lines_that_say_something() -> None:
    assert paragraphs("  one \u00a0 two\r\n\r\n \t \nthree") == ["one two", "three"]


@pytest.mark.timeout(200)  # a quarter of an hour, if all were put in order
@pytest.mark.parametrize("marks", ["\u0301\u0323", "\u0f71\u0f72", "\u0344\u0323"], ids=ascii)
def test_a_letter_keeps_no_more_marks_than_a_language_has(marks: str) -> None:
    cleaned = clean("Ta" + marks * 500_000 + "q" + marks)
    assert 20 < len(cleaned) < 50
    assert cleaned.endswith(clean("q" + marks))


def test_marks_that_a_language_has_stay() -> None:
    written = (
        "Vie\u0323\u0302t \u05d1\u05bc\u05b0\u05e8\u05b5\u05d0\u05e9\u05c1\u05b4\u05d9\u05ea \u2014\u2026"
        + "\u2014" * 40
    )
    assert clean(written) == unicodedata.normalize("NFC", written)


@given(
    st.text(
        st.sampled_from("ae\u0301\u0323\u0344\u0f71\u0f72\u0958\u034f\u1112\u1161\u11ab \u2014"),
        min_size=40,
        max_size=120,
    )
)
def test_piled_marks_are_clean_once_they_were_cleaned(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANY_TEXT)
def test_clean_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANY_TEXT)
def test_clean_text_can_be_stored_and_shown(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert {character for character in cleaned if unicodedata.category(character) in {"Cc", "Cs"}} <= {"\n", "\t"}
    assert not {character for character in cleaned if unicodedata.bidirectional(character) in BIDI_CONTROLS}
