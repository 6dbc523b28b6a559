"""Renders a message as Slack payloads: blocks within Slack's limits, in as many parts as it takes."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from monitors.digest.pieces import unmarked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitors.digest.pieces import Mark, Pieces
    from monitors.digest.story_view import CopiesView, CopyView, LineView, StoryView, UpdateView
    from monitors.digest.trend_view import TrendView
    from monitors.digest.view import Before, Receipt, Section, View

Block = dict[str, Any]
Payload = dict[str, Any]

# https://docs.slack.dev/reference/block-kit/blocks; the total is not documented, refusals start at 12 to 13 thousand.
_MOST_BLOCKS = 50
_MOST_IN_HEADER = 150
_MOST_IN_SECTION = 3_000
_MOST_IN_ALL = 10_000
_LONGEST_TITLE, _LONGEST_LINK = 900, 2_000  # together they fit a section
_LONGEST_IN_PASSING = 200
_DIVIDER: Block = {"type": "divider"}

# Slack has no escape for its marks: where one could take effect, a letter that looks the same stands in. That is at
# the edge of a word of Latin letters, for nobody knows what else it takes for one; a `>` quotes at the start of a line
# only, in whichever way it is written; and what stands between two colons is an emoji, if it is the name of one.
_MARK = re.compile(
    r"(?<![A-Za-z0-9])[*_~`]|[*_~`](?![A-Za-z0-9])|\A>|:(?=:*(?:[^\s:]{0,99}[^\W\d_][^\s:]{0,99}|100|1234|[+-]1):)"
)
_TWINS = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ", ">": "›", ":": "∶"}
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BOUNDARY = "\u200b"  # lets *bold* work in the middle of a word, as Chinese needs it
_MARKS: dict[Mark, str] = {"hit": "*", "come": "*", "gone": "~"}


def as_slack(view: View) -> list[Payload]:
    """Return the payloads of a message, to be posted in order; nothing is left out."""
    parts = _packed([_head(view), *_body(view)], room=_MOST_IN_ALL - _size(_payload(view, [], 99, 99)))
    return [_payload(view, blocks, n, len(parts)) for n, blocks in enumerate(parts, start=1)]


def escaped(text: str, at_most: int = _MOST_IN_SECTION) -> str:
    """Escape `& < >` and nothing else, and cut so that the escaped text has at most so many characters."""
    text = _MARK.sub(lambda mark: _TWINS[mark.group()], text)
    whole = [_ENTITIES.get(char, char) for char in text]
    lengths = list(accumulate(map(len, whole), initial=0))
    if lengths[-1] <= at_most:
        return "".join(whole)
    return "".join(whole[: bisect_right(lengths, at_most - 1) - 1]) + "…"


def _payload(view: View, blocks: list[Block], number: int, of: int) -> Payload:
    count = f" ({number}/{of})" if of > 1 else ""
    continued = [_context(escaped(f"{view.name}, continued{count}"))] if number > 1 else []
    return {
        "text": escaped(view.subject) + count,
        "blocks": [*continued, *blocks],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _packed(groups: Iterable[list[Block]], room: int) -> list[list[Block]]:
    """Spread blocks over as few messages as their number and size allow, in order; a story stays in one if it can."""
    parts: list[list[Block]] = [[]]
    left = room
    for group in groups:
        together = sum(map(_weight, group)) <= room and len(group) < _MOST_BLOCKS
        for blocks in [group] if together else [[block] for block in group]:
            weight = sum(map(_weight, blocks))
            if parts[-1] and (weight > left or len(parts[-1]) + len(blocks) >= _MOST_BLOCKS):  # one is for "continued"
                parts.append([])
                left = room
            parts[-1] += blocks
            left -= weight
    return parts


def _weight(block: Block) -> int:
    return _size(block) + len(", ")


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False))


def _head(view: View) -> list[Block]:
    name = {"type": "plain_text", "text": escaped(view.name, _MOST_IN_HEADER), "emoji": False}
    known = "\n".join(filter(None, [view.when, view.summary, view.read]))
    head = [{"type": "header", "text": name}, _context(escaped(known))]
    head += [_section(f"*{escaped(view.alarm)}*")] if view.alarm else []
    return head + ([_section(f"*{view.nothing[0]}*\n{escaped(view.nothing[1])}")] if view.nothing else [])


def _body(view: View) -> Iterable[list[Block]]:
    for section in view.sections:
        yield from _stories(section)
    for told in filter(None, (view.more, view.repeats)):
        yield [_section(escaped(told))]
    if view.before:
        yield from _before(view.before)
    if view.trend:
        yield _trend(view.trend)
    if view.receipt:
        yield from _receipt(view.receipt)
    for note in view.notes:
        yield _sections([f"*{escaped(note.heading)}*", *map(escaped, note.lines)])
    yield [_context(escaped(view.foot))]


def _stories(section: Section) -> Iterable[list[Block]]:
    if section.heading:
        yield [_DIVIDER, _section(f"*{section.heading}*\n{section.note}")]
    for story in section.stories:
        yield _story(story)


def _story(story: StoryView) -> list[Block]:
    """The headline, the sentence and what else is told of it; small below it the copies, and why."""
    line = story.line
    lines = [f"*{_title(line)}*", " · ".join(filter(None, [_source(line), story.lost, story.told_before]))]
    lines += [f"*{story.again}*"] if story.again else []
    lines += [f">{_marked(story.sentence or line.title)}"]
    for update in story.updates:
        lines += _update(update)
    lines += [f"• {_title(other)} · {_source(other)}" for other in story.others]
    lines += filter(None, map(escaped, (story.updates_more, story.others_more)))
    small = [_copies(story.copies)] if story.copies else []
    small += [escaped(story.why, 800)] if story.why else []
    return [*_sections(lines), *_contexts(small)]


def _title(line: LineView) -> str:
    title = escaped(unmarked(line.title), _LONGEST_TITLE)
    return _link(line.link, title) if line.link and not line.link_label else title


def _source(line: LineView) -> str:
    told = " · ".join(filter(None, [escaped(line.source), line.when]))
    if line.link and line.link_label:
        return f"{told} · {_link(line.link, escaped(line.link_label))}"
    return told if line.link else f"{told} · its address is not a plain web link and was left out"


def _link(address: str, label: str) -> str:
    link = "".join(_ENTITIES.get(char, char) for char in address)
    return f"<{link}|{label}>" if len(link) <= _LONGEST_LINK else f"{label} (its address is too long for Slack)"


def _update(update: UpdateView) -> Iterable[str]:
    yield f"_{escaped(update.told)}_" + (f": {_title(update.of)}" if update.of else "")
    yield from (f">{_marked(diff)}" for diff in update.diffs)


def _copies(copies: CopiesView) -> str:
    told = f"{copies.count}: {', '.join(map(_copy, copies.shown))}"
    told = " ".join(filter(None, [told, copies.more]))
    return f"{told}; {escaped(copies.first)} had it first" if copies.first else told


def _copy(copy: CopyView) -> str:
    name = escaped(copy.name)
    # a link of several hundred characters for each name would fill a message with what nobody sees
    linked = _link(copy.link, name) if copy.link and len(copy.link) <= _LONGEST_IN_PASSING else name
    return f"{linked} ({copy.note})" if copy.note else linked


def _marked(pieces: Pieces) -> str:
    """Mark the pieces, with boundaries that make Slack see the marks wherever they stand."""
    marked = "".join(_marked_word(text, _MARKS[mark]) if mark in _MARKS else escaped(text) for text, mark in pieces)
    marked = marked.replace(
        f"~{_BOUNDARY}{_BOUNDARY}*", f"~{_BOUNDARY} {_BOUNDARY}*"
    )  # what went, and what came for it
    return marked if len(marked) < _MOST_IN_SECTION else escaped(unmarked(pieces), _MOST_IN_SECTION - 1)


def _marked_word(text: str, mark: str) -> str:
    word = text.strip()
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{_BOUNDARY}{mark}{escaped(word)}{mark}{_BOUNDARY}{after}" if word else text


def _before(before: Before) -> Iterable[list[Block]]:
    yield [_DIVIDER, _section(escaped(f"{before.told} The newest:" if before.newest else before.told))]
    for line in before.newest:
        yield _sections([_title(line), _source(line)])


def _trend(trend: TrendView) -> list[Block]:
    chart = f"{trend.first_day} {trend.sparkline} {trend.last_day}"
    return [_DIVIDER, _context(f"*{escaped(trend.heading)}*\n{chart}\n{trend.numbers}\n{escaped(trend.told)}")]


def _receipt(receipt: Receipt) -> Iterable[list[Block]]:
    told = "\n".join(map(escaped, (*receipt.reading, *receipt.pauses)))
    yield [_DIVIDER, _context(f"*What was read*\n{told}")]
    for trouble in receipt.troubles:
        yield from (
            [_context(f"*{trouble.label}: {escaped(name)}*, {escaped(told)}")] for name, told in trouble.sources
        )
        if trouble.more:
            yield [_context(escaped(trouble.more))]


def _sections(lines: Iterable[str]) -> list[Block]:
    """Put lines into one section, or more where they are too long for one."""
    return [_section(text) for text in _filled(lines)]


def _contexts(lines: Iterable[str]) -> list[Block]:
    return [_context(text) for text in _filled(lines)]


def _filled(lines: Iterable[str]) -> list[str]:
    texts = [""]
    for line in lines:
        if len(texts[-1]) + len(line) >= _MOST_IN_SECTION:
            texts.append("")
        texts[-1] += f"\n{line}" if texts[-1] else line
    return [text for text in texts if text]


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> dict[str, Any]:
    # verbatim: Slack must not turn what looks like a link, a channel or a person into one
    return {"type": "mrkdwn", "text": text, "verbatim": True}
