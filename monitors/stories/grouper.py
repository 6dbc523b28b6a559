"""Groups articles into stories as they come: a first, plain way that knows identical texts only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crawler.domain import Article

WINDOW = timedelta(days=4)
"""How far apart in time two articles of one story can be."""


class Place(NamedTuple):
    """Where an article belongs."""

    story: int
    """The number of the story's first article."""
    copy_of: int | None = None
    """The number of the article that it is a copy of."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What an article is compared by."""

    text: bytes

    def to_bytes(self) -> bytes:
        return self.text

    @classmethod
    def from_bytes(cls, written: bytes) -> Self:
        return cls(written)


def sketch(article: Article) -> Sketch:
    return Sketch(blake2b(article.text.encode(), digest_size=16).digest() if article.text else b"")


class Grouper:
    """The articles of a window of time, by what they are compared by."""

    def __init__(self, window: timedelta = WINDOW) -> None:
        self._window = window
        self._known: dict[bytes, tuple[int, datetime, Place]] = {}

    def place(self, number: int, its: Sketch, at: datetime, texts: Callable[[int], str | None]) -> Place:  # noqa: ARG002
        """Decide where an article belongs, and remember it."""
        found = self._known.get(its.text) if its.text else None
        place = Place(found[2].story, found[0]) if found and abs(at - found[1]) <= self._window else Place(number)
        self.restore(number, its, at, place)
        return place

    def restore(self, number: int, its: Sketch, at: datetime, place: Place) -> None:
        """Remember an article whose place was decided before."""
        self._known.setdefault(its.text, (number, at, place))

    def forget(self, before: datetime) -> None:
        """Forget articles of before a time."""
        self._known = {text: known for text, known in self._known.items() if known[1] >= before}
