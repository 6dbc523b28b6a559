"""docs/matching.md keeps its word: every example on it is run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import yaml

from monitors.domain import Keyword
from monitors.match import evidence, keywords
from monitors.match.keywords import check_keyword
from monitors.text import stems

if TYPE_CHECKING:
    from tests.monitors.match.conftest import Matches

PAGE = (Path(__file__).parents[3] / "docs" / "matching.md").read_text(encoding="utf-8")
_EXAMPLE = re.compile(r"(?P<keyword>\S.*?)\s{2,}(?P<found>[✓✗]) (?:\[(?P<language>\w\w)\] )?(?P<article>.+)")


class Example(NamedTuple):
    keyword: Keyword
    found: bool
    title: str
    text: str
    language: str


def lines(kind: str) -> list[str]:
    blocks = re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines()]


def example(line: str) -> Example:
    parts = _EXAMPLE.fullmatch(line)
    assert parts, line
    written = parts["keyword"]
    options = yaml.safe_load(written) if written.startswith("{") else {"text": written}
    title, _, text = parts["article"].rpartition(" ¶ ")
    text = text.replace("| ", "Something else.\n") if text.startswith("| ") else text
    return Example(Keyword(**options), parts["found"] == "✓", title, text, parts["language"] or "en")


@pytest.mark.parametrize("line", lines("examples"))
def test_every_example_of_the_page_is_true(matched: Matches, line: str) -> None:
    keyword, found, title, text, language = example(line)
    assert bool(matched(keyword, title=title, text=text, language=language)) is found


@pytest.mark.parametrize("line", lines("errors"))
def test_every_error_of_the_page_is_the_one_that_is_given(line: str) -> None:
    keyword, _, problem = line.partition("   ")
    assert (check_keyword(keyword, None) or "").startswith(problem.strip())


def test_the_page_has_examples_of_every_kind() -> None:
    assert len(lines("examples")) > 40
    assert len(lines("errors")) > 5


def test_the_page_gives_the_numbers_of_the_code() -> None:
    assert f"title {evidence.IN_TITLE}, lead {evidence.IN_LEAD}, text {evidence.IN_TEXT}" in PAGE
    assert f"{evidence.OFTEN} · (1 − 1/*m*)" in PAGE
    assert ", ".join(f"tier {tier}: {value}" for tier, value in evidence.TIERS.items()) in PAGE
    assert f"*n* + {keywords.SLACK} words" in PAGE
    assert f"({len(set(stems._ALGORITHMS.values()))} languages)" in PAGE
