"""Scrapy is open by default. What must be shut is named here one by one, as the running crawler sees it."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
from aiohttp import web
from scrapy.crawler import AsyncCrawlerRunner

from crawler.fetch import scrapy as ours
from crawler.fetch.scrapy import scrapy_settings, user_agent
from crawler.settings import Settings

if TYPE_CHECKING:
    from scrapy.settings import Settings as ScrapySettings
    from stand_ins.crawl import Crawl, Site

HTTP11 = "crawler.fetch.http.Handler"


@pytest.fixture(scope="module")
def settings() -> ScrapySettings:
    own = Settings.model_validate({"languages": ["en"], "contact": "desk@example.org"})
    return AsyncCrawlerRunner(scrapy_settings(own)).create_crawler(ours.NewsSpider).settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REMOTE_CONTROL_ENABLED", False),
        ("TELNETCONSOLE_ENABLED", False),
        ("DOWNLOAD_VERIFY_CERTIFICATES", True),
        ("DOWNLOAD_MAXSIZE", 5 * 1024 * 1024),
        ("DOWNLOAD_TIMEOUT", 20),
        ("DOWNLOAD_FAIL_ON_DATALOSS", True),
        ("REDIRECT_MAX_TIMES", 5),
        ("REDIRECT_ENABLED", False),
        ("METAREFRESH_ENABLED", False),
        ("RETRY_ENABLED", False),
        ("ROBOTSTXT_OBEY", False),
        ("COOKIES_ENABLED", False),
        ("REFERER_ENABLED", False),
        ("REFERRER_POLICY", "no-referrer"),
        ("HTTPPROXY_ENABLED", False),
        ("HTTPCACHE_ENABLED", False),
        ("JOBDIR", None),
        ("CONCURRENT_ITEMS", 2),
        ("CONCURRENT_REQUESTS_PER_DOMAIN", 1),
        ("STATS_DUMP", False),
        ("USER_AGENT", "Newsvane/0.1 (+desk@example.org)"),
    ],
)
def test_a_setting_is_what_safety_and_politeness_ask_for(settings: ScrapySettings, name: str, value: object) -> None:
    assert settings[name] == value


def test_only_the_web_is_fetched_and_only_by_handlers_behind_a_guard(settings: ScrapySettings) -> None:
    """What is to be rendered has a scheme of its own, so that nothing else gets into the browser's handler."""
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme: handler for scheme, handler in handlers.items() if handler} == {
        "http": HTTP11,
        "https": HTTP11,
        "render+http": "crawler.fetch.render.RenderHandler",
        "render+https": "crawler.fetch.render.RenderHandler",
    }


def test_scrapy_asks_for_no_language(settings: ScrapySettings) -> None:
    assert set(settings["DEFAULT_REQUEST_HEADERS"]) == {"Accept"}


def test_the_user_agent_carries_the_contact() -> None:
    assert user_agent("me@example.org") == "Newsvane/0.1 (+me@example.org)"


async def test_nothing_listens_while_a_crawl_runs(site: Site, crawl_now: Crawl) -> None:
    listening: list[int] = []

    async def feed(_: web.Request) -> web.Response:
        connections = psutil.Process().net_connections("inet")
        listening.extend(one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN)
        return web.Response(text=site.feed())

    site.pages["/feed"] = feed
    await crawl_now(site.url("/feed"))
    assert listening == [site.port]


async def test_scrapys_log_is_quiet(site: Site, crawl_now: Crawl, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    site.pages |= {"/feed": site.feed("/1", "/no"), "/1": "one"}
    await crawl_now(site.url("/feed"))
    assert [record for record in caplog.records if record.name.startswith(("scrapy", "twisted"))] == []


def test_a_program_that_crawled_ends_without_a_word() -> None:
    """Neither threads nor the loop keep it, and nothing is left unclosed."""
    program = """
import asyncio
from crawler.run import run_in_reactor

async def main():
    from twisted.internet import threads
    await threads.deferToThread(str).asFuture(asyncio.get_running_loop())
    return "done"

print(run_in_reactor(main), run_in_reactor(main))
"""
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert (ended.stdout, ended.stderr) == ("done done\n", "")
