"""One `newsvane run --once` over real news sites: every allowed article once, none forbidden, each digest once.

`pytest tests/e2e/test_replay.py --sites 771 -s` runs it over all of them and prints the figures.
"""

from __future__ import annotations

import resource
import threading
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psutil
import pytest
from stand_ins.slack import SlackStandIn

from crawler.identity import canonical_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stand_ins.program import Newsvane
    from stand_ins.replay import Replay
    from stand_ins.smtp import MailCatcher

WATCHLISTS = """
  - name: Government
    keywords: [government, minister, '(parliament|senate|congress)']
    first_run: deliver
    deliver: [{to: [desk@example.org, second@example.org], at: "07:00"}, {channel: chat, at: "07:00"}]
  - name: Business
    keywords: ['company profit', 'shares', '(bank|market)']
    first_run: deliver
    deliver: [{to: desk@example.org, at: "07:00"}, {channel: chat, at: "07:00"}]
  - name: Health
    keywords: [health, virus, hospital, 'Gesundheit', 'santé']
    first_run: summarize
    deliver: [{to: desk@example.org, at: "07:00"}]
  - name: 中国
    id: china
    keywords: [China, 中国]
    first_run: deliver
    deliver: [{channel: chat, at: "07:00"}]
"""
IDS = ("government", "business", "health", "china")


@pytest.fixture
def chat() -> Iterator[SlackStandIn]:
    with SlackStandIn() as slack:
        yield slack


def configuration(replay: Replay, mail: MailCatcher, chat: SlackStandIn) -> str:
    sources = "".join(f"  - {{id: {site['site']}, url: '{site['ip']}/'}}\n" for site in replay.sites())
    return f"""
settings:
  contact: desk@example.org
  related: false
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{replay.port}"]
sources:
{sources}
watchlists:{WATCHLISTS}
channels:
  - {{id: chat, type: slack, webhook_url: "{chat.url}"}}
smtp: {{host: {mail.host}, port: {mail.port}}}
"""


def without_move(url: str) -> str:
    """Return the address of an article that the server moved by a redirect as it was before."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "moved"]
    return urlunsplit(parts._replace(query=urlencode(query))) if "moved=" in parts.query else url


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Measure the processor time and the peak memory of the child processes that run inside."""
    figures: dict[str, float] = {"peak_mb": 0}
    before, started, over = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            figures["peak_mb"] = max(figures["peak_mb"], _memory_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield figures
    finally:
        over.set()
        watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures["cpu_s"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures["wall_s"] = time.monotonic() - started


def _memory_mb() -> float:
    """Return what the processes of `newsvane` hold; a page that several share counts once."""
    total = 0
    for child in psutil.Process().children(recursive=True):
        try:
            if "replay.py" not in " ".join(child.cmdline()):
                total += child.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 1e6


def test_every_allowed_article_is_stored_and_told_once(
    newsvane: Newsvane,
    replay: Replay,
    mail: MailCatcher,
    chat: SlackStandIn,
    capsys: pytest.CaptureFixture[str],
) -> None:
    newsvane.configure(configuration(replay, mail, chat))
    truth = replay.articles()
    allowed = {canonical_url(one["ip_url"]) for one in truth if not one["disallowed"]}

    with measured() as figures:
        newsvane("run", "--once")
    stored = Counter(without_move(one["url"]) for one in newsvane.json("articles", "--jsonl"))
    first = replay.stats()
    assert set(stored) == allowed
    assert set(stored.values()) == {1}
    assert first.get("ROBOTS_VIOLATIONS", 0) == 0

    newsvane("run", "--once", "--all")
    second = replay.stats()
    assert second["200_article"] == first["200_article"], "an article was fetched again"
    assert second["304"] - first.get("304", 0) == len(replay.sites()), "each feed is asked whether it changed"
    assert second.get("ROBOTS_VIOLATIONS", 0) == 0
    assert len(newsvane.json("articles", "--jsonl")) == len(allowed)

    previews = {watchlist: newsvane.json("preview", watchlist, "--format", "json")[0] for watchlist in IDS}
    for watchlist in IDS:
        newsvane("digest", watchlist)
    mails, posts = len(mail.messages), len(chat.messages)
    assert mails == 4, "two of Government, one of Business, one of Health"
    assert posts >= 3
    assert all(preview["matches"] for preview in previews.values())

    newsvane("run", "--once", "--all")
    for watchlist in IDS:
        newsvane("digest", watchlist)
    assert (len(mail.messages), len(chat.messages)) == (mails, posts), "something was told twice"

    with capsys.disabled():
        _print(figures, pages=first["200_article"], sites=len(replay.sites()))


def _print(figures: dict[str, float], *, pages: int, sites: int) -> None:
    print(  # noqa: T201
        f"\n{sites} sites, {pages} pages: {pages / figures['wall_s']:.1f} pages/s, "
        f"{figures['cpu_s'] / pages * 1000:.0f} ms of CPU a page (start and discovery included), "
        f"peak {figures['peak_mb']:.0f} MB in all processes"
    )
