"""What is known of the articles of a window besides their hashes: columns that grow, in the order they were added."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from monitors.stories.shingles import LEVELS

if TYPE_CHECKING:
    import numpy.typing as npt

    from monitors.stories.shingles import Shingles

    Rows = npt.NDArray[np.intp]

_NEVER = -np.inf
_COLUMNS: dict[str, Any] = {
    "numbers": np.int64,
    "roots": np.int64,
    "at": np.float64,
    "counts": np.uint32,
    "levels": np.uint8,
    "sizes": (np.uint8, LEVELS),
}


class Kept:
    """The articles, one a row. A row keeps its place when those before it are dropped: it is asked for by `first`."""

    def __init__(self) -> None:
        self.first = 0
        """How many rows were dropped at the beginning."""
        self._used = 0
        self._highest = -1
        self._columns = {name: np.zeros(64, kind) for name, kind in _COLUMNS.items()}
        self._added: Counter[int] = Counter()

    def __len__(self) -> int:
        return int(np.count_nonzero(self.at > _NEVER))

    @property
    def numbers(self) -> npt.NDArray[np.int64]:
        return self._columns["numbers"][: self._used]

    @property
    def roots(self) -> npt.NDArray[np.int64]:
        """The first articles of the groups of copies they belong to; an article that is no copy is its own."""
        return self._columns["roots"][: self._used]

    @property
    def at(self) -> npt.NDArray[np.float64]:
        """In seconds; minus infinity if the article was taken out."""
        return self._columns["at"][: self._used]

    @property
    def counts(self) -> npt.NDArray[np.uint32]:
        return self._columns["counts"][: self._used]

    @property
    def levels(self) -> npt.NDArray[np.uint8]:
        return self._columns["levels"][: self._used]

    @property
    def sizes(self) -> npt.NDArray[np.uint8]:
        """How many hashes of each are kept at each level; see Shingles.sizes."""
        return self._columns["sizes"][: self._used]

    def add(self, number: int, root: int, at_s: float, text: Shingles) -> None:
        if self._used == len(self._columns["at"]):
            self._columns = {
                name: np.resize(one, (2 * len(one) + 64, *one.shape[1:])) for name, one in self._columns.items()
            }
        row = self._used
        self._used += 1
        self._added[root] += 1
        self._highest = max(self._highest, number)
        sizes = text.sizes()
        values = (number, root, at_s, text.count, text.level, sizes)
        for column, value in zip(self._columns.values(), values, strict=True):
            column[row] = value

    def take_out(self, number: int) -> None:
        if number <= self._highest:  # numbers mostly ascend, so that most need not be looked for
            self.at[self.numbers == number] = _NEVER

    def at_most(self, root: int) -> int:
        """Return how many rows a group of copies has, those that were taken out among them."""
        return self._added[root]

    def members(self, root: int) -> Rows:
        """Return the rows of a group of copies; of those that were taken out, too."""
        return np.flatnonzero(self.roots == root)

    def drop(self, first: int) -> None:
        """Drop the rows before one."""
        gone = slice(first - self.first, self._used)
        self._columns = {name: one[gone].copy() for name, one in self._columns.items()}
        self._used, self.first = self._used - gone.start, first
        self._added = Counter(self.roots.tolist())
