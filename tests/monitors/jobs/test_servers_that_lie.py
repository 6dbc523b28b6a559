"""Servers whose 304s hide news, that move for good, that are gone: over real HTTP, with a clock turned by hand."""

from __future__ import annotations

from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Self

import pytest

from crawler.run import run_in_reactor
from crawler.store.sources import source_states
from monitors import jobs
from monitors.cli.opening import open_crawling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stand_ins.newsroom import Clock, Newsroom

    from crawler.store.sources import SourceState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Server:
    """Answers /feed with the articles so far, under one and the same ETag; other paths as the test says."""

    def __init__(self) -> None:
        self.articles = 1
        self.answers: dict[str, tuple[int, dict[str, str]]] = {}
        self.asked: list[tuple[str, bool]] = []
        """The feeds that were asked for, each with whether it was "if it has changed"."""

    def __enter__(self) -> Self:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if "feed" in self.path:
                    server.asked.append((self.path, "If-None-Match" in self.headers))
                status, headers = server.answers.get(self.path, (200, {"ETag": '"same"'}))
                if status == 200 and "If-None-Match" in self.headers:
                    status = 304
                body = server.feed().encode() if status == 200 and "feed" in self.path else b""
                self.send_response(404 if "robots" in self.path else status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def feed(self) -> str:
        items = "".join(f"<item><title>N{at}</title><link>/{at}</link></item>" for at in range(self.articles))
        return f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def room(newsroom: Callable[[str], Newsroom], server: Server) -> Newsroom:
    return newsroom(f"""
settings:
  contact: desk@example.org
  related: false
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{server.port}"]
sources: [{{id: liar, type: feed, url: "http://127.0.0.1:{server.port}/feed"}}]
""")


def crawls(room: Newsroom, clock: Clock, *steps: tuple[timedelta, Callable[[], None]]) -> SourceState:
    """Do each step and let its time pass, then read what is due; return how the source is doing at last."""

    async def read_on() -> None:
        async with open_crawling(room.app) as crawling:
            for time, step in steps:
                step()
                clock.turn(time)
                await jobs.crawl_all_due(room.app, crawling)

    run_in_reactor(read_on)
    with room.app.database.read() as session:
        return source_states(session, now=clock())[0]


def nothing() -> None:
    pass


def test_news_that_a_304_hides_is_found_within_a_day_and_conditions_are_dropped(
    room: Newsroom, clock: Clock, server: Server
) -> None:
    def publish() -> None:
        server.articles += 1

    liar = crawls(room, clock, (0 * HOUR, nothing), (7 * HOUR, publish), (DAY, nothing), (7 * HOUR, nothing))
    assert [conditional for _, conditional in server.asked] == [False, True, False, False]
    assert liar.always_whole
    assert liar.articles + liar.waiting == 2


def test_a_feed_that_moved_for_good_is_asked_there_after_the_third_time(
    room: Newsroom, clock: Clock, server: Server
) -> None:
    server.answers["/feed"] = (301, {"Location": "/new-feed"})
    moved = crawls(room, clock, *[(7 * HOUR, nothing)] * 4)
    assert [path for path, _ in server.asked] == ["/feed", "/new-feed"] * 3 + ["/new-feed"]
    assert moved.moved_to == moved.feed_url == f"http://127.0.0.1:{server.port}/new-feed"


def test_a_feed_that_is_gone_is_left_alone(room: Newsroom, clock: Clock, server: Server) -> None:
    server.answers["/feed"] = (410, {})
    gone = crawls(room, clock, *[(2 * DAY, nothing)] * 4)
    assert [path for path, _ in server.asked] == ["/feed"]
    assert (gone.state, gone.reason) == ("gone", "HTTP 410")
