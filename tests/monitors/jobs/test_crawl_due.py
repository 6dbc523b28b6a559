"""Sources that are due are read as places become free: one that hangs keeps its own place, and nobody else waits."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest
from stand_ins.site import NewsSite

from crawler.run import run_in_reactor
from monitors import jobs
from monitors.cli.opening import open_crawling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stand_ins.newsroom import Newsroom

    from monitors.app import App

TIMEOUT_S = 4


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with NewsSite() as site:
        yield site


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def configuration(site: NewsSite, silent: int) -> str:
    quick = "".join(f"  - {{id: quick-{number}, url: '{site.url}/feed?{number}'}}\n" for number in range(5))
    return f"""
settings:
  contact: desk@example.org
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{site.port}", "127.0.0.0/8:{silent}"]
sources:
  - {{id: hanging, url: "http://127.0.0.1:{silent}/feed"}}
{quick}"""


async def seconds_until_done(app: App) -> list[float]:
    """Read all that is due; return after how many seconds each source was done."""
    done: list[float] = []
    started = time.monotonic()
    async with open_crawling(app, on_finished=lambda: done.append(time.monotonic() - started)) as crawling:
        await jobs.crawl_all_due(app, crawling)
        assert not crawling.reading
    return done


def test_a_source_that_hangs_holds_up_no_other(
    newsroom: Callable[[str], Newsroom], site: NewsSite, silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.fetch.limits.TIMEOUT_S", TIMEOUT_S)
    monkeypatch.setattr("monitors.jobs.CRAWL_BATCH", 2)
    monkeypatch.setattr("monitors.jobs.SOURCES_AT_ONCE", 2)
    monkeypatch.setattr("monitors.jobs.LOOK_AGAIN_S", 0.05)
    site.publish("Cloud unit sold")
    app = newsroom(configuration(site, silent)).app
    *quick, hanging = run_in_reactor(lambda: seconds_until_done(app))
    assert len(quick) == 5
    assert hanging - max(quick) > TIMEOUT_S / 2, "all of them came through the one place that was left"
