"""What a server may send that is no body, and how long it may take: raw sockets, no HTTP library at the other end."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import psutil
import pytest
from stand_ins.raw import RawServer, keeps_silent, repeats, says

from crawler.errors import FetchError, ForbiddenFetchError, TemporaryFetchError
from crawler.fetch.http import connections
from crawler.run import run_in_reactor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from typing import Any

    from stand_ins.crawl import Crawl, MemoryDesk, NewSite, Site
    from stand_ins.raw import Speech

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def new_server() -> Iterator[Callable[..., Awaitable[RawServer]]]:
    started: list[RawServer] = []

    async def start(speech: Speech, **kwargs: Any) -> RawServer:
        server = RawServer(speech, **kwargs)
        await server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        run_in_reactor(server.stop)


@pytest.fixture
def failure_of(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, new_server: Callable[..., Awaitable[RawServer]]
) -> Callable[..., Awaitable[FetchError | None]]:
    """Has a page of a server read that speaks so, beside one of an ordinary site; returns how it failed."""

    async def fetch(speech: Speech, **kwargs: Any) -> FetchError | None:
        server = await new_server(speech, **kwargs)
        site.pages |= {"/feed": site.feed(server.url(), "/fine"), "/fine": "fine"}
        crawl_now.allow_private = (f"127.0.0.0/8:{site.port}", f"127.0.0.0/8:{server.port}")
        await crawl_now(site.url("/feed"))
        assert site.url("/fine") in desk.articles
        return desk.failures.get(server.url())

    return fetch


Failure = "Callable[..., Awaitable[FetchError | None]]"


@pytest.mark.parametrize(
    "speech",
    [
        pytest.param(repeats(OK, b"X-A: " + b"a" * 1000 + b"\r\n"), id="many-headers"),
        pytest.param(repeats(OK, b"a: b\r\n" * 100), id="many-short-headers"),
        pytest.param(repeats(OK + b"X-A: ", b"a" * 4096), id="one-header"),
        pytest.param(repeats(OK + b"X-A: b\r\n", b" more\r\n" * 100), id="one-header-continued"),
        pytest.param(repeats(b"HTTP/1.1 200 ", b"O" * 4096), id="status-line"),
        pytest.param(repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="interim-answers"),
        pytest.param(repeats(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), id="early-hints"),
        pytest.param(repeats(CHUNKED, b"1;" + b"a" * 900 + b"\r\nx\r\n"), id="chunk-extensions"),
        pytest.param(repeats(CHUNKED, b"1\r\nx\r\n" * 1000), id="tiny-chunks"),
        pytest.param(repeats(CHUNKED + b"1;", b"a" * 4096), id="one-chunk-extension"),
        pytest.param(repeats(CHUNKED + b"0\r\n", b"X-A: b\r\n" * 100), id="trailers"),
        pytest.param(repeats(CHUNKED + b"0\r\nX-A: ", b"a" * 4096), id="one-trailer"),
        pytest.param(repeats(OK + b"\r\n", b"x" * 65_536), id="body"),
    ],
)
async def test_b01_what_never_ends_is_broken_off_long_before_the_timeout(failure_of: Failure, speech: Speech) -> None:
    before = psutil.Process().memory_info().rss
    error = await failure_of(speech)
    assert isinstance(error, FetchError)
    assert error.kind != "timeout"
    assert psutil.Process().memory_info().rss - before < 64 * 1024 * 1024


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"".join(b"X-%d: %s\r\n" % (n, b"a" * 300) for n in range(190)), id="190-headers"),
        pytest.param(b"Set-Cookie: " + b"a" * 16_000 + b"\r\n", id="one-of-16-KB"),
    ],
)
async def test_headers_as_large_as_real_ones_get_are_read(failure_of: Failure, head: bytes) -> None:
    assert await failure_of(says(OK + head + b"Content-Length: 3\r\n\r\none")) is None


async def test_an_interim_answer_is_passed_over(failure_of: Failure) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
    assert await failure_of(says(early, OK + b"Content-Length: 3\r\n\r\none")) is None


async def test_a_body_packed_again_and_again_is_refused(failure_of: Failure) -> None:
    body = b"<p>" + b"x" * 1000
    for _ in range(20):
        body = gzip.compress(body)
    head = OK + b"Content-Encoding: " + b", ".join([b"gzip"] * 20) + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert isinstance(await failure_of(says(head + body)), ForbiddenFetchError)


@pytest.mark.parametrize(
    "speech",
    [
        pytest.param(says(), id="nothing"),
        pytest.param(says(b"HTTP/1.1 20"), id="in-the-status-line"),
        pytest.param(says(OK), id="in-the-headers"),
        pytest.param(says(OK + b"Content-Length: 100\r\n\r\nhalf"), id="in-the-body"),
        pytest.param(says(CHUNKED + b"64\r\nhalf"), id="in-a-chunk"),
        pytest.param(says(CHUNKED + b"4\r\nhalf\r\n"), id="between-chunks"),
    ],
)
async def test_an_answer_that_breaks_off_is_tried_once_more_and_then_later(failure_of: Failure, speech: Speech) -> None:
    error = await failure_of(speech)
    assert isinstance(error, TemporaryFetchError)
    assert error.kind == "dropped"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"<p>HTTP/0.9 knew no headers</p>", id="http-0.9"),
        pytest.param(b"ICY 200 OK\r\n\r\nmusic", id="another-protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nabcde", id="length-is-no-number"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nabcde", id="length-with-a-sign"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nabcde", id="unknown-transfer-encoding"),
        pytest.param(CHUNKED + b"-1\r\nabcde", id="negative-chunk"),
        pytest.param(CHUNKED + b"zz\r\nabcde", id="chunk-length-is-no-number"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", id="tls-on-a-plain-port"),
    ],
)
async def test_what_is_no_http_fails_alone_and_for_now(failure_of: Failure, raw: bytes) -> None:
    error = await failure_of(says(raw))
    assert isinstance(error, TemporaryFetchError)
    assert error.kind != "internal"


async def test_a_body_longer_than_announced_is_cut_there(failure_of: Failure, desk: MemoryDesk) -> None:
    assert await failure_of(says(OK + b"Content-Length: 3\r\n\r\none and more HTTP/1.1 200 OK\r\n\r\n")) is None
    assert "one" in {article.text for article in desk.articles.values()}


@pytest.mark.parametrize(
    ("speech", "kwargs"),
    [
        pytest.param(keeps_silent(), {"on_connect": True}, id="accepts-and-says-nothing"),
        pytest.param(keeps_silent(), {}, id="never-answers"),
        pytest.param(keeps_silent(OK), {}, id="stops-in-the-headers"),
        pytest.param(keeps_silent(OK + b"Content-Length: 9\r\n\r\nhalf"), {}, id="stops-in-the-body"),
        pytest.param(repeats(b"HTTP/1.1 200 OK\r\nX-A: ", b"a", 0.1), {}, id="headers-drip"),
        pytest.param(repeats(CHUNKED, b"1\r\nx\r\n", 0.1), {}, id="chunks-drip"),
    ],
)
async def test_b03_a_server_that_takes_its_time_is_given_up_at_the_timeout(
    failure_of: Failure, monkeypatch: pytest.MonkeyPatch, speech: Speech, kwargs: dict[str, Any]
) -> None:
    monkeypatch.setattr("crawler.fetch.limits.TIMEOUT_S", 0.5)
    error = await failure_of(speech, **kwargs)
    assert isinstance(error, TemporaryFetchError)
    assert error.kind in {"timeout", "unreachable"}


async def test_b03_a_tls_handshake_that_never_ends_is_given_up_at_the_timeout(
    new_server: Callable[..., Awaitable[RawServer]], crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.fetch.limits.TIMEOUT_S", 0.5)
    server = await new_server(keeps_silent(), on_connect=True)
    crawl_now.allow_private = (f"127.0.0.0/8:{server.port}",)
    outcome = (await crawl_now(f"https://127.0.0.1:{server.port}/"))["source"]
    assert "no complete answer" in outcome.reason


# -- connections ------------------------------------------------------------------------------------------------------


def counting(server: RawServer, pages: int = 9) -> None:
    """Answer several requests on one connection."""

    async def speak(reader: Any, writer: Any) -> None:
        for _ in range(pages):
            writer.write(OK + b"Content-Length: 100\r\n\r\n" + site_feed())
            await writer.drain()
            request = await reader.readuntil(b"\r\n\r\n")
            server.asked.append(request.split(b" ")[1].decode())

    server.speech = speak


def site_feed() -> bytes:
    return b'<rss version="2.0"><channel><title>News</title></channel></rss>'.ljust(100)


async def test_two_crawls_in_a_row_use_one_connection(
    new_server: Callable[..., Awaitable[RawServer]], crawl_now: Crawl
) -> None:
    server = await new_server(says())
    counting(server)
    crawl_now.allow_private = (f"127.0.0.0/8:{server.port}",)
    for _ in range(3):
        await crawl_now(server.url("/feed"))
    assert server.asked == ["/robots.txt", "/feed", "/feed", "/feed"]
    assert server.connections == 1


async def test_a_connection_is_not_kept_once_its_address_is_no_longer_allowed(
    new_server: Callable[..., Awaitable[RawServer]], crawl_now: Crawl
) -> None:
    server = await new_server(says())
    counting(server)
    crawl_now.allow_private = (f"127.0.0.0/8:{server.port}",)
    await crawl_now(server.url("/feed"))
    crawl_now.allow_private = ()
    outcome = (await crawl_now(server.url("/feed")))["source"]
    assert "not a public address" in outcome.reason
    assert server.asked == ["/robots.txt", "/feed"]


async def test_no_more_connections_are_kept_than_the_limit(
    new_site: NewSite, crawl_now: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.fetch.limits.IDLE_CONNECTIONS", 3)
    sites = [await new_site() for _ in range(6)]
    for one in sites:
        one.pages["/feed"] = one.feed()
    await crawl_now(*(one.url("/feed") for one in sites))
    assert len(connections()._timeouts) == 3
    assert sum(len(kept) for kept in connections()._connections.values()) == 3
