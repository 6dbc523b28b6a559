"""Finds conditions that exclude each other, so that nothing ever matches: `a NOT a`, `words:>300 AND words:<200`."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, NamedTuple

from monitors.match.query import tree
from monitors.match.query.errors import MisreadError, shown
from monitors.match.query.values import MOST, TIERS, comparison, days

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from monitors.match.query.tree import Part

_SINGLE = ("lang", "country", "source")
"""Facts of which an article has one value."""


MOST_STEPS = 100_000
"""Then it gives up looking: of a query so big, a contradiction less is told."""


class _Condition(NamedTuple):
    """One of several that have to hold together."""

    part: Part
    """Without NOT, weight and reference."""
    said: Part
    """Where the text that is being checked says so."""
    forbids: bool


class Contradictions:
    """Looks for them. What it knows of a part holds as long as the part lives."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._number_of: dict[int, int] = {}
        self._steps = 0

    def refuse(self, part: tree.Both) -> None:
        """Check conditions that have to hold together.

        Raises:
            MisreadError: some of them cannot.
        """
        if self._steps > MOST_STEPS:
            return
        conditions = list(_conditions(part, None))
        self._steps += len(conditions)
        if any(condition.forbids for condition in conditions):
            self._refuse_forbidden(conditions)
        _refuse_facts_apart(conditions)

    def refuse_near_itself(self, part: tree.Pair) -> None:
        """Check a NOT NEAR: what is found on both its sides overlaps, and so is near.

        Raises:
            MisreadError: all that its left side finds, the right one finds, too.
        """
        if self._steps > MOST_STEPS:
            return
        # Of an entity, a mention that is only possible counts on the left alone.
        forbidden = {self._number(one.part) for one in _forbidden(part.right, part) if not _names_an_entity(one.part)}
        if self._is_excluded(part.left, forbidden):
            message = f"can never match: `{shown(part.left.text)}` is always near itself"
            raise MisreadError(message, part.left.at)

    def _refuse_forbidden(self, conditions: Sequence[_Condition]) -> None:
        forbidden = {self._number(one.part) for one in conditions if one.forbids}
        for condition in conditions:
            if not condition.forbids and self._is_excluded(condition.part, forbidden):
                message = f"can never match: `{shown(condition.said.text)}` is wanted and forbidden"
                raise MisreadError(message, condition.said.at)
        wanted = {self._number(one.part) for one in conditions if not one.forbids}
        for condition in conditions:
            if condition.forbids and self._holds(condition.part, wanted, forbidden):
                message = f"can never match: `{shown(condition.said.text)}` forbids what is wanted"
                raise MisreadError(message, condition.said.at)

    def _holds(self, part: Part, wanted: Collection[int], forbidden: Collection[int]) -> bool:
        """Whether conditions are all wanted, so that together they hold wherever the query could match."""
        return isinstance(part, tree.Both) and all(
            self._number(one.part) in (forbidden if one.forbids else wanted) for one in _conditions(part, None)
        )

    def _is_excluded(self, part: Part, forbidden: Collection[int]) -> bool:
        """Whether a part cannot be true while none of the forbidden ones is."""
        self._steps += 1
        if self._number(part) in forbidden:
            return True
        match part:
            case tree.Words() | tree.About():
                return any(self._numbers.get(self._key(wider)) in forbidden for wider in _implied(part))
            case tree.Either():
                return all(self._is_excluded(one, forbidden) for one in part.alternatives)
            case tree.Not():
                needed: tuple[Part, ...] = ()
            case tree.Pair(kind="not near"):
                needed = (part.left,)
            case _:
                needed = part.parts
        return any(self._is_excluded(one, forbidden) for one in needed)

    def _number(self, part: Part) -> int:
        """Return a number that two parts share if they say the same."""
        known = self._number_of.get(id(part))
        if known is None:
            bare = _bare(part)
            if bare is part:
                known = self._numbers.setdefault(self._key(part), len(self._numbers))
            else:
                known = self._number(bare)
            self._number_of[id(part)] = known
        return known

    def _key(self, part: Part) -> object:
        """Return what a part says, with numbers for what it is made of."""
        if isinstance(part, tree.Words):
            return (tree.Words, part.words if part.form == "cased" else part.words.casefold(), part.form)
        if isinstance(part, tree.Either):
            return (tree.Either, frozenset(map(self._number, part.parts)))
        own = tuple(getattr(part, one.name) for one in fields(part) if one.compare)
        plain = tuple(value for value in own if not isinstance(value, (tree.Part, tuple)))
        return (type(part), plain, tuple(map(self._number, part.parts)))


def _implied(leaf: tree.Words | tree.About) -> Iterator[Part]:
    """Yield leaves that are found wherever one is."""
    if isinstance(leaf, tree.About):
        yield tree.Mention(entity=leaf.entity, text="")
    elif leaf.form != "inflected":
        yield replace(leaf, form="inflected")
        yield replace(leaf, form="exact")


def _conditions(part: Part, said: Part | None) -> Iterator[_Condition]:
    """Take apart what has to hold together; what a reference stands for is said by the reference."""
    match part:
        case tree.Both():
            for condition in part.conditions:
                yield from _conditions(condition, said)
        case tree.Not():
            yield from _forbidden(part.part, said or part)
        case tree.Reference(query=query) if query is not None:
            yield from _conditions(query, said or part)
        case tree.Weighted():
            yield from _conditions(part.part, said)
        case _:
            yield _Condition(part, said or part, forbids=False)


def _forbidden(part: Part, said: Part) -> Iterator[_Condition]:
    match _bare(part):
        case tree.Either(alternatives=alternatives):
            for alternative in alternatives:
                yield from _forbidden(alternative, said)
        case bare:
            yield _Condition(bare, said, forbids=True)


def _names_an_entity(part: Part) -> bool:
    return any(isinstance(one, tree.Mention) for one in part.walk())


def _bare(part: Part) -> Part:
    """Return a part without weights and references around it."""
    while True:
        match part:
            case tree.Weighted(part=inner):
                part = inner
            case tree.Reference(query=query) if query is not None:
                part = query
            case _:
                return part


def _refuse_facts_apart(conditions: Sequence[_Condition]) -> None:
    """Refuse facts that no article has at once."""
    numbers = {"words": range(MOST), "tier": range(TIERS.start, TIERS.stop)}
    first_day, last_day = None, None
    single: dict[str, frozenset[str]] = {}
    for condition in conditions:
        part = condition.part
        if condition.forbids:
            continue
        possible = True
        name, values = _values(part)
        if name in _SINGLE:
            single[name] = values if name not in single else single[name] & values
            possible = bool(single[name])
        elif isinstance(part, tree.Fact) and part.name in numbers:
            numbers[part.name] = _common(numbers[part.name], comparison(part.value).numbers)
            possible = bool(numbers[part.name])
        elif isinstance(part, tree.Fact) and part.name == "published":
            wanted = days(part.value)
            first_day = max(filter(None, (first_day, wanted.first)), default=None)
            last_day = min(filter(None, (last_day, wanted.last)), default=None)
            possible = not (first_day and last_day and first_day > last_day)
        if not possible:
            message = f"can never match: no article is `{shown(condition.said.text)}` and what stands before it"
            raise MisreadError(message, condition.said.at)


def _values(part: Part) -> tuple[str, frozenset[str]]:
    """Return which fact a part asks for, and the values that it accepts; nothing if it is more than that."""
    match part:
        case tree.Fact(name=name, value=value):
            return name, frozenset({value.casefold()})
        case tree.Either(alternatives=alternatives):
            names, values = zip(*map(_values, map(_bare, alternatives)), strict=True)
            if len(set(names)) == 1:
                return names[0], frozenset[str]().union(*values)
    return "", frozenset()


def _common(one: range, other: range) -> range:
    return range(max(one.start, other.start), min(one.stop, other.stop))
