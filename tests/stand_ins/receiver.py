"""A web server on loopback that takes what is posted to it: keeps the requests, answers as a test tells it to."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from email.message import Message


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    drips: bool = False
    """Whether it comes byte by byte, and never to an end."""
    hangs: bool = False
    """Whether it never comes."""


@dataclass(frozen=True, slots=True)
class Posted:
    path: str
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """Runs while the context lasts. `answers` are given one after the other, then 200 to everybody."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.answers: list[Answer] = []
        self._over = Event()

    @property
    def address(self) -> str:
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}/hooks/s3cr3t-path?token=t0k3n-in-query"

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                receiver.posted.append(Posted(self.path, self.headers, body))
                with suppress(OSError):  # who asked has gone
                    receiver._answer(self, receiver.answers.pop(0) if receiver.answers else Answer())

            def do_PUT(self) -> None:
                self.do_POST()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), name="receiver", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _answer(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        if answer.hangs:
            self._over.wait()
            return
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "1000000" if answer.drips else str(len(answer.body.encode())))
        handler.end_headers()
        handler.wfile.write(answer.body.encode())
        while answer.drips and not self._over.wait(0.02):
            handler.wfile.write(b".")
