"""Finds the few queries that an article can match among tens of thousands, by what each of them needs.

A query's needs are slots: sets of terms of which the article must hold one. Each row of needs hangs at its rarest
slot; where that is filled, the others of the row are looked up, all rows at once. Words that have to stand close
together must also have been met in neighbouring blocks of the text.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from monitors.match.needs import commonness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from monitors.match.lexicon import Slots, Term
    from monitors.match.needs import Row, Where

    Bits = npt.NDArray[np.uint64]

_LOOKED_UP = 4
"""How many slots of a row are looked up, the rarest. More hardly ever tell more."""
HEADLINE, HEAD = 1 << 62, 1 << 63
"""The bits of what stands in the title, and in the title or lead; the others are blocks of the text, in their order."""
BLOCKS = 61

_BLOCKS_ONLY, _ANYWHERE, _ONE = np.uint64(HEADLINE - 1), np.uint64(2 * HEAD - 1), np.uint64(1)
_WHERE: Mapping[Where, np.uint64] = {"anywhere": _ANYWHERE, "head": np.uint64(HEAD), "title": np.uint64(HEADLINE)}


class Presearch:
    """Never hides a query that matches: the law that tests hold it to with random queries and texts."""

    def __init__(self, rows: Sequence[tuple[int, Row]]) -> None:
        """Take rows of needs, each with the number of the query it belongs to; one met row makes a candidate."""
        self._always = sorted({query for query, row in rows if not row.needs})
        rows = [(query, row) for query, row in rows if row.needs]
        numbers: dict[frozenset[Term], int] = {}
        for _, row in rows:
            for terms in row.needs:
                numbers.setdefault(terms, len(numbers))
        self._count = len(numbers)
        self.slots: Mapping[Term, Slots] = _slots_by_term(numbers)
        rarity = _rarity(row for _, row in rows)
        looked_up = [sorted(row.needs, key=rarity.__getitem__)[:_LOOKED_UP] for _, row in rows]
        # Rows are kept in the order of their anchors, so that those of one anchor are one stretch.
        order = sorted(range(len(rows)), key=lambda row: numbers[looked_up[row][0]])
        self._queries = np.array([rows[row][0] for row in order], dtype=np.intp)
        # One slot more, which is always filled, stands where a row has less than the others.
        self._rows = np.full((len(rows), _LOOKED_UP), self._count, dtype=np.intp)
        self._far = np.full((len(rows), _LOOKED_UP), _ANYWHERE)
        for place, number in enumerate(order):
            for column, terms in enumerate(looked_up[number]):
                self._rows[place, column] = numbers[terms]
                self._far[place, column] = 0 if terms in rows[number][1].close else _ANYWHERE
        self._where = np.array([_WHERE[rows[number][1].where] for number in order], dtype=np.uint64)
        self._bits = np.zeros(self._count + 1, dtype=np.uint64)
        self._bits[-1] = _ANYWHERE
        self._begins = np.searchsorted(self._rows[:, 0], np.arange(self._count + 1))

    def candidates(self, filled: Sequence[Slots], where: Bits) -> list[int]:
        """Return the numbers of the queries that an article can match, in their order.

        Each of its words fills some slots, and has the bits set of HEAD and of the blocks where it stands.
        """
        if not filled or not len(self._rows):
            return self._always
        slots = np.concatenate(filled)
        rows = self._anchored(slots)
        standing = self._standing(slots, np.repeat(where, [len(some) for some in filled]), self._rows[rows])
        met = (standing != 0).all(axis=1)
        shared = np.bitwise_and.reduce(_widened(standing) | self._far[rows], axis=1)
        met &= shared & self._where[rows] != 0
        found: list[int] = np.unique(self._queries[rows[met]]).tolist()
        return sorted({*found, *self._always}) if self._always else found

    def _standing(self, slots: Slots, where: Bits, asked: Slots) -> Bits:
        """Return for the slots that are asked for in which blocks they are filled."""
        np.bitwise_or.at(self._bits, slots, where)
        standing: Bits = self._bits[asked]
        self._bits[slots] = 0  # wiped where it was used: of 100,000 slots an article fills some hundreds
        return standing

    def _anchored(self, slots: Slots) -> Slots:
        """Return the numbers of the rows that hang at one of these slots."""
        begins, ends = self._begins[slots], self._begins[slots + 1]
        lengths = ends - begins
        before = np.cumsum(lengths) - lengths
        return np.repeat(begins - before, lengths) + np.arange(lengths.sum())


def _widened(bits: Bits) -> Bits:
    """Add to each block its neighbours: what stands within a block's length may lie across a border."""
    blocks = bits & _BLOCKS_ONLY  # the last one may flow over into the bit between, which stands for nothing
    widened: Bits = bits | blocks << _ONE | blocks >> _ONE
    return widened


def _slots_by_term(numbers: Mapping[frozenset[Term], int]) -> Mapping[Term, Slots]:
    slots: dict[Term, list[int]] = defaultdict(list)
    for terms, number in numbers.items():
        for term in terms:
            slots[term].append(number)
    return {term: np.array(held, dtype=np.intp) for term, held in slots.items()}


def _rarity(rows: Iterable[Row]) -> Mapping[frozenset[Term], float]:
    """Guess how many articles fill each slot: by the length of its words, and by how many queries ask for them."""
    slots = [terms for row in rows for terms in row.needs]
    asked = Counter(term for terms in slots for term in terms)
    return {terms: sum(asked[term] * commonness((term,)) for term in terms) for terms in slots}
