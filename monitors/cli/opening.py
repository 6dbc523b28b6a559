"""Opens what commands work with: the database, and the App with its configuration and crawl."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.errors import ConfigError, NewsvaneError
from crawler.store.claims import Worker
from crawler.store.database import Database
from monitors.app import App, InForce
from monitors.store.migrate import upgrade
from monitors.watchlist_file import config_path, load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from monitors.jobs import Crawling


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def open_database(config: Path | None, *, migrate: bool = True) -> Iterator[Database]:
    """Open the database that NEWSVANE_DATABASE_URL names, or else `newsvane.db` beside the configuration file."""
    url = os.environ.get("NEWSVANE_DATABASE_URL")
    try:
        database = Database(url or _beside(config_path(config, os.environ)))
    except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
        raise ConfigError(
            f"NEWSVANE_DATABASE_URL: {error}; it looks like sqlite:////var/lib/newsvane/news.db"
        ) from None
    try:
        if migrate:
            upgrade(database)
        yield database
    except sa.exc.DatabaseError as error:
        raise NewsvaneError(f"the database {database.engine.url!r} cannot be used: {error.orig}") from error
    finally:
        database.close()


@contextmanager
def open_database_if_there(config: Path | None) -> Iterator[Database | None]:
    """Open the database as `open_database` does, but where there is no file of it yet, make none."""
    with open_database(config, migrate=False) as database:
        url = database.engine.url
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            yield None
        else:
            upgrade(database)
            yield database


def _beside(file: Path) -> sa.URL:
    # no f-string: a `?` in the folder's name would begin the options of the URL
    return sa.URL.create("sqlite", database=str(file.absolute().with_name("newsvane.db")))


@contextmanager
def open_reading(config: Path | None, *, to_run: bool = False) -> Iterator[tuple[InForce, Database]]:
    """Load the configuration and open the database to look at it (`to_run`: to work with it).

    Raises:
        ConfigError: the configuration is wrong.

    """
    in_force = InForce.of(load(config_path(config, os.environ), to_run=to_run))
    with open_database(config) as database:
        yield in_force, database


@contextmanager
def open_app(config: Path | None) -> Iterator[App]:
    """Load the configuration, open the database and start work on it.

    Raises:
        ConfigError: the configuration is wrong.

    """
    with open_reading(config, to_run=True) as (in_force, database):
        worker = Worker(database)
        worker.start(now())
        try:
            yield App(in_force, database, worker, now)
        finally:
            worker.stop()


def _nothing() -> None:
    pass


@asynccontextmanager
async def open_crawling(app: App, *, on_finished: Callable[[], None] = _nothing) -> AsyncIterator[Crawling]:
    """Start the extraction workers and what crawls share."""
    from crawler.extract.pool import ExtractionPool
    from crawler.fetch.politeness import Politeness
    from crawler.polling import Polling
    from crawler.run import prove_guard
    from monitors.jobs import Crawling

    settings = app.in_force.configuration.settings
    await prove_guard(settings)
    async with ExtractionPool(languages=settings.languages) as pool:
        politeness = Politeness(settings.politeness.delay, now=app.clock)
        yield Crawling(pool=pool, politeness=politeness, polling=Polling(), on_finished=on_finished)
