"""What is wrong with the database itself, whoever asked for what: the disk is full, it is locked, it is gone.

Told here, and nowhere else: whatever goes through an engine that is watched raises DatabaseTroubleError.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.errors import DatabaseTroubleError

if TYPE_CHECKING:
    from crawler.errors import TroubleKind

LEAST_ROOM = 256 * 1024
"""Bytes. SQLite's auxiliary files need less; with less than this, whatever else it complains of, the disk is full."""

_MARK = "newsvane_trouble"
_FILE = "newsvane_file"

_OF_SQLITE: dict[int, TroubleKind] = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_PROTOCOL: "locked",
    sqlite3.SQLITE_CANTOPEN: "gone",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_PERM: "read-only",
    sqlite3.SQLITE_AUTH: "read-only",
    sqlite3.SQLITE_IOERR: "broken",
    sqlite3.SQLITE_CORRUPT: "broken",
    sqlite3.SQLITE_NOTADB: "broken",
}
_ABOUT_A_FILE = {"gone", "read-only", "broken"}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_OF_POSTGRESQL: dict[str, TroubleKind] = {
    "25006": "read-only",
    "28": "gone",  # it does not let us in
    "3D000": "gone",
    "53100": "full",
    "53": "gone",  # no memory, no connection left
    "55P03": "locked",
    "57014": "locked",  # a statement that took longer than the server allows
    "57P": "gone",  # it is shut down, or starts
    "58": "broken",
    "XX": "broken",
    "08": "gone",
}
_OF_THE_SYSTEM: dict[int, TroubleKind] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read-only",
    errno.EACCES: "read-only",
    errno.EIO: "broken",
}


def watch(engine: sa.Engine) -> None:
    """Have trouble raised as DatabaseTroubleError, and nothing more done in a transaction that met it.

    SQLite rolls a whole transaction back on a full disk or an I/O error, and takes the next statement as one that
    stands alone: whoever goes on in good faith would write the second half of something.
    """

    @sa.event.listens_for(engine, "handle_error")
    def tell(context: sa.engine.ExceptionContext) -> DatabaseTroubleError | None:
        if context.is_pre_ping:  # a connection of the pool that is not there any more; another one is made
            return None
        trouble = trouble_of(context.original_exception, engine.url, lost=context.is_disconnect)
        if trouble and context.connection is not None and not context.connection.invalidated:
            context.connection.info[_MARK] = trouble
        return trouble

    @sa.event.listens_for(engine, "before_cursor_execute")
    def refuse(connection: sa.Connection, *_: object) -> None:
        if trouble := connection.info.get(_MARK):
            raise DatabaseTroubleError(str(trouble), kind=trouble.kind) from trouble

    @sa.event.listens_for(engine, "commit")
    def never(connection: sa.Connection) -> None:
        refuse(connection)

    @sa.event.listens_for(engine, "rollback")
    @sa.event.listens_for(engine, "begin", insert=True)
    def forget(connection: sa.Connection) -> None:
        if not connection.invalidated:
            connection.info.pop(_MARK, None)

    if file := file_of(engine.url):
        _watch_file(engine, file)


def _watch_file(engine: sa.Engine, file: Path) -> None:
    """Notice that SQLite's file was moved or deleted: SQLite itself would go on with what nobody sees any more."""
    was_there = False

    @sa.event.listens_for(engine, "do_connect")
    def never_made_twice(*_: object) -> None:
        if was_there and not file.exists():
            raise _gone(engine.url, "it was moved or deleted")

    @sa.event.listens_for(engine, "connect")
    def remember(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
        nonlocal was_there
        was_there = was_there or file.exists()
        record.info[_FILE] = _identity(file)

    @sa.event.listens_for(engine, "begin", insert=True)
    def compare(connection: sa.Connection) -> None:
        now = _identity(file)
        if connection.info.get(_FILE) is None:  # SQLite makes the file with its first page
            connection.info[_FILE] = now
        if now != connection.info[_FILE]:
            connection.invalidate()
            raise DatabaseTroubleError(
                _told("gone", engine.url, FileNotFoundError("was moved or deleted")), kind="gone"
            )


def _gone(url: sa.URL, why: str) -> DatabaseTroubleError:
    return DatabaseTroubleError(_told("gone", url, FileNotFoundError(why)), kind="gone")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def trouble_of(error: BaseException, url: sa.URL, *, lost: bool = False) -> DatabaseTroubleError | None:
    """Return what an error says of the database as a whole; None if it is about what was asked of it.

    `lost` says that the connection is of no use any more.
    """
    if isinstance(error, DatabaseTroubleError):
        return error
    kind = _kind_of(error)
    if url.get_backend_name() == "sqlite":
        if kind in _ABOUT_A_FILE and _is_full(url):
            kind = "full"
    elif kind is None and (lost or _never_connected(error)):
        kind = "gone"
    return DatabaseTroubleError(_told(kind, url, error), kind=kind) if kind else None


def file_of(url: sa.URL) -> Path | None:
    """Return the file of a SQLite database; None if it is none, or lies in memory."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def room(url: sa.URL) -> int | None:
    """Return how many bytes are free where SQLite's file lies; None if nobody can tell."""
    file = file_of(url)
    try:
        return shutil.disk_usage(file.absolute().parent).free if file else None
    except OSError:
        return None


def _kind_of(error: Any) -> TroubleKind | None:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0)
        return "gone" if code == sqlite3.SQLITE_READONLY_DBMOVED else _OF_SQLITE.get(code & 0xFF)
    if isinstance(error, OSError):
        return _OF_THE_SYSTEM.get(error.errno or 0)
    state = getattr(error, "sqlstate", None) or ""
    return next((kind for length in (5, 3, 2) if (kind := _OF_POSTGRESQL.get(state[:length]))), None)


def _never_connected(error: Any) -> bool:
    """Whether it is psycopg's error of a server that was not reached, which carries no state."""
    return type(error).__name__ in {"OperationalError", "ConnectionTimeout"} and getattr(error, "sqlstate", "") is None


def _is_full(url: sa.URL) -> bool:
    free = room(url)
    return free is not None and free < LEAST_ROOM


def _told(kind: TroubleKind, url: sa.URL, error: BaseException) -> str:
    what = {
        "full": "the disk is full",
        "locked": "the database is locked by another program",
        "gone": "the database cannot be reached",
        "read-only": "the database may only be read",
        "broken": "the database is damaged, or its disk is",
    }[kind]
    where = file_of(url) or url.render_as_string(hide_password=True)
    return f"{what}: {where} ({' '.join(str(error).split())[:200]})"
