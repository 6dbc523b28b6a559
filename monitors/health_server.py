"""Answers on a local address whether the service lives and works: in threads of its own, even if the loop is stuck."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from threading import BoundedSemaphore, Thread
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from monitors.health_entry import Listen
    from monitors.vitals import Vitals

log = structlog.get_logger()

THREADS = 4
MOST_WAITING = 16
"""Connections that are open at once; more are hung up on."""
PATIENCE_S = 3.0
"""For the whole of a request to come, and for each part of the answer to go."""
MOST_OF_A_REQUEST = 8_192
TRY_AGAIN_S = 60.0

_JSON, _METRICS = "application/json", "text/plain; version=0.0.4; charset=utf-8"


class HealthServer:
    """Listens where the configuration says, if it says so. Called from the loop only."""

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals
        self._listens: Listen | None = None
        self._server: _Server | None = None
        self._try_again_at = 0.0

    def follow(self, listen: Listen | None) -> None:
        """Listen there, and nowhere else. A port that is taken is told once, and tried again every minute."""
        if listen != self._listens:
            self.close()
            self._listens, self._try_again_at = listen, 0.0
        if listen is None or self._server is not None or time.monotonic() < self._try_again_at:
            return
        first = not self._try_again_at
        self._try_again_at = time.monotonic() + TRY_AGAIN_S
        try:
            self._server = _Server(listen, self._vitals)
        except OSError as error:
            if first:
                log.error("health_not_served", address=str(listen), reason=error.strerror)  # noqa: TRY400  # no stack
        else:
            log.info("health_served", address=str(listen))

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


class _Server(HTTPServer):
    """An HTTP server of a few threads. Whoever is slow loses the connection."""

    allow_reuse_address = True
    request_queue_size = MOST_WAITING

    def __init__(self, listen: Listen, vitals: Vitals) -> None:
        self.address_family = socket.AF_INET6 if listen.host.version == 6 else socket.AF_INET  # noqa: PLR2004 -- IPv6
        self.vitals = vitals
        self._places = BoundedSemaphore(MOST_WAITING)
        super().__init__((str(listen.host), listen.port), _Handler)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="health")
        self._accepting = Thread(target=self.serve_forever, args=(0.2,), name="health", daemon=True)
        self._accepting.start()

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)  # HTTPServer's own would ask name servers for our name

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        self._threads.submit(self._answer, request, client_address)

    def _answer(self, request: Any, client_address: Any) -> None:
        try:
            with suppress(OSError):  # whoever asked is gone
                self.finish_request(request, client_address)
        except Exception:  # nobody else looks at what comes of this thread
            log.exception("health_broke")
        finally:
            self.shutdown_request(request)
            self._places.release()

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version, sys_version = "Newsvane", ""
    timeout = PATIENCE_S

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = BytesIO(_head(self.connection))

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case "/healthz":
                self._tell(*self.server.vitals.is_alive())
            case "/readyz":
                self._tell(*self.server.vitals.is_ready())
            case "/metrics":
                self._send(HTTPStatus.OK, _METRICS, self.server.vitals.metrics())
            case _:
                self._send(HTTPStatus.NOT_FOUND, _JSON, b'{"error": "there is /healthz, /readyz and /metrics"}\n')

    def do_HEAD(self) -> None:
        self.do_GET()

    def _tell(self, well: bool, what: Any) -> None:  # noqa: FBT001  # as the vitals return it
        status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
        self._send(status, _JSON, json.dumps(what).encode() + b"\n")

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.close_connection = True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002  # both would quote the request
        known = code in {HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.REQUEST_URI_TOO_LONG}
        self._send(HTTPStatus(code) if known else HTTPStatus.BAD_REQUEST, _JSON, b'{"error": "cannot be answered"}\n')

    def log_message(self, *_: object) -> None:
        pass


def _head(connection: socket.socket) -> bytes:
    """Read a request up to its empty line, or as far as it came in time."""
    deadline, head = time.monotonic() + PATIENCE_S, b""
    while b"\r\n\r\n" not in head and b"\n\n" not in head and len(head) < MOST_OF_A_REQUEST:
        left = deadline - time.monotonic()
        if left <= 0:
            return b""
        connection.settimeout(left)
        try:
            part = connection.recv(MOST_OF_A_REQUEST)
        except OSError:
            return b""
        if not part:
            break
        head += part
    connection.settimeout(PATIENCE_S)
    return head
