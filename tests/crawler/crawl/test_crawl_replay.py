"""The crawl over real sites, replayed on loopback: every allowed article once, none that is forbidden, then only 304s.

    NEWSVANE_REPLAY_SITES=771 pytest -s tests/crawler/crawl/test_crawl_replay.py      prints the figures
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

import psutil
import pytest

from crawler.desk import Assignment
from crawler.domain import Article, NotModified, Page, Read, Source
from crawler.identity import canonical_url

SITES = int(os.environ.get("NEWSVANE_REPLAY_SITES", "20"))


@pytest.fixture
def replay(shared):
    """771 news sites, or as many as are wanted, each on a loopback address of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = shared / "replay" / "replay.py"
    wanted = "--per-ip --redate 3 --tracking --redirect-rate .05 --robots-disallow-rate .05".split()
    server = subprocess.Popen(
        [sys.executable, program, *wanted, "--port", str(port), "--sites", str(SITES)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout.readline().startswith("replay:")
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(timeout=10)
    server.stdout.close()


async def extract_nothing(page: Page) -> Article:
    """Cost nothing, so that the figures are those of the crawl."""
    return Article(url=canonical_url(page.url), title="")


def told(replay: str, path: str) -> list:
    with urlopen(f"{replay}{path}", timeout=30) as answer:
        return [json.loads(line) for line in answer.read().splitlines()]


@pytest.mark.timeout(900)
async def test_replayed_sites_are_crawled_whole_once_and_within_the_rules(replay, desk, crawl_now):
    crawl_now.allow_private = (f"127.0.0.0/8:{replay.rsplit(':', 1)[1]}",)
    sources = [Source(id=one["site"], url=one["ip"], name=one["site"]) for one in told(replay, "/_index.json")[0]]

    crawl_now.extract = extract_nothing
    started, busy = time.monotonic(), sum(psutil.Process().cpu_times()[:2])
    first = await crawl_now(*(Assignment(source=source) for source in sources))
    took_s, busy_s = time.monotonic() - started, sum(psutil.Process().cpu_times()[:2]) - busy

    articles = told(replay, "/_articles.jsonl")
    moved = "{0}{1}moved=1"
    allowed = [
        canonical_url(moved.format(one["ip_url"], "&" if "?" in one["ip_url"] else "?") if one["redirects"] else one["ip_url"])
        for one in articles
        if not one["disallowed"]
    ]
    assert {type(outcome) for outcome in first.values()} == {Read}
    assert sorted(desk.articles) == sorted(allowed)
    assert len(desk.failures) == sum(one["disallowed"] for one in articles)
    (stats,) = told(replay, "/_stats.json")
    assert stats.get("ROBOTS_VIOLATIONS", 0) == 0
    assert sum(name == "fetched" for name, _, _ in desk.calls) == len(allowed)

    second = await crawl_now(
        *(
            Assignment(source=source, feed_url=first[source.id].feed_url, validators=first[source.id].validators)
            for source in sources
        )
    )
    assert {type(outcome) for outcome in second.values()} == {NotModified}
    (after,) = told(replay, "/_stats.json")
    assert after["304"] - stats.get("304", 0) == len(sources)
    assert after["200_article"] == stats["200_article"]
    sys.stdout.write(
        f"\n{len(sources)} sites, {len(allowed)} articles, {stats['requests']} requests in {took_s:.1f} s: "
        f"{len(allowed) / took_s:.0f} pages/s, {busy_s / len(allowed) * 1000:.1f} ms CPU a page "
        f"({busy_s / stats['requests'] * 1000:.1f} a request), {psutil.Process().memory_info().rss / 2**20:.0f} MiB\n"
    )
