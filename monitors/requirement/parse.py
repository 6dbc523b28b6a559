"""Turns what `if` of a delivery says into a Requirement, or says at which character it goes wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast, get_args

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput, UnexpectedToken

from crawler.yaml_file import nearest
from crawler.yaml_types import country_code, language_code
from monitors.requirement import AnyOf, Compared, Comparison, Every, Name, Negated, Requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from monitors.requirement import Part, Value

    Node = Token | Tree[Token]

MOST_CHARACTERS = 1_000  # so that what is nested in it is not nested too deep

_OPERATORS = {"and": "AND", "or": "OR", "not": "NOT", "in": "IN"}
_NAMES: Mapping[str, Name] = {**{name: name for name in get_args(Name)}, "lang": "language"}
_ORDERED = {"score", "tier"}
# By what only such a place admits; the first that fits.
_NEEDED = {
    "LISTED": "`,` or `]`",
    "COMPARES": "a comparison, such as >= or ==",
    "LISTS": "a list, such as [1, 2]",
    "QUOTED": "a value",
    "CLOSED": "`and`, `or` or `)`",
    "AND": "`and` or `or` before it",
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_TIER = re.compile(r"[0-9]{1,6}")
_SCORE = re.compile(r"[0-9]*\.?[0-9]+")


class RequirementError(Exception):
    """It cannot be read, from a character on."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


def parse(text: str) -> Requirement:
    """Read a condition; whether what it names is there is not looked at.

    Raises:
        RequirementError: it cannot be read.
    """
    if not text.strip():
        raise RequirementError('says nothing: needs a condition such as "score >= 0.8 or tier == 1"', 0)
    if len(text) > MOST_CHARACTERS:
        raise RequirementError(f"longer than {MOST_CHARACTERS:,} characters", MOST_CHARACTERS)
    try:
        return Requirement(text, _Reader(text).part(_grammar().parse(text)))
    except UnexpectedInput as error:
        unexpected = error
    raise _misplaced(text, unexpected)


@cache
def _grammar() -> Lark:
    written = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(written, parser="lalr", lexer="basic", lexer_callbacks={"WORD": _word, "UNREADABLE": _unreadable})


def _word(token: Token) -> Token:
    """Tell operators from words."""
    token.type = _OPERATORS.get(token.lower(), "WORD")
    return token


def _unreadable(token: Token) -> NoReturn:
    told = f"`{token}` is no comparison: there are ==, !=, <, <=, > and >="
    if token == "=":  # noqa: S105  # no secret
        told = "compares with ==, or with >= for at least, or <= for at most"
    elif token[0] in "&|":
        told = f"is spelled `{'and' if token[0] == '&' else 'or'}` here"
    elif token[0] in "\"'":
        told = "a quote that nothing closes"
    raise RequirementError(told, _at(token))


# -- what it means ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reader:
    text: str

    def part(self, node: Node) -> Part:
        tree = cast("Tree[Token]", node)
        match tree.data:
            case "negated":
                return Negated(self.part(tree.children[1]))
            case "group":
                return self.part(tree.children[1])
            case "chain":
                return self.chain(tree.children)
        return self.compared(tree)

    def chain(self, children: Sequence[Node]) -> Part:
        joints = [child for child in children if isinstance(child, Token)]
        other = next((joint for joint in joints if joint.type != joints[0].type), None)
        if other is not None:
            raise RequirementError("mixes `and` with `or`: put what belongs together in parentheses", _at(other))
        parts = tuple(self.part(child) for child in children if isinstance(child, Tree))
        return Every(parts) if joints[0].type == "AND" else AnyOf(parts)

    def compared(self, tree: Tree[Token]) -> Compared:
        tokens = list(tree.scan_values(lambda child: isinstance(child, Token)))
        written, sign = tokens[0], tokens[1]
        values = [cast("Token", child.children[0]) for child in tree.children if isinstance(child, Tree)]
        name = _name(written, sign, values[0])
        comparison: Comparison = "=="
        if sign.type == "COMPARES":
            comparison = cast("Comparison", str(sign))
        elif sign.type == "NOT":
            comparison = "!="
        if comparison not in {"==", "!="} and name not in _ORDERED:
            raise RequirementError(f"`{written}` has no order: it is compared with ==, != or in [...]", _at(sign))
        text = self.text[_at(written) : tokens[-1].end_pos]
        return Compared(name, comparison, tuple(_value(name, value) for value in values), text, _at(written))


def _name(written: Token, sign: Token, value: Token) -> Name:
    name = _NAMES.get(written)
    if name is not None:
        return name
    if value in _NAMES:
        turned = f"{value} {_TURNED.get(sign, sign)} {written}"
        raise RequirementError(f"the name comes first: {turned}", _at(written))
    hint = nearest(written.lower(), _NAMES) or f"; there are {', '.join(sorted(_NAMES))}"
    raise RequirementError(f"there is no `{written}` to compare{hint}", _at(written))


def _value(name: Name, token: Token) -> Value:
    text = token[1:-1] if token.type == "QUOTED" else str(token)
    try:
        return _VALUES[name](text) if name in _VALUES else text
    except ValueError as error:
        raise RequirementError(f"{error}; `{text}` is none", _at(token)) from None


def _score(text: str) -> float:
    if not _SCORE.fullmatch(text) or float(text) > 1:
        raise ValueError("a score is a number from 0 to 1")
    return float(text)


def _tier(text: str) -> float:
    if not _TIER.fullmatch(text):
        raise ValueError("a tier is a whole number")
    return int(text)


def _country(text: str) -> str:
    return country_code(text.upper())


_VALUES: Mapping[Name, Callable[[str], Value]] = {
    "score": _score,
    "tier": _tier,
    "country": _country,
    "language": language_code,
}


# -- what is wrong ----------------------------------------------------------------------------------------------------


def _misplaced(text: str, error: UnexpectedInput) -> RequirementError:
    token: Token | None = getattr(error, "token", None)
    if token is None:  # a character that begins nothing
        at = error.pos_in_stream or 0
        return RequirementError(f"`{text[at]}` has no place here", at)
    wanted = error.accepts if isinstance(error, UnexpectedToken) else ()
    ended = token.type == "$END"
    at = len(text.rstrip()) if ended else _at(token)
    if token.type == "COMPARES" and "AND" in wanted:
        return RequirementError("compares once: score > 0.5 and score < 0.8", at)
    if token.type == "CLOSED" and "$END" in wanted:
        return RequirementError("`)` closes what nothing opens", at)
    if token.type == "LISTS" and "QUOTED" in wanted:
        return RequirementError("a list stands behind `in`, as in tier in [1, 2]", at)
    what = "ends too early" if ended else f"`{token}` has no place here"
    return RequirementError(f"{what}: needs {_needed(wanted)}", at)


def _needed(wanted: Collection[str]) -> str:
    """Say what may stand at a place."""
    return next((told for sign, told in _NEEDED.items() if sign in wanted), "a condition, such as score >= 0.8")


def _at(token: Token) -> int:
    return token.start_pos or 0
