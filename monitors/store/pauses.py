"""When nothing was read: a record that the service keeps of itself, for those who ask what a silence meant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.store.tables import NoteRow, SourceRow, UtcDateTime
from monitors.domain import Pause
from monitors.store.health import network
from monitors.store.notes import note

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

RUNNING = "running"
LEAST = timedelta(minutes=5)
"""A restart is no pause worth telling: sources are read every five minutes at the most."""
KEPT = 50


def note_running(session: Session, *, now: datetime) -> None:
    """Note that the service runs, and from when to when it did not, if it stood still up to now."""
    row = session.get(NoteRow, RUNNING)
    pauses = list(row.value["pauses"]) if row else []
    if row and (stopped := _stopped(session, row, now)):
        pauses.append([stopped.isoformat(), now.isoformat()])
    note(session, RUNNING, {"pauses": pauses[-KEPT:]}, now=now)


def pauses_between(session: Session, since: datetime, until: datetime) -> tuple[Pause, ...]:
    """Return when nothing was read in a period that ends now, the oldest first; times are not cut to the period.

    Where the service never ran (`newsvane run --once` from a timer), that it does not run says nothing.
    """
    row = session.get(NoteRow, RUNNING)
    found = [Pause(since=one, until=other, why="stopped") for one, other in _noted(row)]
    if row and (stopped := _stopped(session, row, until)):
        found.append(Pause(since=stopped, until=None, why="stopped"))
    held = network(session)
    if held.since and held.state != "suspected":
        found.append(Pause(since=held.since, until=held.until, why="offline"))
    overlapping = (one for one in found if one.since < until and (one.until is None or one.until > since))
    return tuple(sorted(overlapping, key=lambda one: one.since))


def _noted(row: NoteRow | None) -> list[tuple[datetime, datetime]]:
    pauses = row.value["pauses"] if row else []
    return [(datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in pauses]


def _stopped(session: Session, row: NoteRow, now: datetime) -> datetime | None:
    """Return when it was last seen at work (its pulse, or a source that was read by hand), if that is a while ago."""
    if now - row.at < LEAST:
        return None
    checked = session.scalar(sa.select(sa.func.max(SourceRow.last_checked_at, type_=UtcDateTime)))
    seen = max(row.at, checked) if checked else row.at
    return seen if now - seen >= LEAST else None
