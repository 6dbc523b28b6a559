"""Many short lists of numbers in one array, of which many can be taken at once."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]


class Lists:
    """Lists that are known by their number; more can be added."""

    def __init__(self, lists: Iterable[Iterable[int]] = ()) -> None:
        self._items = array("q")
        self._begins = array("q", [0])
        for one in lists:
            self.append(one)

    def __len__(self) -> int:
        return len(self._begins) - 1

    def append(self, items: Iterable[int]) -> None:
        self._items.extend(items)
        self._begins.append(len(self._items))

    def of(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        """Return the items of some lists, in a row, and how many are of each."""
        every = np.frombuffer(self._begins, np.int64)
        begins = every[numbers]
        lengths = every[numbers + 1] - begins
        ends = np.cumsum(lengths)
        places = np.repeat(begins - ends + lengths, lengths)
        places += np.arange(len(places))
        return np.frombuffer(self._items, np.int64)[places] if len(places) else places, lengths
