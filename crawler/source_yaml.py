"""Writes sources as YAML, and into a file of YAML without touching what stands there."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from crawler.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.domain import Source

_PLAIN = re.compile(r"[A-Za-z][\w./-]*(?: [A-Za-z][\w./-]*)*")
_CONSTANTS = frozenset("true false null yes no on off y n".split())  # noqa: SIM905
_ADDRESS = re.compile(r"https?://[\w./%&=+~;-]+(?:\?[\w./%&=+~;-]*)?(?::\d+)?")

_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def as_yaml(sources: Sequence[Source], *, indent: int = 2, newline: str = "\n") -> str:
    """Return sources as entries of a list, one key a line."""
    lines = [line for source in sources for line in _lines(source)]
    return "".join(f"{' ' * indent}{line}{newline}" for line in lines)


def with_sources(text: str, sources: Sequence[Source]) -> str:
    """Return the text of a configuration with these sources behind those that it has.

    Raises:
        ConfigError: its `sources:` is nothing that could be added to.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    written = as_yaml(sources, newline=newline)
    section = _section(text)
    if section is None:
        gap = "" if not text or text.endswith(("\n", "\r")) else newline
        return f"{text}{gap}{newline}sources:{newline}{written}"
    key_end, node = section
    if not isinstance(node, list):
        if node[2]:
            raise ConfigError("`sources:` is no list; nothing was added to it")
        at = _line_end(text, key_end)
        return f"{_until(text, at, newline)}{written}{text[at:]}"
    start, end, last = node
    if text[start.index : start.index + 1] == "[":
        return _with_flow(text, sources, start.index, end.index, empty=last is None)
    at = _line_end(text, last)
    return f"{_until(text, at, newline)}{as_yaml(sources, indent=start.column, newline=newline)}{text[at:]}"


def _lines(source: Source, *, in_braces: bool = False) -> Iterator[str]:
    is_plain = _ADDRESS.fullmatch(source.url) and not in_braces
    values: dict[str, Any] = {
        "id": _scalar(source.id),
        "name": _scalar(source.name),
        "url": source.url if is_plain else _quoted(source.url),
        "type": source.type if source.type != "auto" else "",
        "tier": source.tier or "",
        "country": source.country and _scalar(source.country),
        "language": source.language and _scalar(source.language),
        "groups": f"[{', '.join(map(_scalar, sorted(source.groups)))}]" if source.groups else "",
    }
    for number, (key, value) in enumerate((key, value) for key, value in values.items() if value):
        yield f"{'- ' if number == 0 else '  '}{key}: {value}"


def _scalar(text: str) -> str:
    """Return a text as YAML: plain where nobody could take it for anything else."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _CONSTANTS else _quoted(text)


def _quoted(text: str) -> str:
    # JSON's texts are YAML's; what YAML does not allow to stand there unescaped is escaped
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in quoted)


def _with_flow(text: str, sources: Sequence[Source], start: int, end: int, *, empty: bool) -> str:
    """Add to a list in brackets, in which each entry is written in braces."""
    written = ", ".join(
        "{" + ", ".join(line[2:] for line in _lines(source, in_braces=True)) + "}" for source in sources
    )
    inside = text[start + 1 : end - 1]
    body = inside.rstrip()
    if empty and not body:
        return f"{text[: start + 1]}{written}{text[end - 1 :]}"
    if "#" in inside:
        # a comment might swallow what stands behind it
        return f"{text[: end - 1]}{'' if body.endswith(',') else ', '}{written}{text[end - 1 :]}"
    comma = "" if body.endswith(",") or not body else ","
    return f"{text[: start + 1]}{body}{comma} {written}{text[end - 1 :]}"


def _section(text: str) -> tuple[int, Any] | None:
    """Return where the key `sources` ends, and its value: of a list its marks and where its last entry ends."""
    events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
    depth = 0
    for event in events:
        if isinstance(event, yaml.MappingStartEvent):
            depth += 1
        elif isinstance(event, yaml.ScalarEvent) and depth == 1:
            key, end, value = event.value, event.end_mark, _value(events)
            if key == "sources" and end is not None:
                return end.index, value
    return None


def _value(events: Iterator[Any]) -> Any:
    """Walk over one value. Return [start, end, end of its last part] of a list, else a tuple of start, end, text."""
    first = next(events)
    if not isinstance(first, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
        return first.start_mark, first.end_mark, getattr(first, "value", "")
    depth, last = 1, None
    for event in events:
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            depth -= 1
            if depth == 0:
                return [first.start_mark, event.end_mark, last] if isinstance(first, yaml.SequenceStartEvent) else (
                    first.start_mark, event.end_mark, "a mapping"
                )  # fmt: skip
        # the end of a block reaches over the comments behind it; a bracket's is where it stands
        if isinstance(event, yaml.ScalarEvent) or event.end_mark.index > event.start_mark.index:
            last = event.end_mark.index
    return None


def _line_end(text: str, at: int) -> int:
    """Return where the next line begins, or the end of the text."""
    if text[at - 1 : at] == "\n":
        return at
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _until(text: str, at: int, newline: str) -> str:
    before = text[:at]
    return before if not before or before.endswith("\n") else before + newline
