"""What of a status needs somebody, in a line each: the first thing that `newsvane status` says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from monitors.cli.source_words import condition
from monitors.digest.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.due import Expected
    from monitors.store.status import Status

LITTLE_ROOM = 64 * 1024 * 1024
"""Bytes."""
PASSES = timedelta(minutes=30)
"""A destination that fails for less will most likely be well again by itself."""


def needs(found: Status, expected: Sequence[Expected]) -> Iterator[str]:
    """Yield what somebody should look after; nothing where all is well."""
    if found.pulse_at and not found.running:
        yield "the service stands still" if found.lives else "the service does not run"
    if found.services > 1:
        yield f"{found.services} services work on this database"
    if found.disk_free is not None and found.disk_free < LITTLE_ROOM:
        yield f"the disk has {found.disk_free / 1e6:.0f} MB left"
    if found.refused is not None:
        yield "the changed configuration is refused"
    if found.network_down_since:
        yield "no source can be reached"
    elif troubled := sum(bool(condition(source)) for source in found.sources):
        yield f"{counted(troubled, 'source')} in trouble"
    broken = [one for one in found.circuits if one.state == "open" or found.at - one.since > PASSES]
    if broken:
        yield f"{counted(len(broken), 'destination')} in trouble"
    if dead := found.deliveries["dead"]:
        yield f"{counted(dead, 'message')} did not get through (newsvane outbox list)"
    if late := sum(one.late for one in expected):
        yield f"{counted(late, 'digest')} late"


def verdict(needed: Sequence[str]) -> str:
    if not needed:
        return "all is well"
    things = "1 thing needs" if len(needed) == 1 else f"{len(needed)} things need"
    return f"{things} you: {'; '.join(needed)}"
