"""Which articles have a hash: sorted pieces that are merged as they grow, so that neither adding nor asking is slow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from monitors.stories.shingles import Hashes

    Indices = npt.NDArray[np.intp]
    Owners = npt.NDArray[np.uint16]

_LARGEST = 1 << 15
"""Articles in a piece. A larger one would take twice its memory to merge, and longer to fall out of the window."""
_SMALLEST = 16
"""Pieces smaller than this are merged at once: asking many small ones takes longer."""
_OFTEN = 64
"""So many articles of a piece are looked at for one hash; what more of them have is no copy but a phrase of a house."""
_MOST_WAITING = 1 << 10
_BITS = 32
_OWNER_BITS = np.uint64(16)
_BUCKET_BITS = 3
_AT_ONCE = 1 << 18
"""Hashes that are sorted together."""


_NOWHERE = np.zeros(0, np.intp)


class _Run(NamedTuple):
    """Hashes in ascending order, and whose each is, of articles that were added one after the other."""

    first: int
    hashes: Hashes
    owners: Owners
    """Counted from the first."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run with a directory, which spares the many steps of a search that each wait for memory."""

    run: _Run
    articles: int
    shift: int
    starts: npt.NDArray[np.uint32]
    """Where the hashes start that are the same above `shift` bits, some half a dozen; one more item for the end."""

    @classmethod
    def of(cls, run: _Run, articles: int) -> _Piece:
        bits = max(0, len(run.hashes).bit_length() - _BUCKET_BITS)
        shift = _BITS - bits
        starts = np.empty((1 << bits) + 1, np.uint32)
        starts[0], starts[-1] = 0, len(run.hashes)
        starts[1:-1] = run.hashes.searchsorted(np.arange(1, 1 << bits, dtype=np.uint32) << np.uint32(shift))
        return cls(run, articles, shift, starts)

    def find(self, wanted: Hashes) -> tuple[Indices, int]:
        """Return whose the wanted hashes are, one entry for each; and of how many it says only a part."""
        buckets = wanted.astype(np.intp) >> self.shift
        starts = self.starts[buckets].astype(np.intp)
        lengths = self.starts[buckets + 1] - starts
        often = 0
        if lengths.max() > _OFTEN:
            often = int(np.count_nonzero(lengths > _OFTEN))
            lengths = np.minimum(lengths, _OFTEN)
        ends = lengths.cumsum()
        places = (starts - ends + lengths).repeat(lengths)
        places += np.arange(len(places))
        places = places[self.run.hashes[places] == wanted.repeat(lengths)]
        return self.run.owners[places] + np.intp(self.run.first), often


class Postings:
    """Articles by their hashes, in the order they were added."""

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []
        self._waiting: list[Hashes] = []
        self._added = 0

    def add(self, hashes: Hashes) -> None:
        """Add an article: the hashes ascending, each once, and one at least."""
        self._waiting.append(hashes)
        self._added += 1
        if len(self._waiting) == _MOST_WAITING:
            self._settle()

    def find(self, wanted: Hashes) -> tuple[Indices, Indices, int]:
        """Return the articles that have some of the hashes, how many each has, and how many it may have besides.

        An article is known by how many were added before it.
        """
        self._settle()
        found = [piece.find(wanted) for piece in self._pieces] if len(wanted) else []
        articles = np.concatenate([_NOWHERE, *(owners for owners, _ in found)])
        return *_counted(articles), max((often for _, often in found), default=0)

    def drop(self, is_over: Callable[[int, int], bool]) -> int:
        """Drop the pieces of which, by where they start and end, that is said.

        Return how many articles are gone before the first that is left.
        """
        self._settle()
        self._pieces = [one for one in self._pieces if not is_over(one.run.first, one.run.first + one.articles)]
        return self._pieces[0].run.first if self._pieces else self._added

    def _settle(self) -> None:
        """Make a piece of what was added, with as many of the last as leaves each twice as large as the one after."""
        if not self._waiting:
            return
        total = len(self._waiting)
        runs = [_Run(self._added - total, *_joined(self._waiting))]
        self._waiting = []
        while self._pieces and (last := self._pieces[-1].articles) < max(2 * total, _SMALLEST):
            if last + total > _LARGEST:
                break
            total += last
            runs.insert(0, self._pieces.pop().run)
        self._pieces.append(_Piece.of(_merged(runs), total))


def _joined(several: Sequence[Hashes]) -> tuple[Hashes, Owners]:
    """Return the hashes of several articles in ascending order, and whose each is."""
    if len(several) == 1:
        return several[0], np.zeros(len(several[0]), np.uint16)
    owners = np.arange(len(several), dtype=np.uint16).repeat([len(one) for one in several])
    return _sorted(np.concatenate(several), owners)


def _merged(runs: Sequence[_Run]) -> _Run:
    """Return one run of several, made a part at a time: all at once would take twice the memory of the index."""
    if len(runs) == 1:
        return runs[0]
    first, total = runs[0].first, sum(len(run.hashes) for run in runs)
    if total <= _AT_ONCE:
        return _Run(first, *_part(runs, [slice(None)] * len(runs), first))
    hashes, owners = np.empty(total, np.uint32), np.empty(total, np.uint16)
    limits = np.linspace(0, 1 << _BITS, total // _AT_ONCE + 1, endpoint=False)[1:].astype(np.uint32)
    cuts = [[0, *run.hashes.searchsorted(limits).tolist(), len(run.hashes)] for run in runs]
    end = 0
    for part in range(len(limits) + 1):
        some = _part(runs, [slice(*cut[part : part + 2]) for cut in cuts], first)
        start, end = end, end + len(some[0])
        hashes[start:end], owners[start:end] = some
    return _Run(first, hashes, owners)


def _part(runs: Sequence[_Run], stretches: Sequence[slice], first: int) -> tuple[Hashes, Owners]:
    pairs = list(zip(runs, stretches, strict=True))
    owners = [run.owners[stretch] + np.uint16(run.first - first) for run, stretch in pairs]
    return _sorted(np.concatenate([run.hashes[stretch] for run, stretch in pairs]), np.concatenate(owners))


def _sorted(hashes: Hashes, owners: Owners) -> tuple[Hashes, Owners]:
    both = hashes.astype(np.uint64)
    both <<= _OWNER_BITS
    both |= owners
    both.sort(kind="stable")  # which makes use of that there are runs in it
    return (both >> _OWNER_BITS).astype(np.uint32), both.astype(np.uint16)


def _counted(articles: Indices) -> tuple[Indices, Indices]:
    """Return them in ascending order, and how often each was there."""
    articles.sort()
    places = np.flatnonzero(articles[1:] != articles[:-1])
    starts = np.concatenate(([0], places + 1))[: len(articles)]
    return articles[starts], np.diff(starts, append=len(articles))
