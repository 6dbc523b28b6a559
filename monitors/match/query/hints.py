"""Guesses what somebody meant where a query goes on with something that does not fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitors.match.query import leaves
from monitors.match.query.errors import MisreadError, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lark import Token

_OPERATORS = {"AND", "OR", "NOT", "PLACE"}
_FIELDS = {"SCOPE", "FACT", "NAMED"}
_LOWER = re.compile(r"and|or|not|o?near(?:/[0-9]+)?|w/[0-9]+", re.IGNORECASE)
_END = "$END"


def misplaced(before: Sequence[Token], token: Token | None, end: int) -> MisreadError:
    """Return what is wrong with a token that cannot follow those before it; None: with the end of the query."""
    last = before[-1] if before else None
    at = end if token is None else token.start_pos or 0
    if token is None or token.type == "CLOSED":
        return _ended(before, token, at)
    if last is not None and last.type in _FIELDS:
        return _no_value(last, token, at)
    if token.type in {"AND", "OR", "PLACE"} and (last is None or last.type in {*_OPERATORS, "OPENED"}):
        return _no_operand(last, token, at)
    if token.type in {"AND", "OR", "NOT", "PLACE"}:
        return _in_values(before, token, at)
    if token.type == "WEIGHT":
        return MisreadError("a weight stands once, behind what it weighs: x^5; as a sign, quote it", at)
    if token.type == "SLOP":
        return MisreadError('~ stands behind a phrase, "a b"~8; as a sign, quote it', at)
    if token.type == "RANGE":
        return MisreadError(
            "a range stands behind a field, published:[2026-01-01 TO 2026-06-30]; as text, quote it", at
        )
    if last is not None and last.type not in {*_OPERATORS, "OPENED"}:
        return _side_by_side(last, token, at)
    return _in_values(before, token, at)


def _ended(before: Sequence[Token], token: Token | None, at: int) -> MisreadError:
    last = before[-1] if before else None
    if last is None:
        return MisreadError("a parenthesis that nothing opened: add ( or remove it", at)
    if last.type in _OPERATORS:
        return MisreadError(f"{shown(last)} needs something on its right; as a word, quote it", last.start_pos or 0)
    if last.type in _FIELDS:
        return MisreadError(f"{shown(last)} needs a value right behind it", last.start_pos or 0)
    if last.type == "OPENED" and token is not None:
        return MisreadError("nothing stands between the parentheses", last.start_pos or 0)
    opened: list[Token] = []
    for one in before:
        if one.type == "OPENED":
            opened.append(one)
        elif one.type == "CLOSED":
            opened.pop()
    if token is None and opened:
        return MisreadError("a parenthesis that nothing closes: add )", opened[-1].start_pos or 0)
    return MisreadError("a parenthesis that nothing opened: add ( or remove it", at)


def _no_value(last: Token, token: Token, at: int) -> MisreadError:
    if last.type == "SCOPE":
        return MisreadError(f"{last} takes a word, a phrase or a group right behind it; as text, quote it", at)
    return MisreadError(f"{last} takes a value, or several as in {last}(a OR b); put `{shown(token)}` in quotes", at)


def _no_operand(last: Token | None, token: Token, at: int) -> MisreadError:
    if last is not None and last.type in _OPERATORS:
        message = f"{shown(last)} needs something on its right, and {shown(token)} stands there; as a word, quote it"
        return MisreadError(message, last.start_pos or 0)
    return MisreadError(f"{shown(token)} needs something on its left; as a word, quote it", at)


def _side_by_side(last: Token, token: Token, at: int) -> MisreadError:
    if token.type in {"WORD", "CALL"}:
        leaves.refuse_signs(str(token), at)
    for one in (token, last):
        if one.type in {"WORD", "CALL"} and _LOWER.fullmatch(one):
            message = f"operators are in capitals: {one.upper()}; as a word, quote it"
            return MisreadError(message, one.start_pos or 0)
    if token.type == "OPENED":
        return MisreadError("an operator is missing before the parenthesis: NEAR, AND or OR?", at)
    if last.type == "CLOSED":
        return MisreadError("an operator is missing behind the parenthesis: NEAR, AND or OR?", at)
    if last.type == "REGEX" and last.end_pos == token.start_pos:
        return MisreadError("flags stand inside of a regular expression: re/(?i)…/; a slash in it is \\/", at)
    return MisreadError(f"`{shown(last)}` and `{shown(token)}` stand side by side: NEAR, AND or quotes?", at)


def _in_values(before: Sequence[Token], token: Token, at: int) -> MisreadError:
    """Tell of something that stands in the parentheses of a field."""
    depth = 0
    for index in range(len(before) - 1, -1, -1):
        depth += {"CLOSED": 1, "OPENED": -1}.get(before[index].type, 0)
        if depth < 0 and index and before[index - 1].type in {"FACT", "NAMED"}:
            field = before[index - 1]
            message = f"{field}( ) takes values with OR between them; as a value, put `{shown(token)}` in quotes"
            return MisreadError(message, at)
    return MisreadError(f"`{shown(token)}` cannot stand here; as text, quote it", at)
