from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from stand_ins.newsroom import HARBOUR, WIRE, Clock

from crawler.domain import Article, Entry
from crawler.polling import Polling
from crawler.store.claims import Worker
from crawler.store.database import Database
from crawler.store.desk import StoreDesk
from crawler.store.sources import keep_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crawler.domain import Source


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def sources(database: Database, clock: Clock) -> dict[str, Source]:
    database.write(keep_sources, [HARBOUR, WIRE], now=clock())
    return {HARBOUR.id: HARBOUR, WIRE.id: WIRE}


@pytest.fixture
def desk(database: Database, clock: Clock, sources: dict[str, Source]) -> StoreDesk:  # noqa: ARG001
    return StoreDesk(database, Polling(), clock, on_finished=lambda _source: None)


@pytest.fixture
def worker(database: Database, clock: Clock) -> Iterator[Worker]:
    worker = Worker(database)
    worker.start(clock())
    yield worker
    worker.stop()


@pytest.fixture
def entry() -> Callable[[str], Entry]:
    return lambda path: Entry(link=f"https://harbour.example/{path}", title=f"About {path}")


@pytest.fixture
def article() -> Callable[[str], Article]:
    return lambda path: Article(url=f"https://harbour.example/{path}", title=f"About {path}", text="The port is shut.")
