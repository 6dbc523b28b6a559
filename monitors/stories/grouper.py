"""Groups articles as they come: which are copies of one text (copies.py), and which are about one event (events.py)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from monitors.stories.copies import Copies
from monitors.stories.events import Events
from monitors.stories.features import NO_FEATURES, Features, features
from monitors.stories.shingles import Shingles, shingles

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crawler.domain import Article

WINDOW = timedelta(days=4)
"""How far apart in time two articles of one story can be published, and two copies found."""
_HEAD = struct.Struct("<H")
_NO_SHINGLES = Shingles(0, 0, np.zeros(0, np.uint32))


class Place(NamedTuple):
    """Where an article belongs."""

    story: int
    """The number of the story's first article."""
    copy_of: int | None = None
    """The number of the article that it is a copy of."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What an article is compared by."""

    text: Shingles
    event: Features

    def to_bytes(self) -> bytes:
        text = self.text.to_bytes()
        return _HEAD.pack(len(text)) + text + self.event.to_bytes()

    @classmethod
    def from_bytes(cls, written: bytes) -> Sketch:
        """Return what was written; of what another version of Newsvane wrote, nothing that could be compared."""
        if len(written) < _HEAD.size:
            return cls(_NO_SHINGLES, NO_FEATURES)
        end = _HEAD.size + _HEAD.unpack_from(written)[0]
        text = Shingles.from_bytes(written[_HEAD.size : end])
        return cls(_NO_SHINGLES if text is None else text, Features.from_bytes(written[end:]))


def sketch(article: Article) -> Sketch:
    """Return what an article is compared by: the costly part, and pure."""
    return Sketch(shingles(article), features(article))


class Grouper:
    """The articles of a window of time, by what they are compared by. The order in which they come decides."""

    def __init__(self, window: timedelta = WINDOW) -> None:
        self._window = window
        self._copies = Copies(window)
        self._events = Events(window)
        self._copied: dict[int, tuple[Place, datetime]] = {}

    def place(
        self,
        number: int,
        its: Sketch,
        at: datetime,
        texts: Callable[[int], str | None],
        *,
        found: datetime | None = None,
    ) -> Place:
        """Decide where an article belongs, and remember it. One that has a place keeps it.

        `at` is when it was published, `found` when it came; if that is not said, it came when it was published. One
        text that comes twice is a copy, whatever either says of when it was published. `texts` returns the text of an
        article (see shingles.told) by its number, None if it is not to be had.
        """
        place = self._place_of(number) or self._decide(number, its, at, texts, found or at)
        self.restore(number, its, at, place, found=found)
        return place

    def restore(self, number: int, its: Sketch, at: datetime, place: Place, *, found: datetime | None = None) -> None:
        """Remember an article whose place was decided before; of one that was edited, what it is compared by now."""
        self._copies.add(number, its.text, found or at, place.copy_of)
        if place.copy_of is None:
            self._events.add(number, its.event, at, place.story, found=found)
        else:  # the one it is a copy of speaks for it: a hundred prints of one text are one voice
            self._copied[number] = place, found or at

    def forget(self, before: datetime) -> None:
        """Forget articles that were found before a time, by and by."""
        self._copies.forget(before)
        self._events.forget(before)
        self._copied = {number: known for number, known in self._copied.items() if known[1] >= before}

    def _place_of(self, number: int) -> Place | None:
        if number in self._copied:
            return self._copied[number][0]
        story = self._events.story(number)
        return None if story is None else Place(story)

    def _decide(
        self, number: int, its: Sketch, at: datetime, texts: Callable[[int], str | None], found: datetime
    ) -> Place:
        original = self._copies.original_of(its.text, found, texts)
        story = None if original is None else self._events.story(original)
        if story is not None:
            return Place(story, original)
        near = self._events.story_of(its.event, at)
        return Place(number if near is None else near)
