"""Shows what was changed in a text, word by word: `[-gone-]` and `{+come+}`, in colours on a terminal."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

# Words, single letters of scripts that write none, and what stands between.
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+|\s+|[^\w\s]")
MOST_TOKENS = 2_000
"""Of a paragraph; a longer one is shown as removed and added."""
LIKENESS = 0.4
"""Below it, two paragraphs are two, and not one that was changed."""


def changed_paragraphs(before: str, after: str) -> Iterator[str]:
    """Yield the paragraphs that differ, each with what of it is gone and what has come."""
    old, new = before.split("\n"), after.split("\n")
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from _paired(old[a:b], new[c:d])


def _paired(gone: list[str], come: list[str]) -> Iterator[str]:
    """Tell of each paragraph that is gone which one it became, if any, in the order of the text."""
    waiting = list(come)
    for one in gone:
        at = next((at for at, other in enumerate(waiting) if _alike(one, other)), None)
        if at is None:
            yield _gone(one)
            continue
        yield from (_come(other) for other in waiting[:at])
        yield word_diff(one, waiting[at])
        del waiting[: at + 1]
    yield from (_come(other) for other in waiting)


def _alike(a: str, b: str) -> bool:
    one, other = _TOKEN.findall(a), _TOKEN.findall(b)
    if max(len(one), len(other)) > MOST_TOKENS:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= LIKENESS


def word_diff(before: str, after: str) -> str:
    """Return a text with what of it is gone and what has come."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    parts = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append("".join(old[a:b]))
        else:
            parts += [_gone("".join(old[a:b])), _come("".join(new[c:d]))]
    return "".join(parts)


def _gone(text: str) -> str:
    return click.style(f"[-{text}-]", fg="red") if text else ""


def _come(text: str) -> str:
    return click.style(f"{{+{text}+}}", fg="green") if text else ""
