"""The crawl over real sites, replayed on loopback: every allowed article once, none that is forbidden, then only 304s.

pytest -s --sites 771 tests/crawler/crawl/test_crawl_replay.py      prints the figures
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest
from stand_ins.replay import Replay

from crawler.desk import Assignment
from crawler.domain import Article, NotModified, Page, Read, Source
from crawler.identity import canonical_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stand_ins.crawl import Crawl, MemoryDesk

    from crawler.domain import FetchOutcome

WANTED = ["--per-ip", "--redate", "3", "--tracking", "--redirect-rate", ".05", "--robots-disallow-rate", ".05"]


@pytest.fixture
def replay(shared: Path, request: pytest.FixtureRequest) -> Iterator[Replay]:
    """As many of the 771 news sites as are wanted, each on a loopback address of its own."""
    port = random.randint(20_000, 32_000)  # noqa: S311  (below those that clients are given, on many addresses)
    program = [sys.executable, str(shared / "replay" / "replay.py"), *WANTED, "--port", str(port)]
    sites = ["--sites", str(request.config.getoption("--sites"))]
    with subprocess.Popen([*program, *sites], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("replay:")
        yield Replay(port)
        server.terminate()


async def extract_nothing(page: Page) -> Article:
    """Cost nothing, so that the figures are those of the crawl."""
    return Article(url=canonical_url(page.url), title="")


@pytest.mark.timeout(900)
async def test_replayed_sites_are_crawled_whole_once_and_within_the_rules(
    replay: Replay, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    crawl_now.allow_private = (f"127.0.0.0/8:{replay.port}",)
    crawl_now.extract = extract_nothing
    sources = [Source(id=one["site"], url=one["ip"], name=one["site"]) for one in replay.sites()]

    started, busy_s = time.monotonic(), cpu_s()
    first = await crawl_now(*(Assignment(source=source) for source in sources))
    took_s, busy_s = time.monotonic() - started, cpu_s() - busy_s
    before, allowed = replay.stats(), allowed_articles(replay)

    assert {type(outcome) for outcome in first.values()} == {Read}
    assert sorted(desk.articles) == sorted(allowed)
    assert sum(name == "fetched" for name, _, _ in desk.calls) == len(allowed)
    assert {str(error) for error in desk.failures.values()} <= {"robots.txt does not allow it"}
    assert before.get("ROBOTS_VIOLATIONS", 0) == 0

    second = await crawl_now(*(again(source, first[source.id]) for source in sources))
    after = replay.stats()

    assert {type(outcome) for outcome in second.values()} == {NotModified}
    assert after["304"] - before.get("304", 0) == len(sources)
    assert after["200_article"] == before["200_article"]
    requests, memory = before["requests"], psutil.Process().memory_info().rss / 2**20
    sys.stdout.write(
        f"\n{len(sources)} sites, {len(allowed)} articles, {requests} requests in {took_s:.1f} s: "
        f"{len(allowed) / took_s:.0f} pages/s, {busy_s / len(allowed) * 1000:.1f} ms CPU a page, "
        f"{busy_s / requests * 1000:.1f} ms a request, {memory:.0f} MiB\n"
    )


def cpu_s() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system


def allowed_articles(replay: Replay) -> list[str]:
    """Return where the articles are that robots.txt does not forbid, after their redirect."""
    addresses = []
    for article in replay.articles():
        url = article["ip_url"]
        if not article["disallowed"]:
            addresses.append(f"{url}{'&' if '?' in url else '?'}moved=1" if article["redirects"] else url)
    return [canonical_url(url) for url in addresses]


def again(source: Source, outcome: FetchOutcome) -> Assignment:
    assert isinstance(outcome, Read)
    return Assignment(source=source, feed_url=outcome.feed_url, validators=outcome.validators)
