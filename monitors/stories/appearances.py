"""Which rows have a feature: sorted pieces that are merged as they grow, so that neither adding nor asking is slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Hashes = npt.NDArray[np.uint32]
    Indices = npt.NDArray[np.intp]
    Keys = npt.NDArray[np.uint64]

_LARGEST = 1 << 20
"""Keys in a piece. To merge larger ones would take as much memory again."""
_FEW = 1 << 10
"""Pieces smaller than this are merged at once: asking many small ones takes longer."""
_MOST_WAITING = 1 << 12
"""Rows that wait to be asked for."""
_ROW_BITS = np.uint64(32)


class Appearances:
    """Keys of 64 bits: the feature in the upper half, the row in the lower."""

    def __init__(self) -> None:
        self._pieces: list[Keys] = []
        self._waiting: list[Keys] = []

    def add(self, hashes: Hashes, row: int) -> None:
        """Add a row, whose number is higher than those of all before it."""
        self._waiting.append(_key(hashes) | np.uint64(row))
        if len(self._waiting) == _MOST_WAITING:
            self._settle()

    def find(self, wanted: Hashes, most: int) -> tuple[Indices, Indices]:
        """Return the rows that have some of the features, an entry for each, and by which of the wanted it is there.

        Of a feature that is often in a piece, only the latest `most`.
        """
        self._settle()
        rows, by = [_NONE], [_NONE]
        keys = _key(wanted)
        for piece in self._pieces:
            starts, ends = piece.searchsorted(keys), piece.searchsorted(keys | _LAST)
            lengths = np.minimum(ends - starts, most)
            total = np.cumsum(lengths)
            places = np.repeat(ends - total, lengths) + np.arange(total[-1] if len(total) else 0)
            rows.append((piece[places] & _LAST).astype(np.intp))
            by.append(np.repeat(np.arange(len(wanted)), lengths))
        return np.concatenate(rows), np.concatenate(by)

    def drop(self, before: int) -> None:
        """Drop the rows before one, and count the others from there."""
        self._settle()
        kept = [piece[(piece & _LAST) >= before] - np.uint64(before) for piece in self._pieces]
        self._pieces = [piece for piece in kept if len(piece)]

    def _settle(self) -> None:
        """Make a piece of what was added: of many rows at once, as where a window is read back, or of a single one."""
        if not self._waiting:
            return
        piece = self._waiting[0]
        if len(self._waiting) > 1:
            piece = np.concatenate(self._waiting)
            piece.sort(kind="stable")
        self._waiting = []
        self._pieces.append(piece)
        self._merge()

    def _merge(self) -> None:
        """Merge as many of the last pieces as makes each at least twice as large as the one after it."""
        last, total = len(self._pieces) - 1, len(self._pieces[-1])
        while last and (before := len(self._pieces[last - 1])) < max(2 * total, _FEW):
            if before + total > _LARGEST:
                break
            last, total = last - 1, before + total
        if last < len(self._pieces) - 1:
            merged = np.concatenate(self._pieces[last:])
            merged.sort(kind="stable")  # which makes use of that the pieces are sorted
            self._pieces[last:] = [merged]


_NONE = np.zeros(0, np.intp)
_LAST = np.uint64(0xFFFFFFFF)


def _key(hashes: Hashes) -> Keys:
    return hashes.astype(np.uint64) << _ROW_BITS
