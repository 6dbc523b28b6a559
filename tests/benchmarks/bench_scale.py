"""Prints what a large database costs: a digest, a tick, a start, `newsvane status`.

    python tests/benchmarks/bench_scale.py [--articles 200000] [--folder FOLDER | --postgresql]

The database holds 200,000 articles of 771 sources (half of them within the window of stories), 50,000 matches and the
ledger of 100,000 deliveries. `--folder` keeps it there, and takes it from there the next time; `--postgresql` makes it
on a server that is thrown away.
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
import time
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import psutil
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1]))
from stand_ins import full_archive
from stand_ins.full_archive import DIGEST, Archive
from stand_ins.postgres import PostgresServer

from crawler.extract.pool import ExtractionPool
from crawler.fetch.politeness import Politeness
from crawler.polling import Polling
from crawler.store.claims import Worker
from crawler.store.database import Database
from crawler.store.tables import ArticleRow, UnreadRow
from monitors.app import App
from monitors.cli.logs import configure_logging
from monitors.configuration_file import ConfigurationFile
from monitors.digest.schedule import slot_at
from monitors.in_force import InForce
from monitors.jobs import Crawling
from monitors.scheduler import Clockwork
from monitors.store.migrate import upgrade
from monitors.store.outbox import claim_deliveries
from monitors.store.tables import DeliveryRow, MessageRow
from monitors.tell import tell_digest
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from sqlalchemy.orm import Session

SHARED = Path(os.environ.get("NEWSVANE_SHARED", Path(__file__).parents[3] / "shared"))
SOURCES, DAYS = 771, 8
UNTOLD = {"narrow": 300, "middle": 2_000, "wide": 20_000}
TOLD = {"first": 9_000, "second": 9_000, "third": 6_000, "fourth": 3_700}
DUE = 100
TIMES = 5


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", type=int, default=200_000)
    where = options.add_mutually_exclusive_group()
    where.add_argument("--folder", type=Path)
    where.add_argument("--postgresql", action="store_true")
    options.add_argument("--only", choices=["digest", "tick", "start", "commands"])
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as made, server() if given.postgresql else nullcontext() as url:
        folder = given.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["NEWSVANE_DATABASE_URL"] = url or f"sqlite:///{folder / 'newsvane.db'}"
        share = given.articles / 200_000
        configured(folder)
        with opened(folder) as app:
            if not anything(app.database):
                begun = time.monotonic()
                full_archive.fill(app.database, app.in_force.configuration, archive(given.articles, share))
                print(f"made in {time.monotonic() - begun:.0f} s", flush=True)
            print(f"{'':52}{'wall':>10}{'CPU':>10}   (medians of {TIMES})")
            if given.only in {None, "digest"}:
                digests(app)
            if given.only in {None, "tick"}:
                asyncio.run(ticks(app))
        if given.only in {None, "start"}:
            start(folder)
        if given.only in {None, "commands"}:
            commands(folder)


@contextmanager
def server() -> Iterator[str]:
    with PostgresServer() as started:
        yield started.create_empty()


def configured(folder: Path) -> None:
    (folder / "newsvane.yaml").write_text(full_archive.configuration(SOURCES, UNTOLD, TOLD), encoding="utf-8")


@contextmanager
def opened(folder: Path) -> Iterator[App]:
    configure_logging(logging.CRITICAL)
    database = Database(os.environ["NEWSVANE_DATABASE_URL"])
    upgrade(database)
    worker = Worker(database)
    worker.start(now())
    try:
        yield App(InForce.of(load(folder / "newsvane.yaml", environ={})), database, worker, now)
    finally:
        worker.stop()
        database.close()


def now() -> datetime:
    return datetime.now(UTC)


def anything(database: Database) -> bool:
    with database.read() as session:
        return session.scalar(sa.select(ArticleRow.id).limit(1)) is not None


def archive(articles: int, share: float) -> Archive:
    return Archive(
        now=now(),
        sources=SOURCES,
        articles=articles,
        days=DAYS,
        untold={name: round(count * share) for name, count in UNTOLD.items()},
        told={name: round(count * share) for name, count in TOLD.items()},
        deliveries=round(100_000 * share),
        sentences=sentences(),
    )


def sentences() -> Sequence[str]:
    """Return sentences of real articles where they are to be had, else made of words."""
    file = SHARED / "data" / "articles.jsonl.gz"
    if not file.is_file():
        draw = random.Random(2)  # noqa: S311
        words = ["".join(draw.choices("abcdefghiklmnoprstuw", k=draw.randrange(2, 11))) for _ in range(20_000)]
        return [" ".join(draw.choices(words, k=18)) + "." for _ in range(20_000)]
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    return [f"{one}." for text in texts for one in text.split(". ") if 40 < len(one) < 400]


# -- figures ----------------------------------------------------------------------------------------------------------


def told(name: str, measured: Sequence[tuple[float, float]]) -> None:
    wall, cpu = (median(some) for some in zip(*measured, strict=True))
    print(f"{name:52}{wall * 1000:>7.0f} ms{cpu * 1000:>7.0f} ms", flush=True)


@contextmanager
def measuring(into: list[tuple[float, float]]) -> Iterator[None]:
    wall, cpu = time.monotonic(), time.process_time()
    try:
        yield
    finally:
        into.append((time.monotonic() - wall, time.process_time() - cpu))


class _UndoneError(Exception):
    """Rolls a transaction back."""


def digests(app: App) -> None:
    for name, count in UNTOLD.items():
        watchlist = app.in_force.watchlists[name]
        rule = watchlist.deliver[0]
        assert rule.key == DIGEST
        assert rule.schedule
        slot = slot_at(rule.schedule, now())
        measured: list[tuple[float, float]] = []
        for _ in range(TIMES):
            try:
                with measuring(measured), app.database.begin() as session:
                    found = tell_digest(
                        session, in_force=app.in_force, watchlist=watchlist, rule=rule, slot=slot, now=now()
                    )
                    assert found
                    raise_undone()
            except _UndoneError:
                pass
        told(f"digest of {count:,} matches", measured)


def raise_undone() -> None:
    raise _UndoneError


async def ticks(app: App) -> None:
    await app.adopt(app.in_force)
    async with ExtractionPool() as pool:
        crawling = Crawling(
            pool=pool, politeness=Politeness(timedelta(0), now=now), polling=Polling(), on_finished=lambda _: None
        )
        await every_job(app, crawling)


async def every_job(app: App, crawling: Crawling) -> None:
    file = ConfigurationFile(app.in_force.configuration.path)
    clockwork = Clockwork(app, crawling, file)
    every: dict[str, Callable[[], Awaitable[Any]]] = {
        name: getattr(clockwork, f"_{name}")
        for name in ("crawl", "revisit", "match", "compose", "deliver", "reload", "beat", "watch")
    }
    tick: list[tuple[float, float]] = [(0, 0)] * TIMES
    for name, job in every.items():
        measured: list[tuple[float, float]] = []
        for _ in range(TIMES):
            with measuring(measured):
                await job()
        told(f"{name}, with nothing to do", measured)
        tick = [(a + c, b + d) for (a, b), (c, d) in zip(tick, measured, strict=True)]
    told("all of these, one after the other", tick)
    measured = []
    for _ in range(TIMES):
        await app.database.run(take_out)
        await app.database.run(put_in, DUE)
        with measuring(measured):
            await app.database.run(claimed, app)
        await app.database.run(take_out)
    told(f"claiming {DUE} deliveries that are due", measured)


def claimed(session: Session, app: App) -> int:
    destinations = app.in_force.destinations
    return len(claim_deliveries(session, destinations, limit=DUE, worker=app.worker, now=now()))


def put_in(session: Session, count: int) -> None:
    message = session.scalar(sa.select(sa.func.max(MessageRow.id))) or 0
    at = now() - timedelta(seconds=1)
    values = {"message_id": message, "channel": "mail", "part": 0, "mail_id": "due", "payload": b"x" * 20_000}
    rows = [{**values, "recipient": f"{n}@due.example"} for n in range(count)]
    times = {"state": "queued", "queued_at": at, "next_try_at": at}
    session.execute(sa.insert(DeliveryRow), [{**row, **times} for row in rows])


def take_out(session: Session) -> None:
    session.execute(sa.delete(DeliveryRow).where(DeliveryRow.mail_id == "due"))


# -- processes --------------------------------------------------------------------------------------------------------


def newsvane(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    program = [sys.executable, "-m", "monitors.cli", *arguments]
    return subprocess.Popen(program, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def start(folder: Path) -> None:
    """Start the service with one article that waits, and see when it is ready, and when that article was matched."""
    ready, placed, memory = [], [], []
    for _ in range(3):
        database = Database(os.environ["NEWSVANE_DATABASE_URL"])
        last = database.write(wait_again)
        database.close()
        begun = time.monotonic()
        with newsvane(folder, "run") as service:
            assert service.stderr
            process = psutil.Process(service.pid)
            for line in service.stderr:
                event = json.loads(line)
                if event["event"] == "configuration_loaded":
                    ready.append((time.monotonic() - begun, cpu_s(process)))
                if event["event"] == "articles_matched" and last:
                    placed.append((time.monotonic() - begun, cpu_s(process)))
                    memory.append(process.memory_info().rss)
                    break
            service.terminate()
            service.communicate(timeout=60)
    told("start, to configuration_loaded", ready)
    told("start, to the first article matched and placed", placed)
    print(f"{'memory of the service then':52}{max(memory) / 1e6:>7.0f} MB", flush=True)


def wait_again(session: Session) -> int:
    """Put the last article back into the queue."""
    last = session.scalar(sa.select(sa.func.max(ArticleRow.id))) or 0
    source = session.scalar(sa.select(ArticleRow.source_id).where(ArticleRow.id == last))
    session.execute(sa.delete(UnreadRow))
    session.add(UnreadRow(article_id=last, source_id=source or "", already_there=False))
    return last


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def commands(folder: Path) -> None:
    for arguments in (("--help",), ("status",), ("sources",)):
        measured = []
        for _ in range(TIMES):
            begun, spent = time.monotonic(), children_s()
            with newsvane(folder, *arguments) as command:
                _, errors = command.communicate(timeout=120)
                assert command.returncode == 0, errors
            measured.append((time.monotonic() - begun, children_s() - spent))
        told(f"newsvane {' '.join(arguments)}", measured)


def children_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main()
