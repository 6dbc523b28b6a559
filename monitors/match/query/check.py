"""Checks what grammar alone cannot say of a query: that every part fits where it stands, and that it can match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from monitors.match.query import tree
from monitors.match.query.contradictions import Contradictions
from monitors.match.query.errors import MisreadError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.match.query.tree import FieldScope, PairKind, Part

Fields = int
_TITLE, _DECK, _FIRST_PARAGRAPH, _REST = 1, 2, 4, 8
_EVERYWHERE: Fields = _TITLE | _DECK | _FIRST_PARAGRAPH | _REST
_BODY: Fields = _FIRST_PARAGRAPH | _REST
_FIELDS: Mapping[FieldScope, Fields] = {
    "title": _TITLE,
    "lead": _DECK | _FIRST_PARAGRAPH,  # where there is no deck
    "hlead": _TITLE | _DECK | _FIRST_PARAGRAPH,
    "body": _BODY,
}
_OPERATORS: Mapping[PairKind, str] = {
    "near": "NEAR",
    "onear": "ONEAR",
    "not near": "NOT NEAR",
    "sentence": "SENTENCE",
    "paragraph": "PARAGRAPH",
}


class _Around(NamedTuple):
    """What stands around a part and limits what it may be."""

    fields: Fields = _EVERYWHERE
    """Where in an article it is looked for."""
    within: str = ""
    """The innermost of what limits that, as its author wrote it: `title:`, `first50`."""
    role: Literal["", "operand", "counted"] = ""
    user: str = ""
    """What it is an operand of, or who counts it."""


def check(part: Part, text: str | None = None) -> None:
    """Check a query in which the references were looked up.

    Args:
        part: the query.
        text: it as written, for messages; `part.text` where it is not at hand.

    Raises:
        QueryError: it makes no sense, or can never match.
    """
    try:
        _Checker().check(part)
    except MisreadError as error:
        raise error.of(part.text if text is None else text) from None


class _Checker:
    def __init__(self) -> None:
        self._contradictions = Contradictions()
        self._known: dict[tuple[int, _Around], Fields] = {}
        """What was found of the queries of references: each is there once, however often it is referred to."""
        self._checked: set[int] = set()

    def check(self, part: Part) -> None:
        if is_negative(part):
            raise MisreadError("only forbids, so it would match nearly everything: say what to look for", part.at)
        self._visit(part, _Around())
        self._contradictions.refuse(part)

    def _visit(self, part: Part, around: _Around) -> Fields:
        """Check a part and return in which fields it can be."""
        match part:
            case tree.Words() | tree.Mention() | tree.Regex():
                return around.fields
            case tree.Fact() | tree.About() | tree.Meaning():
                _refuse_placeless(part, around)
                return around.fields
            case tree.Either():
                return self._either(part, around)
            case tree.Both() | tree.Not():
                _refuse_logic(part, around)
                return self._logic(part, around)
            case tree.Pair() | tree.Together():
                _refuse_place_in_place(part, around)
                return self._pair(part, around) if isinstance(part, tree.Pair) else around.fields
            case tree.In() | tree.First():
                return self._limit(part, around)
            case tree.AtLeast():
                _refuse_function(part, around)
                _refuse_negative(part.part, part)
                return self._visit(part.part, around._replace(role="counted", user=f"atleast{part.count}"))
            case tree.Weighted() | tree.InTongue():
                _refuse_negative(part.part, part)
                return self._visit(part.part, around)
            case tree.Reference():
                return self._reference(part, around)
        return around.fields

    def _either(self, part: tree.Either, around: _Around) -> Fields:
        fields = 0
        for alternative in part.alternatives:
            if is_negative(alternative):
                message = "as an alternative, what only forbids would match nearly everything: use AND, as in a NOT b"
                raise MisreadError(message, alternative.at)
            fields |= self._visit(alternative, around)
        return fields

    def _logic(self, part: tree.Both | tree.Not, around: _Around) -> Fields:
        if isinstance(part, tree.Not) and is_negative(part.part):
            raise MisreadError("forbids what is forbidden already: leave both NOT out", part.at)
        fields = 0
        for condition in part.parts:
            fields |= self._visit(condition, around)
        return fields

    def _pair(self, part: tree.Pair, around: _Around) -> Fields:
        operator = _OPERATORS[part.kind]
        beside = around._replace(role="operand", user=operator)
        left, right = self._visit(part.left, beside), self._visit(part.right, beside)
        if part.kind == "not near":
            return left
        if not left & right:
            message = f"{operator} does not reach from one field into another, so this can never match: use AND"
            raise MisreadError(message, part.at)
        return left & right

    def _limit(self, part: tree.In | tree.First, around: _Around) -> Fields:
        if isinstance(part, tree.First):
            _refuse_function(part, around)
        name, fields = (f"{part.scope}:", _FIELDS[part.scope]) if isinstance(part, tree.In) else (_first(part), _BODY)
        if not around.fields & fields:
            message = f"{name} inside of {around.within} can never match: they have no text in common"
            raise MisreadError(message, part.at)
        _refuse_negative(part.part, part)
        return self._visit(part.part, around._replace(fields=around.fields & fields, within=name))

    def _reference(self, part: tree.Reference, around: _Around) -> Fields:
        query = part.query
        if query is None:
            return around.fields
        if id(query) not in self._checked:
            try:
                self.check(query)
            except MisreadError as error:
                raise MisreadError(error.message, part.at, query=error.query or part.name) from None
            self._checked.add(id(query))
        key = (id(query), around)
        if key not in self._known:
            try:
                self._known[key] = self._visit(query, around)
            except MisreadError as error:
                raise MisreadError(f"{error.message} (in @{shown(part.name)})", part.at) from None
        return self._known[key]


def is_negative(part: Part) -> bool:
    """Whether a part only forbids."""
    match part:
        case tree.Not():
            return True
        case tree.Both():
            return all(map(is_negative, part.conditions))
        case tree.Reference(query=query) if query is not None:
            return is_negative(query)
    return False


def _refuse_negative(part: Part, around: Part) -> None:
    if is_negative(part):
        raise MisreadError(f"`{shown(around.text)}` only forbids: say what to look for, or put NOT before it", part.at)


def _refuse_placeless(part: tree.Fact | tree.About | tree.Meaning, around: _Around) -> None:
    name = _field_of(part)
    if around.role == "operand":
        raise MisreadError(f"{name}: stands at no place in the text, so it cannot be {around.user}: use AND", part.at)
    if around.role == "counted":
        raise MisreadError(f"{around.user} counts mentions in the text, and {name}: has none: use AND", part.at)
    if around.within:
        message = f"{name}: is said of the whole article and cannot stand inside of {around.within}: use AND"
        raise MisreadError(message, part.at)


def _refuse_logic(part: tree.Both | tree.Not, around: _Around) -> None:
    operator = "NOT" if isinstance(part, tree.Not) else "AND"
    if around.role == "operand":
        hint = f"put it behind the pair, as in (a {around.user} b) {operator} c"
        raise MisreadError(f"{around.user} takes words, phrases and groups of OR, and no {operator}: {hint}", part.at)
    if around.role == "counted":
        hint = f"put it behind, as in {around.user}(a) {operator} b"
        raise MisreadError(f"{around.user} counts mentions, and {operator} has none: {hint}", part.at)


def _refuse_place_in_place(part: tree.Pair | tree.Together, around: _Around) -> None:
    if around.role == "operand":
        name = _OPERATORS[part.kind] if isinstance(part, tree.Pair) else f'"a b c"~{part.width - 1}'
        hint = f"join pairs with AND, as in a {around.user} b AND b {around.user} c"
        raise MisreadError(f"{name} cannot stand inside of {around.user}: {hint}", part.at)


def _refuse_function(part: tree.First | tree.AtLeast, around: _Around) -> None:
    name = _first(part) if isinstance(part, tree.First) else f"atleast{part.count}"
    if around.role == "operand":
        hint = f"put the pair into it, as in {name}(a {around.user} b)"
        raise MisreadError(f"{name} cannot stand inside of {around.user}: {hint}", part.at)
    if around.role == "counted":
        hint = f"turn them round: {name}({around.user}(x))" if isinstance(part, tree.First) else "use one of them"
        raise MisreadError(f"{name} cannot stand inside of {around.user}: {hint}", part.at)


def _first(part: tree.First) -> str:
    return f"first{part.words}"


def _field_of(part: tree.Fact | tree.About | tree.Meaning) -> str:
    match part:
        case tree.Fact():
            return part.name
        case tree.About():
            return "about"
        case tree.Meaning():
            return "concept"
