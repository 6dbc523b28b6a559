"""Brings the database to the present shape: `newsvane db upgrade`, and by itself at every start."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import monitors
from crawler.errors import NewsvaneError

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from crawler.store.database import Database


def migrations_folder() -> Path:
    """Return where the migrations lie: inside the package once installed, else at the top of the repository."""
    package = Path(monitors.__file__).parent
    installed = package / "store" / "migrations"
    return installed if installed.is_dir() else package.parent / "alembic"


def upgrade(database: Database) -> str:
    """Migrate to the newest revision and return it.

    A SQLite file that has something to lose is copied to `FILE.REVISION.backup` first. PostgreSQL takes all of it back
    if anything goes wrong; whoever wants a copy makes one with pg_dump.

    Raises:
        NewsvaneError: a newer version made the database, or the migration broke a reference.

    """
    return _migrate(database, command.upgrade, "head")


def downgrade(database: Database, to: str) -> str:
    """Migrate back to a revision that an older version knows (`base`: to nothing) and return it; see `upgrade`."""
    return _migrate(database, command.downgrade, to)


def _migrate(database: Database, how: Callable[[Config, str], None], to: str) -> str:
    config = _config()
    scripts = ScriptDirectory.from_config(config)
    target = str(scripts.as_revision_number(to) or "")
    before = revision(database)
    if (before or "") == target:
        return target
    _check_known(scripts, before)
    _back_up(database, before)
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        _foreign_keys(connection, on=False)  # a batch migration drops tables, which would delete their children
        how(config, to)
        connection.commit()
        _check(connection)
        _foreign_keys(connection, on=True)
    return target


def is_current(database: Database) -> bool:
    """Tell whether the database is at the newest revision that this version knows."""
    return revision(database) == newest_revision()


@cache
def newest_revision() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _check_known(scripts: ScriptDirectory, before: str | None) -> None:
    if before is not None and before not in {script.revision for script in scripts.walk_revisions()}:
        raise NewsvaneError(
            f"the database is at revision {before}, which this version does not know: a newer one made it"
        )


def revision(database: Database) -> str | None:
    """Return the revision the database is at; None for an empty one."""
    with database.read() as session:
        connection = session.connection()
        return MigrationContext.configure(connection).get_current_revision()


def _back_up(database: Database, before: str | None) -> None:
    file = database.engine.url.database
    if before is None or database.engine.dialect.name != "sqlite" or not file:
        return
    with database.engine.connect() as connection, closing(sqlite3.connect(f"{file}.{before}.backup")) as copy:
        _raw(connection).backup(copy)  # whole, also while another process writes


def _foreign_keys(connection: sa.Connection, *, on: bool) -> None:
    if connection.dialect.name == "sqlite":  # the pragma is silently ignored inside a transaction
        connection.rollback()
        _raw(connection).execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}").close()


def _raw(connection: sa.Connection) -> sqlite3.Connection:
    raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]  # what it is here
    return raw


def _check(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        connection.rollback()
        if broken:
            raise NewsvaneError(
                f"the migration left {len(broken)} broken references; restore the backup beside the database"
            )
