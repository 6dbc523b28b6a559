"""Carries the connections of a browser, which opens its own, past the guard: a forwarding proxy on loopback.

The browser hands every name over instead of resolving it; the name is resolved here, and only a literal address that
the guard lets pass is connected to. One tunnel serves one page and is closed with it. See docs/adr/0008.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import socket
from base64 import b64encode
from contextlib import suppress
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from crawler.fetch import guard

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import Sequence

HEAD_BYTES = 64 * 1024
CONNECT_S = 10
MOST_CONNECTIONS = 256
"""Connections that one page may ask for."""
_CHUNK = 64 * 1024
_REQUEST_LINE_WORDS = 3
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "upgrade"}
)
_HTTP_PORT = 80


class _RefusedError(Exception):
    """The browser is told no, with this status."""


class Tunnel:
    """Lets whoever knows its password reach public and allowed addresses, until `most_bytes` have passed."""

    username = "newsvane"

    def __init__(self, allowed: Sequence[guard.Allowed], *, most_bytes: int) -> None:
        self.password = secrets.token_urlsafe(32)
        self.blocked = 0
        """Connections refused because of where they would have led."""
        self._allowed = allowed
        self._left = most_bytes
        self._asked = 0
        self._at_work: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD_BYTES)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def is_used_up(self) -> bool:
        return self._left <= 0

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except _RefusedError as refused:
            writer.write(f"HTTP/1.1 {refused}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        # whatever a browser or a server does to its connection ends this connection only
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass
        finally:
            await _shut(writer)

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        async with asyncio.timeout(CONNECT_S):
            method, target, headers = _parse((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
        self._admit(headers)
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            far_reader, far_writer = await self._open(host, int(port))
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            passing = (self._pass(reader, far_writer), self._pass(far_reader, writer))
        else:
            far_reader, far_writer = await self._forward(method, target, headers)
            passing = (self._pass(reader, far_writer, _length(headers)), self._pass_answer(far_reader, writer))
        try:
            await _until_answered(*passing)
        finally:
            await _shut(far_writer)

    def _admit(self, headers: Sequence[tuple[str, str]]) -> None:
        """Let only the browser pass that we started: other programs reach loopback, too."""
        known = b64encode(f"{self.username}:{self.password}".encode()).decode()
        given = dict(headers).get("proxy-authorization", "")
        if not hmac.compare_digest(given.encode("latin-1"), f"Basic {known}".encode()):
            raise _RefusedError('407 Who are you\r\nProxy-Authenticate: Basic realm="newsvane"')
        self._asked += 1
        if self._asked > MOST_CONNECTIONS or self.is_used_up:
            raise _RefusedError("503 Enough for one page")

    async def _forward(
        self, method: str, target: str, headers: Sequence[tuple[str, str]]
    ) -> tuple[StreamReader, StreamWriter]:
        """Send the head of a request for http: on to its host."""
        parts = urlsplit(target)
        if parts.scheme != "http" or not parts.hostname or "transfer-encoding" in dict(headers):
            raise _RefusedError("400 Not for the web")
        reader, writer = await self._open(parts.hostname, parts.port or _HTTP_PORT)
        path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        kept = "".join(f"{name}: {value}\r\n" for name, value in headers if name not in _HOP_BY_HOP)
        writer.write(f"{method} {path} HTTP/1.1\r\n{kept}connection: close\r\n\r\n".encode("latin-1"))
        return reader, writer

    async def _open(self, host: str, port: int) -> tuple[StreamReader, StreamWriter]:
        """Connect to the first address of a host that the guard lets pass and that answers."""
        try:
            async with asyncio.timeout(CONNECT_S):
                found = await asyncio.get_running_loop().getaddrinfo(
                    host.removeprefix("[").removesuffix("]"), port, type=socket.SOCK_STREAM
                )
                return await self._connect([str(address[0]) for *_, address in found], port)
        except (OSError, UnicodeError, TimeoutError):
            raise _RefusedError("502 Not to be reached") from None

    async def _connect(self, addresses: Sequence[str], port: int) -> tuple[StreamReader, StreamWriter]:
        trouble: Exception = OSError("no address")
        for address in addresses:
            try:
                guard.check(address, port, self._allowed)
                return await asyncio.open_connection(address, port, limit=HEAD_BYTES)
            except (guard.BlockedAddressError, OSError) as error:
                trouble = error
        if isinstance(trouble, guard.BlockedAddressError):
            self.blocked += 1
            raise _RefusedError("403 Not a public address")
        raise trouble

    async def _pass_answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Pass an answer on as the last of its connection.

        Or the browser would send what is meant for other hosts, and the password, down to this one.
        """
        status_line, headers = "HTTP/1.1 100 ", [("", "")]
        while status_line.split(" ", 2)[1].startswith("1"):  # 100 Continue, 103 Early Hints
            status_line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = _headers(lines)
        kept = "".join(f"{name}: {value}\r\n" for name, value in headers if name not in _HOP_BY_HOP)
        writer.write(f"{status_line}\r\n{kept}connection: close\r\n\r\n".encode("latin-1"))
        await self._pass(reader, writer)

    async def _pass(self, reader: StreamReader, writer: StreamWriter, most: int | None = None) -> None:
        """Pass bytes on to their end, `most` of them, as long as some may pass."""
        while most is None or most > 0:
            chunk = await reader.read(_CHUNK if most is None else min(_CHUNK, most))
            self._left -= len(chunk)
            if not chunk or self.is_used_up:
                return
            most = None if most is None else most - len(chunk)
            writer.write(chunk)
            await writer.drain()


async def _until_answered(asking: object, answering: object) -> None:
    """Pass both ways until the answer has ended; who asks may have ended before."""
    tasks = [asyncio.ensure_future(one) for one in (asking, answering)]  # type: ignore[call-overload]
    try:
        await tasks[1]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _parse(head: str) -> tuple[str, str, list[tuple[str, str]]]:
    request_line, *lines = head.split("\r\n")
    words = request_line.split(" ")
    if len(words) != _REQUEST_LINE_WORDS:
        raise ValueError("not a request")
    return words[0], words[1], _headers(lines)


def _headers(lines: Sequence[str]) -> list[tuple[str, str]]:
    pairs = (line.partition(":") for line in lines if line)
    return [(name.strip().lower(), value.strip()) for name, _, value in pairs]


def _length(headers: Sequence[tuple[str, str]]) -> int:
    return int(dict(headers).get("content-length", "0"))


async def _shut(writer: StreamWriter) -> None:
    with suppress(OSError):
        writer.close()
        await writer.wait_closed()
