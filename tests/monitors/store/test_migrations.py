"""The migrations and the tables say the same, and no upgrade loses anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from crawler.errors import NewsvaneError
from crawler.store.articles import stored_articles
from crawler.store.database import Database
from crawler.store.tables import EntryRow
from monitors.store.migrate import downgrade, migrations_folder, revision, upgrade
from monitors.store.tables import Base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stand_ins.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of either kind without tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'news.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_empty()
    database = Database(url)
    yield database
    database.close()
    if request.param == "postgresql":
        server.drop(url)


def differences(database: Database) -> list[object]:
    """Return where the database is not as the tables say."""
    with database.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"render_as_batch": True})
        return compare_metadata(context, Base.metadata)


def test_an_empty_database_is_brought_to_the_tables_as_they_are(empty: Database) -> None:
    upgrade(empty)
    assert differences(empty) == []


NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
VALUES: dict[object, object] = {str: "1", int: 1, float: 1.0, bool: True, bytes: b"1", date: NOW.date()}
"""What a test writes into columns, whatever they mean; all references lead to 1."""


def fill(database: Database) -> None:
    """Put a row into every table."""
    with database.begin() as session:
        for table in Base.metadata.sorted_tables:
            session.execute(sa.insert(table), {column.name: any_value(column) for column in table.columns})


def any_value(column: sa.Column[Any]) -> object:
    return {} if isinstance(column.type, sa.JSON) else VALUES.get(column.type.python_type, NOW)


def rows(database: Database) -> dict[str, int]:
    """Count the rows of every table that is there."""
    tables = [name for name in sa.inspect(database.engine).get_table_names() if name != "alembic_version"]
    with database.read() as session:
        return {name: session.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0 for name in tables}


def test_every_migration_goes_back_and_forth_with_rows_in_the_tables(empty: Database) -> None:
    upgrade(empty)
    fill(empty)
    assert set(rows(empty).values()) == {1}
    for script in ScriptDirectory(str(migrations_folder())).walk_revisions():
        before = script.down_revision or "base"
        assert isinstance(before, str)
        assert downgrade(empty, before) == (script.down_revision or "")
        assert set(rows(empty).values()) <= {1}, f"back to {before}, a table lost what it had"
        if before == "0001":
            upgrade(empty)
            assert differences(empty) == []
            assert {name for name, count in rows(empty).items() if count} >= {"articles", "matches", "deliveries"}
            downgrade(empty, before)
    assert rows(empty) == {}
    upgrade(empty)
    assert differences(empty) == []


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


@pytest.mark.parametrize("empty", ["sqlite"], indirect=True)
def test_foreign_keys_are_kept_after_a_migration(empty: Database) -> None:
    upgrade(empty)
    for _ in range(3):
        with empty.read() as session:
            assert session.scalar(sa.text("PRAGMA foreign_keys")) == 1


SOURCE = (
    "INSERT INTO sources (id, url, name, active, next_check_at, failures) VALUES ('s', '', '', true, '2026-11-23', 0)"
)
ARTICLE = (
    "INSERT INTO articles (id, url, title, lead, text, authors, flags, source_id, stored_at, already_there) "
    "VALUES (1, 'u', 'T', '', '', '[]', '[]', 's', '2026-11-23', false)"
)
ENTRY = (
    "INSERT INTO entries (id, source_id, link, address, title, summary, authors, already_there, found_at, state, "
    "attempts, next_try_at) VALUES (1, 's', 'l', '', 'T', '', '[]', false, '2026-11-23', 'waiting', 0, '2026-11-23')"
)
UNREAD = "INSERT INTO unread (article_id, source_id, already_there) VALUES (1, 's', false)"


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


@pytest.mark.parametrize("empty", ["sqlite"], indirect=True)
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
