"""Trouble with the database as a whole is told as such, and nothing of the transaction that met it is written."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from stand_ins.disk import SmallDisk

from crawler.errors import DatabaseTroubleError
from crawler.store.database import Database
from crawler.store.tables import Base, NoteRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session


def opened(folder: Path) -> Database:
    database = Database(sa.URL.create("sqlite", database=str(folder / "newsvane.db"), query={"timeout": "0.2"}))
    Base.metadata.create_all(database.engine)
    return database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(opened(tmp_path)) as database:
        yield database


def write(session: Session, name: str, size: int = 10) -> None:
    session.execute(sa.insert(NoteRow).values(name=name, value={"text": "x" * size}, at=sa.func.now()))


def write_much(session: Session, name: str) -> None:
    """Write more than fits, shrug, and go on: the worst that code above could do."""
    write(session, f"{name} before")
    with suppress(Exception), session.begin_nested():
        write(session, f"{name} much", size=8 << 20)
        session.flush()
    with suppress(Exception):
        write(session, f"{name} after")


def names(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(sa.select(NoteRow.name)))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path / "disk", megabytes=4) as disk:
        yield disk


def test_a_full_disk_is_told_and_nothing_of_the_transaction_is_written(disk: SmallDisk) -> None:
    with closing(opened(disk.path)) as database:
        database.write(write, "kept")
        with pytest.raises(DatabaseTroubleError, match="the disk is full") as caught:
            database.write(write_much, "lost")
        assert caught.value.kind == "full"
        assert names(database) == {"kept"}
        database.write(write, "later")
        assert names(database) == {"kept", "later"}


def test_neighbours_of_a_full_disk_in_one_transaction_are_told_too(disk: SmallDisk) -> None:
    async def together(database: Database) -> list[object]:
        works = [database.run(write, "one"), database.run(write_much, "two"), database.run(write, "three")]
        return await asyncio.gather(*works, return_exceptions=True)

    with closing(opened(disk.path)) as database:
        database.write(write, "kept")
        told = asyncio.run(together(database))
        written = {"one": told[0] is None, "three": told[2] is None}
        assert isinstance(told[1], DatabaseTroubleError)
        assert names(database) == {"kept", *(name for name, done in written.items() if done)}


def test_a_disk_without_room_for_the_files_beside_is_full(disk: SmallDisk) -> None:
    with closing(opened(disk.path)) as database:
        database.write(write, "kept")
    disk.fill()
    with closing(Database(f"sqlite:///{disk.path}/newsvane.db")) as database:
        with pytest.raises(DatabaseTroubleError) as caught:
            database.write(write, "lost", size=1 << 16)
        assert caught.value.kind == "full"
        disk.relieve()
        assert names(database) == {"kept"}


def test_a_database_that_another_program_keeps_is_locked(database: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "newsvane.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseTroubleError) as caught:
            database.write(write, "kept out")
        assert caught.value.kind == "locked"
        assert names(database) == set(), "reading goes on"
        other.execute("ROLLBACK")
    database.write(write, "let in")
    assert names(database) == {"let in"}


def test_who_opens_a_new_file_waits_for_another_that_writes_its_first_rows(tmp_path: Path) -> None:
    url = sa.URL.create("sqlite", database=str(tmp_path / "newsvane.db"))
    with (
        closing(sqlite3.connect(tmp_path / "newsvane.db", isolation_level=None, check_same_thread=False)) as other,
        closing(Database(url)) as database,
        closing(Database(url.update_query_dict({"timeout": "0.2"}))) as impatient,
    ):
        other.execute("CREATE TABLE first (one)")
        other.execute("BEGIN IMMEDIATE")  # the file has no write-ahead log yet, and cannot be given one now
        with pytest.raises(DatabaseTroubleError) as caught, impatient.read() as session:
            session.connection()
        assert caught.value.kind == "locked"
        done = threading.Timer(0.5, other.execute, ["COMMIT"])
        done.start()
        with database.read() as session:
            assert session.scalar(sa.text("PRAGMA journal_mode")) == "wal"
        done.join()


def test_a_file_that_was_moved_away_is_gone_and_no_other_is_made(database: Database, tmp_path: Path) -> None:
    database.write(write, "kept")
    file, away = tmp_path / "newsvane.db", tmp_path / "away.db"
    file.rename(away)
    for _ in range(3):
        with pytest.raises(DatabaseTroubleError) as caught:
            database.write(write, "nowhere")
        assert caught.value.kind == "gone"
    assert not file.exists()
    away.rename(file)
    assert names(database) == {"kept"}


def test_a_damaged_file_is_broken(tmp_path: Path) -> None:
    (tmp_path / "newsvane.db").write_bytes(b"This is no database. " * 500)
    with pytest.raises(DatabaseTroubleError) as caught:
        opened(tmp_path)
    assert caught.value.kind == "broken"


def test_a_file_that_may_only_be_read_is_said_to_be(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        with pytest.raises(DatabaseTroubleError) as caught:
            connection.execute(sa.delete(NoteRow))
        assert caught.value.kind == "read-only"


def test_what_is_wrong_with_a_question_is_no_trouble(database: Database) -> None:
    database.write(write, "twice")
    with pytest.raises(sa.exc.IntegrityError):
        database.write(write, "twice")
    with pytest.raises(sa.exc.OperationalError, match="no such table"), database.read() as session:
        session.execute(sa.text("SELECT * FROM absent"))
