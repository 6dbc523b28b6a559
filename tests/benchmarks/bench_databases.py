"""How PostgreSQL compares with SQLite: claims, articles stored, matches recorded, and a tick with nothing to do.

Both as they are run in earnest: what is committed is on the disk. Ratios are PostgreSQL's rate to SQLite's.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

sys.path.insert(0, str(Path(__file__).parents[1]))

from stand_ins import postgres
from stand_ins.newsroom import Clock, Newsroom

from crawler.domain import Article, Entry, Source
from crawler.polling import Polling
from crawler.store.claims import Worker
from crawler.store.database import Database
from crawler.store.desk import StoreDesk
from crawler.store.sources import claim_due, keep_sources
from monitors import jobs
from monitors.app import App
from monitors.in_force import InForce
from monitors.store.migrate import upgrade
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCES, ARTICLES, TICKS, THREADS = 2_000, 400, 50, 8
YAML = """
settings: {contact: desk@example.org}
sources: [{id: harbour, url: "https://harbour.example/feed"}]
watchlists: [{name: Clouds, keywords: [cloud], first_run: deliver, deliver: [{to: a@example.org, at: "07:00"}]}]
smtp: {host: 127.0.0.1, port: 9}
"""
Rates = dict[str, float]


@contextmanager
def opened(url: str, folder: Path, clock: Clock) -> Iterator[Newsroom]:
    database = Database(url)
    upgrade(database)
    worker = Worker(database)
    worker.start(clock())
    file = folder / "newsvane.yaml"
    file.write_text(YAML)
    app = App(InForce.of(load(file, environ={})), database, worker, clock)
    asyncio.run(app.adopt(app.in_force))
    yield Newsroom(app)
    worker.stop()
    database.close()


def timed(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def measure(room: Newsroom, clock: Clock) -> Rates:
    app, rates = room.app, Rates()
    harbour = app.in_force.sources["harbour"]
    desk = StoreDesk(app.database, Polling(), clock, on_finished=lambda _source: None)
    pages = [
        (Entry(link=f"https://harbour.example/{n}", title=f"Cloud {n}"), f"Cloud {n} over port {n % 97}. " * 40)
        for n in range(ARTICLES)
    ]
    asyncio.run(desk.discovered(harbour, [entry for entry, _ in pages]))

    async def store_all() -> None:
        for at in range(0, ARTICLES, 20):  # as many pages are under way at once
            await asyncio.gather(*(store(entry, text) for entry, text in pages[at : at + 20]))

    async def store(entry: Entry, text: str) -> None:
        await desk.fetched(harbour, entry, Article(url=entry.link, title=entry.title, text=text, language="en"))

    rates["articles stored/s"] = ARTICLES / timed(lambda: asyncio.run(store_all()))
    rates["articles matched and recorded/s"] = ARTICLES / timed(room.match)

    def tick() -> None:
        asyncio.run(jobs.match_new(app))
        room.compose()
        room.deliver()

    rates["idle ticks/s"] = TICKS / timed(lambda: [tick() for _ in range(TICKS)])

    sources = {f"s{n}": Source(id=f"s{n}", url=f"https://s{n}.example", name=f"S{n}") for n in range(SOURCES)}
    app.database.write(keep_sources, sources.values(), now=clock.turn(timedelta(minutes=1)))
    rates[f"claims/s, {THREADS} threads"] = SOURCES / timed(lambda: claim_all(app.database, app.worker, sources, clock))
    return rates


def claim_all(database: Database, worker: Worker, sources: dict[str, Source], clock: Clock) -> None:
    taken: list[str] = []

    def take() -> None:
        while batch := database.claim(claim_due, sources, limit=20, worker=worker, now=clock()):
            taken.extend(one.source.id for one in batch)

    threads = [threading.Thread(target=take) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(sources)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    found: defaultdict[str, Rates] = defaultdict(dict)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with opened(f"sqlite:///{folder / 'news.db'}", folder, clock := Clock()) as room:
            found["SQLite"] = measure(room, clock)
        postgres.SETTINGS = {"listen_addresses": ""}  # as the package sets it up, but for where it listens
        if postgres.binaries() is None:
            print("PostgreSQL is not installed: nothing to compare with")
            return
        with postgres.PostgresServer() as server, opened(server.create_empty(), folder, clock := Clock()) as room:
            found["PostgreSQL"] = measure(room, clock)
    print(f"{'':34}{'SQLite':>12}{'PostgreSQL':>12}{'ratio':>8}")
    for what, rate in found["SQLite"].items():
        other = found["PostgreSQL"][what]
        print(f"{what:34}{rate:>12,.0f}{other:>12,.0f}{other / rate:>8.2f}")


if __name__ == "__main__":
    main()
