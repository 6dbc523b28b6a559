"""The database: one engine, one writer, short transactions.

SQLite is the embedded default and has one writer at a time, so all writing goes through one thread and every
writing transaction begins IMMEDIATE: a deferred one that reads first fails at once when another process writes.
On PostgreSQL a writing transaction begins by taking its turn, a lock that all our processes share, so that what one
looks up is still true when it writes. Claims go beside that: they skip the rows that others hold.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from crawler.errors import DatabaseTroubleError
from crawler.store import trouble
from crawler.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_S = 30
"""How long a writer waits for another program's. For SQLite the address may say otherwise (`?timeout=2`)."""
CLAIMERS = 4
"""Claims at once in one process, where they go beside the writer."""
TURN = 0x6E657773  # the key of the lock; advisory locks are a database's own
CONNECTING: dict[str, Any] = {
    "application_name": "newsvane",
    "connect_timeout": 10,
    # a server that is gone without a word is noticed within a minute
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""How PostgreSQL is connected to, where the address does not say otherwise."""
SESSION = {
    # and so are we, by the server: what we had locked is free then
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
    "lock_timeout": f"{BUSY_TIMEOUT_S}s",
}
_TAKE_TURN = f"SELECT pg_advisory_xact_lock({TURN}), set_config('idle_in_transaction_session_timeout', '60s', true)"
"""Waits. Whoever has his turn and stands still for a minute loses it, and all that he did in it."""
CHUNK = 500  # rows or parameters in one statement: SQLite allows 32,766 parameters


class Database:
    """An engine with its writer threads. Close it when done.

    Whatever is asked of it raises DatabaseTroubleError when the database as a whole cannot be worked with.
    """

    def __init__(self, url: str | sa.URL) -> None:
        url = sa.make_url(url)
        if url.get_backend_name() == "sqlite" and "timeout" not in url.query:
            url = url.update_query_dict({"timeout": str(BUSY_TIMEOUT_S)})
        if url.get_backend_name() == "postgresql":
            self.engine = _postgresql_engine(url)
            snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        else:
            self.engine = sa.create_engine(url)
            trouble.watch(self.engine)
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
            snapshot = {}  # as all its transactions are
        self._reading = self.engine.execution_options(newsvane_reading=True, **snapshot)
        self._claiming = self.engine.execution_options(newsvane_claiming=True)
        self._writer = Writer(self.engine)
        self._claimers = ThreadPoolExecutor(CLAIMERS, thread_name_prefix="claims")
        self.on_trouble: Callable[[DatabaseTroubleError], None] = _nothing
        """Told of the trouble that `run` meets, before that is raised."""

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

    def claim(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do as `write` does, on PostgreSQL beside whoever has his turn to write.

        For work that waits for nobody, and relies on nothing but the rows that it takes.
        """
        with Session(self._claiming, expire_on_commit=False) as session, session.begin():
            return work(session, *args, **kwargs)

    async def run_claim(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return `work(session, …)`, done as `claim` does it, in a thread."""
        if self.engine.dialect.name == "sqlite":
            return await self.run(work, *args, **kwargs)
        return await self._told(self._claimers.submit(lambda: self.claim(work, *args, **kwargs)))

    async def run(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return `work(session, …)`, done by the writer thread in a transaction; it is committed on return."""
        return await self._told(self._writer.submit(lambda session: work(session, *args, **kwargs)))

    async def _told(self, work: Future[T]) -> T:
        try:
            return await asyncio.wrap_future(work)
        except DatabaseTroubleError as error:
            self.on_trouble(error)
            raise

    def reconnect(self) -> None:
        """Leave the connections there are: the file or the server behind them may be gone, and be back as another."""
        self.engine.dispose()

    def connect_apart(self) -> sa.Connection:
        """Return a connection of its own, outside of all transactions; whoever asked for it disposes of its engine."""
        engine = _postgresql_engine(self.engine.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        return engine.execution_options(newsvane_reading=True).connect()

    def close(self) -> None:
        self._writer.close()
        self._claimers.shutdown()
        self.engine.dispose()


def _nothing(_: DatabaseTroubleError) -> None:
    pass


def compact(database: Database) -> None:
    """Give what is free in the database back to the disk. Needs as much again meanwhile, and keeps all others out."""
    sqlite = database.engine.dialect.name == "sqlite"
    with closing(database.engine.raw_connection()) as connection:
        if not sqlite:
            connection.driver_connection.autocommit = True  # type: ignore[union-attr]  # psycopg has it
        connection.cursor().execute("VACUUM" if sqlite else "VACUUM (FULL, ANALYZE)")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3 would begin transactions of its own, deferred ones
    _keep_write_ahead_log(connection)
    for pragma in (
        "synchronous=FULL",  # what is committed survives a power cut
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _keep_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch a new file over, and wait for others that do: SQLite itself refuses at once when another is writing."""
    (timeout_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
    until = time.monotonic() + timeout_ms / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: sa.Connection) -> None:
    reading = connection.get_execution_options().get("newsvane_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _postgresql_engine(url: sa.URL, **options: Any) -> sa.Engine:
    defaults = {name: value for name, value in CONNECTING.items() if name not in url.query}
    engine = sa.create_engine(url, pool_pre_ping=True, connect_args=defaults, **options)
    trouble.watch(engine)
    sa.event.listen(engine, "connect", _prepare_postgresql)
    sa.event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    from psycopg.types.string import StrDumper

    class WithoutNul(StrDumper):
        """What comes from the web is clean; of what servers say of themselves, nobody knows. SQLite takes it."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", ""))

    connection.adapters.register_dumper(str, WithoutNul)
    settings = ", ".join("set_config(%s, %s, false)" for _ in SESSION)
    values = [part for setting in SESSION.items() for part in setting]
    autocommit, connection.autocommit = connection.autocommit, True
    connection.execute(f"SELECT {settings}", values)
    connection.autocommit = autocommit


def _begin_postgresql(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("newsvane_reading") and not options.get("newsvane_claiming"):
        connection.exec_driver_sql(_TAKE_TURN)


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
