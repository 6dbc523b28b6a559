"""Which services are at work on a database, by the pulse that each of them notes."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.store.tables import NoteRow, WorkerRow
from monitors.store.notes import note

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

SERVICE = "service:"
"""Names of notes begin so: one for each service."""
PULSE_LOST = timedelta(minutes=2)


def note_service(session: Session, worker_id: str, *, now: datetime) -> list[str]:
    """Note that a service lives; return the others that do, a line each."""
    me = {"pid": os.getpid(), "host": socket.gethostname()}
    note(session, "service", me, now=now)
    note(session, f"{SERVICE}{worker_id}", me, now=now)
    workers = {f"{SERVICE}{one}" for one in session.scalars(sa.select(WorkerRow.id))}
    others = []
    for row in session.scalars(sa.select(NoteRow).where(NoteRow.name.startswith(SERVICE))).all():
        if row.name == f"{SERVICE}{worker_id}":
            continue
        if row.name in workers and now - row.at <= PULSE_LOST:
            others.append(f"process {row.value['pid']} on {row.value['host']}")
        else:
            session.delete(row)
    return others


def service_stopped(session: Session, worker_id: str, *, now: datetime) -> None:
    note(session, f"{SERVICE}{worker_id}", None, now=now)
    note(session, "service", None, now=now)
