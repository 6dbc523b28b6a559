"""How work is shared out: a worker claims rows for a while, and a dead worker's claims are free at once.

Every process that works is a Worker. It holds a lock that goes when the process dies, however it dies, so that whoever
looks next need not wait for a lease to expire: on SQLite a lock on a file beside the database, which the operating
system releases; on PostgreSQL a lock of the server, for as long as one connection lasts, seen from every machine.
Where no lock can be seen, the lease is what counts.
"""

from __future__ import annotations

import fcntl
import os
import threading
import uuid
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import sqlalchemy as sa
import structlog

from crawler.errors import DatabaseTroubleError
from crawler.store.tables import Base, Claimed, WorkerRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.store.database import Database

log = structlog.get_logger()

Row = TypeVar("Row", bound=Claimed)

SETTLES = timedelta(minutes=2)
"""After a start of the database server: so long do those have that live to take their locks again."""


class Locks(Protocol):
    """How workers see of each other that they live."""

    def hold(self, worker_id: str) -> bool:
        """Take a worker's own lock, unless it is held already; return whether it had to be taken."""

    def server(self) -> str | None:
        """Return since when the server runs that knows the locks; None if there is none."""

    def is_dead(self, worker: WorkerRow) -> bool:
        """Tell whether a worker holds its lock no more."""

    def let_go(self, worker_id: str) -> None:
        """Give up a worker's own lock."""


class Worker:
    """A process at work on a database, from `start` to `stop`."""

    def __init__(self, database: Database) -> None:
        self.id = uuid.uuid4().hex
        self._database = database
        self._locks = _locks_of(database)

    def start(self, now: datetime) -> None:
        """Announce the worker, and free what dead ones had claimed."""
        self._locks.hold(self.id)
        self._announce(now)

    def stay(self, now: datetime) -> None:
        """Announce the worker again if it was taken for dead, and free what others had claimed that died since.

        To be called from time to time: a lock of PostgreSQL is lost with its connection.
        """
        if self._locks.hold(self.id):
            log.warning("worker_lock_lost", worker=self.id)
        self._announce(now)

    def _announce(self, now: datetime) -> None:
        with self._database.begin() as session:
            me = session.get(WorkerRow, self.id) or WorkerRow(id=self.id, started_at=now)
            me.server = self._locks.server()
            session.add(me)
            for other in session.scalars(sa.select(WorkerRow).where(WorkerRow.id != self.id)).all():
                if self._locks.is_dead(other):
                    _dismiss(session, other.id)
                    log.info("worker_died", worker=other.id)

    def stop(self) -> None:
        """Give back every claim and leave. Where that cannot be written, whoever starts next sees that we are gone."""
        try:
            with self._database.begin() as session:
                _dismiss(session, self.id)
        except DatabaseTroubleError as error:
            log.warning("claims_kept", reason=str(error))
        self._locks.let_go(self.id)


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
    first = sa.select(*keys).where(free, *where).order_by(order_by).limit(limit).with_for_update(skip_locked=True)
    # PostgreSQL may ask a plain subquery once for each row, if it takes the table for small, and each time passes over
    # what was claimed before: the limit would be lost.
    chosen = sa.select(first.cte("chosen").prefix_with("MATERIALIZED", dialect="postgresql"))
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
    session.execute(sa.delete(WorkerRow).where(WorkerRow.id == worker_id).execution_options(synchronize_session=False))


# -- locks ------------------------------------------------------------------------------------------------------------


def _locks_of(database: Database) -> Locks:
    url = database.engine.url
    if url.get_backend_name() == "postgresql":
        return ServerLocks(database)
    if not url.database or url.database == ":memory:":
        return NoLocks()
    return FileLocks(Path(f"{url.database}-workers").absolute())


class NoLocks:
    """Of a database that only one process sees."""

    def hold(self, worker_id: str) -> bool:  # noqa: ARG002
        return False

    def server(self) -> str | None:
        return None

    def is_dead(self, worker: WorkerRow) -> bool:  # noqa: ARG002
        return False

    def let_go(self, worker_id: str) -> None:
        pass


class FileLocks:
    """Locked files in a folder beside the database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock: int | None = None

    def hold(self, worker_id: str) -> bool:
        if self._lock is not None:
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = _try_lock(self._folder / worker_id)
        return True

    def server(self) -> str | None:
        return None

    def is_dead(self, worker: WorkerRow) -> bool:
        path = self._folder / worker.id
        if not path.exists():
            return True
        lock = _try_lock(path)
        if lock is None:
            return False
        path.unlink(missing_ok=True)
        os.close(lock)
        return True

    def let_go(self, worker_id: str) -> None:
        if self._lock is not None:
            (self._folder / worker_id).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None


def _try_lock(path: Path) -> int | None:
    """Lock a file, made if need be; None if a living process holds it."""
    file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


class ServerLocks:
    """Advisory locks of PostgreSQL, on a connection that is used for nothing else.

    They are gone with the connection: when the process dies, but also when the server is started anew, and then the
    locks of all who live are gone at once. A lock that another run of the server knew proves nothing until those who
    live have had time to come back.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: sa.Connection | None = None
        self._using = threading.Lock()

    def hold(self, worker_id: str) -> bool:
        with self._using:
            if self._connection is not None and _is_there(self._connection):
                return False
            self._connection = None
            connection = self._database.connect_apart()
            try:  # waits for the server to notice that the connection before this one is gone
                connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _key(worker_id)})
            except BaseException:
                _close(connection)
                raise
            self._connection = connection
            return True

    def server(self) -> str | None:
        return str(self._ask("SELECT pg_postmaster_start_time()"))

    def is_dead(self, worker: WorkerRow) -> bool:
        key = {"key": _key(worker.id)}
        if not self._ask("SELECT pg_try_advisory_lock(:key)", **key):
            return False
        self._ask("SELECT pg_advisory_unlock(:key)", **key)
        up_for = self._ask("SELECT now() - pg_postmaster_start_time()")
        return bool(worker.server == self.server() or up_for > SETTLES)

    def let_go(self, worker_id: str) -> None:  # noqa: ARG002  # the connection is its alone
        with self._using:
            if self._connection is not None:
                _close(self._connection)
                self._connection = None

    def _ask(self, question: str, **values: int) -> Any:
        with self._using:
            assert self._connection is not None, "a worker that was not started"  # noqa: S101
            return self._connection.scalar(sa.text(question), values)


def _is_there(connection: sa.Connection) -> bool:
    """Tell whether a connection is the one it was: SQLAlchemy would quietly make another one, which holds no lock."""
    try:
        if not connection.invalidated:
            connection.execute(sa.text("SELECT 1"))
            return True
    except (sa.exc.SQLAlchemyError, DatabaseTroubleError):
        pass
    _close(connection)
    return False


def _close(connection: sa.Connection) -> None:
    """Leave the server, also where it is not there any more."""
    with suppress(sa.exc.SQLAlchemyError, DatabaseTroubleError):
        connection.close()
    connection.engine.dispose()


def _key(worker_id: str) -> int:
    return int.from_bytes(bytes.fromhex(worker_id)[:8], signed=True)
