"""Tells of which article a text is a copy: of one that shares at least half of the shingles of the shorter of both.

How, and how well, is in docs/stories.md; why so, in docs/adr/0011-copies-by-samples-of-shingles.md.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from monitors.stories.kept import Kept
from monitors.stories.postings import Postings
from monitors.stories.shingles import hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, timedelta

    import numpy.typing as npt

    from monitors.stories.kept import Rows
    from monitors.stories.shingles import Hashes, Shingles

    Texts = Callable[[int], str | None]
    """The text of an article (see shingles.told) by its number; None if it is not to be had."""

SHARED = 0.5
"""The share of the shorter one's shingles that makes two texts copies."""
_DOUBT = 2.5
"""A share that was estimated is believed beyond so many standard deviations from SHARED."""
_MOST_READ = 16
"""Texts that are read to make sure, for one article; of what else is doubtful, none is a copy."""
_MOST_INDEXED = 32
"""Articles of a group that are looked up; further ones are found to be copies of these."""


class Copies:
    """The texts of a window of time, by number.

    A group of copies is known by its root, the one that came first. A text joins the group in which it shares enough
    with more members than not, the one with the largest such surplus: being a copy is no equivalence. Times are those
    at which articles were found.
    """

    def __init__(self, window: timedelta) -> None:
        self._window_s = window.total_seconds()
        self._postings = Postings()
        self._kept = Kept()

    def __len__(self) -> int:
        return len(self._kept)

    def original_of(self, text: Shingles, at: datetime, texts: Texts, *, but: int | None = None) -> int | None:
        """Return the root of the group that a text belongs to, if it is a copy.

        `but` is the number of the article itself, where it is placed anew after an edit.
        """
        groups = Counter(self.near(text, at, texts, but=but).values())
        surplus = {root: 2 * count - self._size(root, at.timestamp(), but) for root, count in groups.items()}
        best = max(surplus, key=lambda root: (surplus[root], -root), default=but)
        return best if best is not None and best != but and surplus[best] > 0 else None

    def near(self, text: Shingles, at: datetime, texts: Texts, *, but: int | None = None) -> Mapping[int, int]:
        """Return the articles of the window that a text shares enough with, and the roots of their groups."""
        found = self._compare(text, at.timestamp(), but)
        least = found.shares - found.doubts
        order = np.argsort(-least, kind="stable")
        certain = int(np.count_nonzero(least >= SHARED))
        doubtful = order[certain:].tolist()
        rows = order[:certain].tolist()
        rows += [row for row in doubtful[:_MOST_READ] if self._is_near(text, found, row, texts)]
        return {found.numbers.item(row): found.roots.item(row) for row in rows}

    def _is_near(self, text: Shingles, found: _Found, row: int, texts: Texts) -> bool:
        if text.every is None or (other := texts(found.numbers.item(row))) is None:
            return found.seem_near(row)
        return share(text.every, hashes(other)) >= SHARED

    def add(self, number: int, text: Shingles, at: datetime, copy_of: int | None) -> None:
        """Add an article, or an edited one again. `copy_of` is the root of its group, None if it is one itself."""
        self._kept.take_out(number)
        root = number if copy_of is None else copy_of
        at_s = at.timestamp()
        if not len(text.sample) or (copy_of is not None and self._is_full(root, at_s)):
            return
        self._postings.add(text.sample)
        self._kept.add(number, root, at_s, text)

    def _is_full(self, root: int, at_s: float) -> bool:
        return self._kept.at_most(root) >= _MOST_INDEXED and self._size(root, at_s, None) >= _MOST_INDEXED

    def forget(self, before: datetime) -> None:
        """Give back the memory of articles before a time, by and by."""
        at, first, limit = self._kept.at, self._kept.first, before.timestamp()
        self._kept.drop(self._postings.drop(lambda start, end: bool((at[start - first : end - first] < limit).all())))

    def _compare(self, text: Shingles, at_s: float, but: int | None) -> _Found:
        """Estimate what a text shares with each article of the window that it may share enough with."""
        articles, hits, often = self._postings.find(text.sample)
        rows = articles - self._kept.first
        inside = self._inside(rows, at_s, but)
        rows, hits = rows[inside], hits[inside]
        levels = self._kept.levels[rows].astype(np.intp)
        common = np.maximum(levels, text.level)
        own = text.sizes()[common]
        theirs = self._kept.sizes[rows, common]
        sizes = np.where(text.count <= self._kept.counts[rows], own, theirs)
        doubts = np.where(common > 0, _DOUBT * np.sqrt(SHARED * (1 - SHARED) / sizes), 0) + often / sizes
        shares = hits / sizes
        likely = shares + doubts >= SHARED
        rows = rows[likely]
        return _Found(self._kept.numbers[rows], self._kept.roots[rows], shares[likely], doubts[likely])

    def _size(self, root: int, at_s: float, but: int | None) -> int:
        return int(np.count_nonzero(self._inside(self._kept.members(root), at_s, but)))

    def _inside(self, rows: Rows, at_s: float, but: int | None) -> npt.NDArray[np.bool_]:
        """Tell which articles are of the window, without the one that is asked for."""
        inside = np.abs(self._kept.at[rows] - at_s) <= self._window_s
        return inside if but is None else inside & (self._kept.numbers[rows] != but)


class _Found(NamedTuple):
    numbers: npt.NDArray[np.int64]
    roots: npt.NDArray[np.int64]
    shares: npt.NDArray[np.float64]
    """What each shares of the shorter text's shingles, estimated."""
    doubts: npt.NDArray[np.float64]
    """How far off that may be."""

    def seem_near(self, row: int) -> bool:
        """Decide by the estimate, if it is one: a handful of hashes tells nothing."""
        return bool(self.shares[row] >= SHARED >= self.doubts[row])


def share(one: Hashes, other: Hashes) -> float:
    """Return which part of the shorter text's shingles two texts share; of one that has none, nothing."""
    both = np.sort(np.concatenate((one, other)))
    return int(np.count_nonzero(both[1:] == both[:-1])) / max(1, min(len(one), len(other)))
