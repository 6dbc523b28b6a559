"""What readers were told, read out of the messages as they came: stories with their links, copies and updates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RULE = re.compile(r"^-{72}$", re.MULTILINE)
_ITEM = re.compile(r"^(?=\d+\.)", re.MULTILINE)
_LINK = re.compile(r"^   (http\S+)$", re.MULTILINE)
_OTHER = re.compile(r"^   - .*\n(?:     (?!http).*\n)*     (http\S+)$", re.MULTILINE)
_COPIES = re.compile(r"\+(\d+) cop(?:y|ies)\b")
_REPEATS = re.compile(r"^(\d+) more cop(?:y|ies) of stories you were told before", re.MULTILINE)
_KINDS = "Matches since an edit|Does not match any more since an edit|New headline|Corrected"
_EDIT = re.compile(rf"^   ({_KINDS}), seen ")
_SLACK_EDIT = re.compile(rf"^_({_KINDS}), seen [^\n]*?_(?:: <(http[^|>]+)\|.*)?$", re.MULTILINE)
_SLACK_LINK = re.compile(r"\*<(http[^|>]+)\|")
_SLACK_OTHER = re.compile(r"• <(http[^|>]+)\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A story as a message told it."""

    url: str
    others: tuple[str, ...]
    copies: int
    before: bool
    """Whether it says that the readers were told of the story before."""
    again: bool
    """Whether it says why they are told again."""
    edits: tuple[tuple[str, str], ...]
    """What it says that edits did, with the URL of the article."""
    text: str


def in_mail(text: str) -> list[Told]:
    """Return the stories of a digest or an alert, in its plain text."""
    return [_in_text(item) for part in _RULE.split(text) for item in _ITEM.split(part)[1:]]


def repeats_in_mail(text: str) -> int:
    """Return how many copies of what was told before a digest counts."""
    found = _REPEATS.search(text)
    return int(found.group(1)) if found else 0


def _in_text(item: str) -> Told:
    main = _LINK.findall(item)[0]
    copies = _COPIES.search(item)
    flat = " ".join(item.split())
    return Told(
        url=main,
        others=tuple(_OTHER.findall(item)),
        copies=int(copies.group(1)) if copies else 0,
        before="told before " in flat,
        again="Told again" in flat,
        edits=tuple(_edits(item, main)),
        text=flat,
    )


def _edits(item: str, main: str) -> Iterator[tuple[str, str]]:
    for paragraph in item.split("\n\n"):
        if told := _EDIT.match(paragraph):
            yield told.group(1), (_LINK.findall(paragraph) or [main])[0]


def in_slack(payload: Mapping[str, Any]) -> Iterator[Told]:
    """Yield the stories of a digest or an alert, of one of its parts."""
    texts = ["\n".join(_texts(block)) for block in payload["blocks"]]
    begins = [number for number, text in enumerate(texts) if text.startswith("*<")]
    for begin, end in zip(begins, [*begins[1:], len(texts)], strict=True):
        item = "\n".join(texts[begin:end]).replace("&amp;", "&")
        copies, main = _COPIES.search(item), _SLACK_LINK.findall(item)[0]
        yield Told(
            url=main,
            others=tuple(_SLACK_OTHER.findall(item)),
            copies=int(copies.group(1)) if copies else 0,
            before="told before " in item,
            again="Told again" in item,
            edits=tuple((kind, url or main) for kind, url in _SLACK_EDIT.findall(item)),
            text=item,
        )


def _texts(block: Mapping[str, Any]) -> list[str]:
    inside = [block["text"]] if "text" in block else block.get("elements", [])
    return [one["text"] for one in inside]
