"""Builds the tree of a query from what the grammar made of its text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

from lark import Token

from crawler.yaml_file import nearest
from monitors.match.query import leaves
from monitors.match.query.errors import MisreadError, shown
from monitors.match.query.hints import lower_case
from monitors.match.query.names import FUNCTIONS, NAMED, PLACE
from monitors.match.query.regex import read_pattern
from monitors.match.query.tree import (
    AtLeast,
    Both,
    Either,
    First,
    In,
    Not,
    Pair,
    Reference,
    Regex,
    Together,
    Weighted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lark import Tree

    from monitors.match.query.tree import FieldScope, Form, PairKind, Part

    Node = Tree[Token] | Token

MOST_LEVELS = 60
"""Parts and parentheses inside of each other. Many walk over the tree, each of them recursively."""
MOST_DISTANCE = 1_000
USUAL_DISTANCE = 10
MOST_MENTIONS = 1_000
MOST_FIRST = 1_000_000
MOST_WEIGHT = 100

_NUMBER = re.compile(r"[0-9]{1,7}")
_WEIGHT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?|\.[0-9]{1,2}")
_COUNTING = re.compile(r"(?P<name>atleast|first)(?P<number>.*)", re.DOTALL)
_PLACES: Mapping[str, PairKind] = {
    "NEAR": "near", "W": "near", "ONEAR": "onear", "SENTENCE": "sentence", "PARAGRAPH": "paragraph",
}  # fmt: skip


class _Piece(NamedTuple):
    """A part, and the stretch of the text that it takes with the parentheses around it."""

    part: Part
    start: int
    end: int


def build(text: str, root: Node) -> Part:
    """Return the tree of a query.

    Raises:
        MisreadError: it says something that the language has no sense for.
    """
    return _Builder(text).read(root).part


class _Builder:
    def __init__(self, text: str) -> None:
        self._text = text
        self._levels = 0

    def read(self, node: Node) -> _Piece:
        if isinstance(node, Token):
            return _LEAVES[node.type](self, node)
        self._enter(node)
        piece = _BRANCHES[node.data](self, node.children)
        self._levels -= 1
        return piece

    def _enter(self, node: Node) -> None:
        self._levels += 1
        if self._levels > MOST_LEVELS:
            message = f"more than {MOST_LEVELS} parts and parentheses inside of each other: give some of it a name"
            raise MisreadError(message, _start(node))

    def _written(self, start: int, end: int) -> str:
        return " ".join(self._text[start:end].split())

    # -- leaves

    def word(self, token: Token) -> _Piece:
        start, end = _span(token)
        return _Piece(leaves.word(self._text[start:end], start, self._text[start:end]), start, end)

    def quoted(self, token: Token) -> _Piece:
        start, end = _span(token)
        return _Piece(leaves.quoted(self._text[start + 1 : end - 1], start, self._written(start, end)), start, end)

    def reference(self, token: Token) -> _Piece:
        start, end = _span(token)
        name = leaves.identifier(token[1:], "@", start)
        return _Piece(Reference(name=name, at=start, text=str(token)), start, end)

    def regex(self, token: Token) -> _Piece:
        start, end = _span(token)
        pattern = read_pattern(self._text[start + len("re/") : end - 1], start + len("re/"))
        return _Piece(Regex(pattern=pattern, at=start, text=self._written(start, end)), start, end)

    def close(self, children: Sequence[Node]) -> _Piece:
        """Read `"a b"~8`."""
        phrase, slop = cast("Sequence[Token]", children)
        start, end = _span(phrase)[0], _span(slop)[1]
        distance = _number(slop[1:], MOST_DISTANCE, '~ needs a distance in words, as in "a b"~8', _span(slop)[0])
        at, text = start + 1, self._written(start, end)
        found = list(re.finditer(r"\S+", self._text[at : _span(phrase)[1] - 1]))
        members = tuple(leaves.quoted(word[0], at + word.start(), word[0]) for word in found)
        match members:
            case (left, right):
                part: Part = Pair(kind="near", left=left, right=right, distance=distance, at=start, text=text)
            case (_, _, *_):
                part = Together(members=members, width=distance + 1, at=start, text=text)
            case _:
                raise MisreadError(f'{slop} is for two words or more: "a b"{slop}', start)
        return _Piece(part, start, end)

    # -- fields

    def scoped(self, children: Sequence[Node]) -> _Piece:
        field, node = children
        start = _start(field)
        piece = self.read(node)
        scope = cast("FieldScope", _name(field))
        text = self._written(start, piece.end)
        return _Piece(In(scope=scope, part=piece.part, at=start, text=text), start, piece.end)

    def valued(self, children: Sequence[Node]) -> _Piece:
        """Read a field that takes a value, or several with OR in parentheses."""
        field, value = children
        start, end = _start(field), _end(value)
        return _Piece(self._valued(_name(field), value, start, self._written(start, end)), start, end)

    def _valued(self, field: str, value: Node, at: int, text: str) -> Part:
        if isinstance(value, Token):
            return self._leaf_of(field, value, at, text)
        self._enter(value)
        alternatives = tuple(self._alternatives(field, cast("Tree[Token]", value.children[1]).children[::2]))
        self._levels -= 1
        return alternatives[0] if len(alternatives) == 1 else Either(alternatives=alternatives, at=at, text=text)

    def _alternatives(self, field: str, values: Sequence[Node]) -> Iterator[Part]:
        for value in values:
            start = _start(value)
            yield self._valued(field, value, start, f"{field}:{self._written(start, _end(value))}")

    def _leaf_of(self, field: str, token: Token, at: int, text: str) -> Part:
        start, end = _span(token)
        is_quoted = token.type == "QUOTED"
        value = self._text[start + 1 : end - 1] if is_quoted else self._text[start:end]
        read = leaves.named if field in NAMED else leaves.fact
        try:
            return read(field, value, at, text)
        except MisreadError as error:
            raise MisreadError(error.message, start) from None

    # -- functions

    def call(self, children: Sequence[Node]) -> _Piece:
        function, _, node, closed = children
        start, end = _start(function), _end(closed)
        name, text = str(function), self._written(start, end)
        if name in {"exact", "cs"}:
            return _Piece(self._one_leaf(name, node, start, text), start, end)
        counting = _COUNTING.fullmatch(name)
        if not counting:
            raise _unknown_function(name, start)
        part = self.read(node).part
        if counting["name"] == "atleast":
            count = _number(counting["number"], MOST_MENTIONS, "atleast needs how many, as in atleast3(x)", start)
            return _Piece(AtLeast(count=count, part=part, at=start, text=text), start, end)
        words = _number(counting["number"], MOST_FIRST, "first needs how many words, as in first50(x)", start)
        return _Piece(First(words=words, part=part, at=start, text=text), start, end)

    def _one_leaf(self, name: str, node: Node, at: int, text: str) -> Part:
        start, end = _start(node), _end(node)
        form: Form = "exact" if name == "exact" else "cased"
        if isinstance(node, Token) and node.type == "WORD":
            part = leaves.word(self._text[start:end], start, text, form)
        elif isinstance(node, Token) and node.type == "QUOTED":
            part = leaves.quoted(self._text[start + 1 : end - 1], start, text, form)
        else:
            message = f'{name}() takes one word or one phrase in quotes: {name}("a b"), {name}(a) OR {name}(b)'
            raise MisreadError(message, start)
        if name == "exact" and ("*" in part.words or "?" in part.words):
            raise MisreadError("a wildcard has no inflections: write it without exact()", start)
        return replace(part, at=at)

    # -- operators

    def group(self, children: Sequence[Node]) -> _Piece:
        start, end = _start(children[0]), _end(children[2])
        return _Piece(self.read(children[1]).part, start, end)

    def weighted(self, children: Sequence[Node]) -> _Piece:
        node, weight = children
        start, end = _start(node), _end(weight)
        number = float(weight[1:]) if isinstance(weight, Token) and _WEIGHT.fullmatch(weight[1:]) else 0
        if not 0 < number <= MOST_WEIGHT:
            raise MisreadError(f"a weight is a number from 0.01 to {MOST_WEIGHT}: x^5", _start(weight))
        piece = self.read(node)
        text = self._written(start, end)
        return _Piece(Weighted(part=piece.part, weight=number, at=start, text=text), start, end)

    def forbidden(self, children: Sequence[Node]) -> _Piece:
        start = _start(children[0])
        piece = self.read(children[1])
        return _Piece(Not(part=piece.part, at=start, text=self._written(start, piece.end)), start, piece.end)

    def chain(self, children: Sequence[Node]) -> _Piece:
        """Read what is joined by OR, or else by AND and NOT."""
        choices = sum(_is(child, "OR") for child in children)
        operands = [child for child in children if not _is(child, "OR", "AND")]
        if 0 < choices < len(operands) - 1:
            raise self._mixed(children)
        pieces = [self.read(operand) for operand in operands]
        start, end = pieces[0].start, pieces[-1].end
        parts, text = tuple([piece.part for piece in pieces]), self._written(start, end)
        if choices:
            return _Piece(Either(alternatives=parts, at=start, text=text), start, end)
        return _Piece(Both(conditions=parts, at=start, text=text), start, end)

    def _mixed(self, children: Sequence[Node]) -> MisreadError:
        """Show both ways to put parentheses where OR first stands beside AND or NOT."""
        choice = _is(children[1], "OR")
        joints = (index for index in range(2, len(children)) if _is_joint(children, index))
        index = next(index for index in joints if _is(children[index], "OR") is not choice)
        joint, operand = children[index], _unforbidden(children[index - 1])
        before = self._text[_start(children[0]) : _start(operand)]
        middle = self._text[_start(operand) : _end(operand)]
        after = self._text[_end(operand) : _end(children[index + 1] if isinstance(joint, Token) else joint)]
        ways = f"`({shown(before + middle)}) {shown(after)}` or `{shown(before)} ({shown(middle + after)})`"
        names = [str(one) if isinstance(one, Token) else "NOT" for one in (children[1], joint)]
        return MisreadError(f"{' and '.join(names)} are mixed: say which belong together, {ways}", _start(joint))

    def placed(self, children: Sequence[Node]) -> _Piece:
        """Read an operator of place and both its sides."""
        if len(children) > len(("left", "operator", "right")):
            raise self._chained(children)
        left, operator, right = self.read(children[0]), cast("Token", children[1]), self.read(children[2])
        kind, distance = _place(operator)
        text = self._written(left.start, right.end)
        part = Pair(kind=kind, left=left.part, right=right.part, distance=distance, at=left.start, text=text)
        return _Piece(part, left.start, right.end)

    def _chained(self, children: Sequence[Node]) -> MisreadError:
        first, one, second, other, third = (shown(self._text[_start(node) : _end(node)]) for node in children[:5])
        hint = f'`{first} {one} {second} AND {second} {other} {third}`, or "a b c"~10 for words that stand together'
        message = f"{one} and {other} make a chain, and only two can be near each other: use AND, {hint}"
        return MisreadError(message, _start(children[3]))


def _is(node: Node, *kinds: str) -> bool:
    return isinstance(node, Token) and node.type in kinds


def _is_joint(children: Sequence[Node], index: int) -> bool:
    """Whether a child of a chain joins two others; a NOT does so where no AND stands before it."""
    node = children[index]
    if isinstance(node, Token):
        return node.type in {"AND", "OR"}
    return node.data == "forbidden" and not _is(children[index - 1], "AND", "OR")


def _unforbidden(node: Node) -> Node:
    """Return what NOT stands before."""
    while not isinstance(node, Token) and node.data == "forbidden":
        node = node.children[1]
    return node


def _place(operator: Token) -> tuple[PairKind, int]:
    at = _span(operator)[0]
    found = cast("re.Match[str]", PLACE.fullmatch(operator))
    name, distance = found["name"], found["distance"]
    kind = _PLACES[name]
    if found["negated"]:
        if kind != "near":
            raise MisreadError(f"there is no NOT {name}: use NOT NEAR/8, or a AND NOT (a {name} b)", at)
        kind = "not near"
    if kind in {"sentence", "paragraph"}:
        if distance is not None:
            raise MisreadError(f"{name} takes no distance, as in a {name} b; as a word, quote it", at)
        return kind, 0
    need = f"{name} needs a distance in words, as in {name}/8"
    return kind, USUAL_DISTANCE if distance is None else _number(distance, MOST_DISTANCE, need, at)


def _number(written: str, most: int, need: str, at: int) -> int:
    number = int(written) if _NUMBER.fullmatch(written) else 0
    if not 0 < number <= most:
        raise MisreadError(f"{need}: a whole number from 1 to {most:,}", at)
    return number


def _unknown_function(name: str, at: int) -> MisreadError:
    leaves.refuse_signs(name, at)
    if hint := lower_case(name):
        return MisreadError(hint, at)
    known = nearest(name.lower().rstrip("0123456789"), FUNCTIONS)
    hint = known or ", or an operator is missing before the parenthesis: NEAR, AND or OR?"
    return MisreadError(f"there is no function `{shown(name)}`{hint}", at)


def _name(field: Node) -> str:
    return str(field)[:-1]


def _span(token: Token) -> tuple[int, int]:
    return cast("int", token.start_pos), cast("int", token.end_pos)


def _start(node: Node) -> int:
    while not isinstance(node, Token):
        node = node.children[0]
    return _span(node)[0]


def _end(node: Node) -> int:
    while not isinstance(node, Token):
        node = node.children[-1]
    return _span(node)[1]


_LEAVES: Mapping[str, Callable[[_Builder, Token], _Piece]] = {
    "WORD": _Builder.word,
    "QUOTED": _Builder.quoted,
    "REFERENCE": _Builder.reference,
    "REGEX": _Builder.regex,
}
_BRANCHES: Mapping[str, Callable[[_Builder, Sequence[Node]], _Piece]] = {
    name: getattr(_Builder, name)
    for name in ("close", "scoped", "valued", "call", "group", "weighted", "forbidden", "chain", "placed")
}
