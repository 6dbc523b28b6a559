"""What a hostile or broken server may cost: its own request, within the limits, and nothing else."""

from __future__ import annotations

import asyncio
import gzip
import socket
from typing import TYPE_CHECKING

import brotli
import psutil
import pytest
from aiohttp import web
from stand_ins.tls import make_certificate

from crawler.domain import Failed, Read
from crawler.errors import ForbiddenFetchError, PermanentFetchError, TemporaryFetchError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stand_ins.crawl import Crawl, MemoryDesk, NewSite, Reply, Site


@pytest.fixture
def trap() -> None:
    """A listener on loopback that notices every connection: nobody may come."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)  # noqa: FBT003  (the library's signature)
        yield listener


def visited(trap: socket.socket) -> bool:
    try:
        trap.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "0",
        "[::]",
    ],
)
async def test_a01_a_link_to_our_own_machine_is_not_followed(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, trap: socket.socket, host: str
) -> None:
    site.pages["/feed"] = site.feed(f"http://{host}:{trap.getsockname()[1]}/", "/1")
    site.pages["/1"] = "one"
    await crawl_now(site.url("/feed"))
    assert not visited(trap)
    (error,) = desk.failures.values()
    assert isinstance(error, ForbiddenFetchError)
    assert list(desk.articles) == [site.url("/1")]


@pytest.mark.parametrize(
    "target", ["http://[::ffff:a9fe:a9fe]/", "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/"]
)
async def test_a02_a_redirect_to_a_private_address_is_not_followed(
    site: Site, crawl_now: Crawl, reply: Reply, target: str
) -> None:
    site.pages["/feed"] = reply(status=302, headers={"Location": target})
    outcome = (await crawl_now(site.url("/feed")))["source"]
    assert isinstance(outcome, Failed)
    assert "blocked" in outcome.reason
    assert outcome.permanent


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "data:text/html,hello",
        "javascript:alert(1)",
        "",
        "http://[::",
        "//[::",
    ],
)
async def test_a_redirect_to_what_is_no_address_of_the_web_is_not_followed(
    site: Site, crawl_now: Crawl, reply: Reply, target: str
) -> None:
    site.pages["/feed"] = reply(status=302, headers={"Location": target})
    outcome = (await crawl_now(site.url("/feed")))["source"]
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    assert outcome.kind in {"address", "redirects"}


async def test_a05_a_private_address_is_allowed_on_its_port_only(
    site: Site, new_site: NewSite, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    other = await new_site()
    other.pages["/1"] = "one"
    site.pages |= {"/feed": site.feed("/1", other.url("/1")), "/1": "one"}
    crawl_now.allow_private = (f"127.0.0.1:{site.port}",)
    await crawl_now(site.url("/feed"))
    assert list(desk.articles) == [site.url("/1")]
    assert isinstance(desk.failures[other.url("/1")], ForbiddenFetchError)
    assert other.hits == []


async def test_a09_the_environments_proxy_is_not_used(
    site: Site, new_site: NewSite, desk: MemoryDesk, crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = await new_site()
    monkeypatch.setenv("http_proxy", proxy.url())
    site.pages |= {"/feed": site.feed("/1"), "/1": "one"}
    await crawl_now(site.url("/feed"))
    assert list(desk.articles) == [site.url("/1")]
    assert proxy.hits == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    new_site: NewSite, crawl_now: Crawl, tmp_path: Path
) -> None:
    secure = await new_site(ssl=make_certificate(tmp_path).context)
    secure.pages["/feed"] = secure.feed()
    outcome = (await crawl_now(secure.url("/feed")))["source"]
    assert outcome == Failed(reason="robots.txt cannot be read: TLS failed: certificate verify failed")
    assert secure.hits == []


def brotli_bomb() -> bytes:
    return brotli.compress(bytes(400 * 1024 * 1024), quality=3)


def gzip_bomb() -> bytes:
    return gzip.compress(bytes(100 * 1024 * 1024))


def nested_gzip_bomb() -> bytes:
    return gzip.compress(gzip_bomb())


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [("br", brotli_bomb), ("gzip", gzip_bomb), ("gzip, gzip", nested_gzip_bomb)],
    ids=["br", "gzip", "nested"],
)
async def test_b01_a_body_that_swells_is_refused(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, encoding: str, bomb: Callable[[], bytes]
) -> None:
    body = await asyncio.to_thread(bomb)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Encoding": encoding, "Content-Type": "text/html"})

    site.pages |= {"/feed": site.feed("/bomb", "/1"), "/bomb": answer, "/1": "one"}
    before = psutil.Process().memory_info().rss
    await crawl_now(site.url("/feed"))
    grown = psutil.Process().memory_info().rss - before
    assert grown < 100 * 1024 * 1024
    assert str(desk.failures[site.url("/bomb")]) == "the answer is too large"
    assert isinstance(desk.failures[site.url("/bomb")], ForbiddenFetchError)
    assert list(desk.articles) == [site.url("/1")]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_page_over_5_mib_is_refused_and_a_feed_of_9_is_not(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, *, announced: bool
) -> None:
    async def large(request: web.Request) -> web.Response:
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        if announced:
            response.content_length = 64 * 1024 * 96
        await response.prepare(request)
        for _ in range(96):
            await response.write(b"x" * 64 * 1024)
        return response

    site.pages |= {"/feed": site.feed("/large", extra="<!--" + "x" * 9_000_000 + "-->"), "/large": large}
    outcomes = await crawl_now(site.url("/feed"))
    assert isinstance(outcomes["source"], Read)
    assert isinstance(desk.failures[site.url("/large")], ForbiddenFetchError)


@pytest.mark.parametrize("part", ["headers", "body"])
async def test_b03_a_server_that_drips_is_given_up_in_time_and_delays_nobody(
    site: Site, new_site: NewSite, desk: MemoryDesk, crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr("crawler.fetch.limits.TIMEOUT_S", 2)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if part == "body" else b""))
        try:
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.1)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    slow = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/1"
    crawl_now.allow_private = (
        "127.0.0.0/8:" + slow.split(":")[2].split("/", maxsplit=1)[0],
        f"127.0.0.0/8:{site.port}",
    )
    quick = await new_site()
    crawl_now.allow_private += (f"127.0.0.0/8:{quick.port}",)
    site.pages["/feed"] = site.feed(slow)
    quick.pages |= {"/feed": quick.feed("/1"), "/1": "one"}
    crawling = asyncio.ensure_future(crawl_now(site.url("/feed"), quick.url("/feed")))
    await desk.ended["source-1"].wait()
    assert not desk.ended["source"].is_set()
    await asyncio.wait_for(crawling, 60)
    assert isinstance(desk.failures[slow], TemporaryFetchError)
    server.close()
    await server.wait_closed()


async def test_b06_a_redirect_loop_ends_after_five_hops(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply
) -> None:
    site.pages |= {"/feed": site.feed("/loop"), "/loop": reply(status=302, headers={"Location": "/loop"})}
    await crawl_now(site.url("/feed"))
    assert site.asked().count("/loop") == 6
    assert isinstance(desk.failures[site.url("/loop")], PermanentFetchError)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, PermanentFetchError), (410, PermanentFetchError), (451, PermanentFetchError), (403, TemporaryFetchError),
     (429, TemporaryFetchError), (500, TemporaryFetchError), (502, TemporaryFetchError), (504, TemporaryFetchError)],
)  # fmt: skip
async def test_a_status_says_whether_another_try_is_worth_it(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply, status: int, kind: type
) -> None:
    site.pages |= {"/feed": site.feed("/1"), "/1": reply(status=status)}
    await crawl_now(site.url("/feed"))
    assert type(desk.failures[site.url("/1")]) is kind
    assert site.asked().count("/1") == 1


@pytest.mark.parametrize("drops", [1, 99])
async def test_a_dropped_connection_is_tried_again_but_not_for_ever(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, drops: int
) -> None:
    left = drops

    async def flaky(request: web.Request) -> web.Response:
        nonlocal left
        if left:
            left -= 1
            request.transport.abort()
        return web.Response(text="one", content_type="text/html")

    site.pages |= {"/feed": site.feed("/1"), "/1": flaky}
    await crawl_now(site.url("/feed"))
    assert list(desk.articles) == ([site.url("/1")] if drops == 1 else [])
    assert list(desk.failures) == ([] if drops == 1 else [site.url("/1")])
    # ours, and those of Twisted for a kept connection that may have been closed meanwhile
    assert site.asked().count("/1") <= 4


async def test_half_a_page_is_no_page(site: Site, desk: MemoryDesk, crawl_now: Crawl) -> None:
    async def half(request: web.Request) -> web.Response:
        response = web.StreamResponse(headers={"Content-Type": "text/html", "Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x" * 500)
        request.transport.close()
        return response

    site.pages |= {"/feed": site.feed("/1"), "/1": half}
    await crawl_now(site.url("/feed"))
    assert isinstance(desk.failures[site.url("/1")], TemporaryFetchError)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate"])
async def test_a_body_that_is_not_what_its_encoding_says_fails_alone(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply, encoding: str
) -> None:
    headers = {"Content-Encoding": encoding, "Content-Type": "text/html"}
    site.pages |= {
        "/feed": site.feed("/bad", "/1"),
        "/bad": reply(body=b"\x1f\x8bgarbage", headers=headers),
        "/1": "one",
    }
    outcomes = await crawl_now(site.url("/feed"))
    assert isinstance(outcomes["source"], Read)
    assert site.url("/1") in desk.articles


@pytest.mark.parametrize(
    "raw",
    [b"", b"garbage\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"],
)  # fmt: skip
async def test_an_answer_that_is_no_http_fails_alone(site: Site, crawl_now: Crawl, raw: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    site.pages["/feed"] = site.feed()
    crawl_now.allow_private = (f"127.0.0.0/8:{port}", f"127.0.0.0/8:{site.port}")
    outcomes = await crawl_now(f"http://127.0.0.1:{port}/feed", site.url("/feed"))
    assert isinstance(outcomes["source"], Failed)
    assert "internal" not in outcomes["source"].reason
    assert isinstance(outcomes["source-1"], Read)
    server.close()
    await server.wait_closed()
