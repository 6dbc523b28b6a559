"""A PostgreSQL server for the tests: real, thrown away at the end, and with a fresh database for each test.

PostgreSQL does not run as root, so root starts it as somebody else. It speaks through a socket in its own folder only,
and does not outlive the process that started it, however that ends.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from crawler.store.database import Database
from monitors.store.migrate import upgrade
from monitors.store.tables import Base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

START_TIMEOUT_S = 180
MOST_BYTES_EMPTIED = 64 * 2**20
SETTINGS = {
    "listen_addresses": "",
    "max_connections": 300,  # a test may run several services
    "shared_buffers": "32MB",
    # what a test writes need not outlive the machine; what is committed outlives a kill of the server all the same
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
    "autovacuum": "off",
}


def binaries() -> Path | None:
    """Return where the newest server of Debian's package lies, or the one on the PATH; None if there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


ORDER = ("--locale-provider=icu", "--icu-locale=en-US")
"""Texts are not ordered by their bytes, as SQLite does it: nothing may rely on that."""


class PostgresServer:
    """A server, while the context lasts."""

    def __init__(self) -> None:
        found = binaries()
        if found is None:
            pytest.skip("needs PostgreSQL: apt-get install postgresql")
        self.binaries = found
        self.folder = Path(tempfile.mkdtemp(prefix="newsvane-pg-"))
        self._server: subprocess.Popen[bytes] | None = None
        self._template: str | None = None
        self._idle: list[str] = []

    def __enter__(self) -> Self:
        if os.getuid() == 0:
            shutil.chown(self.folder, _somebody_else())
        data = self.folder / "data"
        initdb = (self.binaries / "initdb", "-D", data, "-U", "newsvane", "-A", "trust", "-E", "UTF8")
        made = subprocess.run(
            [*_as_somebody_else(), *initdb, "--locale=C.UTF-8", *ORDER, "--no-sync"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        assert made.returncode == 0, made.stderr
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, or start it again: what was committed is there."""
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        program = (self.binaries / "postgres", "-D", self.folder / "data", "-k", self.folder, *settings)
        with (self.folder / "server.log").open("ab") as log:
            self._server = subprocess.Popen(
                [*_as_somebody_else(dies_with_us=True), *program], stdout=log, stderr=log, cwd="/"
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            told = (self.folder / "server.log").read_text()[-2000:]
            assert self._server.poll() is None, told
            assert time.monotonic() < deadline, told
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it as a crash would: every connection is cut at once."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(timeout=30)
            self._server = None

    def url(self, name: str) -> str:
        """Return the URL of one of its databases, as NEWSVANE_DATABASE_URL takes it."""
        return f"postgresql://newsvane@/{name}?host={self.folder}"

    def create(self) -> str:
        """Create a migrated database without rows; return its URL."""
        if self._template is None:
            self._template = self._new()
            database = Database(self.url(self._template))
            upgrade(database)
            database.close()  # a database that somebody is connected to is no template
        return self.url(self._new(self._template))

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The URL of a migrated database without rows. It is emptied and lent again: ten times as quick as a new one.

        Whoever changes the tables themselves takes `create_empty`.
        """
        url = self._idle.pop() if self._idle else self.create()
        yield url
        if self._answers() and self._empty(url):
            self._idle.append(url)

    def _empty(self, url: str) -> bool:
        """Take away all rows and whoever is still connected; return whether that was worth the while."""
        name = sa.make_url(url).database
        with psycopg.connect(f"{self._administration(name)}", autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
            if size <= MOST_BYTES_EMPTIED:
                connection.execute("SET session_replication_role = replica")  # the order of tables does not matter then
                for table in Base.metadata.sorted_tables:
                    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
                connection.execute("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")
                return True
        self.drop(url)
        return False

    def create_empty(self) -> str:
        """Create a database without tables; return its URL."""
        return self.url(self._new())

    def drop(self, url: str) -> None:
        """Take away a database, whoever is connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{sa.make_url(url).database}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Do something as the administrator, in no database of ours."""
        with psycopg.connect(self._administration(), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]  # the test's own words

    def _new(self, template: str = "template0") -> str:
        name = f"news_{uuid.uuid4().hex}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._administration()).close()
        except psycopg.OperationalError:
            return False
        return True

    def _administration(self, name: str | None = "postgres") -> str:
        return f"host={self.folder} user=newsvane dbname={name}"


def _somebody_else() -> str:
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _as_somebody_else(*, dies_with_us: bool = False) -> list[str]:
    """Return what to put before a program so that root does not run it, and it does not outlive this thread."""
    options = ["--pdeathsig", "QUIT"] if dies_with_us else []
    if os.getuid() == 0:
        user = pwd.getpwnam(_somebody_else())
        options += ["--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]
    return ["setpriv", *options] if options else []
