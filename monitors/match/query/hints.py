"""Guesses what somebody meant where a query goes on with what does not fit."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, cast

from monitors.match.query import leaves
from monitors.match.query.errors import MisreadError, shown
from monitors.match.query.names import FUNCTION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lark import Token

_OPERATORS = {"AND", "OR", "NOT", "PLACE"}
_FIELDS = {"SCOPE", "FACT", "NAMED"}
_BARE = {"WORD", "CALL"}

_LOWER = re.compile(r"and|or|not|o?near(?:/[0-9]+)?|w/[0-9]+", re.IGNORECASE)
# Of Lexis, Factiva, Westlaw and others.
_FOREIGN = re.compile(
    r"(?P<place>adj|pre|o?near|within|w|n)/?(?P<distance>[0-9]+)|[w/]?/?(?P<same>[sp])", re.IGNORECASE
)
_NEAR = re.compile("NEAR|W")
_NOT_NEAR = re.compile(r"NOT\s+(?:NEAR|W)")
_SAME = {"s": "SENTENCE", "p": "PARAGRAPH"}
_MISPLACED = {
    "WEIGHT": "a weight stands once, behind what it weighs, as in x^5; as a sign, quote it",
    "SLOP": '~ stands behind a phrase, as in "a b"~8; as a sign, quote it',
    "RANGE": "a range stands behind its field, published:[2026-01-01 TO 2026-06-30]; as text, quote it",
}


def misplaced(before: Sequence[Token], token: Token | None, end: int) -> MisreadError:
    """Return what is wrong with a token that cannot follow those before it; None: with the end of the query."""
    if token is None or token.type == "CLOSED":
        return _ended(before, token, end)
    if token.type in _MISPLACED:
        return MisreadError(_MISPLACED[token.type], _at(token))
    last = before[-1] if before else None
    if last is not None and last.type in _FIELDS:
        return _no_value(last, token)
    if field := _field_around(before):
        message = f"`{field}` takes values with OR between them; as a part of one, put `{shown(token)}` in quotes"
        return MisreadError(message, _at(token))
    if token.type in _OPERATORS:
        return _no_operand(last, token)
    return _side_by_side(cast("Token", last), token)


def lower_case(word: str) -> str | None:
    """Return what to say of a word that looks like an operator, but is not in plain capitals."""
    plain = "".join(char for char in unicodedata.normalize("NFKC", word) if unicodedata.category(char) != "Cf")
    if not _LOWER.fullmatch(plain):
        return None
    seen = "plain letters" if plain.isupper() else "capitals"  # it may have full-width ones, or others that nobody sees
    return f"operators are in {seen}: {plain.upper()}; as a word, quote it"


def _ended(before: Sequence[Token], token: Token | None, end: int) -> MisreadError:
    """Tell of an end that comes too early, or of a parenthesis that closes nothing."""
    last = before[-1] if before else None
    opened = _opened(before)
    if last is not None and last.type in _OPERATORS:
        return MisreadError(f"{shown(last)} needs something on its right; as a word, quote it", _at(last))
    if last is not None and last.type in _FIELDS:
        return MisreadError(f"`{shown(last)}` needs a value behind it; as text, quote it", _at(last))
    if last is not None and last.type == "OPENED" and token is not None:
        return MisreadError("nothing stands between the parentheses", _at(last))
    if opened:
        return MisreadError("a parenthesis that nothing closes: add )", _at(before[opened[-1]]))
    return MisreadError("a parenthesis that nothing opened: add ( or remove it", end if token is None else _at(token))


def _opened(tokens: Sequence[Token]) -> Sequence[int]:
    """Return the indices of the parentheses that are open behind some tokens."""
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.type == "OPENED":
            opened.append(index)
        elif token.type == "CLOSED":
            opened.pop()
    return opened


def _field_around(before: Sequence[Token]) -> str | None:
    """Return the field whose values stand in the innermost parentheses, if they are that."""
    for index in reversed(_opened(before)):
        if index and before[index - 1].type in {"FACT", "NAMED"}:
            return str(before[index - 1])
        if not index or before[index - 1].type not in {"OPENED", "OR"}:
            break
    return None


def _no_value(last: Token, token: Token) -> MisreadError:
    if last.type == "SCOPE":
        message = (
            f"`{last}` takes a word, a phrase or a group in parentheses; as a word, put `{shown(token)}` in quotes"
        )
    else:
        message = f"`{last}` takes a value, or several as in {last}(a OR b); as a value, put `{shown(token)}` in quotes"
    return MisreadError(message, _at(token))


def _no_operand(last: Token | None, token: Token) -> MisreadError:
    if last is None or last.type == "OPENED":
        return MisreadError(f"{shown(token)} needs something on its left; as a word, quote it", _at(token))
    message = f"{shown(last)} needs something on its right, not {shown(token)}; as a word, quote it"
    if (dropped := _not_near(last, token)) is not None:
        message = f"what is near is dropped by {dropped} alone, as in a {dropped} b"
    return MisreadError(message, _at(last))


def _not_near(last: Token, token: Token) -> str | None:
    """Return the operator that was meant by `NEAR/3 NOT` or `AND NOT NEAR/3`."""
    if token.type == "NOT":
        return f"NOT {last}" if _NEAR.match(last) else None
    return str(token) if last.type == "AND" and _NOT_NEAR.match(token) else None


def _side_by_side(last: Token, token: Token) -> MisreadError:
    return _word_for_an_operator(last, token) or MisreadError(_missing_between(last, token), _at(token))


def _word_for_an_operator(last: Token, token: Token) -> MisreadError | None:
    """Tell of a word that was meant to be an operator, as of a search box or of another language."""
    if token.type in _BARE:
        leaves.refuse_signs(str(token), _at(token))
    for one in (token, last):
        if hint := lower_case(one) if one.type in _BARE else None:
            return MisreadError(hint, _at(one))
    if token.type in _BARE and (operator := _foreign(token)):
        return MisreadError(f"`{shown(token)}` is no operator: use {operator}; as a word, quote it", _at(token))
    return None


def _missing_between(last: Token, token: Token) -> str:
    touching = last.end_pos == token.start_pos
    if token.type == "OPENED" and last.type == "WORD" and FUNCTION.fullmatch(last):
        message = f"no space before the parenthesis of a function: {last}(x)"
    elif token.type == "OPENED":
        message = "an operator is missing before the parenthesis: NEAR, AND or OR?"
    elif last.type == "CLOSED":
        message = "an operator is missing behind the parenthesis: NEAR, AND or OR?"
    elif last.type == "REGEX" and touching:
        message = "flags stand inside of a regular expression, re/(?i)…/, and a slash in it is \\/"
    elif touching:
        message = f"`{shown(last)}` and `{shown(token)}` touch: is a quote missing, or a space and an operator?"
    elif last.startswith("'"):
        message = "a phrase stands in double quotes"
    else:
        message = f"`{shown(last)}` and `{shown(token)}` stand side by side: NEAR, AND or quotes?"
    return message


def _foreign(word: str) -> str | None:
    """Return our operator for one of another language."""
    found = _FOREIGN.fullmatch(word)
    if not found:
        return None
    if same := found["same"]:
        return _SAME[same.lower()] if "/" in word else None
    if found["place"].lower() in {"w", "n"} and "/" not in word:
        return None  # rather a name: W3
    ordered = found["place"].lower() in {"adj", "pre", "onear"}
    return f"{'ONEAR' if ordered else 'NEAR'}/{found['distance']}"


def _at(token: Token) -> int:
    return cast("int", token.start_pos)
