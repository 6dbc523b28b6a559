"""Finds a person's name with or without a middle initial: "Jerome H. Powell" is Jerome Powell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitors.match.needs import row
from monitors.match.nodes import AnyOf, Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs, Row
    from monitors.match.nodes import Node
    from monitors.match.reading import Hit, Reading

_BETWEEN = 2
"""How far from the first name the last one stands, if an initial is between them."""


@dataclass(frozen=True, slots=True)
class Initialled:
    """First and last name with a letter between them."""

    names: Phrase

    def find(self, reading: Reading) -> Sequence[Hit]:
        first, last = map(reading.positions, self.names.words)
        ends = set(last)
        hits = (reading.hit(start, start + _BETWEEN) for start in first if start + _BETWEEN in ends)
        return [hit for hit in hits if self._has_initial(reading, hit)]

    @staticmethod
    def _has_initial(reading: Reading, hit: Hit) -> bool:
        tokens = reading.fields[hit.field]
        return hit.last < len(tokens) and _is_capital(tokens.original(hit.first + 1))

    def needs(self) -> Needs:
        return self.names.needs()

    def rows(self) -> Sequence[Row]:
        return [row(self.needs(), self.reach(), (0, _BETWEEN))]

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
