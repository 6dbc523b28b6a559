"""Finds where in a file of YAML a character of a value stands, for messages that point at it.

A value is not what stands in the file: quotes double, escapes stand for others, lines fold. But whatever the style, its
characters other than spaces and line breaks stand there in the same order, so they are counted.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.yaml_tree import Place

MOST_SHOWN = 100
"""Of a longer line, so many characters are shown around the place."""

_BREAK = re.compile(r"\r\n|\r|\n")
_SPACES = " \t\r\n"
_BLOCK_HEADER = re.compile(r"[^\r\n]*")
_CHARACTER = re.compile(r"[^ \t\r\n]")
_CHARACTERS = {
    "'": re.compile(r"''|[^ \t\r\n]"),
    '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|[^xuU])|[^ \t\r\n]", re.DOTALL),
}
_ESCAPED_SPACES = {"\\" + sign for sign in "tnr" + _SPACES}
_TURNS_THE_LINE = re.compile("[\u202a-\u202e\u2066-\u2069]")  # the caret would stand under another character


class Scalar(NamedTuple):
    """Where a text stands in its file, its quotes included, and in which style: `'`, `"`, `|`, `>` or none."""

    start: int
    end: int
    style: str
    value: str


class Positions:
    """The lines of a file and its texts, by the way to each. As dear as reading the file: for messages only."""

    def __init__(self, text: str, events: Iterator[yaml.Event]) -> None:
        self._text = text
        self._line_starts = [0, *(found.end() for found in _BREAK.finditer(text))]
        self._root = next((_marks(event, events) for event in events if isinstance(event, yaml.NodeEvent)), None)

    def find(self, place: Place, offset: int) -> int | None:
        """Return where in the file the character at an offset of a text stands, or where the text ends."""
        scalar = self._scalar(place)
        origins = _origins(self._text, scalar) if scalar else ()
        return origins[offset] if offset < len(origins) else None

    def line_and_column(self, index: int) -> tuple[int, int]:
        """Return the line and the column of a character of the file, both from 1."""
        line = bisect_right(self._line_starts, index)
        return line, index - self._line_starts[line - 1] + 1

    def excerpt(self, place: Place, index: int) -> str:
        """Return the line of a text in which a character of the file stands, and below it a caret.

        Nothing beyond the text is shown: beside it may stand a secret.
        """
        scalar = self._scalar(place)
        line, _ = self.line_and_column(index)
        first = self._line_starts[line - 1]
        last = self._line_starts[line] if line < len(self._line_starts) else len(self._text)
        if scalar:
            first, last = max(first, scalar.start), min(last, scalar.end)
        return pointed_at(self._text[first:last], index - first)

    def _scalar(self, place: Place) -> Scalar | None:
        node = self._root
        for step in place:
            match node, step:
                case dict(), str():
                    node = node.get(step)
                case list(), int() if step < len(node):
                    node = node[step]
                case _:
                    break
        return node if isinstance(node, Scalar) else None


def pointed_at(line: str, offset: int) -> str:
    """Return a line, or what of it is around an offset, and a second one with a caret under that."""
    begin = len(line) - len(line.lstrip())
    end = len(line.rstrip())
    if end - begin > MOST_SHOWN:
        begin = max(begin, min(offset - MOST_SHOWN // 2, end - MOST_SHOWN))
        end = min(end, begin + MOST_SHOWN)
    shown = _TURNS_THE_LINE.sub("\N{REPLACEMENT CHARACTER}", line[begin:end].replace("\t", " "))
    before = "…" if line[:begin].strip() else ""
    after = "…" if line[end:].strip() else ""
    return f"{before}{shown}{after}\n{' ' * _width(before + shown[: max(0, offset - begin)])}^"


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for a character of Chinese, none for an accent."""
    invisible = sum(unicodedata.category(char) in {"Mn", "Me", "Cf"} for char in text)
    return len(text) - invisible + sum(unicodedata.east_asian_width(char) in "WF" for char in text)


def _marks(event: Any, events: Iterator[yaml.Event]) -> Any:
    """Return where the texts of a node stand: a Scalar, or such in dicts and lists like those of the values."""
    if isinstance(event, yaml.ScalarEvent):
        start: Any = event.start_mark
        end: Any = event.end_mark
        return Scalar(start.index, end.index, event.style or "", event.value)
    if isinstance(event, yaml.SequenceStartEvent):
        return list(_until(yaml.SequenceEndEvent, events))
    if isinstance(event, yaml.MappingStartEvent):
        pairs = list(_until(yaml.MappingEndEvent, events))
        return {key.value: value for key, value in reversed(list(zip(pairs[::2], pairs[1::2], strict=True)))}
    return None


def _until(end: type[yaml.Event], events: Iterator[yaml.Event]) -> Iterator[Any]:
    while not isinstance(event := next(events), end):
        yield _marks(event, events)


def _origins(text: str, scalar: Scalar) -> Sequence[int]:
    """Return where in the file each character of a value stands, and where it ends; nothing if that cannot be told."""
    origins: list[int] = []
    characters = _characters(text, scalar)
    at = scalar.start + (scalar.style in _CHARACTERS)
    for char in scalar.value:
        if char in _SPACES:
            origins.append(at)
            at += text[at : at + 1] in {" ", "\t"}
            continue
        found = next(characters, None)
        if found is None or not found.group().startswith(("\\", char)):
            return ()
        origins.append(found.start())
        at = found.end()
    return [*origins, at]


def _characters(text: str, scalar: Scalar) -> Iterator[re.Match[str]]:
    """Walk over what stands for one character each, but for spaces."""
    start, end = scalar.start, scalar.end
    if scalar.style in _CHARACTERS:
        start, end = start + 1, end - 1
    elif scalar.style in {"|", ">"} and (header := _BLOCK_HEADER.match(text, start)):
        start = header.end()
    found = _CHARACTERS.get(scalar.style, _CHARACTER).finditer(text, start, end)
    return (one for one in found if not _is_space(one.group()))


def _is_space(written: str) -> bool:
    """Whether an escape stands for a space or a line break."""
    if written[1:2] in {"x", "u", "U"}:
        return chr(int(written[2:], base=16)) in _SPACES  # noqa: FURB166  # it is \x, not 0x
    return written in _ESCAPED_SPACES
