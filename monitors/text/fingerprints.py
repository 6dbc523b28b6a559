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
_STRETCH = 1 << 16
"""So many characters are looked at together; hardly an article has more."""
_MOST = _STRETCH + LONGEST_WORD


class Base:
    """What the numbers are made with. It is odd, so that it has an inverse."""

    def __init__(self, odd: int) -> None:
        inverse = pow(odd, -1, 1 << _BITS)
        self.powers = np.cumprod(np.full(_MOST, odd, np.uint64), dtype=np.uint64)  # 1, 2, … of it
        self.inverses = np.cumprod(np.append(np.uint64(1), np.full(_MOST, inverse, np.uint64)), dtype=np.uint64)  # 0, …


SECRET = Base(secrets.randbits(_BITS) | 1)
"""Of this process alone, so that nobody can write two words alike."""
NO_FINGERPRINTS: Fingerprints = np.zeros(0, np.uint64)


def fingerprints(codes: Codes, starts: Indices, ends: Indices, base: Base) -> Fingerprints:
    """Return for each word, by where it starts and ends, a number of 64 bits; 0 for one beyond LONGEST_WORD.

    A polynomial of its characters modulo 2^64 (Karp and Rabin 1987): the difference of two in one row of sums. That two
    of a million words have the same happens in one of a million processes; two long ones could be written so, whatever
    the base (from the sequence of Thue and Morse), and therefore have none.
    """
    if len(codes) <= _STRETCH:
        return _of_stretch(codes, starts, ends, base)
    begins = np.arange(0, len(codes), _STRETCH)
    first = [*np.searchsorted(starts, begins).tolist(), len(starts)]
    stretches = zip(begins.tolist(), first[:-1], first[1:], strict=True)
    found = [_of_stretch(codes[at : at + _MOST], starts[a:b] - at, ends[a:b] - at, base) for at, a, b in stretches]
    return np.concatenate(found)


def _of_stretch(codes: Codes, starts: Indices, ends: Indices, base: Base) -> Fingerprints:
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * base.powers[: len(codes)], out=sums[1:])
    found: Fingerprints = (sums[np.minimum(ends, len(codes))] - sums[starts]) * base.inverses[starts]
    found[ends - starts > LONGEST_WORD] = 0
    return found
