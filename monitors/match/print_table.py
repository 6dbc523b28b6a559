"""A table from the fingerprints of words to their numbers, asked for all words of an article at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from monitors.text.fingerprints import Fingerprints

    Numbers = npt.NDArray[np.intp]

_BITS = 64


class PrintTable:
    """Remembers most of what it is told. Each fingerprint shares two places with others; the third pushes one out."""

    def __init__(self, room: int) -> None:
        """Take how many it is made for: few of so many are pushed out."""
        self.room = room
        bits = (2 * room).bit_length()
        self._shift = np.uint64(_BITS - bits)
        self._prints = np.zeros(2 << bits, np.uint64)
        self._numbers = np.zeros(2 << bits, np.intp)

    def look_up(self, prints: Fingerprints) -> tuple[Numbers, Numbers]:
        """Return the number of each fingerprint, and which of them are not known here; 0 never is."""
        places = self._places(prints)
        first, second = self._prints[places] == prints, self._prints[places + 1] == prints
        numbers = np.where(first, self._numbers[places], self._numbers[places + 1])
        return numbers, np.flatnonzero(~(first | second) | (prints == 0))

    def remember(self, prints: Fingerprints, numbers: Numbers) -> None:
        places = self._places(prints)
        self._prints[places + 1], self._numbers[places + 1] = self._prints[places], self._numbers[places]
        self._prints[places], self._numbers[places] = prints, numbers

    def _places(self, prints: Fingerprints) -> Numbers:
        """Return the first place of each; the second is beside it."""
        places: Numbers = (prints >> self._shift).astype(np.intp) << 1
        return places
