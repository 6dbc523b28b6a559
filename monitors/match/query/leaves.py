"""Reads the leaves of a query, and refuses those that nothing could be found by."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from crawler.yaml_types import MOST_ID
from monitors.match.query import values
from monitors.match.query.errors import MisreadError, shown
from monitors.match.query.names import FIELD_NAMES
from monitors.match.query.tree import About, Fact, Meaning, Mention, Words
from monitors.match.words import WildcardError, wildcard_phrase

if TYPE_CHECKING:
    from monitors.match.query.tree import Form, Part

_PLAIN_WORD = r"(?:[A-Za-z0-9]{3}[A-Za-z0-9*?]*|[A-Za-z0-9]{1,2})"
_PLAIN = re.compile(rf"{_PLAIN_WORD}(?:[ -]{_PLAIN_WORD})*")
"""Words that are fine at first sight."""
_COMPARISON = re.compile(f"({'|'.join(FIELD_NAMES)})[<>=]")
_END_OF_QUESTION = re.compile(r"\?(?![\w*?])")
_SLASHES = re.compile(r"(?:re)?/.+/[a-z]*", re.IGNORECASE)
_IDENTIFIER = re.compile(r"\w[\w.-]*")
_OVER = re.compile(r"(?P<concept>[^<>=]*)(?:>(?P<over>0?\.[0-9]{1,6}|[01](?:\.0{1,6})?))?")

_WRONG_SIGNS = {
    **dict.fromkeys("-‐‑–—−－", "a minus means nothing here: use NOT, as in x NOT y; as part of a word, quote it"),
    "+": "a plus means nothing here: use AND; as part of a word, quote it",
    "!": "! means nothing here: use NOT; as part of a word, quote it",
}
_WRONG_OPERATORS = {
    **dict.fromkeys(("&", "&&"), "AND"),
    **dict.fromkeys(("|", "||", "｜"), "OR"),
    "!": "NOT",
}


def word(written: str, at: int, text: str, form: Form = "inflected") -> Words:
    """Read a bare word."""
    refuse_signs(written, at)
    return _words(written, form, at, text)


def quoted(written: str, at: int, text: str, form: Form = "exact") -> Words:
    """Read what stood between quotes: as written, and a question mark that ends a word is no wildcard."""
    plain = " ".join(_END_OF_QUESTION.sub(" ", written).split())
    if not plain and not written.strip():
        raise MisreadError("nothing stands between the quotes", at)
    return _words(plain, form, at, text)


def _words(written: str, form: Form, at: int, text: str) -> Words:
    if not _PLAIN.fullmatch(written):
        if comparison := _COMPARISON.match(written) if form == "inflected" else None:
            hint = f"a field needs a colon, {comparison[1]}:{shown(written[comparison.end(1) :])}; as text, quote it"
            raise MisreadError(hint, at)
        try:
            found = wildcard_phrase(written, inflected=form == "inflected", case_sensitive=form == "cased")
        except WildcardError as error:
            raise MisreadError(f"{error.why} in `{shown(text)}`", at) from None
        if found is None:
            raise MisreadError(f"no letter or digit in `{shown(text)}`, so nothing can be found by it", at)
    return Words(words=written, form=form, at=at, text=text)


def refuse_signs(written: str, at: int) -> None:
    """Refuse the operators of search boxes and of keywords, which mean nothing in a query, and bare slashes."""
    if operator := _WRONG_OPERATORS.get(written):
        raise MisreadError(f"`{shown(written)}` is no operator: use {operator}; as text, quote it", at)
    if hint := _WRONG_SIGNS.get(written[0]):
        raise MisreadError(hint, at)
    if _SLASHES.fullmatch(written):
        raise MisreadError("a regular expression is written re/…/; as text, quote it", at)
    for sign, operator in (("|", "OR"), ("｜", "OR"), ("&&", "AND")):
        if sign in written:
            raise MisreadError(f"`{sign}` is no operator: use {operator}; as text, quote it", at + written.index(sign))


def named(field: str, value: str, at: int, text: str) -> Part:
    """Read the value of `entity:`, `about:` or `concept:`."""
    if field != "concept":
        kind = Mention if field == "entity" else About
        return kind(entity=identifier(value, f"{field}:", at), at=at, text=text)
    found = _OVER.fullmatch(value)
    if not found:
        raise MisreadError("concept: takes an id, and perhaps a threshold from 0 to 1: concept:x>0.7", at)
    over = float(found["over"]) if found["over"] else None
    return Meaning(concept=identifier(found["concept"], "concept:", at), over=over, at=at, text=text)


def identifier(written: str, field: str, at: int) -> str:
    if not written.strip():
        raise MisreadError(f"`{field}` needs a name of the configuration behind it; as a sign, quote it", at)
    if len(written) > MOST_ID or not _IDENTIFIER.fullmatch(written):
        message = f"`{field}` takes an id or a name of the configuration, and `{shown(written)}` cannot be one"
        raise MisreadError(message, at)
    return unicodedata.normalize("NFC", written)


def fact(name: str, value: str, at: int, text: str) -> Fact:
    value = " ".join(value.split())
    try:
        values.refuse_unreadable(name, value)
    except ValueError as error:
        raise MisreadError(f"{name}: {error}", at) from None
    return Fact(name=name, value=value, at=at, text=text)
