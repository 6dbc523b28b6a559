"""Finds the few queries that an article can match among tens of thousands, by what each of them needs.

A query's needs are slots: sets of terms of which the article must hold one. Each row of needs hangs at its rarest
slot; where that is filled, the others of the row are looked up, all rows at once. Words that have to stand close
together must also have been met in neighbouring blocks of the text, and words in a row one token behind the other
(where its number is counted round and round to 64).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from monitors.match.lists import Lists
from monitors.match.needs import commonness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from monitors.match.lexicon import Numbers, Term
    from monitors.match.needs import Row, Where

    Bits = npt.NDArray[np.uint64]

_LOOKED_UP = 4
"""How many slots of a row are looked up, the rarest. More hardly ever tell more."""
HEADLINE, HEAD = 1 << 62, 1 << 63
"""The bits of what stands in the title, and in the title or lead; the others are blocks of the text, in their order."""
BLOCKS = 61
ROUND = 64
"""To so many the tokens are counted before it begins anew: a bit for each."""

_BLOCKS_ONLY, _ANYWHERE, _ONE, _ROUND = map(np.uint64, (HEADLINE - 1, 2 * HEAD - 1, 1, ROUND))
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
        self.slots: Mapping[Term, Sequence[int]] = _slots_by_term(numbers)
        self._queries = np.array([query for query, _ in rows], dtype=np.intp)
        self._where = np.array([_WHERE[row.where] for _, row in rows], dtype=np.uint64)
        rarity = _rarity(row for _, row in rows)
        looked_up = [sorted(row.needs, key=rarity.__getitem__)[:_LOOKED_UP] for _, row in rows]
        # One slot more, which is always filled, stands where a row has less than the others.
        filler = [len(numbers)] * _LOOKED_UP
        slots = [[*map(numbers.__getitem__, needs), *filler[len(needs) :]] for needs in looked_up]
        self._slots = np.array(slots, dtype=np.intp).reshape(-1, _LOOKED_UP).T.copy()
        self._far, self._loose = (np.full_like(self._slots, _ANYWHERE, dtype=np.uint64) for _ in range(2))
        self._behind = np.zeros_like(self._slots, dtype=np.uint64)
        for place, (_, row) in enumerate(rows):
            behind = dict(row.in_a_row)
            for column, terms in enumerate(looked_up[place]):
                if terms in row.close:
                    self._far[column, place] = 0
                if terms in behind:
                    self._loose[column, place] = 0
                    self._behind[column, place] = behind[terms] % ROUND
        hanging: list[list[int]] = [[] for _ in numbers]
        for place, (anchor, *_) in enumerate(slots):
            hanging[anchor].append(place)
        self._rows = Lists(hanging)
        """For each slot the rows that hang at it."""
        self._bits, self._turns = (np.zeros(len(numbers) + 1, dtype=np.uint64) for _ in range(2))
        self._bits[-1] = self._turns[-1] = _ANYWHERE

    def candidates(self, slots: Numbers, where: Bits, turns: Bits) -> list[int]:
        """Return the numbers of the queries that an article can match, in their order.

        It fills some slots, each in the blocks of its text and in the title or head as the bits of `where` say, and at
        tokens whose numbers, modulo ROUND, are the bits of `turns`.
        """
        np.bitwise_or.at(self._bits, slots, where)
        np.bitwise_or.at(self._turns, slots, turns)
        rows = self._met(self._rows.of(slots)[0])
        self._bits[slots] = self._turns[slots] = 0  # wiped where it was used: of 100,000 an article fills some hundreds
        found: list[int] = self._queries[rows].tolist()
        return sorted({*found, *self._always})

    def _met(self, rows: Numbers) -> Numbers:
        """Return those of some rows of which every slot is filled, and as close or in a row as they have to be."""
        standing = self._bits[self._slots[:, rows]]
        filled = standing.all(axis=0)
        rows, standing = rows[filled], standing[:, filled]
        shared = np.bitwise_and.reduce(_widened(standing) | self._far[:, rows])
        rows = rows[shared & self._where[rows] != 0]
        turned = _turned(self._turns[self._slots[:, rows]], self._behind[:, rows])
        met: Numbers = rows[np.bitwise_and.reduce(turned | self._loose[:, rows]) != 0]
        return met


def _widened(bits: Bits) -> Bits:
    """Add to each block its neighbours: what stands within a block's length may lie across a border."""
    blocks = bits & _BLOCKS_ONLY  # the last one may flow over into the bit between, which stands for nothing
    widened: Bits = bits | blocks << _ONE | blocks >> _ONE
    return widened


def _turned(bits: Bits, back: Bits) -> Bits:
    """Turn bits round, so that what stands so many tokens behind another falls on it."""
    turned: Bits = bits >> back | bits << (_ROUND - back) % _ROUND
    return turned


def _slots_by_term(numbers: Mapping[frozenset[Term], int]) -> Mapping[Term, Sequence[int]]:
    slots: dict[Term, list[int]] = defaultdict(list)
    for terms, number in numbers.items():
        for term in terms:
            slots[term].append(number)
    return slots


def _rarity(rows: Iterable[Row]) -> Mapping[frozenset[Term], float]:
    """Guess how many articles fill each slot: by the length of its words, and by how many queries ask for them."""
    slots = [terms for row in rows for terms in row.needs]
    asked = Counter(term for terms in slots for term in terms)
    common = {term: times * commonness((term,)) for term, times in asked.items()}
    return {terms: sum([common[term] for term in terms]) for terms in slots}
