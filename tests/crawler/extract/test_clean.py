from __future__ import annotations

import unicodedata

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


@given(ANY_TEXT)
def test_clean_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANY_TEXT)
def test_clean_text_can_be_stored_and_shown(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert {character for character in cleaned if unicodedata.category(character) in {"Cc", "Cs"}} <= {"\n", "\t"}
    assert not {character for character in cleaned if unicodedata.bidirectional(character) in BIDI_CONTROLS}
