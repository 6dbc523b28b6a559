"""The crawl over real sites that fail in every way: what can be had is stored once, and nobody is asked too soon.

pytest -s --sites 771 -m slow tests/e2e/test_replay_faults.py      all of them, with the figures
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from stand_ins.newsroom import Clock
from stand_ins.replay import Replay

from crawler.domain import Failed
from crawler.identity import canonical_url
from crawler.run import run_in_reactor
from crawler.store.articles import stored_articles
from crawler.store.claims import Worker
from crawler.store.database import Database
from monitors import jobs
from monitors.app import App
from monitors.cli.opening import open_crawling
from monitors.cli.status import _in_words
from monitors.in_force import InForce
from monitors.store.migrate import upgrade
from monitors.store.status import status
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.domain import FetchOutcome
    from monitors.store.status import Status

FAULTS = "500,502,503,429,403,404,reset,hang,truncate,drip,badgzip,redirect-loop"
WANTED = ["--per-ip", "--redate", "3", "--tracking", "--trap", "--feed-items", "500", "--error-rate", ".1"]
WANTED += ["--error-kinds", FAULTS, "--hang-s", "4", "--feed-break-rate", ".2", "--robots-disallow-rate", ".1"]
DELAY, CRAWL_DELAY = timedelta(seconds=0.1), timedelta(seconds=0.2)
TIMEOUT_S = 2
"""A server that hangs or drips takes longer."""
TOLERANCE_S = 0.02
"""Between what we measure at our end of a connection and the server at its."""
MOST_ROUNDS = 16
ROUND = timedelta(hours=7)
"""Longer than any source rests; a page is tried eight times within a day and a half."""
KINDS = ("auto", "feed", "sitemap")
PATHS = {"auto": "/", "feed": "/rss.xml", "sitemap": "/sitemap.xml"}


@pytest.fixture
def replay(shared: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Replay]:
    sites = request.config.getoption("--sites")
    port = random.randint(20_000, 32_000)  # noqa: S311  (below those that clients are given, on many addresses)
    program = [sys.executable, str(shared / "replay" / "replay.py"), *WANTED, "--port", str(port)]
    more = ["--sites", str(sites), "--crawl-delay", str(CRAWL_DELAY.total_seconds())]
    more += ["--access-log", str(tmp_path / "access.jsonl")]
    with subprocess.Popen([*program, *more], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("replay:")
        yield Replay(port)
        server.terminate()


@pytest.fixture
def app(replay: Replay, tmp_path: Path) -> Iterator[App]:
    file = tmp_path / "newsvane.yaml"
    sources = "".join(
        f"  - {{id: {site['site']}, url: '{site['ip']}{PATHS[kind]}', type: {kind}}}\n"
        for number, site in enumerate(replay.sites())
        for kind in KINDS[number % len(KINDS) :][:1]
    )
    file.write_text(
        f"settings:\n  contact: desk@example.org\n  politeness: {{delay: {DELAY.total_seconds()}s}}\n"
        f"  allow_private: ['127.0.0.0/8:{replay.port}']\nsources:\n{sources}",
        encoding="utf-8",
    )
    database, clock = Database(f"sqlite:///{tmp_path / 'news.db'}"), Clock()
    upgrade(database)
    worker = Worker(database)
    worker.start(clock())
    yield App(InForce.of(load(file, environ={})), database, worker, clock)
    worker.stop()
    database.close()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_article_that_can_be_had_is_stored_once_and_no_host_is_hurried(
    app: App, replay: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("crawler.fetch.limits.TIMEOUT_S", TIMEOUT_S)
    rounds = run_in_reactor(lambda: crawl_until_all_is_there(app))
    with app.database.read() as session:
        stored = Counter(one.article.url for one in stored_articles(session))
    truth = replay.articles()
    allowed = {canonical_url(one["ip_url"]) for one in truth if not one["disallowed"]}

    assert allowed <= set(stored), f"missing: {sorted(allowed - set(stored))[:5]}"
    assert not {canonical_url(one["ip_url"]) for one in truth if one["disallowed"]} & set(stored)
    assert set(stored.values()) == {1}
    assert replay.stats().get("ROBOTS_VIOLATIONS", 0) == 0
    assert not list(too_soon(tmp_path / "access.jsonl"))
    for outcomes, told in rounds:
        assert_every_failure_is_named(outcomes, told)
    faults = {name: count for name, count in replay.stats().items() if name.startswith("fault_")}
    assert len(faults) >= len(FAULTS.split(",")) - 2, "hardly anything failed"
    with capsys.disabled():
        _print(rounds, allowed, stored, faults, replay.stats()["requests"])


async def crawl_until_all_is_there(app: App) -> list[tuple[dict[str, FetchOutcome], Status]]:
    """Read all sources again and again, hours apart, until no page waits and every source was read well once."""
    rounds: list[tuple[dict[str, FetchOutcome], Status]] = []
    await app.adopt(app.in_force)
    async with open_crawling(app) as crawling:
        while len(rounds) < MOST_ROUNDS:
            outcomes = await jobs.crawl_all_due(app, crawling)
            with app.database.read() as session:
                told = status(session, now=app.clock())
            rounds.append((outcomes, told))
            if not any(one.waiting or one.last_read_at is None for one in told.sources):
                break
            clock = app.clock
            assert isinstance(clock, Clock)
            clock.turn(ROUND)
    return rounds


def too_soon(log: Path) -> Iterator[tuple[str, str, float]]:
    """Yield the requests that came sooner after the one before, at the same host, than its Crawl-delay."""
    hits: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    with log.open(encoding="utf-8") as lines:
        for hit in map(json.loads, lines):
            hits[hit["site"]].append((hit["t"], hit["path"]))
    for site, asked in hits.items():
        for (before, first), (after, path) in pairwise(asked):
            # the delay is known once robots.txt was read; until then our own holds
            least = DELAY if first == "/robots.txt" else CRAWL_DELAY
            if after - before < least.total_seconds() - TOLERANCE_S:
                yield site, path, after - before


def assert_every_failure_is_named(outcomes: dict[str, FetchOutcome], told: Status) -> None:
    lines = _in_words(told)
    for source, outcome in outcomes.items():
        if isinstance(outcome, Failed):
            assert any(source in line and outcome.reason in line for line in lines), f"{source}: {outcome.reason}"


def _print(rounds: list[Any], allowed: set[str], stored: Counter[str], faults: dict[str, int], requests: int) -> None:
    failed = [sum(isinstance(outcome, Failed) for outcome in outcomes.values()) for outcomes, _ in rounds]
    print(  # noqa: T201
        f"\n{len(rounds[0][0])} sources, {len(allowed)} articles that may be read, {len(stored)} stored, "
        f"{requests} requests in {len(rounds)} rounds; sources that failed by round: {failed}; {faults}"
    )
