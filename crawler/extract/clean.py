"""Takes from text what is no text: control characters, lone surrogates, invisible and direction-changing characters."""

from __future__ import annotations

import re
import unicodedata

# NUL and lone surrogates kill whole database batches; bidi controls make a sentence read as another one; soft hyphens
# and zero-width spaces hide a word from whoever looks for it. U+200C/D stay: Persian and Indic scripts need them.
_DROP = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_SAMPLE = 2000
_MAX_NO_TEXT = 0.05
"""Binary formats have 10 to 50 per cent; a page that names the wrong charset rarely more than 2."""
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_PILE = re.compile(r"[^\w\s\x00-\x7f]{12,}")  # may hold too many marks; fewer characters cannot
_MOST_MARKS = 30
"""On one letter. Unicode's stream-safe text has no more; putting them in order takes quadratic time, 5 s for 80,000."""


def is_text(decoded: str) -> bool:
    """Tell whether what was decoded was text at all, and not a picture or a PDF."""
    sample = decoded[:_SAMPLE]
    return len(_NO_TEXT.findall(sample)) <= len(sample) * _MAX_NO_TEXT


def clean(text: str) -> str:
    """Return the text in NFC, without characters that nobody is meant to see, one kind of line end for all."""
    visible = _LINE_ENDS.sub("\n", _DROP.sub("", text))
    return unicodedata.normalize("NFC", _PILE.sub(_without_excess_marks, visible))


def _without_excess_marks(pile: re.Match[str]) -> str:
    kept, marks = [], _marks_in(pile.string[pile.start() - 1 : pile.start()])
    for char in pile.group():
        marks = _marks_in(char) + (marks if unicodedata.combining(char) else 0)
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _marks_in(char: str) -> int:
    return sum(1 for part in unicodedata.normalize("NFD", char) if unicodedata.combining(part))


def one_line(text: str) -> str:
    """Return clean text on a single line, with single spaces."""
    return " ".join(clean(text).split())


def paragraphs(text: str) -> list[str]:
    """Return the lines of clean text that say something."""
    lines = (_SPACES.sub(" ", line).strip() for line in clean(text).split("\n"))
    return [line for line in lines if line]
