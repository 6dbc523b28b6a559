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


_Limit = tree.In | tree.First | tree.AtLeast | tree.Weighted | tree.InTongue
"""What stands around one other part."""


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
    Checker().check(part, text)


class Checker:
    """Checks queries. What it finds of those that they refer to it keeps, and these have to live as long as it does."""

    def __init__(self) -> None:
        self._contradictions = Contradictions()
        self._known: dict[tuple[int, _Around], Fields] = {}
        """What was found of the queries of references: each is there once, however often it is referred to."""
        self._sound: set[int] = set()
        """Of those, the ones that nothing is wrong with by themselves."""

    def check(self, part: Part, text: str | None = None) -> None:
        """Do what `check` does."""
        self._contradictions = Contradictions()
        try:
            self._check(part)
        except MisreadError as error:
            raise error.of(part.text if text is None else text) from None

    def _check(self, part: Part) -> None:
        self._visit(part, _Around())
        if is_negative(part):
            raise MisreadError("only forbids, so it would match nearly everything: say what to look for", part.at)

    def _visit(self, part: Part, around: _Around) -> Fields:
        """Check a part and return in which fields it can be."""
        fields = around.fields
        match part:
            case tree.Words():
                pass  # the most of all
            case tree.Fact() | tree.About() | tree.Meaning():
                _refuse_placeless(part, around)
            case tree.Either():
                fields = self._either(part, around)
            case tree.Both() | tree.Not():
                _refuse_logic(part, around)
                fields = self._logic(part, around)
            case tree.Pair() | tree.Together():
                _refuse_place_in_place(part, around)
                fields = self._pair(part, around) if isinstance(part, tree.Pair) else fields
            case tree.In() | tree.First() | tree.AtLeast() | tree.Weighted() | tree.InTongue():
                fields = self._limit(part, around)
            case tree.Reference(query=query) if query is not None:
                fields = self._reference(part, query, around)
        return fields

    def _either(self, part: tree.Either, around: _Around) -> Fields:
        fields = 0
        for alternative in part.alternatives:
            fields |= self._visit(alternative, around)
            if is_negative(alternative):
                message = "as an alternative, what only forbids would match nearly everything: use AND, as in a NOT b"
                raise MisreadError(message, alternative.at)
        return fields

    def _logic(self, part: tree.Both | tree.Not, around: _Around) -> Fields:
        fields = 0
        for condition in part.parts:
            fields |= self._visit(condition, around)
        if isinstance(part, tree.Both):
            self._contradictions.refuse(part)
        elif is_negative(part.part):
            raise MisreadError("NOT of what only forbids: say what is wanted instead", part.at)
        return fields

    def _pair(self, part: tree.Pair, around: _Around) -> Fields:
        operator = _OPERATORS[part.kind]
        beside = around._replace(role="operand", user=operator)
        left, right = self._visit(part.left, beside), self._visit(part.right, beside)
        if part.kind == "not near":
            self._contradictions.refuse_near_itself(part)
            return left
        if not left & right:
            message = f"{operator} does not reach from one field into another, so this can never match: use AND"
            raise MisreadError(message, part.at)
        return left & right

    def _limit(self, part: _Limit, around: _Around) -> Fields:
        _refuse_function(part, around)
        if isinstance(part, tree.AtLeast):
            around = around._replace(role="counted", user=_name_of(part))
        if isinstance(part, tree.In | tree.First):
            name, fields = _name_of(part), _FIELDS[part.scope] if isinstance(part, tree.In) else _BODY
            if not around.fields & fields:
                message = f"`{name}` inside of `{around.within}` can never match: they have no text in common"
                raise MisreadError(message, part.at)
            around = around._replace(fields=around.fields & fields, within=name)
        fields = self._visit(part.part, around)
        if is_negative(part.part):
            message = f"`{shown(part.text)}` only forbids: say what to look for, or put NOT before all of it"
            raise MisreadError(message, part.part.at)
        return fields

    def _reference(self, part: tree.Reference, query: Part, around: _Around) -> Fields:
        if id(query) not in self._sound:
            try:
                self._check(query)
            except MisreadError as error:
                raise MisreadError(error.message, part.at, query=error.query or part.name) from None
            self._sound.add(id(query))
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


def _refuse_placeless(part: tree.Fact | tree.About | tree.Meaning, around: _Around) -> None:
    name = _name_of(part)
    if around.role == "operand":
        message = f"`{name}` has no place in the text, so nothing can be {around.user} it: use AND"
    elif around.role == "counted":
        message = f"`{around.user}` counts mentions in the text, and `{name}` has none: use AND"
    elif around.within:
        message = f"`{name}` is said of the whole article and cannot stand inside of `{around.within}`: use AND"
    else:
        return
    raise MisreadError(message, part.at)


def _refuse_logic(part: tree.Both | tree.Not, around: _Around) -> None:
    operator = "NOT" if isinstance(part, tree.Not) else "AND"
    if around.role == "operand":
        hint = f"put it behind the pair, as in (a {around.user} b) {operator} c"
        raise MisreadError(f"{around.user} takes words, phrases and groups of OR, and no {operator}: {hint}", part.at)
    if around.role == "counted":
        hint = f"put it behind, as in {around.user}(a) {operator} b"
        raise MisreadError(f"`{around.user}` counts mentions, and {operator} has none: {hint}", part.at)


def _refuse_place_in_place(part: tree.Pair | tree.Together, around: _Around) -> None:
    if around.role == "operand":
        name = _OPERATORS[part.kind] if isinstance(part, tree.Pair) else f'"a b c"~{part.width - 1}'
        hint = f"join pairs with AND, as in a {around.user} b AND b {around.user} c"
        raise MisreadError(f"{name} cannot stand inside of {around.user}: {hint}", part.at)


def _refuse_function(part: _Limit, around: _Around) -> None:
    if not around.role or not isinstance(part, tree.First | tree.AtLeast):
        return
    name = _name_of(part)
    if around.role == "operand":
        hint = f"put the pair into it, as in {name}(a {around.user} b)"
    elif isinstance(part, tree.First):
        hint = f"turn them round, {name}({around.user}(x))"
    else:
        hint = "leave one of them out"
    raise MisreadError(f"`{name}` cannot stand inside of `{around.user}`: {hint}", part.at)


def _name_of(part: Part) -> str:
    match part:
        case tree.Fact():
            name = f"{part.name}:"
        case tree.About():
            name = "about:"
        case tree.Meaning():
            name = "concept:"
        case tree.In():
            name = f"{part.scope}:"
        case tree.First():
            name = f"first{part.words}"
        case tree.AtLeast():
            name = f"atleast{part.count}"
        case _:
            name = part.text
    return name
