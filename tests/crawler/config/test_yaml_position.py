"""A character of a value is found where it stands in the file, however the value is written there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.yaml_position import MOST_SHOWN, pointed_at
from crawler.yaml_tree import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str | bytes], Path]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("a: one two HERE", id="plain"),
        pytest.param("a: one\n   two\n  HERE three", id="plain over lines"),
        pytest.param("a: one\n\n\n  HERE", id="plain with empty lines"),
        pytest.param("a: 'one ''two'' HERE'", id="single quotes"),
        pytest.param("a: 'one\n  ''two''\n  HERE'", id="single quotes over lines"),
        pytest.param(r'a: "one \"two\" \\ \u00e9\x41\U0001F600 HERE"', id="double quotes"),
        pytest.param('a: "one\\ttwo\\n\\x20\\u000a\\ three HERE"', id="escaped spaces"),
        pytest.param('a: "one \\\n  two\n\n  HERE"', id="double quotes over lines"),
        pytest.param("a: |\n  one\n\n    two HERE\n", id="literal"),
        pytest.param("a: |2-  # a remark\n    one\n  HERE", id="literal with indentation told"),
        pytest.param("a: >\n  one\n  two\n\n    three\n  HERE\n", id="folded"),
        pytest.param("a: >-\n  one\n  HERE\n# HERE too\nb: 1", id="folded before a comment"),
        pytest.param("a: 网络 😀 é HERE", id="other scripts"),
        pytest.param("b: HERE\na: {c: [1, x HERE], d: 2}", id="within"),
        pytest.param("a: one HERE\r\nb: 2\r\n", id="line ends of Windows"),
        pytest.param("\ufeffa: one HERE", id="byte order mark"),
        pytest.param("'a': 'HERE'", id="a quoted key"),
        pytest.param("a: HERE\na: HERE", id="a key twice"),
    ],
)
def test_a_word_is_found_in_every_style(write: Write, written: str) -> None:
    document = read(write(written), {})
    place: tuple[str | int, ...] = ("a", "c", 1) if "c: [" in written else ("a",)
    value: object = document.root
    for step in place:
        value = value[step]  # type: ignore[index]  # the place is one of the two above
    before = written[: written.index("HERE", written.index("a"))].removeprefix("\ufeff").replace("\r", "")
    expected = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    assert document.position(place, str(value).index("HERE")) == expected


@pytest.mark.parametrize(
    ("written", "offset", "expected"),
    [
        pytest.param("a: one", 3, (1, 7), id="the end"),
        pytest.param("a: 'one'", 3, (1, 8), id="the end, before the quote"),
        pytest.param("a: |\n  one\n\nb: 1", 4, (2, 6), id="the end, but for the line break"),
        pytest.param("a: one  two", 4, (1, 8), id="a space"),
        pytest.param("a: one\n   two", 3, (1, 7), id="a folded line break"),
        pytest.param("a: '  one'", 1, (1, 6), id="a space at the beginning"),
        pytest.param('a: "o\\tne"', 1, (1, 6), id="an escaped tab"),
        pytest.param("a: ''", 0, (1, 5), id="nothing"),
    ],
)
def test_spaces_and_the_end_are_found_too(write: Write, written: str, offset: int, expected: tuple[int, int]) -> None:
    assert read(write(written), {}).position(("a",), offset) == expected


def test_a_place_around_a_text_is_not_looked_for_inside_of_it(write: Write) -> None:
    document = read(write("a: [x, {b: one}]"), {})
    assert document.position(("a", 1), 0) is None
    assert document.position(("a", 0, "text"), 0) == (1, 5), "a text may stand for a mapping"


def test_what_came_from_the_environment_stands_nowhere(write: Write) -> None:
    document = read(write("a: [x, 'see ${A} there']"), {"A": "secret"})
    problem = document.problem(("a", 1), "is wrong", at=9)
    assert document.position(("a", 1), 9) is None
    assert (problem.line, problem.column, problem.excerpt) == (1, None, "")


def test_a_mistake_points_at_its_character_and_shows_nothing_beside_the_text(write: Write) -> None:
    path = write("""a:
  - {password: hunter2, query: 'China ''law'' oops)'}
""")
    problem = read(path, {}).problem(("a", 0, "query"), "a parenthesis too many", at=16)
    assert (
        str(problem)
        == f"""\
{path}:2:51: a.0.query: a parenthesis too many
    'China ''law'' oops)'
                       ^"""
    )


def test_of_a_text_over_lines_the_one_line_is_shown(write: Write) -> None:
    path = write("a: >\n    China law\n      NEAR rule\n")
    problem = read(path, {}).problem(("a",), "is wrong", at=12)
    assert str(problem).splitlines() == [f"{path}:3:7: a: is wrong", "    NEAR rule", "    ^"]


@pytest.mark.parametrize(
    ("line", "offset", "shown"),
    [
        pytest.param("  law rule", 6, "law rule\n    ^", id="indented"),
        pytest.param("网络 law", 3, "网络 law\n     ^", id="wide characters"),
        pytest.param("e\N{COMBINING ACUTE ACCENT}a x", 3, "e\N{COMBINING ACUTE ACCENT}a x\n  ^", id="accents"),
        pytest.param("a\tb", 2, "a b\n  ^", id="tab"),
        pytest.param("a\u202eb", 2, "a\N{REPLACEMENT CHARACTER}b\n  ^", id="turned"),
        pytest.param("law", 3, "law\n   ^", id="end"),
        pytest.param("x" * 300, 0, "x" * MOST_SHOWN + "…\n^", id="beginning of a long line"),
        pytest.param("x" * 300, 299, "…" + "x" * MOST_SHOWN + "\n" + " " * MOST_SHOWN + "^", id="end of a long line"),
        pytest.param("x" * 300, 150, "…" + "x" * MOST_SHOWN + "…\n" + " " * (MOST_SHOWN // 2 + 1) + "^", id="middle"),
    ],
)
def test_the_caret_stands_under_the_character(line: str, offset: int, shown: str) -> None:
    assert pointed_at(line, offset) == shown


words = st.text(st.sampled_from("ab'\"\\:#- \n\té网😀{}[],&*!|>%@`"), min_size=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(value=words, style=st.sampled_from([None, "'", '"', "|", ">"]), width=st.sampled_from([5, 20, 200]))
def test_every_character_of_every_text_is_found(write: Write, value: str, style: str | None, width: int) -> None:
    options = {"allow_unicode": True, "width": width, "default_style": style}
    written = yaml.safe_dump({"a": [value]}, **options)  # type: ignore[call-overload]  # typed one overload per option
    document = read(write(written), {})
    lines = written.splitlines(keepends=True)
    read_back: Any = document.root["a"]  # what is dumped folded is not always what was meant
    for offset, char in enumerate(read_back[0]):
        if char in " \n\t":
            continue
        position = document.position(("a", 0), offset)
        assert position is not None
        there = lines[position[0] - 1][position[1] - 1 :]
        assert there.startswith((char, "\\")), (written, offset)
