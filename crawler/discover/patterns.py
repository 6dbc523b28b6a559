"""Compiles the `link_pattern` of a section: which of the links of a page are those of articles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2

MOST_CHARACTERS = 1_000
_BEYOND_RE2 = re.compile(r"\(\?(?:<?[=!]|P=)|\\[1-9]|\\[kg]")


class PatternError(ValueError):
    """A pattern cannot be used, and where in it the trouble begins."""

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


@dataclass(frozen=True, slots=True)
class LinkPattern:
    """A regular expression in RE2 syntax, which takes linear time whatever it and the address are."""

    text: str

    @property
    def names_hosts(self) -> bool:
        """Whether it says which sites articles may lie on; otherwise only those of the page's own count."""
        return "//" in self.text

    def is_in(self, *spellings: str) -> bool:
        """Tell whether it is found in one of the spellings of an address."""
        expression = _compiled(self.text)
        return any(expression.search(spelling) for spelling in spellings)


def read_pattern(text: str) -> str:
    """Return the text of a pattern that can be used.

    Raises:
        PatternError: it cannot.
    """
    if len(text) > MOST_CHARACTERS:
        raise PatternError(f"is longer than {MOST_CHARACTERS:,} characters")
    try:
        expression = _compiled(text)
    except re2.error as error:
        raise _mistake(text, error) from None
    if expression.search(""):
        raise PatternError("fits every address: it also fits where no character stands")
    return text


@cache
def _compiled(text: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 4 << 20
    options.never_capture = True
    return re2.compile(text, options)


def _mistake(text: str, error: Exception) -> PatternError:
    if found := _BEYOND_RE2.search(text):
        return PatternError("RE2 knows no backreferences and no lookaround", found.start())
    said = error.args[0] if error.args else ""
    reason = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    fragment = reason.partition(": ")[2]
    return PatternError(f"not a regular expression in RE2 syntax: {reason[:80]}", max(0, text.find(fragment)))
