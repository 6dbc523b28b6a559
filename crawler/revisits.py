"""When an article that is watched for edits is looked at again, and what may come of it: pure values and arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from crawler.domain import Article, Entry, Source, StoredArticle, Validators

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from crawler.changes import Change

FIRST_STEPS = (timedelta(hours=1), timedelta(hours=3), timedelta(hours=8))  # most corrections come within hours
DAY = timedelta(days=1)
WHOLE_EVERY = 4
"""Of so many visits one asks without conditions: some servers say "not modified" whatever happened."""


Kind = Literal["unchanged", "edited", "restored", "withdrawn", "unusable", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An article whose page is to be looked at again."""

    source: Source
    """The one that brought it; its `track_changes` says for how long."""
    article: StoredArticle
    entry: Entry
    """As it was named, so that its page is read as it was the first time."""
    validators: Validators = field(default_factory=Validators)
    withdrawn: bool = False
    """Whether its page was gone at the last visit."""
    headline: str = ""
    """What its page called it at the last visit, or when it was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a visit came to."""

    kind: Kind
    article: Article | None = None
    """As it is now, where it was edited."""
    change: Change | None = None
    validators: Validators | None = None
    """What to ask with next time; None: as before."""
    headline: str = ""
    """What the page calls it now; empty: as before."""
    reason: str = ""
    """Why the page is not believed, or could not be had."""


def next_visit(first_at: datetime, track: timedelta, *, after: datetime) -> datetime | None:
    """Return when to look again at an article that was stored at `first_at`; None once it is over.

    What was missed is made good by one visit.
    """
    return next((at for step in _steps(track) if (at := first_at + step) > after), None)


def asks_whole(visits: int) -> bool:
    """Tell whether a visit, after so many, asks for the page whatever its server says of changes."""
    return visits % WHOLE_EVERY == WHOLE_EVERY - 1


def _steps(track: timedelta) -> Iterator[timedelta]:
    yield from (step for step in FIRST_STEPS if step < track)
    for day in range(1, -(-track // DAY)):
        yield day * DAY
    yield track
