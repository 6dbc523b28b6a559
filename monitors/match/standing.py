"""Spares the search for what cannot be found: most names of an entity, and most words about it, stand nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs
    from monitors.match.nodes import Node
    from monitors.match.reading import Hit, Reading


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A node that is asked only in articles which hold what it needs."""

    node: Node
    needed: Needs

    def find(self, reading: Reading) -> Sequence[Hit]:
        return self.node.find(reading) if reading.meets(self.needed) else ()

    def needs(self) -> Needs:
        return self.needed

    def reach(self) -> int | None:
        return self.node.reach()

    def terms(self) -> Iterator[Term]:
        return self.node.terms()


def if_standing(node: Node) -> Standing:
    return Standing(node, node.needs())
