"""Serves the demo's newspapers over real HTTP on loopback, and keeps a record of who asked for what."""

from __future__ import annotations

import hashlib
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from monitors.demo.pages import Answer, answers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitors.demo.newspaper import Newspaper


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the access log."""

    path: str
    """With its query."""
    status: int
    user_agent: str


class NewspaperServer(ThreadingHTTPServer):
    """One newspaper on one port of 127.0.0.1."""

    daemon_threads = True

    def __init__(self, paper: Newspaper, *, now: datetime) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.paper = paper
        self._now = now
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.answers: Mapping[str, Answer] = answers(paper, self.url, now=now)
        self.requests: list[Request] = []

    @property
    def edits(self) -> bool:
        """Whether the newspaper has edits in store."""
        return any(story.edited for story in self.paper.stories)

    def edit(self) -> None:
        """Make the edits that the newspaper has in store."""
        self.answers = answers(self.paper.as_edited(), self.url, now=self._now)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of readers who hang up early."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def trespasses(self) -> tuple[Request, ...]:
        """The requests for what robots.txt asks crawlers to leave alone."""
        return tuple(request for request in self.requests if request.path.startswith(self.paper.disallowed))


@contextmanager
def serve(paper: Newspaper, *, now: datetime) -> Iterator[NewspaperServer]:
    """Serve a newspaper whose stories are dated relative to `now`, for as long as the context lasts."""
    with NewspaperServer(paper, now=now) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name=paper.id)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: NewspaperServer
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        answer = self.server.answers.get(urlsplit(self.path).path, _NOT_FOUND)
        etag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        status = HTTPStatus.NOT_MODIFIED if self._has_it(answer, etag) else answer.status
        body = b"" if status == HTTPStatus.NOT_MODIFIED else answer.body
        self.server.requests.append(Request(self.path, status, self.headers.get("User-Agent", "")))
        self.send_response(status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        if answer.location:
            self.send_header("Location", answer.location)
        if answer.status == HTTPStatus.OK:
            self.send_header("ETag", etag)
            self.send_header("Last-Modified", format_datetime(answer.modified.astimezone(UTC), usegmt=True))
        self.end_headers()
        self.wfile.write(body)

    def _has_it(self, answer: Answer, etag: str) -> bool:
        """Whether the reader's copy is still good; If-None-Match decides where both are sent (RFC 9110, 13.2.2)."""
        if answer.status != HTTPStatus.OK:
            return False
        if known := self.headers.get("If-None-Match"):
            return etag in known
        since = self.headers.get("If-Modified-Since")
        return since is not None and answer.modified.replace(microsecond=0) <= parsedate_to_datetime(since)

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr: `requests` is the log."""


_NOT_FOUND = Answer(
    body=b"<!DOCTYPE html><title>Not found</title><h1>There is no such page</h1>",
    content_type="text/html; charset=utf-8",
    modified=datetime(2026, 1, 1, tzinfo=UTC),
    status=404,
)
