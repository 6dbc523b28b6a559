"""Pieces of work that wait together are one transaction, and yet each stands or falls alone."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from crawler.store.database import Database
from crawler.store.tables import Base, NoteRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/newsvane.db")
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


def write(session: Session, name: str) -> str:
    session.execute(sa.insert(NoteRow).values(name=name, value={}, at=sa.func.now()))
    return name


def names(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(sa.select(NoteRow.name)))


def commits(database: Database) -> list[str]:
    made: list[str] = []
    sa.event.listen(database.engine, "commit", lambda _connection: made.append("commit"))
    return made


async def behind_a_long_one(database: Database, *names_of_all: str) -> list[object]:
    """Let pieces of work wait until one before them is done."""
    begun, go_on = threading.Event(), threading.Event()

    def long(_session: Session) -> None:
        begun.set()
        go_on.wait(10)

    first = asyncio.ensure_future(database.run(long))
    await asyncio.to_thread(begun.wait, 10)
    others = [asyncio.ensure_future(database.run(write, name)) for name in names_of_all]
    await asyncio.sleep(0)
    go_on.set()
    await first
    return await asyncio.gather(*others, return_exceptions=True)


def test_what_waits_is_committed_at_once(database: Database) -> None:
    made = commits(database)
    assert asyncio.run(behind_a_long_one(database, "a", "b", "c")) == ["a", "b", "c"]
    assert len(made) == 2
    assert names(database) == {"a", "b", "c"}


def test_a_piece_that_fails_undoes_itself_only(database: Database) -> None:
    a, twice, c = asyncio.run(behind_a_long_one(database, "a", "a", "c"))
    assert (a, c) == ("a", "c")
    assert isinstance(twice, sa.exc.IntegrityError)
    assert names(database) == {"a", "c"}


def test_what_cannot_be_committed_is_told_to_everybody(database: Database) -> None:
    def refuse(_connection: sa.Connection) -> None:
        raise OSError("no space left on device")

    sa.event.listen(database.engine, "commit", refuse)
    outcomes = asyncio.run(_all_of(database, "a", "b"))
    assert [type(outcome) for outcome in outcomes] == [OSError, OSError]
    sa.event.remove(database.engine, "commit", refuse)
    assert names(database) == set()
    assert asyncio.run(database.run(write, "later")) == "later"


async def _all_of(database: Database, *wanted: str) -> list[object]:
    return await asyncio.gather(*(database.run(write, name) for name in wanted), return_exceptions=True)


def test_closing_waits_for_what_was_asked_for(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/newsvane.db")
    Base.metadata.create_all(database.engine)
    for number in range(100):
        database._writer.submit(lambda session, number=number: write(session, str(number)))
    database.close()
    assert len(names(Database(f"sqlite:///{tmp_path}/newsvane.db"))) == 100
