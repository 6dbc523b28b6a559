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
from alembic.script import ScriptDirectory

from crawler.errors import NewsvaneError
from crawler.store.articles import stored_articles
from crawler.store.database import Database
from crawler.store.tables import EntryRow
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


def head() -> str | None:
    return ScriptDirectory(str(migrations_folder())).get_current_head()


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
    assert revision(empty) == head()


def test_foreign_keys_are_kept_after_a_migration(empty: Database) -> None:
    upgrade(empty)
    for _ in range(3):
        with empty.read() as session:
            assert session.scalar(sa.text("PRAGMA foreign_keys")) == 1


SOURCE = "INSERT INTO sources (id, url, name, active, next_check_at, failures) VALUES ('s', '', '', 1, '2026-11-23', 0)"
ARTICLE = (
    "INSERT INTO articles (id, url, title, lead, text, authors, flags, source_id, stored_at, already_there) "
    "VALUES (1, 'u', 'T', '', '', '[]', '[]', 's', '2026-11-23', 0)"
)
ENTRY = (
    "INSERT INTO entries (id, source_id, link, address, title, summary, authors, already_there, found_at, state, "
    "attempts, next_try_at) VALUES (1, 's', 'l', '', 'T', '', '[]', 0, '2026-11-23', 'waiting', 0, '2026-11-23')"
)
UNREAD = "INSERT INTO unread (article_id, source_id, already_there) VALUES (1, 's', 0)"


def write(database: Database, *statements: str) -> None:
    with database.begin() as session:
        for statement in statements:
            session.execute(sa.text(statement))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the migrations, to which a test adds and from which it takes."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), folder)
    monkeypatch.setattr("monitors.store.migrate.migrations_folder", lambda: folder)
    return folder


def test_what_was_stored_before_there_were_sections_has_none(empty: Database, folder: Path) -> None:
    for later in {*folder.glob("versions/*.py")} - {*folder.glob("versions/0001_*.py")}:
        later.unlink()
    assert upgrade(empty) == "0001"
    write(empty, SOURCE, ARTICLE, ENTRY)
    shutil.copytree(migrations_folder(), folder, dirs_exist_ok=True)
    assert upgrade(empty) == head()
    with empty.read() as session:
        assert [one.article.sections for one in stored_articles(session)] == [()]
        assert session.scalars(sa.select(EntryRow.categories)).all() == [[]]


ANOTHER = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9998", "{head}"
def upgrade():
    with op.batch_alter_table("articles") as table:  # drops the old table, whose children must survive
        table.alter_column("title", new_column_name="headline")
def downgrade():
    pass
"""


def test_a_batch_migration_keeps_the_children_and_a_copy(empty: Database, tmp_path: Path, folder: Path) -> None:
    before = upgrade(empty)
    write(empty, SOURCE, ARTICLE, UNREAD)
    (folder / "versions" / "9998_another.py").write_text(ANOTHER.format(head=before))
    assert upgrade(empty) == "9998"
    with empty.read() as session:
        assert session.scalar(sa.text("SELECT headline FROM articles JOIN unread ON article_id = id")) == "T"
    copy = Database(f"sqlite:///{tmp_path}/news.db.{before}.backup")
    with copy.read() as session:
        assert session.scalar(sa.text("SELECT title FROM articles")) == "T"
    copy.close()


def test_a_database_of_a_newer_version_is_refused(empty: Database) -> None:
    upgrade(empty)
    with empty.begin() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewsvaneError, match="a newer one made it"):
        upgrade(empty)
