"""Says in words how a source is doing, for `newsvane status` and `newsvane sources`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.health import in_words
from monitors.cli.output import local_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.store.sources import SourceState


def condition(source: SourceState) -> str:
    """Return the worst that is to be said of it; empty if it is well."""
    if source.gone_at:
        return f"gone since {local_time(source.gone_at)}, and not read any more: {source.reason}"
    if source.failing_since:
        return f"failing since {local_time(source.failing_since)}: {source.reason}"
    if source.state == "failing":
        return "failing until a moment ago: it was read well once"
    if source.state != "ok":
        return f"{source.state} since {local_time(source.state_since)}: {source.state_why}"
    return ""


def remarks(source: SourceState) -> Iterator[str]:
    """Yield what else there is to know of it."""
    if source.remark:
        yield f"read in part: {source.remark}"
    if source.moved_to and source.moved_to == source.feed_url:
        yield f"moved for good to {source.moved_to}: put that into the configuration"
    elif source.moved_to:
        yield f"says that it moved to {source.moved_to}"
    if source.always_whole:
        yield 'always read whole, since its "not modified" has hidden news'
    if source.week_failed and not source.gone_at:
        kinds = ", ".join(f"{kind} {number}" for kind, number in sorted(source.week_kinds.items()))
        yield f"failed at {source.week_failed} of {source.week_reads} reads in a week: {kinds}"


def rhythm(source: SourceState) -> str:
    """`one in 3 hours`: how often it has something new."""
    if source.usual_gap_s is None:
        return ""
    return f"one in {in_words(max(timedelta(minutes=1), timedelta(seconds=source.usual_gap_s)))}"


def with_text(source: SourceState) -> str:
    """`97 %`: the share of a week's articles with a text that can be used."""
    return f"{source.week_bodies / source.week_stored:.0%}" if source.week_stored else ""
