"""Renders a message as Slack payloads: blocks within Slack's limits, in as many parts as it takes."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitors.digest.view import Before, HitView, Pieces, Receipt, View

Block = dict[str, Any]
Payload = dict[str, Any]

# https://docs.slack.dev/reference/block-kit/blocks; the total is not documented, refusals start at 12 to 13 thousand.
_MOST_BLOCKS = 50
_MOST_IN_HEADER = 150
_MOST_IN_SECTION = 3_000
_MOST_IN_ALL = 10_000
_LONGEST_TITLE, _LONGEST_LINK = 900, 2_000  # together they fit a section

# Slack has no escape for its marks: where one could take effect, a letter that looks the same stands in.
_MARK = re.compile(r"(?<!\w)[*_~`]|[*_~`](?!\w)")
_TWINS = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BOUNDARY = "\u200b"  # lets *bold* work in the middle of a word, as Chinese needs it


def as_slack(view: View) -> list[Payload]:
    """Return the payloads of a message, to be posted in order; nothing is left out."""
    parts = _packed([*_head(view), *_body(view)], room=_MOST_IN_ALL - _size(_payload(view, [], 99, 99)))
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


def _packed(blocks: Iterable[Block], room: int) -> list[list[Block]]:
    """Spread blocks over as few messages as their number and size allow, in order."""
    parts: list[list[Block]] = [[]]
    used = 0
    for block in blocks:
        size = _size(block) + len(", ")
        if used + size > room or len(parts[-1]) == _MOST_BLOCKS - 1:  # one is left for "continued"
            parts.append([])
            used = 0
        parts[-1].append(block)
        used += size
    return parts


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False))


def _head(view: View) -> Iterable[Block]:
    name = {"type": "plain_text", "text": escaped(view.name, _MOST_IN_HEADER), "emoji": False}
    yield {"type": "header", "text": name}
    yield _context(escaped("\n".join(filter(None, [view.when, view.summary]))))


def _body(view: View) -> Iterable[Block]:
    for section in view.sections:
        if section.heading:
            yield {"type": "divider"}
            yield _section(f"*{section.heading}*\n{section.note}")
        for hit in section.hits:
            yield from _sections(_hit(hit))
    if view.more:
        yield _section(escaped(view.more))
    if view.before:
        yield from _before(view.before)
    if view.receipt:
        yield from _receipt(view.receipt)
    for note in view.notes:
        yield from _sections([f"*{escaped(note.heading)}*", *map(escaped, note.lines)])
    yield _context(escaped(view.foot))


def _hit(hit: HitView) -> list[str]:
    return [f"*{_title(hit)}*", _source(hit), f">{_bold(hit.sentence or hit.title)}", f"Why: {escaped(hit.why, 800)}"]


def _title(hit: HitView) -> str:
    title = escaped(_unmarked(hit.title), _LONGEST_TITLE)
    return _link(hit, title) if hit.link and not hit.link_label else title


def _source(hit: HitView) -> str:
    told = f"{escaped(hit.source)} · {hit.when}"
    if hit.link and hit.link_label:
        return f"{told} · {_link(hit, escaped(hit.link_label))}"
    return told if hit.link else f"{told} · its address is not a plain web link and was left out"


def _link(hit: HitView, label: str) -> str:
    link = "".join(_ENTITIES.get(char, char) for char in hit.link or "")
    return f"<{link}|{label}>" if len(link) <= _LONGEST_LINK else f"{label} (its address is too long for Slack)"


def _bold(pieces: Pieces) -> str:
    """Mark the hits, with boundaries that make Slack see the marks wherever they stand."""
    marked = "".join(_bold_word(text) if hit else escaped(text) for text, hit in pieces)
    return marked if len(marked) < _MOST_IN_SECTION else escaped(_unmarked(pieces), _MOST_IN_SECTION - 1)


def _unmarked(pieces: Pieces) -> str:
    return "".join(text for text, _ in pieces)


def _bold_word(text: str) -> str:
    word = text.strip()
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{_BOUNDARY}*{escaped(word)}*{_BOUNDARY}{after}" if word else text


def _before(before: Before) -> Iterable[Block]:
    yield {"type": "divider"}
    yield _section(escaped(f"{before.told} The newest:" if before.newest else before.told))
    for hit in before.newest:
        yield from _sections([_title(hit), _source(hit)])


def _receipt(receipt: Receipt) -> Iterable[Block]:
    yield {"type": "divider"}
    yield _context(f"*What was read*\n{escaped(receipt.reading)}")
    yield from (_context(f"*Failing: {escaped(name)}*, {escaped(told)}") for name, told in receipt.failing)
    if receipt.failing_more:
        yield _context(escaped(receipt.failing_more))


def _sections(lines: Iterable[str]) -> list[Block]:
    """Put lines into one section, or more where they are too long for one."""
    texts = [""]
    for line in lines:
        if len(texts[-1]) + len(line) >= _MOST_IN_SECTION:
            texts.append("")
        texts[-1] += f"\n{line}" if texts[-1] else line
    return [_section(text) for text in texts if text]


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> dict[str, Any]:
    # verbatim: Slack must not turn what looks like a link, a channel or a person into one
    return {"type": "mrkdwn", "text": text, "verbatim": True}
