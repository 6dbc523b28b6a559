"""YAML becomes plain values that know their lines, or mistakes that name them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.errors import ConfigError
from crawler.yaml_tree import find, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str | bytes], Path]


def mistakes(path: Path, environ: dict[str, str] | None = None) -> list[str]:
    """Return the mistakes as they are printed, without the folder."""
    try:
        document = read(path, environ or {})
    except ConfigError as error:
        return str(error).replace(str(path), path.name).splitlines()
    return [str(problem).replace(str(path), path.name) for problem in document.problems]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("07:00", "07:00"),
        ("no", "no"),
        ("on", "on"),
        ("NO", "NO"),
        ("12_000", "12_000"),
        ("0777", 777),
        ("2026-11-23", "2026-11-23"),
        ("1e3", 1000.0),
        ("-1.5", -1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("1.2.3", "1.2.3"),
        ("5G", "5G"),
        ("true", True),
        ("True", True),
        ("false", False),
        ('"true"', "true"),
        ("'7'", "7"),
        ('""', ""),
        ("9" * 30, int("9" * 30)),
        ("9" * 5_000, float("inf")),
    ],
)
def test_scalars_are_typed_as_yaml_1_2_says(write: Write, written: str, value: object) -> None:
    found = read(write(f"key: {written}"), {}).root["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("", ["test.yaml:1: the file is empty"], id="empty"),
        pytest.param("# nothing\n", ["test.yaml:1: the file is empty"], id="only a comment"),
        pytest.param("---\n", ["test.yaml:1: the file is empty"], id="empty document"),
        pytest.param("- a\n", ["test.yaml:1: needs a mapping (key: value) at its top"], id="a list"),
        pytest.param("just text\n", ["test.yaml:1: needs a mapping (key: value) at its top"], id="a text"),
        pytest.param(
            "a: 1\n---\nb: 2\n", ["test.yaml:2: a second document begins here; a file holds one"], id="two documents"
        ),
        pytest.param("a: 1\nb: 2\na: 3\n", ["test.yaml:3: a: is there twice; the first is on line 1"], id="twice"),
        pytest.param(
            "a:\n  - b: 1\n    c: 2\n    b: 3\n",
            ["test.yaml:4: a.0.b: is there twice; the first is on line 2"],
            id="twice inside",
        ),
        pytest.param("a:\n\tb: 1\n", ["test.yaml:2: is indented with a tab; YAML wants spaces"], id="tab"),
        pytest.param(
            "a:\n  - \tb: 1\n", ["test.yaml:2: is indented with a tab; YAML wants spaces"], id="tab in a list"
        ),
        pytest.param("? [a]\n: 1\n", ["test.yaml:1: a key must be a single word"], id="a list as key"),
        pytest.param(b"a: 1\nb: \xff\n", ["test.yaml:2: is not UTF-8 text"], id="Latin-1"),
        pytest.param("a: 1\n".encode("utf-16"), ["test.yaml:1: is not UTF-8 text"], id="UTF-16"),
        pytest.param(
            "a: 1\nb: \x00\n",
            ["test.yaml:2: contains the character U+0000, which YAML does not allow here"],
            id="NUL",
        ),
        pytest.param(
            "a: 1\nb: x\u2028y\n",
            ["test.yaml:2: contains the character U+2028, which YAML does not allow here"],
            id="a line break of YAML 1.1 only",
        ),
        pytest.param(
            "a: [*law]\n",
            ["test.yaml:1: a.0: `*law` is an alias to YAML; write it out, or put it in quotes"],
            id="alias",
        ),
        pytest.param(
            "a: &b x\nc: !d y\n",
            [
                "test.yaml:1: a: `&b` is an anchor to YAML; leave it out, or put it in quotes",
                "test.yaml:2: c: `!d` is a tag to YAML; leave it out, or put it in quotes",
            ],
            id="anchor and tag",
        ),
        pytest.param(
            "a:\nb: [~, '', null]\n",
            [
                "test.yaml:1: a: has no value; give it one, or leave it out",
                "test.yaml:2: b.0: has no value; give it one, or leave it out",
                "test.yaml:2: b.2: has no value; give it one, or leave it out",
            ],
            id="no value",
        ),
        pytest.param("a: " + "[" * 100_000, ["test.yaml:1: is nested deeper than 30 levels"], id="nested"),
    ],
)
def test_what_cannot_be_meant_is_a_mistake_with_its_line(
    write: Write, content: str | bytes, expected: list[str]
) -> None:
    assert mistakes(write(content)) == expected


@pytest.mark.parametrize(
    ("content", "line", "hint"),
    [
        pytest.param("a: 1\nb: [1, 2\n", 2, "',' or ']'", id="open list"),
        pytest.param('a:\n  - "spin off" cloud\n', 2, "do quotes surround the whole text?", id="quoted beginning"),
        pytest.param("a: 'x' y\n", 1, "do quotes surround the whole text?", id="quoted beginning of a value"),
        pytest.param("a:\n  b: 1\n c: 2\n", 3, "indented like its neighbours", id="indentation"),
        pytest.param("a: law: rule\n", 1, "colon and a space", id="colon in a text"),
        pytest.param("a: @routine\n", 1, "needs quotes around it", id="reserved sign"),
        pytest.param("a: 1\nb: 'open\n", 2, "never closed", id="open quote"),
    ],
)
def test_broken_yaml_names_the_line_and_what_to_look_for(write: Write, content: str, line: int, hint: str) -> None:
    (mistake,) = mistakes(write(content))
    assert mistake.startswith(f"test.yaml:{line}: is not valid YAML: ")
    assert hint in mistake


def test_mistakes_before_broken_yaml_are_told_too(write: Write) -> None:
    first, second = mistakes(write("a: 1\na: 2\nb: [\n"))
    assert first == "test.yaml:2: a: is there twice; the first is on line 1"
    assert "not valid YAML" in second


def test_a_billion_laughs_are_refused_at_once(write: Write) -> None:
    layers = [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    found = mistakes(write("a: &a [lol]\n" + "\n".join(layers)))
    assert len(found) == 1 + 8 * 11
    assert all("to YAML" in mistake for mistake in found)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.yaml: cannot be read: No such file or directory"):
        read(tmp_path / "absent.yaml", {})


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read(tmp_path, {})


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(write: Write) -> None:
    document = read(write(b"\xef\xbb\xbfa: 1\r\nb: x\r\n"), {})
    assert document.root == {"a": 1, "b": "x"}
    assert document.problem(("b",), "wrong").line == 2


def test_every_key_and_entry_has_its_line(write: Write) -> None:
    document = read(write("a:\n  - x\n  - b: 1\n    c: {d: 1,\n        e: 2}\n"), {})
    assert document.problem(("a", 1, "c", "e"), "wrong").line == 5
    assert document.problem(("a", 1), "wrong").line == 3


def test_a_missing_key_is_told_at_what_lacks_it(write: Write) -> None:
    problem = read(write("a:\n  - x: 1\n"), {}).problem(("a", 0, "y", "z"), "is missing")
    assert (problem.line, problem.key) == (2, "a.0.y.z")


# -- the environment --------------------------------------------------------------------------------------------------


def test_variables_are_replaced_in_values_and_stay_text(write: Write) -> None:
    document = read(write("a: ${PORT}\nb: ['x-${HOST}:${PORT}']\n"), {"PORT": "25", "HOST": "mail"})
    assert document.root == {"a": "25", "b": ["x-mail:25"]}


def test_variables_in_comments_and_keys_are_left_alone(write: Write) -> None:
    document = read(write("# ${A}\n${B}: 1\n"), {})
    assert document.root == {"${B}": 1}
    assert not document.problems


def test_a_missing_variable_is_a_mistake_with_its_line(write: Write) -> None:
    assert mistakes(write("a: 1\nb: ['${NOPE}', '${a b}']\n")) == [
        "test.yaml:2: b.0: the environment variable NOPE is not set",
        "test.yaml:2: b.1: `${a b}` is not the name of an environment variable",
    ]


def test_a_variable_cannot_bring_in_yaml(write: Write) -> None:
    assert read(write("a: ${A}"), {"A": "x\nb: [1, ${C}]"}).root == {"a": "x\nb: [1, ${C}]"}


@pytest.mark.parametrize("place", [("a",), ("a", "b"), ("c",)])
def test_the_value_of_a_variable_is_never_told(write: Write, place: tuple[str, ...]) -> None:
    document = read(write("a: {b: '${SECRET}'}\nc: 1"), {"SECRET": "https://hooks.example.org/T0ken5678"})
    for leak in ("not https://hooks.example.org/T0ken5678", "HTTPS://HOOKS.EXAMPLE.ORG/T0KEN5678"):
        assert "5678" not in document.problem(place, leak).message


def test_a_short_value_is_kept_back_where_it_stands_and_is_no_secret_elsewhere(write: Write) -> None:
    document = read(write("a: '${A}'\nb: 1"), {"A": "ab"})
    assert "ab" not in document.problem(("a",), "there is no channel `ab`").message.split("(")[0]
    assert document.problem(("b",), "is above 1").message == "is above 1"


def test_a_part_of_the_value_of_a_variable_is_not_told_either(write: Write) -> None:
    document = read(write("a: {b: '${SECRET}'}"), {"SECRET": "https://hooks.example.org/T0ken5678"})
    assert "T0ken" not in document.problem(("a", "b"), "no path T0ken5678 there").message
    assert document.problem(("a", "b"), "needs https").message == "needs https"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("a", [(("a",), "1")]),
        ("b.*.c", [(("b", 0, "c"), 2), (("b", 2, "c"), 3)]),
        ("b.*", [(("b", 0), {"c": 2}), (("b", 1), 7), (("b", 2), {"c": 3})]),
        ("a.*", []),
        ("b.c", []),
        ("d", []),
    ],
)
def test_a_pattern_finds_values_and_their_places(write: Write, pattern: str, found: list[object]) -> None:
    root = read(write("a: '1'\nb: [{c: 2}, 7, {c: 3}]\n"), {}).root
    assert list(find(root, pattern)) == found


# -- laws -------------------------------------------------------------------------------------------------------------

readable = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp"], exclude_characters="\ufeff")
plain = st.booleans() | st.integers(-(10**17), 10**17) | st.text(readable)
values = st.recursive(
    plain, lambda inner: st.lists(inner) | st.dictionaries(st.text("abc: #'", max_size=5), inner), max_leaves=20
)
unhurried = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@unhurried
@given(value=values)
def test_json_is_read_as_json(write: Write, value: Any) -> None:
    written = json.dumps({"key": value}, ensure_ascii=False).replace("${", "$ {")
    assert read(write(written), {}).root == json.loads(written)


@unhurried
@given(content=st.binary() | st.text(st.sampled_from("ab:-[]{}'\"#&*!|>%@`?,\n\t $")))
def test_nothing_but_a_configuration_error_ever_comes_out(write: Write, content: str | bytes) -> None:
    mistakes(write(content))
