"""The keys and values of the format that are not built yet: refused with their line, never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.yaml_tree import Place, Value, YamlList, YamlMap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.yaml_tree import Document

# `*` is any entry of a list; `=` refuses one value and leaves the others. What gets built loses its row.
NOT_YET = (
    "concepts",
    "watchlists.*.concepts",
    "watchlists.*.related=true",
    "watchlists.*.deliver.*.if",
    "watchlists.*.deliver.*.max_per_hour",
    "watchlists.*.deliver.*.quiet",
    "channels.*.type=apprise",
    "channels.*.type=feed",
    "channels.*.type=webhook",
    "channels.*.channel",
    "channels.*.token",
)


def not_yet(document: Document) -> Iterator[tuple[Place, str]]:
    """Find what is not built yet: its place, and what to say of it."""
    for row in NOT_YET:
        pattern, _, refused = row.partition("=")
        for place, value in find(document.root, pattern):
            if not refused:
                yield place, "not supported yet"
            elif str(value).lower() == refused:
                yield place, f"{refused} is not supported yet"


def find(root: Value, pattern: str) -> Iterator[tuple[Place, Value]]:
    """Walk over what a pattern such as `watchlists.*.query` finds."""
    found: list[tuple[Place, Value]] = [((), root)]
    for step in pattern.split("."):
        found = [((*place, key), inner) for place, value in found for key, inner in _inside(value, step)]
    yield from found


def _inside(value: Value, step: str) -> Iterator[tuple[str | int, Value]]:
    if step == "*" and isinstance(value, YamlList):
        yield from enumerate(value)
    elif isinstance(value, YamlMap) and step in value:
        yield step, value[step]
