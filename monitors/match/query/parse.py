"""Turns the text of a query into its tree."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from crawler.yaml_file import nearest
from monitors.match.query.errors import MisreadError, shown
from monitors.match.query.hints import misplaced
from monitors.match.query.names import FIELD_NAMES, FIELDS, OPERATORS, PLACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lark import Lark, Token

    from monitors.match.query.build import Node
    from monitors.match.query.tree import Part

MOST_CHARACTERS = 20_000

# One for one, so that offsets stay.
_SAME_SIGNS = str.maketrans("“”„‟«»「」『』＂（）：", '"""""""""""():')
_OPEN_REGEX = "a regular expression that nothing closes: add / behind it"
_UNFIT = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")


def parse(text: str) -> Part:
    """Return the tree of a query; what it refers to is not looked up yet.

    Raises:
        QueryError: it cannot be read.
    """
    from monitors.match.query.build import build

    try:
        return build(text, _read(text))
    except MisreadError as error:
        raise error.of(text) from None


def _read(text: str) -> Node:
    if len(text) > MOST_CHARACTERS:
        raise MisreadError(f"longer than {MOST_CHARACTERS:,} characters: give parts of it names", MOST_CHARACTERS)
    if not text.strip():
        raise MisreadError("the query is empty: say what to look for", 0)
    if unfit := _UNFIT.search(text):
        raise MisreadError(f"the character U+{ord(unfit[0]):04X} has no place in a query", unfit.start())
    from lark.exceptions import UnexpectedToken

    plain = text.translate(_SAME_SIGNS)
    try:
        return _grammar().parse(plain)
    except UnexpectedToken as error:
        unexpected = error.token
    raise _mistake(plain, unexpected)


def _mistake(plain: str, token: Token) -> MisreadError:
    """Return what is wrong with a token that the grammar did not expect."""
    ended = token.type == "$END"
    before: list[Token] = []
    for one in _grammar().lex(plain):
        if not ended and one.start_pos == token.start_pos:
            break
        before.append(one)
    return misplaced(before, None if ended else token, len(plain.rstrip()))


@cache
def _grammar() -> Lark:
    from lark import Lark

    written = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    kinds = {"WORD": _word, "CALL": _word, "SCOPE": _field, "UNREADABLE": _unreadable}
    return Lark(written, parser="lalr", lexer="basic", lexer_callbacks=kinds)


def _word(token: Token) -> Token:
    """Tell operators and references from words."""
    if kind := OPERATORS.get(token):
        token.type = kind
    elif token[0] == "@":
        token.type = "REFERENCE"
    elif "/" in token:
        if PLACE.fullmatch(token):
            token.type = "PLACE"
        elif token.startswith("re/"):
            raise MisreadError(_OPEN_REGEX, token.start_pos or 0)
    return token


def _field(token: Token) -> Token:
    """Tell which kind of field it is."""
    name, at = token[:-1], token.start_pos or 0
    if name.startswith("re/"):
        raise MisreadError(_OPEN_REGEX, at)
    if name.lower() in {"http", "https"}:
        raise MisreadError('an address stands in quotes, as in url:"https://example.org/a"', at)
    if name not in FIELDS:
        known = nearest(unicodedata.normalize("NFKC", name).lower(), FIELD_NAMES)
        raise MisreadError(f"there is no field `{shown(name)}`{known}; if the colon is meant, quote it", at)
    token.type = FIELDS[name]
    return token


_UNREADABLE: Mapping[str, str] = {
    '"': 'a quote that nothing closes: add the second "',
    ":": "a colon stands right behind the name of a field, title:x; as text, quote it",
    "[": "[ begins what ] ends, as in published:[2026-01-01 TO 2026-06-30]; as text, quote it",
    "]": "] ends what [ begins, as in published:[2026-01-01 TO 2026-06-30]; as text, quote it",
}


def _unreadable(token: Token) -> NoReturn:
    raise MisreadError(_UNREADABLE[token], token.start_pos or 0)
