"""Renders a message as plain text, 72 columns wide, complete, with full links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitors.digest.view import Before, HitView, Pieces, Receipt, Section, View

WIDTH = 72
_INDENT = 3

# Chinese, Japanese and Korean break between any two characters, though no line starts with a closing mark.
_WIDE = (
    "\u1100-\u115f\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\U0001b000-\U0003fffd"
)
_CLOSING = "、。，．：；！？）」』】》〉〕”’…"
_UNITS = re.compile(rf"\s+|[{_WIDE}][{_CLOSING}]*|[^\s{_WIDE}]{{1,60}}")


def as_text(view: View) -> str:
    lines = [*_wrap(view.name), view.when, *_wrap(view.summary)]
    number = 0
    for section in view.sections:
        lines += _heading(section)
        for hit in section.hits:
            number += 1
            lines += ["", *_hit(hit, number)]
    lines += ["", *_wrap(view.more)] if view.more else []
    lines += _before(view.before) if view.before else []
    lines += _receipt(view.receipt) if view.receipt else []
    for note in view.notes:
        lines += ["", "-" * WIDTH, *_wrap(note.heading), *(line for told in note.lines for line in ["", *_wrap(told)])]
    return "\n".join([*lines, "", "-" * WIDTH, *_wrap(view.foot)]) + "\n"


def _heading(section: Section) -> list[str]:
    return ["", "-" * WIDTH, *_wrap(f"{section.heading}: {section.note}" if section.heading else "")]


def _hit(hit: HitView, number: int) -> Iterable[str]:
    first = f"{number}.".ljust(_INDENT)
    title = _wrap(_unmarked(hit.title) if hit.sentence else _starred(hit.title), _INDENT)
    yield first + title[0][_INDENT:]
    yield from title[1:]
    yield from _wrap(f"{hit.source} · {hit.when}", _INDENT)
    yield " " * _INDENT + (hit.link or "(its address is not a plain web link and was left out)")
    if hit.sentence:
        yield ""
        yield from _wrap(_starred(hit.sentence), _INDENT)
    yield from ["", *_wrap(f"Why: {hit.why}", _INDENT)]


def _unmarked(pieces: Pieces) -> str:
    return "".join(text for text, _ in pieces)


def _starred(pieces: Pieces) -> str:
    return "".join(f"*{text}*" if hit else text for text, hit in pieces)


def _before(before: Before) -> Iterable[str]:
    yield from ["", "-" * WIDTH, *_wrap(f"{before.told} The newest:" if before.newest else before.told)]
    for hit in before.newest:
        yield from ["", *_wrap(_unmarked(hit.title), _INDENT)]
        yield from _wrap(f"{hit.source} · {hit.when}", _INDENT)
        yield from [" " * _INDENT + hit.link] if hit.link else []


def _receipt(receipt: Receipt) -> Iterable[str]:
    yield from ["", "-" * WIDTH, "What was read", *_wrap(receipt.reading)]
    if receipt.failing:
        yield from ["", "Failing:"]
    for name, told in receipt.failing:
        yield from _wrap(f"- {name}, {told}")
    if receipt.failing_more:
        yield f"- {receipt.failing_more}"


def _wrap(text: str, indent: int = 0) -> list[str]:
    """Break text into lines by the columns it takes: a Chinese character takes two."""
    lines = [""]
    for unit in _UNITS.findall(text):
        if cell_len(lines[-1] + unit.rstrip()) > WIDTH - indent:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += unit if lines[-1] or not unit.isspace() else ""
    return [" " * indent + line.rstrip() for line in lines] if text else []
