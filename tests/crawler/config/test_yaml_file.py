"""A document becomes a model, or every mistake in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

import pytest
from pydantic import Field, SecretStr, model_validator

from crawler.errors import ConfigError, Problem
from crawler.yaml_file import Section, duplicate_ids, nearest, validate
from crawler.yaml_tree import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Wheel(Section):
    id: str | None = None
    spokes: int = Field(default=32, ge=8, le=48)
    token: SecretStr | None = None

    @model_validator(mode="after")
    def _is_even(self) -> Self:
        if self.spokes % 2:
            raise ValueError(f"{self.spokes} is odd; the token is {self.token and self.token.get_secret_value()}")
        return self


class Bicycle(Section):
    colour: Literal["red", "blue"] = "red"
    bell: bool = False
    names: tuple[str, ...] = Field(default=(), min_length=1)
    wheels: tuple[Wheel, ...] | None = ()
    owner: str


def told(path: Path, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as error:
        validate(read(path, environ or {}), Bicycle)
    return [f"{problem.line} {problem.key}: {problem.message}" for problem in error.value.problems]


def test_a_good_document_is_a_frozen_model(write: Callable[[str], Path]) -> None:
    document = read(write("owner: me\nwheels: [{spokes: 36}]\nnames: [a]"), {})
    assert validate(document, Bicycle) == Bicycle(owner="me", wheels=(Wheel(spokes=36),), names=("a",))


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(write: Callable[[str], Path]) -> None:
    assert told(
        write("""\
colour: green
bell: maybe
names: []
wheels:
  - {spokes: 4}
  - {spokes: many, spoke: 1}
  - spokes: 60
  - round
colour: red
wheel: 1
""")
    ) == [
        "1 colour: needs red or blue",
        "1 owner: is missing",
        "2 bell: needs true or false",
        "3 names: needs at least one",
        "5 wheels.0.spokes: must be at least 8",
        "6 wheels.1.spokes: needs a whole number",
        "6 wheels.1.spoke: unknown key; did you mean `spokes`?",
        "7 wheels.2.spokes: must be at most 48",
        "8 wheels.3: needs a mapping (key: value)",
        "9 colour: is there twice; the first is on line 1",
        "10 wheel: unknown key; did you mean `wheels`?",
    ]


def test_an_empty_value_is_told_as_such(write: Callable[[str], Path]) -> None:
    assert told(write("owner:\nnames:\n  -\nbell:\nbel:")) == [
        "1 owner: has no value; give it one, or leave it out",
        "3 names.0: has no value; give it one, or leave it out",
        "4 bell: has no value; give it one, or leave it out",
        "5 bel: has no value; give it one, or leave it out",
        "5 bel: unknown key; did you mean `bell`?",
    ]


def test_text_where_a_list_belongs_is_not_taken_apart(write: Callable[[str], Path]) -> None:
    assert told(write("owner: me\nnames: abc")) == ["2 names: needs a list"]


def test_a_number_is_not_text(write: Callable[[str], Path]) -> None:
    assert told(write("owner: 2026")) == ["1 owner: needs text; put it in quotes if it is meant as text"]


def test_what_could_not_be_read_is_complained_about_once(write: Callable[[str], Path]) -> None:
    assert told(write("owner: *me\nwheels: ['${X}']")) == [
        "1 owner: `*me` is an alias to YAML; write it out, or put it in quotes",
        "2 wheels.0: the environment variable X is not set",
    ]


def test_a_number_may_come_from_the_environment(write: Callable[[str], Path]) -> None:
    document = read(write("owner: me\nwheels: [{spokes: '${SPOKES}'}]"), {"SPOKES": "20"})
    assert validate(document, Bicycle).wheels == (Wheel(spokes=20),)


def test_a_validator_that_tells_a_secret_is_silenced(write: Callable[[str], Path]) -> None:
    (mistake,) = told(write("owner: me\nwheels: [{spokes: 9, token: '${T}'}]"), {"T": "hunter2"})
    assert mistake == "2 wheels.0: is not accepted (a value from the environment is not shown)"


def test_what_the_caller_found_is_told_with_the_rest(write: Callable[[str], Path]) -> None:
    document = read(write("owner: me\nwheels: [{spokes: 1}]\nbell: 7"), {})
    found = [Problem(document.file, 9, "", "told already")]
    with pytest.raises(ConfigError) as error:
        validate(document, Bicycle, problems=found)
    assert [problem.key for problem in error.value.problems] == ["wheels.0.spokes", "bell", ""]


def test_ids_that_are_there_twice_name_both_lines(write: Callable[[str], Path]) -> None:
    document = read(write("wheels:\n  - {id: a}\n  - {id: b}\n  -\n    spokes: 9\n    id: a\n  - 5"), {})
    found = duplicate_ids(document, "wheels", lambda value: value.get("id") if isinstance(value, dict) else None)
    (problem,) = found
    assert (problem.line, problem.key) == (6, "wheels.2.id")
    assert "line 2" in problem.message


@pytest.mark.parametrize(
    ("word", "hint"), [("watchlist", "; did you mean `watchlists`?"), ("zzz", ""), ("", ""), (5, "")]
)
def test_the_nearest_name_is_suggested_if_one_is_near(word: object, hint: str) -> None:
    assert nearest(word, ["sources", "watchlists"]) == hint
