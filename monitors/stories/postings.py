"""Which articles have a hash: sorted pieces that are merged as they grow, so that neither adding nor asking is slow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from monitors.stories.shingles import Hashes

    Indices = npt.NDArray[np.intp]

_LARGEST = 1 << 14
"""Articles in a piece. A larger one would take twice its memory to merge, and longer to fall out of the window."""
_SMALLEST = 16
"""Pieces smaller than this are merged at once: asking many small ones takes longer."""
_OFTEN = 64
"""So many articles of a piece are looked at for one hash; what more of them have is no copy but a phrase of a house."""
_OWNER_BITS = 16


@dataclass(frozen=True, slots=True)
class _Piece:
    """Articles that were added one after the other; each is known by how many were added before it."""

    first: int
    articles: int
    hashes: Hashes
    """Ascending."""
    owners: npt.NDArray[np.uint16]
    """Whose each of the hashes is, counted from the first."""

    def find(self, wanted: Hashes) -> tuple[Indices, int]:
        """Return whose the wanted hashes are, one entry for each; and how many of them are whose it does not say."""
        at = self.hashes.searchsorted(wanted)
        np.minimum(at, len(self.hashes) - 1, out=at)
        starts = at[self.hashes[at] == wanted]
        if not len(starts):
            return starts, 0
        lengths = self.hashes.searchsorted(self.hashes[starts], "right") - starts
        often = int(np.count_nonzero(lengths > _OFTEN))
        if often:
            lengths = np.minimum(lengths, _OFTEN)
        ends = np.cumsum(lengths)
        places = np.repeat(starts - ends + lengths, lengths) + np.arange(ends[-1])
        return self.owners[places].astype(np.intp) + self.first, often


class Postings:
    """Articles by their hashes, in the order they were added."""

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []
        self._added = 0

    def add(self, hashes: Hashes) -> int:
        """Add an article and return how many were added before it."""
        self._pieces.append(_Piece(self._added, 1, hashes, np.zeros(len(hashes), np.uint16)))
        self._added += 1
        self._merge()
        return self._added - 1

    def find(self, wanted: Hashes) -> tuple[Indices, Indices, int]:
        """Return the articles that have some of the hashes, how many each has, and how many it may have besides."""
        found: list[Indices] = []
        often = 0
        for piece in self._pieces:
            owners, more = piece.find(wanted)
            found.append(owners)
            often = max(often, more)
        return *_counted(np.concatenate([_NONE, *found])), often

    def drop(self, is_over: Callable[[int, int], bool]) -> int:
        """Drop the pieces of which, by where they start and end, that is said; return how many articles are gone before
        the first that is left.
        """
        self._pieces = [one for one in self._pieces if not is_over(one.first, one.first + one.articles)]
        return self._pieces[0].first if self._pieces else self._added

    def _merge(self) -> None:
        """Merge as many of the last pieces as makes each at least twice as large as the one after it."""
        last, total = len(self._pieces) - 1, self._pieces[-1].articles
        while last and (before := self._pieces[last - 1].articles) < max(2 * total, _SMALLEST):
            if before + total > _LARGEST:
                break
            last, total = last - 1, before + total
        if last < len(self._pieces) - 1:
            self._pieces[last:] = [_merged(self._pieces[last:])]


_NONE = np.zeros(0, np.intp)


def _counted(articles: Indices) -> tuple[Indices, Indices]:
    """Return them in ascending order, and how often each was there."""
    articles.sort()
    starts = np.flatnonzero(np.diff(articles, prepend=-1))
    return articles[starts], np.diff(starts, append=len(articles))


def _merged(pieces: Sequence[_Piece]) -> _Piece:
    first = pieces[0].first
    both = np.concatenate([one.hashes for one in pieces]).astype(np.uint64) << np.uint64(_OWNER_BITS)
    both |= np.concatenate([one.owners + np.uint16(one.first - first) for one in pieces])
    both.sort(kind="stable")  # which makes use of that the pieces are sorted
    hashes, owners = (both >> np.uint64(_OWNER_BITS)).astype(np.uint32), both.astype(np.uint16)
    return _Piece(first, pieces[-1].first + pieces[-1].articles - first, hashes, owners)
