"""A newsroom with its own database, its own clock, and no need to crawl."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from stand_ins.newsroom import Clock, Newsroom

from crawler.store.claims import Worker
from crawler.store.database import Database
from monitors.app import App
from monitors.in_force import InForce
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def newsroom(tmp_path: Path, database_url: str, clock: Clock) -> Iterator[Callable[[str], Newsroom]]:
    """Open a newsroom for a configuration; a second one on the same database is a second service."""
    opened: list[Newsroom] = []

    def open_newsroom(yaml: str) -> Newsroom:
        file = tmp_path / "newsvane.yaml"
        file.write_text(yaml, encoding="utf-8")
        database = Database(database_url)
        worker = Worker(database)
        worker.start(clock())
        app = App(InForce.of(load(file, environ={})), database, worker, clock)
        asyncio.run(app.adopt(app.in_force))
        opened.append(Newsroom(app))
        return opened[-1]

    yield open_newsroom
    for one in opened:
        one.app.worker.stop()
        one.app.database.close()
