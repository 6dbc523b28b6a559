"""A watchdog hears from a service that works, and its address is told to nobody."""

from __future__ import annotations

import asyncio
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from monitors import jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stand_ins.newsroom import Newsroom


class Watchdog:
    """Listens on loopback; answers 200 to every path but /broken."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        watchdog = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                watchdog.heard.append(self.path)
                self.send_response(500 if self.path == "/broken" else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    watchdog = Watchdog()
    yield watchdog
    watchdog.close()


def test_a_service_that_works_is_heard(newsroom: Callable[[str], Newsroom], watchdog: Watchdog) -> None:
    room = newsroom(f'health: {{heartbeat: "{watchdog.url("/ping/s3cret")}"}}')
    asyncio.run(jobs.send_heartbeat(room.app))
    assert watchdog.heard == ["/ping/s3cret"]


def test_without_an_address_nobody_is_asked(newsroom: Callable[[str], Newsroom], watchdog: Watchdog) -> None:
    asyncio.run(jobs.send_heartbeat(newsroom("version: 1").app))
    assert watchdog.heard == []


@pytest.mark.parametrize("closed", [True, False], ids=["refused", "answered-500"])
def test_a_heartbeat_that_is_not_heard_is_logged_without_its_address(
    newsroom: Callable[[str], Newsroom], watchdog: Watchdog, *, closed: bool
) -> None:
    url = "http://127.0.0.1:1/broken" if closed else watchdog.url("/broken")
    room = newsroom(f'health: {{heartbeat: "{url}"}}')
    with capture_logs() as logs:
        asyncio.run(jobs.send_heartbeat(room.app))
    assert [event["event"] for event in logs] == ["heartbeat_failed"]
    assert "broken" not in str(logs)


def test_an_address_in_a_file_is_read_at_every_beat(
    newsroom: Callable[[str], Newsroom], watchdog: Watchdog, tmp_path: Path
) -> None:
    file = tmp_path / "heartbeat"
    room = newsroom("health: {heartbeat_file: heartbeat}")
    with capture_logs() as logs:
        for content in (watchdog.url("/old"), "s3cret", watchdog.url("/new")):
            file.write_text(f"{content}\n")
            asyncio.run(jobs.send_heartbeat(room.app))
    assert watchdog.heard == ["/old", "/new"]
    assert [event["event"] for event in logs] == ["heartbeat_failed"]
    assert "s3cret" not in str(logs)
