"""Copies of both kinds of database, made while somebody writes, and databases made of them again."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from crawler.errors import NewsvaneError
from crawler.store.database import Database
from crawler.store.tables import NoteRow
from monitors.cli import newsvane
from monitors.store import backup
from monitors.store.backup import back_up, restore, thin_out, verify
from monitors.store.notes import note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session
    from stand_ins.postgres import PostgresServer

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def fresh(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of the same kind that holds nothing."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'restored.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create_empty()
    yield url
    server.drop(url)


@contextmanager
def somebody_writing(database: Database) -> Iterator[None]:
    """Write pairs of rows, each pair in a transaction, as long as the context lasts."""
    over, began = Event(), Event()

    def pair(session: Session, number: int) -> None:
        for side in ("left", "right"):
            note(session, f"{side} {number}", {"text": "x" * 2_000}, now=NOW)

    def write() -> None:
        number = 0
        while not over.is_set():
            number += 1
            database.write(pair, number)
            began.set()

    thread = Thread(target=write)
    thread.start()
    began.wait(30)
    try:
        yield
    finally:
        over.set()
        thread.join()


def names(url: str) -> list[str]:
    opened = Database(url)
    try:
        with opened.read() as session:
            return list(session.scalars(sa.select(NoteRow.name)))
    finally:
        opened.close()


def test_a_copy_made_while_somebody_writes_is_of_one_moment_and_can_be_restored(
    database: Database, fresh: str, tmp_path: Path
) -> None:
    with somebody_writing(database):
        file = back_up(database, tmp_path / "copy", now=NOW)
    assert verify(file) == database.engine.dialect.name
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = Database(fresh)
    restore(file, again)
    again.close()
    found = names(fresh)
    left = {name.partition(" ")[2] for name in found if name.startswith("left")}
    right = {name.partition(" ")[2] for name in found if name.startswith("right")}
    assert left == right != set()
    assert {path.name for path in tmp_path.iterdir()} >= {"copy"}
    assert [path for path in tmp_path.iterdir() if path.name.endswith((".half", "copy-wal", "copy-shm"))] == []


def test_nothing_is_overwritten(database: Database, fresh: str, tmp_path: Path) -> None:
    file = back_up(database, tmp_path / "copy", now=NOW)
    before = file.read_bytes()
    with pytest.raises(NewsvaneError, match="is there already"):
        back_up(database, file, now=NOW)
    with pytest.raises(NewsvaneError, match="already"):
        restore(file, database)
    again = Database(fresh)
    restore(file, again)
    with pytest.raises(NewsvaneError, match="already"):
        restore(file, again)
    again.close()
    assert file.read_bytes() == before


def test_a_copy_that_was_cut_off_is_no_copy(database: Database, fresh: str, tmp_path: Path) -> None:
    with somebody_writing(database):
        pass
    file = back_up(database, tmp_path / "copy", now=NOW)
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    again = Database(fresh)
    with pytest.raises(NewsvaneError, match=r"broken|pg_restore"):
        restore(file, again)
    again.close()


def test_a_folder_gets_copies_named_by_the_hour_and_keeps_the_newest(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    made = [back_up(database, folder, now=NOW + timedelta(hours=hour)) for hour in (0, 0, 1, 2)]
    assert [file.stem for file in made] == [
        "newsvane-20261123T060000Z", "newsvane-20261123T060000Z-2", "newsvane-20261123T070000Z",
        "newsvane-20261123T080000Z",
    ]  # fmt: skip
    assert set(thin_out(folder, 2)) == set(made[:2])
    assert {file.name for file in folder.iterdir()} == {"mine.txt", *(file.name for file in made[2:])}


def test_where_the_copy_fails_nothing_is_left(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_file: Path) -> str:
        raise NewsvaneError("it is broken")

    monkeypatch.setattr(backup, "verify", broken)
    folder = tmp_path / "copies"
    folder.mkdir()
    with pytest.raises(NewsvaneError, match="it is broken"):
        back_up(database, folder, now=NOW)
    with pytest.raises(NewsvaneError, match="could not be written: No such file"):
        back_up(database, tmp_path / "missing" / "copy", now=NOW)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"mine", b"SQLite format 3\x00" + b"x" * 5_000, b"PGDMP" + b"x" * 5_000])
def test_what_is_no_copy_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(NewsvaneError, match=r"is no copy|is broken|pg_restore"):
        verify(file)


def test_another_program_s_database_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "file") as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(NewsvaneError, match="is no database of Newsvane"):
        verify(tmp_path / "file")


def test_a_copy_of_the_other_kind_says_what_to_do(sqlite_url: str, postgresql_url: str, tmp_path: Path) -> None:
    source, target = Database(sqlite_url), Database(postgresql_url)
    with pytest.raises(NewsvaneError, match="`newsvane db copy`"):
        restore(back_up(source, tmp_path / "copy", now=NOW), target)
    source.close()
    target.close()


def test_a_password_is_told_to_no_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$* $PGPASSWORD" >{tmp_path}/told\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    database = Database("postgresql://me:s3cr3t@db.example/news?sslmode=require")
    with pytest.raises(NewsvaneError, match="pg_dump: exit 1"):
        back_up(database, tmp_path / "copy", now=NOW)
    database.close()
    arguments, _, password = (tmp_path / "told").read_text().rstrip("\n").rpartition(" ")
    assert password == "s3cr3t"
    assert "--dbname=postgresql://me@db.example/news?sslmode=require" in arguments


def test_the_commands_copy_and_restore(database_url: str, fresh: str, tmp_path: Path) -> None:
    run = CliRunner().invoke
    copies = tmp_path / "copies"
    copies.mkdir()
    for _ in range(3):
        done = run(newsvane, ["db", "backup", str(copies), "--keep", "2"], env={"NEWSVANE_DATABASE_URL": database_url})
        assert done.exit_code == 0, done.output
    assert "took away" in done.output
    newest = max(copies.iterdir())
    assert len(list(copies.iterdir())) == 2
    restored = run(newsvane, ["db", "restore", str(newest)], env={"NEWSVANE_DATABASE_URL": fresh})
    assert restored.exit_code == 0, restored.output
    assert "restored, at revision" in restored.output
    twice = run(newsvane, ["db", "restore", str(newest)], env={"NEWSVANE_DATABASE_URL": fresh})
    assert isinstance(twice.exception, NewsvaneError)


def test_without_a_database_there_is_nothing_to_copy(tmp_path: Path) -> None:
    environ = {"NEWSVANE_DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}
    done = CliRunner().invoke(newsvane, ["db", "backup", str(tmp_path / "copy")], env=environ)
    assert isinstance(done.exception, NewsvaneError)
    assert list(tmp_path.iterdir()) == []
