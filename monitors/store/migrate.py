"""Brings the database to the present shape: `newsvane db upgrade`, and by itself at every start."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import monitors
from crawler.errors import NewsvaneError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crawler.store.database import Database


def migrations_folder() -> Path:
    """Return where the migrations lie: inside the package once installed, else at the top of the repository."""
    package = Path(monitors.__file__).parent
    installed = package / "store" / "migrations"
    return installed if installed.is_dir() else package.parent / "alembic"


def upgrade(database: Database) -> str:
    """Migrate to the newest revision and return it.

    A SQLite file that has something to lose is copied to `FILE.REVISION.backup` first.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    head = ScriptDirectory.from_config(config).get_current_head() or ""
    before = revision(database)
    if before == head:
        return head
    _back_up(database, before)
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        _foreign_keys(connection, on=False)  # a batch migration drops tables, which would delete their children
        command.upgrade(config, "head")
        connection.commit()
        _check(connection)
        _foreign_keys(connection, on=True)
    return head


def revision(database: Database) -> str | None:
    """Return the revision the database is at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _back_up(database: Database, before: str | None) -> None:
    file = database.engine.url.database
    if before is not None and database.engine.dialect.name == "sqlite" and file:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy2(file, f"{file}.{before}.backup")


def _foreign_keys(connection: sa.Connection, *, on: bool) -> None:
    if connection.dialect.name == "sqlite":  # the pragma is silently ignored inside a transaction
        connection.rollback()
        raw = connection.connection.driver_connection
        assert raw is not None  # noqa: S101  # an open connection has one
        raw.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}").close()


def _check(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        connection.rollback()
        if broken:
            raise NewsvaneError(
                f"the migration left {len(broken)} broken references; restore the backup beside the database"
            )
