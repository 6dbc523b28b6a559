"""A forward proxy on loopback: plain HTTP by absolute address, https by CONNECT. `names` maps hosts to local ports."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class ForwardProxy:
    names: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The first line of every request, without its version."""
    heads: list[bytes] = field(default_factory=list)
    password: str | None = None
    """What Proxy-Authorization must hold, if anything."""
    _server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        return self._server.sockets[0].getsockname()[1]

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        self.asked.append(f"{method} {target}")
        self.heads.append(head)
        if self.password is not None and f"Proxy-Authorization: {self.password}".encode() not in head:
            writer.write(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        theirs, back = await asyncio.open_connection("127.0.0.1", self.names[parts.hostname or ""])
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            path = parts._replace(scheme="", netloc="").geturl()
            rest = head.split(b"\r\n", 1)[1].replace(b"Connection: keep-alive", b"Connection: close")
            back.write(f"{method} {path or '/'} HTTP/1.0\r\n".encode() + rest)
        await asyncio.gather(_pump(reader, back), _pump(theirs, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
