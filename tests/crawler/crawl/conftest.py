"""Starts sites for a test and stops them, and runs tests that are coroutines on the loop of the crawl."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from aiohttp import web
from stand_ins.crawl import Crawl, MemoryDesk, Site
from stand_ins.newsroom import Clock

from crawler.run import run_in_reactor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stand_ins.crawl import Handler, NewSite, Reply


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine on the loop of the crawl."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    run_in_reactor(lambda: pyfuncitem.obj(**arguments))
    return True


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Leave the events of each page out of a failing test's report."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


@pytest.fixture(autouse=True)
def fresh_connections() -> Iterator[None]:
    """Keep no connection from one test to the next: another site may answer on the same port."""
    from crawler.fetch.http import connections

    run_in_reactor(_nothing)  # the reactor is ours from now on
    yield
    connections().close()


async def _nothing() -> None:
    pass


@pytest.fixture
def desk() -> MemoryDesk:
    return MemoryDesk()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    """The sites that the test started."""
    started: list[Site] = []
    yield started
    for site in started:
        run_in_reactor(site.stop)


@pytest.fixture
def new_site(sites: list[Site]) -> NewSite:
    """Starts a site of its own host (here: port)."""

    async def start(**kwargs: Any) -> Site:
        site = Site(**kwargs)
        await site.start()
        sites.append(site)
        return site

    return start


@pytest.fixture
def site(new_site: NewSite) -> Site:
    return run_in_reactor(new_site)


@pytest.fixture
def crawl_now(desk: MemoryDesk, clock: Clock, sites: list[Site]) -> Crawl:
    """Crawls what it is given: URLs, of sources named `source`, `source-1`, … or assignments."""
    return Crawl(desk, clock, sites=sites)


@pytest.fixture
def reply() -> Reply:
    """Makes an answer with a status and headers for Site.pages."""

    def make(**kwargs: Any) -> Handler:
        async def answer(_: web.Request) -> web.Response:
            return web.Response(**kwargs)

        return answer

    return make
