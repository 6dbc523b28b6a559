"""Compiles the regular expressions of queries with RE2, which takes linear time whatever they and the text are."""

from __future__ import annotations

import re
from typing import Any

import re2

from monitors.match.query.errors import MisreadError, shown

MOST_CHARACTERS = 1_000
MOST_MEMORY = 4 << 20
"""In bytes, of what is compiled: less than RE2's own limit, so that what is accepted once can be compiled anywhere."""

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BEYOND_RE2 = re.compile(r"\(\?(?:<?[=!]|P=)|\\[1-9]|\\[kg]")
_SAMPLES = ("", "a", " a ", "\na 1.\n")


def compiled(pattern: str) -> Any:
    """Return a pattern ready for use.

    Raises:
        re2.error: it is none.
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MOST_MEMORY
    # Nobody asks for groups, and to note where they stand takes a thousand times as long.
    options.never_capture = True
    return re2.compile(pattern, options)


def read_pattern(written: str, at: int) -> str:
    """Return the pattern that stood between the slashes of a query from an offset on; `\\/` in it is a slash."""
    if len(written) > MOST_CHARACTERS:
        raise MisreadError(f"a regular expression of more than {MOST_CHARACTERS:,} characters: make it several", at)
    pattern = _ESCAPED.sub(lambda sign: "/" if sign[1] == "/" else sign[0], written)
    try:
        expression = compiled(pattern)
    except re2.error as error:
        raise _mistake(written, error, at) from None
    if any(found.start() == found.end() for sample in _SAMPLES for found in expression.finditer(sample)):
        message = "the regular expression also fits where no character stands, so it would be found everywhere"
        raise MisreadError(message, at)
    return pattern


def _mistake(written: str, error: Exception, at: int) -> MisreadError:
    if found := _BEYOND_RE2.search(written):
        message = "RE2 knows no backreferences and no lookaround: without them no text can make it hang"
        return MisreadError(message, at + found.start())
    said = error.args[0] if error.args else ""
    reason = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    if "too large" in reason:
        return MisreadError("the regular expression repeats too much of too many characters: let it ask for less", at)
    fragment = reason.partition(": ")[2]
    where = max(0, written.find(fragment)) if fragment else 0
    return MisreadError(f"not a regular expression in RE2 syntax: {shown(reason)}", at + where)
