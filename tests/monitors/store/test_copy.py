"""A database is copied into one of the other kind, and work goes on there."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from stand_ins.newsroom import Clock, Newsroom

from crawler.errors import NewsvaneError
from crawler.store.claims import Worker
from crawler.store.database import Database, compact
from crawler.store.tables import Base, NoteRow, SourceRow, WorkerRow
from monitors.app import App
from monitors.in_force import InForce
from monitors.store.copy import copy
from monitors.store.notes import note
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

YAML = """
settings: {contact: desk@example.org}
sources: [{id: harbour, url: "https://harbour.example/feed"}]
watchlists: [{name: Clouds, keywords: [cloud], first_run: deliver, deliver: [{to: a@example.org, when: now}]}]
smtp: {host: 127.0.0.1, port: 9}
"""


@pytest.fixture(params=["to PostgreSQL", "to SQLite"])
def databases(request: pytest.FixtureRequest, sqlite_url: str, postgresql_url: str) -> Iterator[list[Database]]:
    """The one that is copied, and the one that is copied into."""
    pair = [Database(sqlite_url), Database(postgresql_url)]
    yield pair if request.param == "to PostgreSQL" else pair[::-1]
    for one in pair:
        one.close()


@pytest.fixture
def open_room(tmp_path: Path) -> Iterator[object]:
    workers: list[Worker] = []

    def open_one(database: Database, clock: Clock) -> Newsroom:
        file = tmp_path / "newsvane.yaml"
        file.write_text(YAML, encoding="utf-8")
        workers.append(Worker(database))
        workers[-1].start(clock())
        app = App(InForce.of(load(file, environ={})), database, workers[-1], clock)
        asyncio.run(app.adopt(app.in_force))
        return Newsroom(app)

    yield open_one
    for worker in workers:
        worker.stop()


def held(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables but those of workers and their claims."""
    with database.read() as session:
        return {
            table.name: sorted(
                (
                    tuple(row)
                    for row in session.execute(sa.select(*(one for one in table.c if "claim" not in one.name)))
                ),
                key=repr,
            )
            for table in Base.metadata.sorted_tables
            if table.name != "workers"
        }


def test_what_is_copied_is_the_same_and_work_goes_on(databases: list[Database], open_room: object) -> None:
    source, target = databases
    clock = Clock()
    room: Newsroom = open_room(source, clock)  # type: ignore[operator]
    for number in range(30):
        room.bring(f"Cloud number {number} «ça» 云", f"A cloud, {number}.")
    room.match()
    told: dict[str, int] = {}
    copy(source, target, now=clock(), told=told.__setitem__)
    assert held(target) == held(source)
    assert (told["articles"], told["matches"], told["deliveries"]) == (30, 30, len(room.outbox()))
    with target.read() as session:
        assert session.scalars(sa.select(WorkerRow)).all() == []
        assert session.scalars(sa.select(SourceRow.id).where(SourceRow.rhythm.is_(sa.null()))).all() == ["harbour"]

    moved: Newsroom = open_room(target, clock)  # type: ignore[operator]
    before = len(moved.outbox())
    moved.bring("A cloud at last")
    moved.match()
    clock.turn(timedelta(hours=1))
    moved.compose()
    assert len(moved.outbox()) == before + 1


def test_nothing_is_copied_over_what_is_there(databases: list[Database]) -> None:
    source, target = databases
    target.write(note, "service", None, now=Clock()())
    target.write(note, "a", {}, now=Clock()())
    with pytest.raises(NewsvaneError, match="not empty: there are rows in notes"):
        copy(source, target, now=Clock()(), told=lambda _table, _rows: None)


def test_a_running_service_is_not_copied(databases: list[Database]) -> None:
    source, target = databases
    source.write(note, "service", {}, now=Clock()())
    with pytest.raises(NewsvaneError, match="stop it first"):
        copy(source, target, now=Clock()(), told=lambda _table, _rows: None)
    with target.read() as session:
        assert session.scalars(sa.select(NoteRow)).all() == []


def test_a_database_is_made_compact(databases: list[Database]) -> None:
    for database in databases:
        compact(database)
        database.write(note, "after", {}, now=Clock()())
