"""Sources are written into a configuration without touching what stands there."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crawler.domain import Source
from crawler.errors import ConfigError
from crawler.source_yaml import as_yaml, with_sources

NEW = (Source(id="new", url="https://new.example/feed?a=1&b=2", name="New: a paper", groups=frozenset({"b", "a"})),)
WRITTEN = ["- id: new", '  name: "New: a paper"', "  url: https://new.example/feed?a=1&b=2", "  groups: [a, b]"]


IN_BRACES = '{id: new, name: "New: a paper", url: "https://new.example/feed?a=1&b=2", groups: [a, b]}'


def block(indent: int = 2) -> str:
    return "".join(f"{' ' * indent}{line}\n" for line in WRITTEN)


FILES = {
    "entries": ("sources:\n  - https://a.example\n", f"sources:\n  - https://a.example\n{block()}"),
    "not indented": ("sources:\n- https://a.example\n", f"sources:\n- https://a.example\n{block(0)}"),
    "comments behind": (
        "sources:\n  - https://a.example  # mine\n  # - https://b.example\n\n# the lists\nwatchlists: []\n",
        f"sources:\n  - https://a.example  # mine\n{block()}  # - https://b.example\n\n# the lists\nwatchlists: []\n",
    ),
    "a mapping last": (
        "sources:\n    - url: https://a.example\n      groups: [x]   # two\nversion: 1\n",
        f"sources:\n    - url: https://a.example\n      groups: [x]   # two\n{block(4)}version: 1\n",
    ),
    "no end of line": ("sources:\n  - https://a.example", f"sources:\n  - https://a.example\n{block()}"),
    "a folded text last": (
        "sources:\n  - url: https://a.example\n    name: >-\n      A long\n      name\nversion: 1\n",
        f"sources:\n  - url: https://a.example\n    name: >-\n      A long\n      name\n{block()}version: 1\n",
    ),
    "none": ("# mine\nversion: 1\n", f"# mine\nversion: 1\n\nsources:\n{block()}"),
    "an empty file": ("", f"\nsources:\n{block()}"),
    "no value": ("sources:  # to come\nversion: 1\n", f"sources:  # to come\n{block()}version: 1\n"),
    "an empty list": (
        "sources: []\nversion: 1\n",
        f"sources: [{IN_BRACES}]\nversion: 1\n",
    ),
    "a list in brackets": (
        "sources: [https://a.example]  # one\n",
        f"sources: [https://a.example, {IN_BRACES}]  # one\n",
    ),
    "another of that name": ("settings:\n  sources: 1\n", f"settings:\n  sources: 1\n\nsources:\n{block()}"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), FILES.values(), ids=FILES.keys())
def test_an_entry_is_added_and_nothing_else_changes(before: str, after: str) -> None:
    assert with_sources(before, NEW) == after


@pytest.mark.parametrize("before", [before for before, _ in FILES.values()], ids=FILES.keys())
def test_line_ends_stay_those_of_the_file(before: str) -> None:
    before = before.replace("\n", "\r\n")
    added = with_sources(before, NEW)
    assert yaml.safe_load(added)["sources"][-1]["id"] == "new"
    if "\n" in before:
        assert added.count("\r\n") == added.count("\n")


@pytest.mark.parametrize("text", ["sources: everything\n", "sources:\n  a: 1\n"])
def test_what_is_no_list_is_not_added_to(text: str) -> None:
    with pytest.raises(ConfigError, match="no list"):
        with_sources(text, NEW)


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1),
    st.text("ab:/?#&=%,{}[]' ", min_size=1),
)
def test_any_text_is_read_as_it_was_written(name: str, path: str) -> None:
    source = Source(id="new", url=f"https://new.example/{path}", name=name, groups=frozenset({name}))
    for text in (f"sources:\n{as_yaml([source])}", with_sources("sources: []", [source])):
        (read,) = yaml.load(text, Loader=yaml.BaseLoader)["sources"]  # noqa: S506  (the loader that makes texts only)
        assert (read["name"], read["url"], read["groups"]) == (name, source.url, [name])
