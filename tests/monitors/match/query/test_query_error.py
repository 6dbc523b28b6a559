"""A mistake is shown with its line and a caret under its place, on any terminal."""

from __future__ import annotations

import unicodedata

import pytest

from crawler.errors import ConfigError
from monitors.match.query import QueryError, read_query


def refused(text: str) -> QueryError:
    with pytest.raises(ConfigError) as caught:
        read_query(text)
    assert isinstance(caught.value, QueryError)
    return caught.value


def test_it_shows_the_line_and_a_caret() -> None:
    assert str(refused("law and order")) == (
        "operators are in capitals: AND; as a word, quote it\n"
        "law and order\n"
        "    ^"
    )  # fmt: skip


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_of_several_lines_it_shows_the_one_in_question(line_break: str) -> None:
    error = refused(line_break.join(["law AND", "(rule OR", "  order book)", "AND x"]))
    assert str(error).splitlines()[1:] == ["order book)", "      ^"]
    assert (error.line, error.column) == (3, 9)


def test_a_mistake_at_the_end_of_a_line_is_shown_on_it() -> None:
    error = refused('law AND "rule\nAND order')
    assert str(error).splitlines()[1:] == ['law AND "rule', "        ^"]
    assert (error.line, error.column) == (1, 9)


def test_of_a_long_line_it_shows_what_is_around_the_place() -> None:
    error = refused(" AND ".join(["something"] * 50) + " AND law and order " + "x" * 300)
    _, line, caret = str(error).splitlines()
    assert len(line) <= 102
    assert line[len(caret) - 1 :].startswith("and order")
    assert line.startswith("…")
    assert line.endswith("…")


WIDE = {
    "Chinese": ("网络安全 and 法", 9),
    "full-width": ("ＡＢ and c", 5),
    "combining": ("cafe\u0301 and te\u0301", 5),
    "zero-width": ("da\u200bta and c", 5),
    "emoji": ("🚀x and c", 4),
}


@pytest.mark.parametrize(("text", "columns"), WIDE.values(), ids=WIDE)
def test_the_caret_stands_under_its_character_whatever_the_others_are_wide(text: str, columns: int) -> None:
    _, line, caret = str(refused(text)).splitlines()
    assert line == text
    assert caret == " " * columns + "^"


def test_tabs_and_control_characters_are_shown_as_spaces() -> None:
    assert str(refused("law\tAND \x1b[31mrule")).splitlines()[1:] == ["law AND  [31mrule", "        ^"]
    assert str(refused("law \udcff x")).splitlines()[1:] == ["law   x", "    ^"]
    assert str(refused("law \u202eeert and")).splitlines()[1:] == ["law  eert and", "    ^"]


def test_a_message_is_one_line_without_what_a_terminal_would_act_upon() -> None:
    error = refused('a "b\u202e\u2028\x85 c"')
    assert error.message == '`a` and `"b c"` stand side by side: NEAR, AND or quotes?'
    assert not {unicodedata.category(char) for char in str(error).replace("\n", "")} & {"Cc", "Cf", "Zl", "Zp"}


def test_long_pieces_are_cut_in_messages() -> None:
    assert len(refused("a " + "b" * 10_000).message) < 150
    assert len(refused("b" * 10_000 + ":x").message) < 150
    assert len(refused("@" + "b" * 10_000).message) < 150
    assert len(refused("b" * 10_000 + "*" + " AND ab*" + "c" * 10_000).message) < 150


def test_an_empty_query_has_a_caret_too() -> None:
    assert str(refused("")) == "the query is empty: say what to look for\n\n^"
