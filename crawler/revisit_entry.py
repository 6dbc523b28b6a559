"""The key `track_changes:` of a source: for how long its articles are looked at again for edits."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator

from crawler.yaml_types import Duration

SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)


def _bearable(wait: timedelta) -> timedelta:
    if not SHORTEST <= wait <= LONGEST:
        raise ValueError("must be at least 1h and at most 30d")
    return wait


TrackChanges = Annotated[Duration, AfterValidator(_bearable)]
