"""Many hosts on one port of loopback (127.0.1.1, 127.0.1.2, …) that answer as a test says, and know who asked."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType


@dataclass(frozen=True)
class Says:
    """An answer; without a status, none comes and the connection is closed."""

    body: bytes = b""
    status: int | None = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Hosts:
    """A context manager. What a host does not know is a 404."""

    def __init__(self) -> None:
        self.asked: defaultdict[str, list[str]] = defaultdict(list)
        self._pages: dict[str, Mapping[str, Says]] = {}
        self._names: dict[str, str] = {}
        self._server = _Server(("", 0), _Handler)
        self._server.hosts = self
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, name: str, pages: Mapping[str, Says]) -> str:
        """Set up a host, and return its URL."""
        address = f"127.0.1.{len(self._pages) + 1}"
        self._pages[address], self._names[address] = pages, name
        return f"http://{address}:{self.port}"

    def answer(self, host: str, path: str) -> Says:
        self.asked[self._names.get(host, host)].append(path)
        return self._pages.get(host, {}).get(path, Says(status=404))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    hosts: Hosts


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        said = self.server.hosts.answer(self.headers["Host"].partition(":")[0], self.path)
        if said.status is None:
            self.close_connection = True
            return
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(said.body)

    def log_message(self, *_: object) -> None:
        pass
