"""Copies of the whole database, made while others work on it and verified; and a database made of such a copy again.

SQLite is copied by its own backup, PostgreSQL by pg_dump and pg_restore, which have to be installed.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.errors import NewsvaneError

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.store.database import Database

_ENDINGS = {"sqlite": ".db", "postgresql": ".dump"}
_OURS = re.compile(r"newsvane-\d{8}T\d{6}Z(-\d+)?\.(db|dump)")
_SQLITE, _POSTGRESQL = b"SQLite format 3\x00", b"PGDMP"


def back_up(database: Database, target: Path, *, now: datetime) -> Path:
    """Write a verified copy to a file that is not there yet, or into a folder under a name of the hour; return it.

    Raises:
        NewsvaneError: the file is there already, the copy failed or is not whole. Nothing is left behind then.
    """
    kind, source = database.engine.dialect.name, Path(database.engine.url.database or "")
    if kind == "sqlite" and not source.is_file():
        raise NewsvaneError(f"{source}: there is no database yet")
    file = _name_in(target, _ENDINGS[kind], now) if target.is_dir() else target
    if file.exists():
        raise NewsvaneError(f"{file} is there already, and is not overwritten")
    half = file.with_name(f".{file.name}.half")
    try:
        half.unlink(missing_ok=True)
        os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # what it holds is nobody else's business
        if kind == "sqlite":
            _copy_sqlite(database, half)
        else:
            _run("pg_dump", database.engine.url, "--format=custom", "--no-owner", "--no-privileges", f"--file={half}")
        verify(half)
        _settle(half, file)
    except OSError as error:
        raise NewsvaneError(f"{file} could not be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)
    return file


def thin_out(folder: Path, keep: int) -> list[Path]:
    """Take away all but the newest copies that `back_up` named in a folder; return those that went."""
    copies = sorted(file for file in folder.iterdir() if _OURS.fullmatch(file.name))
    gone = copies[: max(len(copies) - keep, 0)]
    for file in gone:
        file.unlink()
    return gone


def restore(file: Path, database: Database) -> None:
    """Make a database of a copy. It must not hold anything yet: nothing is overwritten.

    Raises:
        NewsvaneError: there is something in its place, the copy is not whole, or of another kind of database.
    """
    kind, url = verify(file), database.engine.url
    if kind != url.get_backend_name():
        raise NewsvaneError(
            f"{file} is a copy of {kind}, and the database is {url.get_backend_name()}: restore it to {kind}, "
            "and `newsvane db copy` takes it on from there"
        )
    if kind == "sqlite":
        _restore_sqlite(file, Path(url.database or ""))
    else:
        with database.engine.connect() as connection:
            if sa.inspect(connection).get_table_names():
                raise NewsvaneError("the database holds tables already: restore to a new, empty one")
        _run("pg_restore", url, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(file))


def verify(file: Path) -> str:
    """Read the whole of a copy, and return of which kind of database it is.

    Raises:
        NewsvaneError: it cannot be read, is none of ours, or is broken.
    """
    try:
        with file.open("rb") as opened:
            beginning = opened.read(len(_SQLITE))
    except OSError as error:
        raise NewsvaneError(f"{file} cannot be read: {error.strerror}") from error
    if beginning == _SQLITE:
        _verify_sqlite(file)
        return "sqlite"
    if beginning.startswith(_POSTGRESQL):
        _run("pg_restore", None, "--file=/dev/null", str(file))  # reads and unpacks every row
        return "postgresql"
    raise NewsvaneError(f"{file} is no copy of a database")


def _name_in(folder: Path, ending: str, now: datetime) -> Path:
    name, number = f"newsvane-{now:%Y%m%dT%H%M%SZ}", 1
    file = folder / f"{name}{ending}"
    while file.exists():  # two within a second
        number += 1
        file = folder / f"{name}-{number}{ending}"
    return file


def _settle(half: Path, file: Path) -> None:
    """Give a file that is whole its name, after it has reached the disk; not if somebody took the name meanwhile."""
    with half.open("rb") as opened:
        os.fsync(opened.fileno())
    try:
        os.link(half, file)
    except FileExistsError:
        raise NewsvaneError(f"{file} is there already, and is not overwritten") from None
    half.unlink()
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


# -- SQLite -----------------------------------------------------------------------------------------------------------


def _copy_sqlite(database: Database, target: Path) -> None:
    with database.engine.connect() as connection, closing(sqlite3.connect(target)) as copy:
        raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]  # what it is here
        raw.backup(copy)  # in one step, of one moment: others write on
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it


def _verify_sqlite(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
            (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            broken = copy.execute("PRAGMA foreign_key_check").fetchone()
            ours = copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise NewsvaneError(f"{file} is broken: {error}") from None
    if found != "ok" or broken:
        raise NewsvaneError(f"{file} is broken: {found if found != 'ok' else 'rows refer to what is not there'}")
    if not ours:
        raise NewsvaneError(f"{file} is no database of Newsvane")


def _restore_sqlite(file: Path, target: Path) -> None:
    for beside in (target, *(target.with_name(target.name + ending) for ending in ("-wal", "-shm"))):
        if beside.exists():
            raise NewsvaneError(
                f"{beside} is there already, and is not overwritten: stop the service, and move it away"
            )
    half = target.with_name(f".{target.name}.half")
    try:
        half.unlink(missing_ok=True)
        with closing(sqlite3.connect(file.absolute().as_uri() + "?mode=ro", uri=True)) as copy:
            os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            with closing(sqlite3.connect(half)) as fresh:
                copy.backup(fresh)
        _settle(half, target)
    except OSError as error:
        raise NewsvaneError(f"{target} could not be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def _run(program: str, url: sa.URL | None, *arguments: str) -> None:
    """Run a program of PostgreSQL. Its password is told by the environment: others can see command lines."""
    words, environ = [program, *arguments], dict(os.environ)
    if url is not None:
        plain = sa.URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
        words.insert(1, f"--dbname={plain.render_as_string()}")
        environ |= {"PGPASSWORD": str(url.password)} if url.password else {}
    try:
        done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 -- no shell
    except FileNotFoundError:
        raise NewsvaneError(f"{program} is not installed; it is in Debian's package postgresql-client") from None
    if done.returncode:
        raise NewsvaneError(f"{program}: {done.stderr.strip()[-1000:] or f'exit {done.returncode}'}")
