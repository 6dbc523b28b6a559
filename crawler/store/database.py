"""The database: one engine, one writer, short transactions.

SQLite is the embedded default and has one writer at a time, so all writing goes through one thread and every
writing transaction begins IMMEDIATE: a deferred one that reads first fails at once when another process writes.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from crawler.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_MS = 30_000
WRITERS = {"sqlite": 1}
DEFAULT_WRITERS = 4
CHUNK = 500  # rows or parameters in one statement: SQLite allows 32,766 parameters


class Database:
    """An engine with its writer threads. Close it when done."""

    def __init__(self, url: str | sa.URL) -> None:
        self.engine = sa.create_engine(url)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        self._reading = self.engine.execution_options(newsvane_reading=True)
        writers = WRITERS.get(self.engine.dialect.name, DEFAULT_WRITERS)
        self._writer = Writer(self.engine, writers)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that may write; committed at the end, rolled back on an error."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads, and never waits for a writer."""
        with Session(self._reading, expire_on_commit=False) as session, session.begin():
            yield session

    def write(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return `work(session, …)`, done in one transaction here and now."""
        with self.begin() as session:
            return work(session, *args, **kwargs)

    async def run(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return `work(session, …)`, done by the writer thread in a transaction; it is committed on return."""
        return await asyncio.wrap_future(self._writer.submit(lambda session: work(session, *args, **kwargs)))

    def close(self) -> None:
        self._writer.close()
        self.engine.dispose()


def compact(database: Database) -> None:
    """Give what is free in SQLite's file back to the disk. Needs as much again meanwhile, and keeps all others out."""
    if database.engine.dialect.name == "sqlite":
        connection = database.engine.raw_connection()
        try:
            connection.cursor().execute("VACUUM")
        finally:
            connection.close()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3 would begin transactions of its own, deferred ones
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # what is committed survives a power cut
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: sa.Connection) -> None:
    reading = connection.get_execution_options().get("newsvane_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def insert_new(session: Session, table: type[Any], rows: list[dict[str, Any]]) -> None:
    """Insert the rows that break no uniqueness; the others are there already."""
    statement = inserting(session, table).on_conflict_do_nothing()
    session.flush()
    for at in range(0, len(rows), CHUNK):
        session.connection().execute(statement, rows[at : at + CHUNK])


def inserting(session: Session, table: type[Any]) -> Any:
    """Return the INSERT of the dialect in use, which knows `on_conflict_do_nothing`."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut values into as many as fit a statement."""
    return (values[at : at + CHUNK] for at in range(0, len(values), CHUNK))
