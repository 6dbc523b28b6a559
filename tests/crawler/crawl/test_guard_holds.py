"""The guard against real sockets: on every path on which an address comes in, and at the start of the process."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
from twisted.internet.protocol import ClientFactory, DatagramProtocol

from crawler.domain import Failed
from crawler.errors import ConfigError, ForbiddenFetchError
from crawler.fetch.guard import BlockedAddressError
from crawler.fetch.politeness import Politeness
from crawler.fetch.selftest import LeakError, prove_guard
from crawler.run import fetch_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stand_ins.crawl import Crawl, MemoryDesk, Reply, Site
    from stand_ins.newsroom import Clock

NEIGHBOURS = [
    "http://127.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://127.000.000.001:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://１２７.0.0.1:{port}/",
    "http://127。0。0。1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://ⓛocalhost:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[::]:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    "http://user:pass@127.0.0.1:{port}/",
    "http://example.org@127.0.0.1:{port}/",
    "http://example.org:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@example.org/",
    "http://127.0.0.1:{port}?@example.org/",
    "http://127.0.0.1:{port}\\@example.org/",
    "http:\\\\127.0.0.1:{port}\\",
    "http:127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}/",
    " http://127.0.0.1:{port}/ ",
    "http://127.0.0.1:{port}/\r\nX-Injected: yes",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_GET%20/",
    "dict://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "jar:http://127.0.0.1:{port}!/",
]


@pytest.fixture
def traps() -> Iterator[list[socket.socket]]:
    """Listeners on loopback, and where they may be on the ports that the list of URLs names: nobody may come."""
    wanted = [
        ("127.0.0.1", 0),
        *((address, port) for port in (80, 443, 22, 25, 6379) for address in ("127.0.0.1", "::1")),
    ]
    opened = []
    for address, port in wanted:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            listener = socket.create_server((address, port), family=family)
        except OSError:  # in use, not ours to open, or no IPv6 here
            continue
        listener.setblocking(False)  # noqa: FBT003  (the library's signature)
        opened.append(listener)
    yield opened
    for listener in opened:
        listener.close()


def visitors(traps: list[socket.socket]) -> list[Any]:
    came = []
    for trap in traps:
        try:
            connection, _ = trap.accept()
        except BlockingIOError:
            continue
        came.append(trap.getsockname())
        connection.close()
    return came


async def try_everywhere(urls: list[str], site: Site, crawl_now: Crawl, reply: Reply) -> None:
    """Have URLs fetched as articles, as sources, by redirect, as sitemaps, and by a robots.txt that moved there."""
    site.pages["/links"] = site.feed(*(xml_safe(url) for url in urls))
    some = urls[::9]  # each costs a third of a second, in which Twisted would try another address of the host
    site.pages["/map"] = (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        + "".join(f"<url><loc>{xml_safe(url)}</loc></url>" for url in some)
        + "</urlset>"
    )
    site.pages["/index"] = (
        '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        + "".join(f"<sitemap><loc>{xml_safe(url)}</loc></sitemap>" for url in some)
        + "</sitemapindex>"
    )
    site.pages["/site"] = "<html><head>" + "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{xml_safe(url)}">' for url in some
    )
    for number, url in enumerate(urls):
        site.pages[f"/moved-{number}"] = reply(status=302, headers={"Location": header_safe(url)})
    await crawl_now(*(site.url(path) for path in ("/links", "/map", "/index", "/site")))
    await crawl_now(*(site.url(f"/moved-{number}") for number in range(len(urls))))
    await crawl_now(*urls)


def xml_safe(url: str) -> str:
    return url.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def header_safe(url: str) -> str:
    return url.encode("ascii", "xmlcharrefreplace").decode().replace("\r\n", "%0D%0A").strip()


@pytest.mark.slow  # waits, mostly: see try_everywhere
async def test_a01_a02_no_spelling_of_our_own_machine_is_reached_on_any_path(
    site: Site, crawl_now: Crawl, reply: Reply, traps: list[socket.socket]
) -> None:
    urls = [url.format(port=traps[0].getsockname()[1]) for url in NEIGHBOURS]
    await try_everywhere(urls, site, crawl_now, reply)
    assert visitors(traps) == []


@pytest.mark.slow  # waits, mostly: see try_everywhere
async def test_the_known_list_of_hostile_urls_reaches_nothing(
    site: Site, crawl_now: Crawl, reply: Reply, traps: list[socket.socket], shared: Path
) -> None:
    lines = (shared / "data" / "hostile" / "ssrf-urls.txt").read_text().splitlines()
    urls = [line for line in lines if line and not line.startswith("#")]
    assert len(urls) == 50
    await try_everywhere(urls, site, crawl_now, reply)
    assert visitors(traps) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "http://localhost:{port}/"])
async def test_a02_a_robots_txt_that_moved_to_our_own_machine_is_not_read_there(
    site: Site, crawl_now: Crawl, reply: Reply, traps: list[socket.socket], url: str
) -> None:
    target = url.format(port=traps[0].getsockname()[1])
    site.pages |= {"/robots.txt": reply(status=301, headers={"Location": target}), "/feed": site.feed()}
    outcome = (await crawl_now(site.url("/feed")))["source"]
    assert isinstance(outcome, Failed)
    assert visitors(traps) == []


async def test_a01_a_blocked_link_is_asked_for_once_and_given_up(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, traps: list[socket.socket]
) -> None:
    link = f"http://127.1:{traps[0].getsockname()[1]}/"
    site.pages["/feed"] = site.feed(link)
    await crawl_now(site.url("/feed"))
    (error,) = desk.failures.values()
    assert isinstance(error, ForbiddenFetchError)
    assert error.kind == "blocked"
    assert [name for name, _, _ in desk.calls].count("failed") == 1


async def test_a09_no_proxy_of_the_environment_leads_around_the_guard(
    site: Site, crawl_now: Crawl, traps: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = traps[0].getsockname()[1]
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap}")
    site.pages |= {"/feed": site.feed("http://10.0.0.1/", "https://10.0.0.1/"), "/1": "one"}
    await crawl_now(site.url("/feed"))
    assert visitors(traps) == []


# -- other ways out ---------------------------------------------------------------------------------------------------


async def test_the_reactor_opens_nothing_but_guarded_tcp(
    site: Site, crawl_now: Crawl, traps: list[socket.socket], tmp_path: Path
) -> None:
    from twisted.internet import reactor, ssl

    site.pages["/feed"] = site.feed()
    await crawl_now(site.url("/feed"))
    ways: Any = reactor
    port = traps[0].getsockname()[1]
    for open_one in (
        lambda: ways.connectTCP("127.0.0.1", port, ClientFactory()),
        lambda: ways.connectTCP("localhost", port, ClientFactory()),
        lambda: ways.connectSSL("127.0.0.1", port, ClientFactory(), ssl.CertificateOptions()),
        lambda: ways.connectUNIX(str(tmp_path / "socket"), ClientFactory()),
        lambda: ways.connectUNIXDatagram(str(tmp_path / "socket"), DatagramProtocol()),
        lambda: ways.listenUDP(0, DatagramProtocol()),
        lambda: ways.listenMulticast(0, DatagramProtocol()),
    ):
        with pytest.raises(BlockedAddressError):
            open_one()
    assert visitors(traps) == []


# -- the self-test ----------------------------------------------------------------------------------------------------


async def test_a_process_whose_guard_leaks_fetches_nothing(
    site: Site, crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.fetch.scrapy._proven", False)
    monkeypatch.setattr("crawler.fetch.guard.check", lambda *_: None)
    site.pages["/feed"] = site.feed()
    with pytest.raises(LeakError, match=r"127\.0\.0\.1 on port \d+ could be reached"):
        await crawl_now(site.url("/feed"))
    assert site.hits == []


async def test_a_page_that_somebody_asks_about_is_not_fetched_behind_a_leaking_guard(
    site: Site, crawl_now: Crawl, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.fetch.scrapy._proven", False)
    monkeypatch.setattr("crawler.fetch.guard.check", lambda *_: None)
    with pytest.raises(LeakError):
        await fetch_page(
            site.url("/1"), settings=crawl_now.settings(), politeness=Politeness(crawl_now.delay, now=clock)
        )
    assert site.hits == []


async def test_the_guard_is_tried_out_once_a_process(
    site: Site, crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.fetch.scrapy._proven", False)
    tried = Mock(wraps=prove_guard)
    monkeypatch.setattr("crawler.fetch.scrapy.prove_guard", tried)
    site.pages["/feed"] = site.feed()
    await crawl_now(site.url("/feed"))
    first = tried.call_count
    await crawl_now(site.url("/feed"))
    assert tried.call_count == first > 0
    assert site.asked() == ["/feed", "/feed"]


async def test_nothing_is_fetched_without_a_contact(site: Site, crawl_now: Crawl, clock: Clock) -> None:
    settings = crawl_now.settings().model_copy(update={"contact": None})
    with pytest.raises(ConfigError, match=r"settings\.contact is missing"):
        await fetch_page(site.url("/1"), settings=settings, politeness=Politeness(crawl_now.delay, now=clock))
    assert site.hits == []
