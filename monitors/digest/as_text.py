"""Renders a message as plain text, 72 columns wide, complete, with full links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len

from monitors.digest.pieces import unmarked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitors.digest.pieces import Mark, Pieces
    from monitors.digest.story_view import CopiesView, LineView, StoryView, UpdateView
    from monitors.digest.trend_view import TrendView
    from monitors.digest.view import Before, Receipt, Section, View

WIDTH = 72
_INDENT, _HANG = 3, 2
_NO_LINK = "(its address is not a plain web link and was left out)"
_MARKS: dict[Mark, tuple[str, str]] = {"same": ("", ""), "hit": ("*", "*"), "gone": ("[-", "-]"), "come": ("{+", "+}")}

# Chinese, Japanese and Korean break between any two characters, though no line starts with a closing mark.
_WIDE = (
    "\u1100-\u115f\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\U0001b000-\U0003fffd"
)
_CLOSING = "、。，．：；！？）」』】》〉〕”’…"
_UNITS = re.compile(rf"\s+|[{_WIDE}][{_CLOSING}]*|[^\s{_WIDE}]{{1,60}}")


def as_text(view: View) -> str:
    lines = [*_wrap(view.name), view.when, *_wrap(view.summary), *_wrap(view.read)]
    lines += ["", *_wrap(view.alarm)] if view.alarm else []
    lines += ["", *_wrap(f"{view.nothing[0]}. {view.nothing[1]}")] if view.nothing else []
    number = 0
    for section in view.sections:
        lines += _heading(section)
        for story in section.stories:
            number += 1
            lines += ["", *_story(story, number)]
    lines += ["", *_wrap(view.more)] if view.more else []
    lines += ["", *_wrap(view.repeats)] if view.repeats else []
    lines += _before(view.before) if view.before else []
    lines += _trend(view.trend) if view.trend else []
    lines += _receipt(view.receipt) if view.receipt else []
    for note in view.notes:
        lines += ["", "-" * WIDTH, *_wrap(note.heading)]
        lines += [line for told in note.lines for line in ["", *_wrap(told, _INDENT)]]  # it quotes what servers say
    return "\n".join([*lines, "", "-" * WIDTH, *_wrap(view.foot)]) + "\n"


def _heading(section: Section) -> list[str]:
    return ["", "-" * WIDTH, *_wrap(f"{section.heading}: {section.note}" if section.heading else "")]


def _story(story: StoryView, number: int) -> Iterable[str]:
    line = story.line
    yield from _wrap(unmarked(line.title) if story.sentence else _marked(line.title), _INDENT, begin=f"{number}. ")
    yield from _wrap(" · ".join(filter(None, [line.source, line.when, story.lost, story.told_before])), _INDENT)
    yield " " * _INDENT + (line.link or _NO_LINK)
    for part in (story.again, _marked(story.sentence)):
        yield from ["", *_wrap(part, _INDENT)] if part else []
    for update in story.updates:
        yield from ["", *_update(update)]
    yield from _wrap(story.updates_more, _INDENT)
    yield from ["", *_others(story)] if story.others else []
    tail = list(_tail(story))
    yield from ["", *tail] if tail else []


def _others(story: StoryView) -> Iterable[str]:
    yield from _wrap("Also on it:", _INDENT)
    for other in story.others:
        yield from _short(other)
    yield from _wrap(story.others_more, _INDENT)


def _tail(story: StoryView) -> Iterable[str]:
    """Who had it, and why it matched."""
    yield from _wrap(_copies(story.copies), _INDENT) if story.copies else []
    yield from _wrap(story.why, _INDENT)


def _marked(pieces: Pieces) -> str:
    return "".join(_MARKS[mark][0] + text + _MARKS[mark][1] for text, mark in pieces)


def _update(update: UpdateView) -> Iterable[str]:
    of = f": {unmarked(update.of.title)}" if update.of else ""
    yield from _wrap(f"{update.told}{of}", _INDENT)
    if update.of and update.of.link:
        yield " " * _INDENT + update.of.link
    for diff in update.diffs:
        yield from _wrap(_marked(diff), 2 * _INDENT)


def _short(line: LineView) -> Iterable[str]:
    yield from _hanging(f"- {unmarked(line.title)} ({line.source}, {line.when})", _INDENT)
    yield " " * (_INDENT + _HANG) + (line.link or _NO_LINK)


def _copies(copies: CopiesView) -> str:
    named = ", ".join(f"{copy.name} ({copy.note})" if copy.note else copy.name for copy in copies.shown)
    told = " ".join(filter(None, [f"{copies.count}: {named}", copies.more]))
    return f"{told}; {copies.first} had it first" if copies.first else told


def _before(before: Before) -> Iterable[str]:
    yield from ["", "-" * WIDTH, *_wrap(f"{before.told} The newest:" if before.newest else before.told)]
    for line in before.newest:
        yield from ["", *_wrap(unmarked(line.title), _INDENT)]
        yield from _wrap(f"{line.source} · {line.when}", _INDENT)
        yield from [" " * _INDENT + line.link] if line.link else []


def _trend(trend: TrendView) -> Iterable[str]:
    yield from ["", "-" * WIDTH, trend.heading]
    yield f"{trend.first_day} {trend.sparkline} {trend.last_day}"
    yield from _wrap(trend.numbers)
    yield from _wrap(trend.told)


def _receipt(receipt: Receipt) -> Iterable[str]:
    yield from ["", "-" * WIDTH, "What was read"]
    for line in (*receipt.reading, *receipt.pauses):
        yield from _wrap(line)
    for trouble in receipt.troubles:
        yield from ["", f"{trouble.label}:"]
        for name, told in trouble.sources:
            yield from _hanging(f"- {name}, {told}")
        yield from [f"- {trouble.more}"] if trouble.more else []


def _hanging(text: str, indent: int = 0) -> list[str]:
    """Break text into lines that stand a bit further in than the first."""
    first, *others = _wrap(text, indent + _HANG)
    return [first[_HANG:], *others]


def _wrap(text: str, indent: int = 0, *, begin: str = "") -> list[str]:
    """Break text into lines by the columns it takes: a Chinese character takes two. The first may begin otherwise."""
    lines = [begin.ljust(indent)]
    for unit in _UNITS.findall(text):
        if cell_len(lines[-1] + unit.rstrip()) > WIDTH:
            lines.append(" " * indent)
        lines[-1] += unit if len(lines[-1]) > indent or not unit.isspace() else ""
    return [line.rstrip() for line in lines] if text else []
