"""Tells which articles are about one event: each joins the story that it is nearest to, or begins one.

How, and how well, is in docs/stories.md; why so, in docs/adr/0013-stories-in-a-single-pass.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from monitors.stories.appearances import Appearances
from monitors.stories.features import MOST, STEP

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    import numpy.typing as npt

    from monitors.stories.features import Features

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.intp]

ALIKE = 0.24
"""How near an article must be to the nearest of a story: the mean cosine to these."""
NEAREST = 3
_READ = 2_000
"""Rows that are looked at for one article: those that share its rarest features."""
_OFTEN = 512
"""Of these, in a piece of the index for one feature."""
_COMPARED = 48
"""Rows that an article is compared with in full: those that share the most."""
_BACKGROUND = 3_000
"""Articles that are thought to have come before the first, so that what all of the first few share tells something."""
_LEAST = 40.0
"""The length that a vector is thought to have at least, so that two headlines of three words are no story for one."""
_BUCKETS = 1 << 22
_NEVER = -np.inf
_COLUMNS: dict[str, Any] = {
    "numbers": np.int64,
    "stories": np.int64,
    "at": np.float64,
    "found": np.float64,
    "hashes": (np.uint32, MOST),
    "weights": (np.uint8, MOST),
}


class Events:
    """The articles of a window of time, and the stories they are in.

    A story takes articles from a window before its first to a window after it, so that what comes up every day does not
    become one that never ends.
    """

    def __init__(self, window: timedelta) -> None:
        self._window_s = window.total_seconds()
        self._appearances = Appearances()
        self._articles = 0
        self._used = 0
        self._row_of: dict[int, int] = {}
        self._columns = {name: np.zeros(64, kind) for name, kind in _COLUMNS.items()}
        self._often = np.zeros(_BUCKETS, np.uint32)
        self._sizes: Counter[int] = Counter()
        self._begun: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self._row_of)

    def story_of(self, its: Features, at: datetime) -> int | None:
        """Return the story that an article belongs to, if there is one."""
        near = self._near(its, at.timestamp())
        best = max(near, key=lambda story: (near[story], -story), default=None)
        return best if best is not None and near[best] >= ALIKE else None

    def story(self, number: int) -> int | None:
        """Return the story an article is in, if it is known."""
        row = self._row_of.get(number)
        return None if row is None else int(self._columns["stories"][row])

    def add(self, number: int, its: Features, at: datetime, story: int, *, found: datetime | None = None) -> None:
        """Add an article, or an edited one again. If it is not said when it was found, that was when it is from."""
        self._take_out(number)
        self._begin(number, at.timestamp(), story)
        row = self._next_row()
        count = len(its.hashes)
        came = (found or at).timestamp()
        values = (number, story, at.timestamp(), came, _filled(its.hashes), _filled(its.weights))
        for column, value in zip(self._columns.values(), values, strict=True):
            column[row] = value
        self._often[its.hashes % _BUCKETS] += 1
        if count:
            self._appearances.add(its.hashes, row)
        self._row_of[number] = row
        self._sizes[story] += 1

    def forget(self, before: datetime) -> None:
        """Give back the memory of articles that were found before a time, by and by."""
        at = self._columns["at"][: self._used]
        kept = (at > _NEVER) & (self._columns["found"][: self._used] >= before.timestamp())
        first = int(np.argmax(kept)) if kept.any() else self._used
        if first < max(1_024, self._used // 8):
            return
        for number in self._columns["numbers"][:first][at[:first] > _NEVER].tolist():
            self._take_out(number)
        self._columns = {name: column[first : self._used].copy() for name, column in self._columns.items()}
        self._used -= first
        self._row_of = {number: row - first for number, row in self._row_of.items()}
        self._appearances.drop(first)

    def _near(self, its: Features, at_s: float) -> Mapping[int, float]:
        """Return how near an article is to each story that takes it."""
        rows = self._likely(its)
        stories = self._columns["stories"][rows].tolist()
        cosines: dict[int, list[float]] = defaultdict(list)
        for story, cosine in zip(stories, self._cosines(its, rows).tolist(), strict=True):
            if abs(at_s - self._begun[story]) <= self._window_s:
                cosines[story].append(cosine)
        return {story: self._mean(story, found) for story, found in cosines.items()}

    def _mean(self, story: int, cosines: list[float]) -> float:
        """Return the mean to the nearest of a story; those that were not found are far."""
        return sum(sorted(cosines)[-NEAREST:]) / min(NEAREST, self._sizes[story])

    def _likely(self, its: Features) -> Indices:
        """Return the rows that share the most with an article, judged by its rarest features."""
        often = self._often[its.hashes % _BUCKETS]
        order = np.argsort(often, kind="stable")
        enough = int(np.searchsorted(np.cumsum(np.minimum(often[order], _OFTEN)), _READ)) + 1
        chosen = order[:enough]
        rows, by = self._appearances.find(its.hashes[chosen], _OFTEN)
        shares = its.weights[chosen] * self._rarity(its.hashes[chosen]) ** 2
        shared = np.bincount(rows, shares[by], minlength=1)
        found = np.flatnonzero(shared)
        found = found[self._columns["at"][found] > _NEVER]
        return found[np.argsort(-shared[found], kind="stable")[:_COMPARED]]

    def _cosines(self, its: Features, rows: Indices) -> Floats:
        hashes = self._columns["hashes"][rows]
        theirs = self._columns["weights"][rows] / STEP * self._rarity(hashes)
        own = its.weights / STEP * self._rarity(its.hashes)
        if not len(rows) or not len(own):
            return np.zeros(len(rows))
        at = np.minimum(np.searchsorted(its.hashes, hashes), len(own) - 1)
        products = np.where(its.hashes[at] == hashes, own[at] * theirs, 0)
        lengths = np.maximum(_LEAST, np.sqrt((theirs**2).sum(1))) * max(_LEAST, float(np.sqrt((own**2).sum())))
        cosines: Floats = products.sum(1) / lengths
        return cosines

    def _rarity(self, hashes: npt.NDArray[np.uint32]) -> Floats:
        """Return how much it tells to have a feature."""
        rarity: Floats = np.log((self._background + 1.0) / (self._often[hashes % _BUCKETS] + 1.0))
        return rarity

    @property
    def _background(self) -> int:
        return _BACKGROUND + len(self._row_of)

    def _begin(self, number: int, at_s: float, story: int) -> None:
        """Note when a story began. One whose first article was forgotten takes no more."""
        if story not in self._begun:
            self._begun[story] = at_s if number == story else _NEVER

    def _next_row(self) -> int:
        if self._used == len(self._columns["at"]):
            room = self._used + self._used // 4 + 64
            self._columns = {name: np.resize(one, (room, *one.shape[1:])) for name, one in self._columns.items()}
        self._used += 1
        return self._used - 1

    def _take_out(self, number: int) -> None:
        row = self._row_of.pop(number, None)
        if row is None:
            return
        story = int(self._columns["stories"][row])
        self._columns["at"][row] = _NEVER
        hashes = self._columns["hashes"][row]
        self._often[hashes[self._columns["weights"][row] > 0] % _BUCKETS] -= 1
        self._sizes[story] -= 1
        if not self._sizes[story]:
            del self._sizes[story], self._begun[story]


def _filled(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    filled = np.zeros(MOST, values.dtype)
    filled[: len(values)] = values
    return filled
