"""Opens what commands work with: the database, and the App with its configuration and crawl."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from crawler.errors import ConfigError, DatabaseTroubleError, NewsvaneError
from crawler.store.claims import Worker
from crawler.store.database import Database
from monitors.in_force import InForce
from monitors.store.migrate import upgrade
from monitors.watchlist_file import config_path, load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from monitors.app import App
    from monitors.jobs import Crawling


log = structlog.get_logger()

LOOK_AGAIN_S = 3.0

_LOOKS_LIKE = "it looks like sqlite:////var/lib/newsvane/news.db or postgresql://newsvane@db.example.org/newsvane"


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def open_database(config: Path | None, *, migrate: bool = True) -> Iterator[Database]:
    """Open the database that NEWSVANE_DATABASE_URL names, or else `newsvane.db` beside the configuration file."""
    name, url = _database_url(os.environ)
    with open_url(url or _beside(config_path(config, os.environ)), name, migrate=migrate) as database:
        yield database


def _database_url(environ: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the URL of the database, which may hold a password and then lie in a file, and what names it."""
    file = environ.get("NEWSVANE_DATABASE_URL_FILE")
    if not file:
        return "NEWSVANE_DATABASE_URL", environ.get("NEWSVANE_DATABASE_URL")
    if environ.get("NEWSVANE_DATABASE_URL"):
        raise ConfigError("NEWSVANE_DATABASE_URL and NEWSVANE_DATABASE_URL_FILE are both set; leave one out")
    try:
        url = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"NEWSVANE_DATABASE_URL_FILE: {error}") from None
    if not url:
        raise ConfigError(f"NEWSVANE_DATABASE_URL_FILE: {file} is empty")
    return "NEWSVANE_DATABASE_URL_FILE", url


@contextmanager
def open_url(url: str | sa.URL, name: str, *, migrate: bool = True) -> Iterator[Database]:
    """Open a database by its URL, which a variable or an argument of that name holds."""
    try:
        if sa.make_url(url).get_backend_name() not in {"sqlite", "postgresql"}:
            raise ConfigError(f"{name}: {_LOOKS_LIKE}")
        database = Database(url)
    except sa.exc.ArgumentError as error:
        raise ConfigError(f"{name}: {error}; {_LOOKS_LIKE}") from None
    except ModuleNotFoundError as error:
        raise ConfigError(f'{name}: {error}; for PostgreSQL, pip install "newsvane[postgresql]"') from None
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
    from monitors.app import App  # with the stories and all that is told, half a second

    with open_reading(config, to_run=True) as (in_force, database):
        worker = Worker(database)
        worker.start(now())
        try:
            yield App(in_force, database, worker, now)
        finally:
            worker.stop()


@contextmanager
def open_app_patiently(config: Path | None) -> Iterator[App]:
    """Open it as `open_app` does; where the database is in trouble that may pass by itself, as soon as it has.

    A server that starts later than we do, or a full disk, should not cost a service its start. A folder for SQLite
    that is not there will not come by itself.
    """
    told = False
    with ExitStack() as stack:
        while True:
            try:
                app = stack.enter_context(open_app(config))
            except DatabaseTroubleError as error:
                if error.kind not in {"full", "locked"} and not (error.kind == "gone" and _has_server()):
                    raise
                if not told:
                    log.error("database_trouble", kind=error.kind, reason=str(error))  # noqa: TRY400  # no stack
                told = True
                time.sleep(LOOK_AGAIN_S)
            else:
                break
        if told:
            log.warning("database_back")
        yield app


def _has_server() -> bool:
    _, url = _database_url(os.environ)
    return url is not None and sa.make_url(url).get_backend_name() != "sqlite"


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
