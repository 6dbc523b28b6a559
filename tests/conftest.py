"""What all tests share: where the real data lies, and the databases."""

from __future__ import annotations

import gc
import os
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
import structlog
from hypothesis import settings
from stand_ins.loaded import LOADED
from stand_ins.postgres import PostgresServer

from crawler.store.database import Database
from monitors.match.concepts import panel
from monitors.match.concepts.semantic import encoder
from monitors.store.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stand_ins.loaded import Loaded

    from monitors.match.concepts.semantic import Encoder

# How long an example takes says more of what else the machine does than of the code.
settings.register_profile("new examples", deadline=None)
settings.register_profile("suite", deadline=None, derandomize=True)

REPOSITORY = Path(__file__).parents[1]
LONGEST = "e2e/test_replay", "e2e/test_month", "e2e", "monitors/match/concepts", "monitors/match", "docs", "monitors"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sites", type=int, default=40, help="how many of the 771 replayed news sites to crawl")


def pytest_configure(config: pytest.Config) -> None:
    """Let hypothesis try the same examples in each run of the suite; campaigns, and tests run by hand, try new ones."""
    settings.load_profile("suite" if config.option.markexpr == "not slow" else "new examples")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that all processes end together: a long file at the end has one run alone."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    path = item.path.relative_to(REPOSITORY / "tests").as_posix()
    return next((turn for turn, begins in enumerate(LONGEST) if path.startswith(begins)), len(LONGEST))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking through all that was imported and collected, again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("NEWSVANE_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"needs the real data of {folder.name}/ beside the project (or NEWSVANE_SHARED)")
    return folder


@pytest.fixture(scope="session", autouse=True)
def forgetful_log() -> Iterator[None]:
    """Have no logger keep what a command configured: it would be deaf to every test after it."""
    known = structlog.configure

    def configure(**options: Any) -> None:
        known(**options | {"cache_logger_on_first_use": False})

    with patch.object(structlog, "configure", configure):
        yield


@pytest.fixture(autouse=True)
def usual_log() -> Iterator[None]:
    """Have no test log as the one before it was told to."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[Encoder | None]:
    """Keep what concepts are measured by: to read it again takes a third of a second in each of a thousand tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(panel, "bundled", cache(panel.bundled))
        yield encoder()


@pytest.fixture(scope="session")
def loaded() -> Iterator[Loaded]:
    """A process that starts commands of `newsvane` in a moment."""
    yield LOADED
    LOADED.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgresql_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database without rows."""
    with postgres.lend() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "news.db"
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite database without rows."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'news.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database without rows: the test runs on both kinds."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
