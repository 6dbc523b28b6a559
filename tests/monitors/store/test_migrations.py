"""The migrations and the tables say the same, and no upgrade loses anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from crawler.errors import NewsvaneError
from crawler.store.database import Database
from monitors.store.migrate import migrations_folder, revision, upgrade
from monitors.store.tables import Base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'news.db'}")
    yield database
    database.close()


def test_an_empty_database_is_brought_to_the_tables_as_they_are(empty: Database) -> None:
    upgrade(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_is_upgrading_once(empty: Database) -> None:
    assert upgrade(empty) == upgrade(empty) == revision(empty)


UPGRADE = """
import sys
from crawler.store.database import Database
from monitors.store.migrate import upgrade
upgrade(Database(sys.argv[1]))
"""


def test_processes_that_start_at_once_migrate_once(empty: Database) -> None:
    command = [sys.executable, "-c", UPGRADE, empty.engine.url.render_as_string()]
    starting = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    failed = [error for one in starting if (error := one.communicate(timeout=60)[1])]
    assert failed == []
    assert revision(empty) == "0001"


def test_foreign_keys_are_kept_after_a_migration(empty: Database) -> None:
    upgrade(empty)
    for _ in range(3):
        with empty.read() as session:
            assert session.scalar(sa.text("PRAGMA foreign_keys")) == 1


SECOND = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0002", "0001"
def upgrade():
    with op.batch_alter_table("articles") as table:  # drops the old table, whose children must survive
        table.alter_column("title", new_column_name="headline")
def downgrade():
    pass
"""


def test_a_batch_migration_keeps_the_children_and_a_copy(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(empty)
    with empty.begin() as session:
        source = "INSERT INTO sources (id, url, name, active, next_check_at, failures)"
        for statement in (
            f"{source} VALUES ('s', '', '', 1, '2026-11-23', 0)",
            "INSERT INTO articles VALUES (1, 'u', 'T', '', '', '[]', NULL, NULL, NULL, '[]', 's', '2026-11-23', 0)",
            "INSERT INTO unread (article_id, source_id, already_there) VALUES (1, 's', 0)",
        ):
            session.execute(sa.text(statement))
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), folder)
    (folder / "versions" / "0002_second.py").write_text(SECOND)
    monkeypatch.setattr("monitors.store.migrate.migrations_folder", lambda: folder)
    assert upgrade(empty) == "0002"
    with empty.read() as session:
        assert session.scalar(sa.text("SELECT headline FROM articles JOIN unread ON article_id = id")) == "T"
    copy = Database(f"sqlite:///{tmp_path / 'news.db.0001.backup'}")
    with copy.read() as session:
        assert session.scalar(sa.text("SELECT title FROM articles")) == "T"
    copy.close()


def test_a_database_of_a_newer_version_is_refused(empty: Database) -> None:
    upgrade(empty)
    with empty.begin() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewsvaneError, match="a newer one made it"):
        upgrade(empty)
