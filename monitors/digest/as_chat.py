"""Renders a message for chats and pushes of any kind: short parts of text, Markdown or HTML, in which nothing acts.

Who shows it is not known: many a service takes even plain text for Markdown, or finds mentions in it. So letters that
could act are replaced by others that look the same, in all three forms; HTML is escaped besides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from monitors.digest.inert import shorten
from monitors.digest.pieces import unmarked
from monitors.digest.view import view
from monitors.domain import Digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitors.digest.pieces import Mark, Pieces
    from monitors.digest.story_view import LineView, StoryView
    from monitors.digest.view import Section, View
    from monitors.domain import Message

Form = Literal["text", "markdown", "html"]

MOST_PARTS = 10
_LARGEST_PART = 3_800
"""In bytes: ntfy makes a file of what is over 4,096, and nobody reads more of a push."""
_FEWEST_TO_GO_ON = 400
"""With less room in a part, as in a text message, there is only one."""
_TITLE, _NAME, _WHY, _LONG_LINK = 200, 80, 200, 500
_ELLIPSIS = 3

# @everyone and other mentions; emphasis, code, spoilers, strikes; tags, quotes and channels; links; escapes; emoji.
_ACTS = re.compile(
    r"[@*`~|<>\[\]\\]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|(?<!\S)[#+=-](?=\s|#|=|-|$)"
    r"|:(?=:*(?:[^\s:]{0,99}[^\W\d_][^\s:]{0,99}|100|1234|[+-]1):)"
)
_TWINS = str.maketrans("@*`~|<>[]\\_#+=-:", "＠∗ˋ∼∣‹›［］＼ˍ＃＋＝‐∶")
_DATE_OR_LIST = re.compile(r"\A(\d+)([.)])(?=\s)")  # at the start of a line it would begin a list
_MARKS: dict[Form, dict[Mark, tuple[str, str]]] = {
    "text": {"gone": ("(-", "-)"), "come": ("(+", "+)")},
    "markdown": {"hit": ("**", "**"), "gone": ("(-", "-)"), "come": ("**", "**")},
    "html": {"hit": ("<b>", "</b>"), "gone": ("<s>", "</s>"), "come": ("<u>", "</u>")},
}
_BREAK: dict[Form, str] = {"text": "\n", "markdown": "  \n", "html": "<br/>\n"}
_PARAGRAPH: dict[Form, str] = {"text": "\n\n", "markdown": "\n\n", "html": "<br/>\n<br/>\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    title: str
    """Plain text; empty where the service has no room for one, and it stands in the body."""
    body: str


def as_chat(message: Message, form: Form, *, most_in_body: int, most_in_title: int) -> list[Part]:
    """Return a message in parts, in order, each within these many characters (and bytes).

    What does not fit is counted, with the command that shows it.
    """
    seen = view(message, most_others=3)
    title = shorten(inert(seen.subject), most_in_title) if most_in_title else ""
    room = min(most_in_body, _LARGEST_PART) - len(title.encode()) - len(" (10/10)") - 2
    head = "" if title else _bold(shorten(seen.subject, min(_TITLE, max(room // 3, 20))), form)
    see_all = message.see_all if isinstance(message, Digest) else ""
    bodies = _packed(head, _blocks(seen, form, room), form, room=room, see_all=see_all)
    return [Part(title=_numbered(title, n, len(bodies)), body=body) for n, body in enumerate(bodies, 1)]


def inert(text: str) -> str:
    """Return plain text that means nothing to a chat. It has as many letters as before."""
    text = _ACTS.sub(lambda found: found.group().translate(_TWINS), text)
    return _DATE_OR_LIST.sub(lambda found: found[1] + {".": "․", ")": "﹚"}[found[2]], text)


def _said(text: str, form: Form) -> str:
    return escape(inert(text), quote=True) if form == "html" else inert(text)


def _numbered(title: str, number: int, of: int) -> str:
    return f"{title} ({number}/{of})" if title and of > 1 else title


# -- putting blocks into parts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """What is told of one thing: all of it, then ever shorter forms of it, for services with little room."""

    forms: tuple[str, ...]
    is_story: bool = False


def _packed(head: str, blocks: Sequence[Block], form: Form, *, room: int, see_all: str) -> list[str]:
    """Spread blocks over as few parts as they need, in order. The stories that no part has room for are counted."""
    gap, most_parts = _PARAGRAPH[form], MOST_PARTS if room >= _FEWEST_TO_GO_ON else 1
    count = f"… and {{}} more: {escape(see_all)}" if see_all and most_parts > 1 else "… and {} more"
    reserved = _size(gap + count)
    parts, left_out = [head], 0
    for block in blocks:
        last = len(parts) == most_parts
        here = _fitting(block, room - _size(parts[-1] + gap) - (reserved if last else 0))
        if left_out or (last and not here):
            left_out += block.is_story
        elif not last and here != block.forms[0] and parts[-1]:
            parts.append(_fitting(block, room - (reserved if len(parts) + 1 == most_parts else 0)))
        else:
            parts[-1] += (gap if parts[-1] and here else "") + here
    return [*parts[:-1], parts[-1] + gap + count.format(left_out)] if left_out else parts


def _fitting(block: Block, room: int) -> str:
    return next((form for form in block.forms if _size(form) <= room), "")


def _size(text: str) -> int:
    return len(text.encode())


# -- what is told -----------------------------------------------------------------------------------------------------


def _blocks(seen: View, form: Form, room: int) -> list[Block]:
    first = list(_first(seen, form))
    stories = [story for section in seen.sections for story in _section(section, form, alone=seen.kind == "Alert")]
    if stories and room < _FEWEST_TO_GO_ON:
        first = []  # the subject says it
    found = [*(Block(forms) for forms in first), *stories, *(Block(forms) for forms in _last(seen, form))]
    return [block for block in found if block.forms[0]]


def _first(seen: View, form: Form) -> Iterator[tuple[str, ...]]:
    yield _lines([seen.summary, seen.read, seen.alarm], form), _lines([seen.summary], form)
    if seen.nothing:
        yield _lines([f"{seen.nothing[0]}. {seen.nothing[1]}"], form), _said(seen.nothing[0], form)


def _section(section: Section, form: Form, *, alone: bool) -> Iterator[Block]:
    heading = _bold(section.heading, form)
    for story in section.stories:
        forms = _story(story, form, alone=alone)
        yield Block(tuple(_join([heading, told], form) for told in forms) + forms if heading else forms, is_story=True)
        heading = ""


def _last(seen: View, form: Form) -> Iterator[tuple[str, ...]]:
    if seen.before:
        yield (_lines([seen.before.told], form),)
        for line in seen.before.newest:
            yield _join([_headline(line, form), _source(line, form), *_link(line, form)], form), _headline(line, form)
    yield from ((_lines([told], form),) for told in (seen.more, seen.repeats))
    for note in seen.notes:
        heading = _bold(note.heading, form)
        yield _join([heading, *(_said(shorten(line, 500), form) for line in note.lines)], form), heading
    if seen.receipt:
        yield (_lines([*seen.receipt.reading, *seen.receipt.pauses], form), _lines(seen.receipt.reading[:1], form))
        for trouble in seen.receipt.troubles:
            names = ", ".join(name for name, _ in trouble.sources)
            yield (_lines([f"{trouble.label}: {shorten(names, 300)} {trouble.more}"], form),)


def _story(story: StoryView, form: Form, *, alone: bool) -> tuple[str, ...]:
    """Tell a story: with its sentence and why, or its headline and address, or its headline, or as much as fits."""
    line = story.line
    headline, link = _headline(line, form), _link(line, form, alone=alone)
    source = " · ".join(filter(None, [_source(line, form), _said(story.lost, form), _said(story.told_before, form)]))
    more = [_said(story.again, form)] if story.again else []
    more += [_marked(story.sentence, form)] if story.sentence else []
    for update in story.updates:
        more += [_said(update.told, form), *(_marked(diff, form) for diff in update.diffs)]
    more += [_said(f"Also: {shorten(unmarked(other.title), _TITLE)} ({other.source})", form) for other in story.others]
    more += [_said(story.copies.count, form)] if story.copies else []
    whole = [source, *more, *link] if alone else [headline, source, *more, *link]
    why = [_said(shorten(story.why, _WHY), form)] if story.why else []
    short = _said(shorten(unmarked(line.title), 100), form)
    return (
        *(_join(lines, form) for lines in ([*whole, *why], whole, [headline, source, *link], [headline, *link])),
        headline,
        short,
    )


def _headline(line: LineView, form: Form) -> str:
    title = shorten(unmarked(line.title), _TITLE)
    if line.link and not line.link_label and form != "text" and len(line.link) <= _LONG_LINK:
        label = _said(title, form)
        if form == "html":
            return f'<b><a href="{escape(_address(line.link), quote=True)}">{label}</a></b>'
        return f"**[{label}]({_address(line.link)})**"
    return _bold(title, form)


def _link(line: LineView, form: Form, *, alone: bool = False) -> list[str]:
    """Return the address on a line of its own, where the headline is no link to it."""
    if not line.link:
        return [_said("(its address is not a plain web link and was left out)", form)]
    if form != "text" and not alone and not line.link_label and len(line.link) <= _LONG_LINK:
        return []
    if form == "html":
        address = escape(_address(line.link), quote=True)
        return [f'<a href="{address}">{_said(line.link_label or "Read it", form)}</a>']
    return [f"<{_address(line.link)}>" if form == "markdown" else _address(line.link)]


def _address(link: str) -> str:
    """Spell an address without the letters that mean something: it leads to the same place.

    The host stays as it is: it has none of them but the brackets of an IPv6 address, which are part of it.
    """
    host = urlsplit(link).netloc
    before, host, after = link.partition(host) if host else ("", "", link)
    return before + host + re.sub(r"[@*`|<>\[\]()\\'!]", lambda found: f"%{ord(found.group()):02X}", after)


def _source(line: LineView, form: Form) -> str:
    return _said(f"{shorten(line.source, _NAME)} · {line.when}", form)


def _bold(text: str, form: Form) -> str:
    before, after = {"text": ("", ""), "markdown": ("**", "**"), "html": ("<b>", "</b>")}[form]
    return f"{before}{_said(text, form)}{after}" if text else ""


def _marked(pieces: Pieces, form: Form) -> str:
    """Mark what was hit or changed; inside of quotes, so that it begins no line."""
    return "“" + "".join(_piece(text, mark, form) for text, mark in pieces) + "”"


def _piece(text: str, mark: Mark, form: Form) -> str:
    before, after = _MARKS[form].get(mark, ("", ""))
    word = text.strip()
    if not word or not before:
        return _said(text, form)
    left, right = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{left}{before}{_said(word, form)}{after}{right}"


def _lines(lines: Iterable[str], form: Form) -> str:
    return _join([_said(line, form) for line in lines if line], form)


def _join(lines: Iterable[str], form: Form) -> str:
    return _BREAK[form].join(filter(None, lines))
