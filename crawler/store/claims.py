"""How work is shared out: a worker claims rows for a while, and a dead worker's claims are free at once.

Every process that works is a Worker. It holds a lock that the operating system releases when the process dies,
however it dies, so that whoever starts next need not wait for a lease to expire. Where no lock can be seen (another
machine), the lease is what counts.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from crawler.store.tables import Base, Claimed, WorkerRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.store.database import Database

Row = TypeVar("Row", bound=Claimed)


class Worker:
    """A process at work on a database, from `start` to `stop`."""

    def __init__(self, database: Database) -> None:
        self.id = uuid.uuid4().hex
        self._database = database
        self._folder = _lock_folder(database.engine.url)
        self._lock: int | None = None

    def start(self, now: datetime) -> None:
        """Announce the worker, and free what dead ones had claimed."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = _try_lock(self._folder / self.id)
        with self._database.begin() as session:
            session.add(WorkerRow(id=self.id, started_at=now))
            for other in session.scalars(sa.select(WorkerRow.id).where(WorkerRow.id != self.id)).all():
                if self._is_dead(other):
                    _dismiss(session, other)

    def stop(self) -> None:
        """Give back every claim and leave."""
        with self._database.begin() as session:
            _dismiss(session, self.id)
        if self._folder is not None and self._lock is not None:
            (self._folder / self.id).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def _is_dead(self, worker_id: str) -> bool:
        if self._folder is None:
            return False
        path = self._folder / worker_id
        if not path.exists():
            return True
        lock = _try_lock(path)
        if lock is None:
            return False
        path.unlink(missing_ok=True)
        os.close(lock)
        return True


def claim(
    session: Session,
    table: type[Row],
    *where: sa.ColumnElement[bool],
    order_by: Any,
    limit: int,
    worker: Worker,
    until: datetime,
    now: datetime,
    alone: bool = False,
) -> list[Row]:
    """Take up to `limit` free rows that fulfil `where`, first come first, and return them.

    `alone` says that this job never runs twice at once in a worker: what the worker still holds is left from a run
    that failed, and is free, too.
    """
    taking = claiming(table, *where, order_by=order_by, limit=limit, worker=worker, until=until, now=now, alone=alone)
    return list(session.scalars(taking.returning(table).execution_options(populate_existing=True)).all())


def claiming(
    table: type[Claimed],
    *where: sa.ColumnElement[bool],
    order_by: Any,
    limit: int,
    worker: Worker,
    until: datetime,
    now: datetime,
    alone: bool = False,
) -> sa.Update:
    """Return the statement that claims as `claim` does, for whoever wants to choose what it returns."""
    keys = sa.inspect(table).primary_key
    free = sa.or_(table.claimed_until.is_(None), table.claimed_until <= now)
    if alone:
        free = sa.or_(free, table.claimed_by == worker.id)
    chosen = sa.select(*keys).where(free, *where).order_by(order_by).limit(limit).with_for_update(skip_locked=True)
    return (
        sa.update(table)
        .where(sa.tuple_(*keys).in_(chosen) if len(keys) > 1 else keys[0].in_(chosen))
        .values(claimed_by=worker.id, claimed_until=until)
        .execution_options(synchronize_session=False)
    )


def give_back(session: Session, table: type[Claimed], worker: Worker, *where: sa.ColumnElement[bool]) -> None:
    """Free what this worker claimed of a table and did not finish."""
    free = sa.update(table).where(table.claimed_by == worker.id, *where).values(claimed_by=None, claimed_until=None)
    session.execute(free.execution_options(synchronize_session=False))


def _claimed_tables() -> Iterator[type[Claimed]]:
    return (mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Claimed))


def _dismiss(session: Session, worker_id: str) -> None:
    for table in _claimed_tables():
        free = sa.update(table).where(table.claimed_by == worker_id).values(claimed_by=None, claimed_until=None)
        session.execute(free.execution_options(synchronize_session=False))
    session.execute(sa.delete(WorkerRow).where(WorkerRow.id == worker_id))


def _lock_folder(url: sa.URL) -> Path | None:
    """Where the workers of a database on this machine keep their locks: beside its file."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(f"{url.database}-workers").absolute()


def _try_lock(path: Path) -> int | None:
    """Lock a file, made if need be; None if a living process holds it."""
    file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file
