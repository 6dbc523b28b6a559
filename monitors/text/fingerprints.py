"""Numbers that stand for the words of a text: found for all at once, where cutting and looking up each costs more."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import numpy as np

from monitors.text.folding import LONGEST_WORD

if TYPE_CHECKING:
    import numpy.typing as npt

    Codes = npt.NDArray[np.uint32] | npt.NDArray[np.uint8]
    Fingerprints = npt.NDArray[np.uint64]
    Indices = npt.NDArray[np.intp]

_BITS = 64
_BASE = secrets.randbits(_BITS) | 1  # odd, so that it has an inverse; secret, so that nobody can write two words alike
NO_FINGERPRINTS: Fingerprints = np.zeros(0, np.uint64)
_INVERSE = pow(_BASE, -1, 1 << _BITS)


def fingerprints(codes: Codes, starts: Indices, ends: Indices) -> Fingerprints:
    """Return for each word, by where it starts and ends, a number of 64 bits; 0 for one beyond LONGEST_WORD.

    A polynomial of its characters modulo 2^64 (Karp and Rabin 1987): the difference of two in one row of sums. That two
    of a million words have the same happens in one of a million processes; two long ones could be written so, whatever
    the base (from the sequence of Thue and Morse), and therefore have none.
    """
    powers, inverses = _POWERS.to(len(codes))
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * powers, out=sums[1:])
    found = (sums[ends] - sums[starts]) * inverses[starts]
    lengths = ends - starts
    if len(lengths) and lengths.max() > LONGEST_WORD:
        found[lengths > LONGEST_WORD] = 0
    return found


class _Powers:
    """The powers of the base, and of its inverse, as many as the longest text had characters."""

    def __init__(self) -> None:
        self._grow(1 << 15)

    def to(self, count: int) -> tuple[Fingerprints, Fingerprints]:
        """Return the powers 1, 2, … of the base, and 0, 1, … of its inverse."""
        if count > len(self._powers):
            self._grow(2 * count)
        return self._powers[:count], self._inverses[:count]

    def _grow(self, count: int) -> None:
        self._powers = np.cumprod(np.full(count, _BASE, np.uint64), dtype=np.uint64)
        self._inverses = np.cumprod(np.append(np.uint64(1), np.full(count - 1, _INVERSE, np.uint64)), dtype=np.uint64)


_POWERS = _Powers()
