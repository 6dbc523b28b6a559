"""Finds a person's name with or without a middle initial: "Jerome H. Powell" is Jerome Powell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitors.match.nodes import AnyOf, Phrase
from monitors.match.reading import FIELDS, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs
    from monitors.match.nodes import Node
    from monitors.match.reading import Reading

_BETWEEN = 2
"""How far from the first name the last one stands, if an initial is between them."""


@dataclass(frozen=True, slots=True)
class Initialled:
    """First and last name with a letter between them."""

    names: Phrase

    def find(self, reading: Reading) -> Sequence[Hit]:
        first, last = map(reading.positions, self.names.words)
        return [hit for field in range(len(FIELDS)) for hit in self._in_field(reading, field, first, last)]

    @staticmethod
    def _in_field(
        reading: Reading, field: int, first: Sequence[Sequence[int]], last: Sequence[Sequence[int]]
    ) -> Iterator[Hit]:
        ends = set(last[field])
        for start in first[field]:
            end = start + _BETWEEN
            if end in ends and _is_capital(reading.fields[field].original(start + 1)):
                yield Hit(field, start, end)

    def needs(self) -> Needs:
        return self.names.needs()

    def reach(self) -> int | None:
        return _BETWEEN + 1

    def terms(self) -> Iterator[Term]:
        return self.names.terms()


def with_or_without_initial(name: Phrase) -> Node:
    """Let a middle initial stand in a first and last name, or be left out of a name that has one."""
    words = name.words
    if len(words) == _BETWEEN + 1 and len(words[1].text) == 1:
        words = (words[0], words[-1])
    if len(words) != _BETWEEN or name.signs:
        return name
    short = Phrase(words)
    return AnyOf((short, Initialled(short)))


def _is_capital(word: str) -> bool:
    return len(word) == 1 and word.isupper()
