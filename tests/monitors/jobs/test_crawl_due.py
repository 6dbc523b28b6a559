"""Sources that are due are read as places become free: one that hangs keeps its own place, and nobody else waits."""

from __future__ import annotations

import socket
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

TIMEOUT_S = 60
QUICK = 5


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with NewsSite() as site:
        yield site


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def configuration(site: NewsSite, silent: int) -> str:
    quick = "".join(f"  - {{id: quick-{number}, url: '{site.url}/feed?{number}'}}\n" for number in range(QUICK))
    return f"""
settings:
  contact: desk@example.org
  related: false
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{site.port}", "127.0.0.0/8:{silent}"]
sources:
  - {{id: hanging, url: "http://127.0.0.1:{silent}/feed"}}
{quick}"""


async def still_hanging(app: App, silent: socket.socket) -> list[bool]:
    """Read all that is due; say for each source, when it was done, whether the one that hangs was still being read.

    That one is let go as soon as it is the only one.
    """
    hanging: list[bool] = []

    def finished() -> None:
        hanging.append("hanging" in crawling.reading)
        if len(hanging) == QUICK:
            silent.close()

    async with open_crawling(app, on_finished=finished) as crawling:
        await jobs.crawl_all_due(app, crawling)
        assert not crawling.reading
    return hanging


def test_a_source_that_hangs_holds_up_no_other(
    newsroom: Callable[[str], Newsroom], site: NewsSite, silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.fetch.limits.TIMEOUT_S", TIMEOUT_S)
    monkeypatch.setattr("monitors.jobs.CRAWL_BATCH", 2)
    monkeypatch.setattr("monitors.jobs.SOURCES_AT_ONCE", 2)
    monkeypatch.setattr("monitors.jobs.LOOK_AGAIN_S", 0.05)
    site.publish("Cloud unit sold")
    app = newsroom(configuration(site, silent.getsockname()[1])).app
    assert run_in_reactor(lambda: still_hanging(app, silent)) == [True] * QUICK + [False]
