"""Facts about the service itself that `newsvane status` tells: its configuration, its pulse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.store.tables import NoteRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def note(session: Session, name: str, value: dict[str, Any] | None, *, now: datetime) -> None:
    """Write a fact down under its name, in place of what stood there; None removes it."""
    session.execute(sa.delete(NoteRow).where(NoteRow.name == name))
    if value is not None:
        session.add(NoteRow(name=name, value=value, at=now))
    session.flush()


def add_to_note(session: Session, name: str, number: int, *, now: datetime) -> None:
    """Add to a count that is told under a name."""
    so_far = session.get(NoteRow, name)
    note(session, name, {"number": number + (so_far.value["number"] if so_far else 0)}, now=now)


def notes(session: Session) -> dict[str, tuple[dict[str, Any], datetime]]:
    """Return every fact with the time it was written."""
    return {row.name: (row.value, row.at) for row in session.scalars(sa.select(NoteRow))}
