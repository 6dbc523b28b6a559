"""Prints what the whole pipeline costs a page, beside the sum of its parts in the same run.

    python tests/benchmarks/bench_pipeline.py [--sites 771] [--rounds 1] [--beside]

The pipeline is the service's: crawl, extract, match 1,000 queries, store in SQLite, from real news sites that a server
replays on loopback. Its parts are measured alone, each in a process of its own: Scrapy fetching the same URLs,
trafilatura (fast, with metadata) on the same pages, the matcher on the same articles, the articles inserted in groups.
`--rounds` repeats the pipeline on a new database in the same process, to see whether memory stays flat; `--beside`
also measures trafilatura's own downloader and news-please, if it is installed.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.domain import Article
    from monitors.app import App
    from monitors.domain import Entity, Watchlist

sys.path.insert(0, str(Path(__file__).parents[1]))
from stand_ins.replay import Replay

# All else is imported where it is needed: the workers import this module, too, as they do that of the command line.
SHARED = Path(os.environ.get("NEWSVANE_SHARED", Path(__file__).parents[3] / "shared"))
QUERIES = 1_000
WORKERS = 2
STALL_S = 0.1


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sites", type=int, default=771)
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--beside", action="store_true", help="also other people's pipelines")
    options.add_argument("--part", choices=sorted(PARTS), help=argparse.SUPPRESS)
    options.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.part:
        print(json.dumps(PARTS[given.part](given)))
        return
    with replayed(given.sites) as server:
        whole = part("pipeline", given, server)
        parts = {name: part(name, given, server) for name in ("fetch", "extract", "match", "store")}
        others = [part(name, given, server) for name in ("trafilatura", "newsplease")] if given.beside else []
    tell(whole, parts)
    for other in filter(None, others):
        print(f"beside: {other['name']}: {other['cpu_s'] / other['pages'] * 1000:.1f} ms of CPU a page")


def tell(whole: dict[str, Any], parts: dict[str, dict[str, Any]]) -> None:
    pages, requests = whole["pages"], whole["requests"]
    spent = {name: found["cpu_s"] / found["count"] * 1000 for name, found in parts.items()}
    spent["fetch"] *= requests / pages
    total = sum(spent.values())
    ms = whole["cpu_s"] / pages * 1000
    busy = (whole["cpu_s"] + whole["server_cpu_s"]) / whole["wall_s"]
    print(
        f"{whole['sites']} sites, {pages} pages, {requests} requests, {QUERIES} queries, {whole['matches']} matches\n"
        f"pipeline     {ms:6.1f} ms of CPU a page, {pages / whole['wall_s']:.1f} pages/s; "
        f"{whole['main_cpu_s'] / pages * 1000:.1f} of them outside the extraction\n"
        f"its parts    {total:6.1f} ms: " + ", ".join(f"{name} {value:.1f}" for name, value in spent.items()) + "\n"
        f"ratio        {ms / total:6.2f}\n"
        f"cores busy   {whole['cpu_s'] / whole['wall_s']:6.2f} ({busy:.2f} with the server that replays the sites)\n"
        f"loop         {whole['stalled_ms']:6.0f} ms its longest stall, {whole['stalls']} over 100 ms\n"
        f"memory       {', '.join(f'{peak:.0f}' for peak in whole['peaks_mb'])} MB at the most in all processes, "
        f"{whole['main_mb']:.0f} MB in that which crawls"
    )


# -- the server -------------------------------------------------------------------------------------------------------


@contextmanager
def replayed(sites: int) -> Iterator[tuple[Replay, psutil.Process]]:
    port = random.randrange(15_000, 30_000)  # noqa: S311
    command = [sys.executable, str(SHARED / "replay" / "replay.py"), "--port", str(port), "--per-ip", "--redate", "3"]
    with subprocess.Popen([*command, "--sites", str(sites)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        assert server.stdout.readline().startswith("replay:")
        try:
            yield Replay(port), psutil.Process(server.pid)
        finally:
            server.terminate()


def part(name: str, given: argparse.Namespace, server: tuple[Replay, psutil.Process]) -> dict[str, Any]:
    replay, process = server
    before, busy = replay.stats().get("requests", 0), cpu_s(process)
    options = ["--part", name, "--port", str(replay.port), "--rounds", str(given.rounds)]
    done = subprocess.run([sys.executable, __file__, *options], stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    # the question for the figures is a request, too
    requests = (replay.stats()["requests"] - before - 2) // given.rounds
    return found | {"requests": requests, "server_cpu_s": (cpu_s(process) - busy) / given.rounds}


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


# -- the whole --------------------------------------------------------------------------------------------------------


def pipeline(given: argparse.Namespace) -> dict[str, Any]:
    from crawler.run import run_in_reactor
    from monitors.cli.logs import configure_logging

    configure_logging(logging.WARNING)
    configuration = configured(given.port)
    peaks, found = [], {}
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory() as folder, opened(configuration, Path(folder)) as app:
            found = run_in_reactor(lambda app=app: whole(app))
        peaks.append(found["peak_mb"])
    return found | {"peaks_mb": peaks, "sites": len(configuration.sources)}


def configured(port: int) -> Any:
    from crawler.domain import Source
    from crawler.settings import Settings
    from monitors.deliver.smtp import Smtp
    from monitors.watchlist_file import Configuration

    # their feeds are known, as they are to a service after its first hour
    sources = [
        Source(id=one["site"], url=one["ip"] + "/rss.xml", name=one["site"], type="feed")
        for one in Replay(port).sites()
    ]
    # made in another process, so that the texts they are made of are not counted
    with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
        watchlists, entities = elsewhere.submit(queries).result()
    settings = {
        "languages": ["en", "de", "fr", "es", "it", "zh", "ru"],
        "contact": "desk@example.org",
        "politeness": {"delay": timedelta(0)},
        "allow_private": [f"127.0.0.0/8:{port}"],
    }
    return Configuration(
        path=Path("newsvane.yaml"),
        settings=Settings.model_validate(settings),
        sources=tuple(sources),
        entities=entities,
        watchlists=watchlists,
        channels={},
        smtp=Smtp(),
    )


def queries() -> tuple[tuple[Watchlist, ...], tuple[Entity, ...]]:
    from bench_matcher import page_articles, pool_articles
    from made_queries import Writer

    texts = [article.text for article in page_articles()] + [article.text for article in islice(pool_articles(), 2_000)]
    writer = Writer(texts, random.Random(QUERIES))  # noqa: S311  # repeats itself
    watchlists = tuple(writer.watchlist(index) for index in range(QUERIES))
    return watchlists, tuple(writer.entities)


@contextmanager
def opened(configuration: Any, folder: Path) -> Iterator[App]:
    from crawler.store.claims import Worker
    from crawler.store.database import Database
    from monitors.app import App
    from monitors.in_force import InForce
    from monitors.store.migrate import upgrade

    database = Database(f"sqlite:///{folder}/newsvane.db")
    upgrade(database)
    worker = Worker(database)
    worker.start(datetime.now(UTC))
    yield App(InForce.of(configuration), database, worker, lambda: datetime.now(UTC))
    worker.stop()
    database.close()


async def whole(app: App) -> dict[str, Any]:
    """Read every source and match what comes, as the service does, and measure it."""
    from crawler.run import fetch_page
    from monitors.cli.opening import open_crawling
    from monitors.jobs import crawl_all_due, match_new
    from monitors.store.status import status

    await app.adopt(app.in_force)
    async with open_crawling(app) as crawling:
        # all is imported before the clock starts
        front, settings = app.in_force.configuration.sources[0].url, app.in_force.configuration.settings
        page = await fetch_page(front, settings=settings, politeness=crawling.politeness)
        await asyncio.gather(*(crawling.pool.extract(page) for _ in range(WORKERS * 2)))
        main_before, started = cpu_s(psutil.Process()), time.monotonic()
        with watched() as figures:
            stalls = asyncio.create_task(watch_loop(figures))
            crawled = asyncio.create_task(crawl_all_due(app, crawling))
            while not crawled.done():
                await match_new(app)
                await asyncio.sleep(0.5)
            while await match_new(app):
                pass
            stalls.cancel()
        figures |= {"wall_s": time.monotonic() - started, "main_cpu_s": cpu_s(psutil.Process()) - main_before}
        await crawled
    with app.database.read() as session:
        told = status(session, now=app.clock())
    return figures | {"pages": told.articles, "matches": told.matches}


async def watch_loop(figures: dict[str, Any]) -> None:
    figures |= {"stalled_ms": 0.0, "stalls": 0}
    while True:
        before = time.monotonic()
        await asyncio.sleep(0.01)
        late = time.monotonic() - before - 0.01
        figures["stalled_ms"] = max(figures["stalled_ms"], late * 1000)
        figures["stalls"] += late > STALL_S


@contextmanager
def watched() -> Iterator[dict[str, Any]]:
    """Measure what this process and its children cost: their CPU time, and the most memory that all of them hold.

    A page of memory that several share counts once; of a child that is killed, what it did since the last look is lost.
    """
    figures: dict[str, Any] = {"peak_mb": 0.0, "main_mb": 0.0}
    first = {process.pid: cpu_s(process) for process in family()}
    last: dict[int, float] = {}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            look()

    def look() -> None:
        held: list[float] = []
        for process in family():
            with suppress(psutil.NoSuchProcess):
                last[process.pid] = cpu_s(process) - first.get(process.pid, 0.0)
                held.append(process.memory_full_info().pss / 1e6)
        figures["peak_mb"] = max(figures["peak_mb"], sum(held))
        figures["main_mb"] = max(figures["main_mb"], held[0])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield figures
    finally:
        over.set()
        watcher.join()
        look()
        figures["cpu_s"] = sum(last.values())


def family() -> list[psutil.Process]:
    return [psutil.Process(), *psutil.Process().children(recursive=True)]


# -- its parts --------------------------------------------------------------------------------------------------------


def fetch(given: argparse.Namespace) -> dict[str, Any]:
    """Fetch what the pipeline fetches with Scrapy as it comes, but for what costs and does nothing here."""
    import scrapy
    from scrapy.crawler import CrawlerProcess

    replay = Replay(given.port)
    urls = [article["ip_url"] for article in replay.articles()]
    urls += [site["ip"] + path for site in replay.sites() for path in ("/robots.txt", "/rss.xml")]
    taken: list[float] = []

    class Bare(scrapy.Spider):
        name = "bare"

        async def start(self) -> Any:
            taken.append(cpu_s(psutil.Process()))
            for url in urls:
                yield scrapy.Request(url, dont_filter=True)

        def parse(self, response: Any) -> None:
            pass

        def closed(self, _reason: str) -> None:
            taken.append(cpu_s(psutil.Process()))

    process = CrawlerProcess(
        {
            "CONCURRENT_ITEMS": 2,
            "CONCURRENT_REQUESTS": 64,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": 0,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "ROBOTSTXT_OBEY": False,
            "HTTPERROR_ALLOW_ALL": True,
            "LOG_ENABLED": False,
        }
    )
    process.crawl(Bare)
    process.start()
    return {"count": len(urls), "cpu_s": taken[1] - taken[0]}


def extract(given: argparse.Namespace) -> dict[str, Any]:
    """Extract with trafilatura alone, fast and with metadata, as `measure/bare_trafilatura.py` does."""
    from trafilatura import bare_extraction

    pages = list(saved_pages(given))
    bare_extraction("<html><p>ready</p></html>", with_metadata=True, fast=True)
    started = time.process_time()
    for url, body in pages:
        bare_extraction(body, url=url, with_metadata=True, include_comments=False, fast=True)
    return {"count": len(pages), "cpu_s": time.process_time() - started}


def match(_given: argparse.Namespace) -> dict[str, Any]:
    from bench_matcher import page_articles

    from monitors.match.matcher import Matcher

    (watchlists, entities), articles = queries(), page_articles()
    matcher = Matcher(watchlists, entities)
    for article in articles[::3]:
        matcher.match(article)
    started = time.process_time()
    for article in articles:
        matcher.match(article)
    return {"count": len(articles), "cpu_s": time.process_time() - started}


def store(_given: argparse.Namespace) -> dict[str, Any]:
    """Insert articles by SQLAlchemy's Core, 200 in a transaction."""
    import sqlalchemy as sa
    from bench_matcher import page_articles

    from crawler.store.database import Database
    from crawler.store.tables import ArticleRow, Base

    articles = page_articles()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/newsvane.db")
        Base.metadata.create_all(database.engine)
        rows = [_row(article, number) for number, article in enumerate(articles)]
        with database.begin() as session:
            session.execute(
                sa.text(
                    "INSERT INTO sources (id, url, name, active, failures, next_check_at) VALUES ('a', '', '', 1, 0, 0)"
                )
            )
        started = time.process_time()
        for at in range(0, len(rows), 200):
            with database.begin() as session:
                session.execute(sa.insert(ArticleRow), rows[at : at + 200])
        spent = time.process_time() - started
        database.close()
    return {"count": len(rows), "cpu_s": spent}


def _row(article: Article, number: int) -> dict[str, Any]:
    return {
        "url": f"https://example.org/{number}",
        "title": article.title,
        "lead": "",
        "text": article.text,
        "authors": [],
        "published": None,
        "language": article.language,
        "site": None,
        "sections": [],
        "flags": [],
        "source_id": "a",
        "stored_at": datetime.now(UTC),
        "already_there": False,
    }


def saved_pages(given: argparse.Namespace) -> Iterator[tuple[str, bytes]]:
    served = {article["id"] for article in Replay(given.port).articles()}
    root = SHARED / "data" / "pages"
    with (root / "pages.jsonl").open(encoding="utf-8") as lines:
        for page in map(json.loads, lines):
            if page["id"] in served:
                yield page["url"], gzip.decompress((root / page["html_path"]).read_bytes())


# -- beside -----------------------------------------------------------------------------------------------------------


def trafilatura(given: argparse.Namespace) -> dict[str, Any]:
    from trafilatura import bare_extraction, fetch_url

    urls = [article["ip_url"] for article in Replay(given.port).articles()]
    started = time.process_time()
    for url in urls:
        bare_extraction(fetch_url(url), url=url, with_metadata=True)
    return {
        "name": "trafilatura's downloader and extractor",
        "pages": len(urls),
        "cpu_s": time.process_time() - started,
    }


def newsplease(given: argparse.Namespace) -> dict[str, Any]:
    try:
        from newsplease import NewsPlease
    except ImportError:
        return {}
    urls = _some([article["ip_url"] for article in Replay(given.port).articles()])
    started = time.process_time()
    for url in urls:
        NewsPlease.from_url(url)
    return {"name": "news-please", "pages": len(urls), "cpu_s": time.process_time() - started}


def _some(urls: Sequence[str]) -> Sequence[str]:
    return urls[:: max(1, len(urls) // 100)]


PARTS = {
    "pipeline": pipeline,
    "fetch": fetch,
    "extract": extract,
    "match": match,
    "store": store,
    "trafilatura": trafilatura,
    "newsplease": newsplease,
}

if __name__ == "__main__":
    main()
